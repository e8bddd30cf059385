import path from 'node:path';
import { endpointFiles } from '../../contracts/endpoints.ts';
import { UserError } from '../../contracts/errors.ts';
import type { Predictions } from '../../contracts/model.ts';
import { appendColumns, readTable, type Table } from '../../core/data/api.ts';
import type { Project } from '../../core/project/api.ts';
import { resolveModel } from '../../core/registry/api.ts';
import { loadModelFolder, predictionColumns, rowsOfTable } from '../../core/serving/api.ts';
import { dataSource, exists, projectOrNull, required, withClient, type Command, type Context } from '../context.ts';

/** Rows in one request to an endpoint. */
const chunk = 5000;

export const predict: Command = {
  name: 'predict',
  positionals: '<endpoint|model|model path> <file>',
  summary: 'Score a file with an endpoint (where one has that name), else with a model: name, name@alias, name/version or a model folder',
  options: {
    out: { value: 'FILE', help: 'Write the rows with their predictions here, as CSV or Parquet' },
    overwrite: { help: 'Replace that file if it is there already' },
  },
  async run(context) {
    const reference = required(context, 0, '<model>');
    const project = await projectOrNull(context);
    const { file } = await dataSource(context, project, required(context, 1, '<file>'));
    if (project !== null && (await isEndpoint(project, reference))) {
      return finish(context, file, await scoreByEndpoint(context, project, reference, await readTable(file, { signal: context.signal })));
    }
    const asFolder = path.resolve(context.cwd, reference);
    if (!(await exists(asFolder)) && project === null) {
      throw new UserError(`There is no model folder ${asFolder}, and no project whose registry could hold "${reference}".`, { file: asFolder });
    }
    const folder = (await exists(path.join(asFolder, 'model.json'))) || project === null ? asFolder : await resolveModel(project, reference);
    const model = await loadModelFolder(folder);
    const table = await readTable(file, { signal: context.signal });
    return finish(context, file, model.predictTable(table));
  },
};

async function isEndpoint(project: Project, name: string): Promise<boolean> {
  return /^[\w.-]+$/.test(name) && exists(path.join(project.stateFolder, 'endpoints', name, endpointFiles.config));
}

/** In the order of the file. The endpoint counts and logs these rows like those of any client. */
async function scoreByEndpoint(context: Context, project: Project, name: string, table: Table): Promise<Predictions> {
  return withClient(context, project, async (client) => {
    const { signature } = await client.endpoint(name);
    if (signature === null) {
      throw new UserError(`The model of the endpoint ${name} cannot be read. "ml-lifecycle endpoints show ${name}" says why.`);
    }
    const rows = [...rowsOfTable(table, signature.inputs)];
    const predictions: Predictions['predictions'] = [];
    const probabilities: NonNullable<Predictions['probabilities']> = [];
    for (let start = 0; start < rows.length; start += chunk) {
      context.signal.throwIfAborted();
      const part = await client.predictAt(name, rows.slice(start, start + chunk)).catch((error: unknown) => {
        // Rows are counted from the first of the request.
        throw error instanceof UserError && rows.length > chunk ? new UserError(`In the ${chunk.toLocaleString('en')} rows from row ${(start + 1).toLocaleString('en')} on: ${error.message}`, error.place) : error;
      });
      predictions.push(...part.predictions);
      probabilities.push(...(part.probabilities ?? []));
    }
    return signature.output.classes === undefined ? { predictions } : { predictions, probabilities };
  });
}

async function finish(context: Context, file: string, scored: Predictions): Promise<number> {
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
}
