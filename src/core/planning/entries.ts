import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import type { ProjectFile } from '../../contracts/projectFile.ts';
import { TrainerName, type TrainRequest } from '../../contracts/training.ts';
import { rolesOf } from './roles.ts';

/**
 * The training that an entry under `models:` stands for.
 *
 * @param root the project's folder, absolute.
 * @param asideRows with `time`: how many of the newest rows are set aside.
 * @throws UserError with the field in ml.yaml where something is missing.
 */
export function trainingOf(root: string, file: ProjectFile, name: string, asideRows?: number): TrainRequest {
  const model = file.models?.[name];
  if (model === undefined) {
    const known = Object.keys(file.models ?? {});
    throw new UserError(`ml.yaml has no \`${name}\` under \`models\`. ${known.length === 0 ? 'It has none.' : `It has ${known.join(', ')}.`}`, { field: `models.${name}` });
  }
  if (model.dataset === undefined) {
    throw new UserError(`ml.yaml does not say on which data \`${name}\` is trained. Give it a \`dataset\`.`, { field: `models.${name}.dataset` });
  }
  const dataset = file.datasets?.[model.dataset];
  if (dataset === undefined) {
    throw new UserError(`The model \`${name}\` is trained on the data set \`${model.dataset}\`, which ml.yaml does not have. Add it under \`datasets\`.`, { field: `models.${name}.dataset` });
  }
  const target = model.target ?? dataset.target;
  if (target === undefined) {
    throw new UserError(`ml.yaml does not say what \`${name}\` predicts. Give it, or its data set \`${model.dataset}\`, a \`target\`.`, { field: `models.${name}.target` });
  }
  if (asideRows !== undefined && dataset.time === undefined) {
    throw new UserError(`A \`window\` of the newest rows needs a date: give the data set \`${model.dataset}\` a \`time\` column, or leave \`window\` out.`, { field: `datasets.${model.dataset}.time` });
  }
  return {
    file: path.resolve(root, dataset.path),
    dataset: model.dataset,
    target,
    ...(model.task === undefined ? {} : { task: model.task }),
    ...(model.positive === undefined ? {} : { positive: model.positive }),
    ...(model.metric === undefined ? {} : { metric: model.metric }),
    split: dataset.time !== undefined ? 'time' : dataset.group !== undefined ? 'group' : 'random',
    ...(dataset.time === undefined ? {} : { time: dataset.time }),
    ...(dataset.group === undefined ? {} : { group: dataset.group }),
    ...(dataset.key === undefined ? {} : { key: dataset.key }),
    ...rolesOf(dataset),
    ...(asideRows === undefined ? {} : { aside_rows: asideRows }),
    exclude: model.exclude ?? [],
    trainers: model.trainers ?? [...TrainerName.options],
    folds: model.folds ?? 5,
    seed: model.seed ?? 0,
  };
}
