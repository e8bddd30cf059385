import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import type { RunSummary } from '../../contracts/runs.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import { existingProject, required, withClient, type Command, type Context } from '../context.ts';
import { compactNumber, table } from '../format.ts';
import { filterOf, listOptions, organising } from './organiseRuns.ts';
import { exchangeOptions, importInto, publish } from './runsExchange.ts';

export const runs: Command = {
  name: 'runs',
  positionals: 'list | show <run> | compare <run> <run>… | export [<run>…] | import <from> | publish --to URI | restore <run> | archive <run>… | unarchive <run>… | note <run> [<text>] | tag <run> <name>=<value>… | pin <run> | unpin <run>',
  summary: 'List, show, compare, export, import, publish and organise runs, and restore their exact code',
  options: {
    ...listOptions,
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
  const found = await client.findRuns(filter);
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

async function compare(context: Context, client: ProjectClient, ids: string[]): Promise<number> {
  if (ids.length < 2) {
    throw new UserError('Name at least two runs to compare.', { field: '<run>' });
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
    const { writeColumns } = await import('../../core/data/api.ts');
    await writeColumns(file, columnsOf(await chosen(client, ids)));
    context.result({ file }, `Wrote ${file}.`);
    return 0;
  }
  const [only] = ids.length === 1 ? ids : [];
  const document = only === undefined ? { runs: await chosen(client, ids) } : { ...(await client.run(only)), history: (await client.history(only)).points };
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

async function chosen(client: ProjectClient, ids: string[]): Promise<RunSummary[]> {
  return ids.length === 0 ? client.runs() : Promise.all(ids.map(async (id) => (await client.run(id)).run));
}

/** A column for each fact, and for each metric, parameter and tag that any of the runs has. Times as ISO 8601. */
function columnsOf(found: RunSummary[]): { name: string; values: (string | number | null)[] }[] {
  const time = (value: number | null): string | null => (value === null ? null : new Date(value).toISOString());
  const facts: [string, (run: RunSummary) => string | null][] = [
    ['run_id', (run) => run.run_id],
    ['name', (run) => run.name],
    ['experiment', (run) => run.experiment],
    ['kind', (run) => run.kind],
    ['status', (run) => run.status],
    ['source', (run) => run.source],
    ['created', (run) => time(run.created)],
    ['started', (run) => time(run.started)],
    ['ended', (run) => time(run.ended)],
    ['error', (run) => run.error],
  ];
  const keyed = (group: 'metrics' | 'params' | 'tags') =>
    [...new Set(found.flatMap((run) => Object.keys(run[group])))].sort().map((key) => ({ name: `${group}.${key}`, values: found.map((run) => run[group][key] ?? null) }));
  return [...facts.map(([name, read]) => ({ name, values: found.map(read) })), ...keyed('metrics'), ...keyed('params'), ...keyed('tags')];
}
