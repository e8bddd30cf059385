// The commands that set the Experiments view up. Program forms, each a plain object as the only argument:
//   mlLifecycle.filterRuns        {filter}           → the ids of the runs it finds; throws where it cannot be read
//   mlLifecycle.groupRuns         {by, key?}         by: experiment, script, status, day, parent, tag, param
//   mlLifecycle.sortRuns          {by}               by: newest, best, longest
//   mlLifecycle.showArchivedRuns  {}                 → the ids of the archived runs
//   mlLifecycle.chooseKeyMetric   {experiment, metric, project?}   metric: null lets the program choose
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import { keyMetricTag } from '../../contracts/tags.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import { sentenceOf } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { experimentFrom } from './chooseExperiment.ts';
import { metricKeys, metricName } from './figures.ts';
import { GroupBy, SortBy } from './arrangementSchema.ts';
import { keysOf } from './runGroups.ts';

const FilterArgument = z.object({ filter: z.string() });
const SortArgument = z.object({ by: SortBy });
const MetricArgument = z.object({ metric: z.nullable(z.string()) });

export function handlers(editor: Editor): Handlers {
  const { arrangement } = editor;
  return {
    filterRuns: (target) => filter(editor, target),
    clearRunFilter: () => editor.filteredRuns.set(''),
    groupRuns: async (target) => arrangement.change({ group: isProgramCall(target) ? parseArgument(GroupBy, target) : await askGroup(editor) }),
    sortRuns: async (target) => arrangement.change({ sort: isProgramCall(target) ? parseArgument(SortArgument, target).by : await askSort(arrangement.now.sort) }),
    showArchivedRuns: async () => {
      const sessions = await connected(editor);
      await Promise.all(sessions.map((session) => session.loadArchived()));
      await arrangement.change({ archived: true });
      return sessions.flatMap((session) => [...(session.archived?.keys() ?? [])]);
    },
    hideArchivedRuns: () => arrangement.change({ archived: false }),
    chooseKeyMetric: (target) => chooseKeyMetric(editor, target),
  };
}

async function connected(editor: Editor): Promise<ProjectSession[]> {
  const sessions = await editor.projects.sessions();
  await Promise.all(sessions.map((session) => session.wake()));
  return sessions.filter((session) => session.connection.kind === 'connected');
}

async function filter(editor: Editor, target: unknown): Promise<string[] | undefined> {
  const sessions = await connected(editor);
  const find = async (text: string): Promise<string[]> => (await Promise.all(sessions.map(async (session) => (await session.client()).findRunIds({ text })))).flat();
  if (isProgramCall(target)) {
    const text = parseArgument(FilterArgument, target).filter.trim();
    const found = await find(text);
    await editor.filteredRuns.set(text);
    return found;
  }
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Filter runs'),
    value: editor.arrangement.now.filter,
    placeHolder: vscode.l10n.t('words, or for example metrics.accuracy > 0.9 AND params.model = \'tree\''),
    prompt: vscode.l10n.t('Words are looked for in names, scripts, parameters, tags and notes. Leave it empty to show all runs.'),
    validateInput: async (value) => (value.trim() === '' ? undefined : find(value.trim()).then(() => undefined, sentenceOf)),
  });
  if (text !== undefined) {
    await editor.filteredRuns.set(text.trim());
  }
  return undefined;
}

async function choose<T>(items: (vscode.QuickPickItem & { value: T })[], placeHolder: string): Promise<T> {
  const chosen = await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true });
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  return chosen.value;
}

async function askGroup(editor: Editor): Promise<GroupBy> {
  const { by } = editor.arrangement.now.group;
  const kinds: Record<GroupBy['by'], string> = {
    experiment: vscode.l10n.t('Experiment'),
    script: vscode.l10n.t('Script'),
    status: vscode.l10n.t('State'),
    day: vscode.l10n.t('Day'),
    parent: vscode.l10n.t('Parent run'),
    tag: vscode.l10n.t('Tag…'),
    param: vscode.l10n.t('Parameter…'),
  };
  const about: Partial<Record<GroupBy['by'], string>> = { parent: vscode.l10n.t('runs that a run started stand below it') };
  const marked = (kind: GroupBy['by']): string => [about[kind] ?? '', kind === by ? vscode.l10n.t('now') : ''].filter((part) => part !== '').join(' · ');
  const all = Object.keys(kinds) as GroupBy['by'][];
  const kind = await choose(all.map((value) => ({ label: kinds[value], description: marked(value), value })), vscode.l10n.t('Group runs by'));
  if (kind !== 'tag' && kind !== 'param') {
    return { by: kind };
  }
  const runs = (await editor.projects.sessions()).flatMap((session) => [...session.runs.values()]);
  const keys = keysOf(runs, kind === 'tag' ? 'tags' : 'params');
  if (keys.length === 0) {
    throw new UserError(kind === 'tag' ? vscode.l10n.t('No run has a tag yet. “ML: Edit tags…” gives it one.') : vscode.l10n.t('No run has a parameter yet.'));
  }
  const question = kind === 'tag' ? vscode.l10n.t('Group by which tag?') : vscode.l10n.t('Group by which parameter?');
  // A long list knows only some of each run, so a rare one may not be among these.
  const another = { label: vscode.l10n.t('Another…'), value: null };
  const key = (await choose<string | null>([...keys.map((each) => ({ label: each, value: each })), another], question)) ?? (await vscode.window.showInputBox({ title: question }))?.trim();
  if (!key) {
    throw new vscode.CancellationError();
  }
  return { by: kind, key };
}

async function askSort(now: SortBy): Promise<SortBy> {
  const orders: Record<SortBy, string> = { newest: vscode.l10n.t('Newest first'), best: vscode.l10n.t('Best key metric first'), longest: vscode.l10n.t('Longest first') };
  return choose(SortBy.options.map((value) => ({ label: orders[value], description: value === now ? vscode.l10n.t('now') : '', value })), vscode.l10n.t('Sort runs'));
}

async function chooseKeyMetric(editor: Editor, target: unknown): Promise<void> {
  const { session, experiment } = await experimentFrom(editor, target, vscode.l10n.t('Choose the key metric of which experiment?'));
  const metric = isProgramCall(target) ? parseArgument(MetricArgument, target).metric : await askMetric(session, experiment.name, experiment.tags[keyMetricTag]);
  await (await session.client()).editExperiment(experiment.experiment_id, { tags: { [keyMetricTag]: metric } });
}

async function askMetric(session: ProjectSession, experiment: string, now: string | undefined): Promise<string | null> {
  const counts = new Map<string, number>();
  for (const run of session.runs.values()) {
    for (const key of run.experiment === experiment ? metricKeys(run) : []) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  if (counts.size === 0) {
    throw new UserError(vscode.l10n.t('No run of {0} has a metric yet.', experiment));
  }
  const mark = (chosen: boolean): string => (chosen ? vscode.l10n.t('now') : '');
  const metrics = [...counts].sort(([a, runsA], [b, runsB]) => runsB - runsA || a.localeCompare(b));
  return choose<string | null>(
    [
      { label: vscode.l10n.t('Choose for me'), description: mark(now === undefined), value: null },
      ...metrics.map(([key, runs]) => ({ label: key, description: [metricName(key) === key ? '' : metricName(key), runs === 1 ? vscode.l10n.t('1 run') : vscode.l10n.t('{0} runs', runs), mark(key === now)].filter((part) => part !== '').join(' · '), value: key })),
    ],
    vscode.l10n.t('Which metric stands beside the runs of {0}?', experiment),
  );
}
