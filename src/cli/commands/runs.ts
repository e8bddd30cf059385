import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import type { RunSummary } from '../../contracts/runs.ts';
import type { ColumnGroup, RunTableQuery } from '../../contracts/runTable.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import { existingProject, required, withClient, type Command, type Context } from '../context.ts';
import { compactNumber, table } from '../format.ts';
import { filterOf, listOptions, organising } from './organiseRuns.ts';
import { exchangeOptions, importInto, publish } from './runsExchange.ts';

export const runs: Command = {
  name: 'runs',
  positionals: 'list | show <run> | compare [<run>…] | export [<run>…] | import <from> | publish --to URI | restore <run> | archive <run>… | unarchive <run>… | note <run> [<text>] | tag <run> <name>=<value>… | pin <run> | unpin <run>',
  summary: 'List, show, compare, export, import, publish and organise runs, and restore their exact code',
  options: {
    ...listOptions,
    'order-by': { value: 'O', help: 'With list and export: a key and DESC or ASC, as "metrics.loss DESC"; newest first by default' },
    out: { value: 'FILE', help: 'With export: the file to write: .json, or one row for each run as .csv, .tsv or .parquet; standard output by default' },
    branch: { value: 'NAME', help: 'With restore: the branch to make; run/<run> by default' },
    ...exchangeOptions,
    worktree: { value: 'DIR', help: 'With restore: a new folder for the branch; the present one, which must be clean, by default' },
  },
  async run(context) {
    const action = context.arguments.positionals[0] ?? 'list';
    const project = await existingProject(context);
    return withClient(context, project, async (client) => {
      switch (action) {
        case 'list':
          return list(context, client);
        case 'show':
          return show(context, client, required(context, 1, '<run>'));
        case 'compare':
          return compare(context, client, context.arguments.positionals.slice(1));
        case 'export':
          return exportRuns(context, client, context.arguments.positionals.slice(1));
        case 'restore':
          return restore(context, client, required(context, 1, '<run>'));
        case 'import':
          return importInto(context, client, required(context, 1, '<from>'));
        case 'publish':
          return publish(context, client);
        default: {
          const organise = Object.hasOwn(organising, action) ? organising[action] : undefined;
          if (organise === undefined) {
            throw new UserError(`"runs ${action}" is not available. Choose list, show, compare, export, import, publish, restore, ${Object.keys(organising).join(', ')}.`);
          }
          return organise(context, client);
        }
      }
    });
  },
};

function described(metrics: RunSummary['metrics']): string {
  return Object.entries(metrics)
    .filter(([key]) => !key.includes('/'))
    .slice(0, 3)
    .map(([key, value]) => `${key} ${value === null ? 'not a number' : compactNumber(value)}`)
    .join(', ');
}

async function list(context: Context, client: ProjectClient): Promise<number> {
  const filter = filterOf(context);
  const found = context.arguments.text('order-by') === undefined ? await client.findRuns(filter) : await chosen(context, client, []);
  const all = filter.text === undefined && filter.experiment === undefined && !filter.archived;
  const rows = found.map((run) => [run.run_id, run.name, run.status, new Date(run.created).toISOString().slice(0, 16).replace('T', ' '), described(run.metrics)]);
  context.result({ runs: found }, found.length === 0 ? (all ? 'There are no runs yet.' : 'There are no such runs.') : table(['run', 'name', 'status', 'created', 'metrics'], rows));
  return 0;
}

async function show(context: Context, client: ProjectClient, runId: string): Promise<number> {
  const detail = await client.run(runId);
  const { run } = detail;
  const lines = [
    `${run.name} (${run.status})${run.error ? `: ${run.error}` : ''}`,
    ...Object.entries(run.params).map(([key, value]) => `param  ${key} = ${value}`),
    ...Object.entries(run.metrics).map(([key, value]) => `metric ${key} = ${String(value)}`),
    ...detail.artifacts.map((artifact) => `artifact ${path.join(detail.artifact_folder, artifact.path)}`),
  ];
  context.result(detail, lines.join('\n'));
  return 0;
}

/** So many runs stand side by side at most; more are compared in a table. */
const mostCompared = 100;

async function compare(context: Context, client: ProjectClient, named: string[]): Promise<number> {
  const query = queryOf(context, named);
  const ids = named.length > 0 && query.filter === '' ? named : (await client.runTable({ type: 'values', query, columns: [], max: mostCompared + 1 })).runs.map((run) => run.run_id);
  if (ids.length < 2) {
    throw new UserError(named.length === 1 ? 'Name at least two runs to compare.' : 'Fewer than two runs are like this, so there is nothing to compare.', { field: '<run>' });
  }
  if (ids.length > mostCompared) {
    throw new UserError(`More than ${mostCompared} runs are like this. Narrow them with --filter, or write all with "runs export --out FILE.csv".`, { field: 'filter' });
  }
  const comparison = await client.compare(ids);
  const rows = comparison.columns.map((column) => [column.key, ...column.values.map((value) => (typeof value === 'number' ? compactNumber(value) : (value ?? '')))]);
  context.result(comparison, [table(['', ...comparison.runs.map((run) => run.name)], rows), ...comparison.warnings.map((warning) => `! ${warning}`)].join('\n'));
  return 0;
}

/** One run whole, with the history of its metrics; several, or all where none is named, as their summaries. */
async function exportRuns(context: Context, client: ProjectClient, ids: string[]): Promise<number> {
  const out = context.arguments.text('out');
  const file = out === undefined ? null : path.resolve(context.cwd, out);
  if (file !== null && (await access(file).then(() => true, () => false))) {
    throw new UserError(`${file} is there already. Name another file with --out.`, { file });
  }
  if (file !== null && path.extname(file).toLowerCase() !== '.json') {
    if (ids.length > 0) {
      await chosen(context, client, ids);
    }
    const { runs: rows, columns } = await client.exportRuns({ query: queryOf(context, ids), columns: null, file });
    context.result({ file, runs: rows, columns }, `Wrote ${rows} runs with ${columns} columns to ${file}.`);
    return 0;
  }
  const [only] = ids.length === 1 ? ids : [];
  const document = only === undefined ? { runs: await chosen(context, client, ids) } : { ...(await client.run(only)), history: (await client.history(only)).points };
  if (file === null) {
    context.result(document, JSON.stringify(document, null, 2));
    return 0;
  }
  await writeFile(file, `${JSON.stringify(document, null, 2)}\n`, { flag: 'wx' });
  context.result({ file }, `Wrote ${file}.`);
  return 0;
}

async function restore(context: Context, client: ProjectClient, runId: string): Promise<number> {
  const { git, artifact_folder, run } = await client.run(runId);
  if (git === null) {
    throw new UserError(`Run ${runId} has no commit: its script lay in no Git repository.`, { field: '<run>' });
  }
  const project = await existingProject(context);
  const { restoreCode } = await import('../../core/git/api.ts');
  const worktree = context.arguments.text('worktree');
  const restored = await restoreCode({
    folder: path.dirname(path.resolve(project.root, run.source)),
    commit: git.commit,
    artifacts: artifact_folder,
    branch: context.arguments.text('branch') ?? `run/${runId}`,
    worktree: worktree === undefined ? null : path.resolve(context.cwd, worktree),
  });
  const missing = restored.missing.length === 0 ? '' : ` It lacks files that were not kept: ${restored.missing.join(', ')}.`;
  context.result(restored, `The code of ${run.name} is in ${restored.root}, on the branch ${restored.branch}.${missing}`);
  return 0;
}

/** The runs that are named, or all, as the options narrow and order them. */
async function chosen(context: Context, client: ProjectClient, ids: string[]): Promise<RunSummary[]> {
  if (ids.length === 0 && !narrowed(context)) {
    return client.runs();
  }
  const query = queryOf(context, ids);
  const { runs: found } = await client.runTable({ type: 'values', query, columns: [], max: 100_000 });
  const unknown = query.filter === '' && query.scope.experiment === undefined ? ids.find((id) => !found.some(({ run_id }) => run_id === id)) : undefined;
  if (unknown !== undefined) {
    throw new UserError(`There is no run ${unknown} in this project.`, { field: '<run>' });
  }
  if (found.length <= fewRuns) {
    return Promise.all(found.map(async ({ run_id }) => (await client.run(run_id)).run));
  }
  const all = new Map((await client.runs()).map((run) => [run.run_id, run]));
  return found.flatMap(({ run_id }) => all.get(run_id) ?? []);
}

/** So few are asked for one by one. */
const fewRuns = 20;

function narrowed({ arguments: given }: Context): boolean {
  return ['filter', 'order-by', 'experiment'].some((option) => given.text(option) !== undefined);
}

function queryOf({ arguments: given }: Context, ids: string[]): RunTableQuery {
  const [experiment, order] = [given.text('experiment'), given.text('order-by')];
  return {
    scope: { ...(ids.length === 0 ? {} : { run_ids: ids }), ...(experiment === undefined ? {} : { experiment }) },
    filter: given.text('filter') ?? '',
    sort: order === undefined ? [] : order.split(',').map(sortOf),
  };
}

const groups: Record<string, ColumnGroup> = { metrics: 'metric', metric: 'metric', params: 'param', param: 'param', tags: 'tag', tag: 'tag', attributes: 'attribute', attribute: 'attribute' };
const attributes: Record<string, string> = { run_name: 'name', start_time: 'started', end_time: 'ended' };

/** `metrics.loss DESC`; a bare name is an attribute. */
function sortOf(text: string): RunTableQuery['sort'][number] {
  const [, prefix, quoted, direction = 'ASC'] = /^\s*(?:(\w+)\.)?("[^"]+"|`[^`]+`|\S+)(?:\s+(ASC|DESC))?\s*$/i.exec(text) ?? [];
  const group = prefix === undefined ? 'attribute' : groups[prefix.toLowerCase()];
  if (quoted === undefined || group === undefined) {
    throw new UserError(`--order-by cannot be read: "${text.trim()}". Write a key and ASC or DESC, such as metrics.loss DESC.`, { field: 'order-by' });
  }
  const key = quoted.replace(/^["`](.*)["`]$/, '$1');
  return { column: { group, key: group === 'attribute' ? (attributes[key] ?? key) : key }, descending: direction.toUpperCase() === 'DESC' };
}
