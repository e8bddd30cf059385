import path from 'node:path';
import { appendColumns, readTable } from '../../core/data/api.ts';
import { resolveModel } from '../../core/registry/api.ts';
import { loadModelFolder, predictionColumns } from '../../core/serving/api.ts';
import { UserError } from '../../contracts/errors.ts';
import { dataSource, exists, projectOrNull, required, type Command } from '../context.ts';

export const predict: Command = {
  name: 'predict',
  positionals: '<model|model path> <file>',
  summary: 'Score a file with a model: name, name@alias, name/version or a model folder',
  options: {
    out: { value: 'FILE', help: 'Write the rows with their predictions here, as CSV or Parquet' },
    overwrite: { help: 'Replace that file if it is there already' },
  },
  async run(context) {
    const reference = required(context, 0, '<model>');
    const project = await projectOrNull(context);
    const { file } = await dataSource(context, project, required(context, 1, '<file>'));
    const asFolder = path.resolve(context.cwd, reference);
    if (!(await exists(asFolder)) && project === null) {
      throw new UserError(`There is no model folder ${asFolder}, and no project whose registry could hold "${reference}".`, { file: asFolder });
    }
    const folder = (await exists(path.join(asFolder, 'model.json'))) || project === null ? asFolder : await resolveModel(project, reference);
    const model = await loadModelFolder(folder);
    const table = await readTable(file, { signal: context.signal });
    const scored = model.predictTable(table);
    const out = context.arguments.text('out');
    if (out === undefined) {
      context.result(scored, scored.predictions.join('\n'));
      return 0;
    }
    const target = path.resolve(context.cwd, out);
    if ((await exists(target)) && !context.arguments.flag('overwrite')) {
      throw new UserError(`${target} is there already. Name another file with --out, or pass --overwrite.`, { file: target });
    }
    await appendColumns(file, target, predictionColumns(scored), { signal: context.signal });
    context.result({ ...scored, out: target }, `Wrote ${scored.predictions.length.toLocaleString('en')} predictions to ${target}.`);
    return 0;
  },
};
