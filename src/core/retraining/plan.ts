// From an entry of ml.yaml, or a model's name, to the job that retrains it.
import { access } from 'node:fs/promises';
import { UserError } from '../../contracts/errors.ts';
import type { RetrainJob } from '../../contracts/jobs.ts';
import type { ProjectFile } from '../../contracts/projectFile.ts';
import { championAlias, type RegisteredVersion } from '../../contracts/registry.ts';
import type { Decision } from '../../contracts/retraining.ts';
import type { TrainRequest } from '../../contracts/training.ts';
import { trainingOf } from '../planning/api.ts';
import type { Project } from '../project/api.ts';
import { listModels } from '../registry/api.ts';
import { objectPath } from '../store/api.ts';
import type { JobStore } from '../tracking/api.ts';

/**
 * The job that a name stands for: an entry under `retraining`, one under `models`, or a registered model whose
 * champion was trained here. Everything that decides is fixed in it.
 *
 * @throws UserError that names the entry and what it lacks.
 */
export async function jobFor(project: Project, jobs: JobStore, file: ProjectFile, name: string, trigger: Decision['trigger']): Promise<RetrainJob> {
  const entry = file.retraining?.[name];
  const model = entry?.model ?? name;
  const champion = await championOf(project, model);
  const request = entry !== undefined || file.models?.[model] !== undefined ? trainingOf(project.root, file, model, entry?.window) : requestOfRun(jobs, champion, name, file);
  return {
    kind: 'retrain',
    retraining: name,
    model,
    trigger,
    request,
    champion: champion === null ? null : await contestantOf(project, champion),
    min_gain: entry?.min_gain ?? 0,
    margin: entry?.margin ?? null,
    slices: entry?.slices ?? [],
    policy: entry?.policy ?? 'better',
  };
}

/** The version that is the champion; null where there is none. @throws UserError where the registry's files cannot be read. */
export async function championOf(project: Project, model: string): Promise<RegisteredVersion | null> {
  const found = (await listModels(project)).find(({ name }) => name === model);
  const champion = found?.versions.find(({ aliases }) => aliases.includes(championAlias)) ?? null;
  const [problem] = found?.problems ?? [];
  if (champion === null && problem !== undefined) {
    throw new UserError(`Which version of ${model} is the champion is not known: ${problem}`, { field: 'model' });
  }
  return champion;
}

async function contestantOf({ objectsFolder }: Project, { file }: RegisteredVersion): Promise<NonNullable<RetrainJob['champion']>> {
  if (file.format !== undefined) {
    throw new UserError(`The champion of ${file.model}, version ${file.version}, is a model that a program registered. It cannot score here, so nothing can be compared with it. Give champion to a version that was trained here.`, { field: 'model' });
  }
  const fitted = file.fitted === undefined ? null : objectPath(objectsFolder, file.fitted.sha256);
  const there = fitted !== null && (await access(fitted).then(() => true, () => false));
  return {
    ulid: file.ulid,
    version: file.version,
    model_file: objectPath(objectsFolder, file.artifact.sha256),
    fitted_file: there ? fitted : null,
    contestant: { ulid: file.ulid, version: file.version, run_id: file.run_id, trainer: file.trainer, fitted_rows: file.fitted?.rows ?? null, fitted_until: file.fitted?.until ?? null },
  };
}

/** How the champion was trained, where it was trained in this project. */
function requestOfRun(jobs: JobStore, champion: RegisteredVersion | null, name: string, file: ProjectFile): TrainRequest {
  const spec = champion === null ? undefined : jobs.find(champion.file.run_id)?.spec;
  if (spec?.kind === 'train' || spec?.kind === 'retrain') {
    return spec.request;
  }
  const known = [...Object.keys(file.retraining ?? {}), ...Object.keys(file.models ?? {})];
  throw new UserError(
    champion === null
      ? `"${name}" is no entry under \`retraining\` or \`models\` in ml.yaml, and no registered model. ${known.length === 0 ? 'ml.yaml has no such entry yet.' : `ml.yaml has ${known.join(', ')}.`}`
      : `How the champion of ${name} was trained is not known on this machine. Add an entry under \`models\` in ml.yaml that says how.`,
    { field: 'retraining' },
  );
}
