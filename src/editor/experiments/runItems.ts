// How a run looks in the Experiments view.
import path from 'node:path';
import * as vscode from 'vscode';
import { differenceTo } from '../../contracts/metrics.ts';
import type { RunSummary } from '../../contracts/runs.ts';
import { isSystemTag, noteTag, trialsTag } from '../../contracts/tags.ts';
import { durationText, figure, keyMetricOf, metricName } from './figures.ts';
import { durationOf } from './runGroups.ts';
import { isEnded, statusWord, type RunNode } from './runs.ts';

/** What a run's row depends on besides the run. */
export interface RunSurroundings {
  /** The metric that was chosen for its experiment. */
  keyMetric: string | undefined;
  /** The run that it is measured by; it may be this one. */
  baseline: RunSummary | null;
  /** In milliseconds since 1970. */
  now: number;
  hasChildren: boolean;
}

const icons: Record<RunSummary['status'], [icon: string, colour?: string]> = {
  queued: ['clock'],
  running: ['loading~spin', 'charts.blue'],
  finished: ['pass', 'testing.iconPassed'],
  failed: ['error', 'testing.iconFailed'],
  cancelled: ['circle-slash', 'testing.iconSkipped'],
};

/** Without its tooltip: that is made when it is asked for. */
export function runItem(node: RunNode, run: RunSummary, around: RunSurroundings): vscode.TreeItem {
  const item = new vscode.TreeItem(shortName(run), around.hasChildren ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None);
  const isBaseline = around.baseline?.run_id === run.run_id;
  const [icon, colour] = icons[run.status];
  item.id = `${node.project}\n${run.run_id}`;
  item.iconPath = new vscode.ThemeIcon(isBaseline && isEnded(run) ? 'pinned' : icon, colour === undefined ? undefined : new vscode.ThemeColor(colour));
  item.description = describe(run, around);
  const state = isEnded(run) ? 'ended' : run.kind === 'external' ? 'elsewhere' : 'active';
  item.contextValue = ['run', run.kind, run.status, state, ...(isBaseline ? ['baseline'] : []), ...(run.archived ? ['archived'] : ['listed'])].join(' ');
  item.accessibilityInformation = { label: [run.name, statusWord(run.status), isBaseline ? vscode.l10n.t('baseline') : '', headlineWith(run, around)].filter((part) => part !== '').join(', ') };
  return item;
}

/** Without the file that the name ends with: the experiment above says it, and a narrow view has no room for both. */
function shortName({ name, source }: RunSummary): string {
  return name.replace(` on ${path.basename(source)}`, '');
}

function describe(run: RunSummary, around: RunSurroundings): string {
  const duration = durationOf(run, around.now);
  const lasted = duration === null ? '' : durationText(duration);
  if (run.kind === 'study') {
    return [headlineWith(run, around), vscode.l10n.t('{0} trials', run.tags[trialsTag] ?? '0'), run.status === 'finished' ? '' : statusWord(run.status), lasted].filter((part) => part !== '').join(' · ');
  }
  const parts =
    run.status === 'running'
      ? [headlineWith(run, around), ...(run.progress === null ? [] : [`${Math.round(run.progress.fraction * 100)} %`, run.progress.message]), lasted]
      : [run.status === 'finished' ? headlineWith(run, around) : statusWord(run.status), lasted, isEnded(run) ? when(run.created) : ''];
  return parts.filter((part) => part !== '').join(' · ') || statusWord(run.status);
}

/** "0.931 +0.012 ROC AUC": the figures first, so that a narrow view cuts the name and not them. */
function headlineWith(run: RunSummary, { keyMetric, baseline }: RunSurroundings): string {
  const key = keyMetricOf(run, keyMetric);
  const value = key === null ? null : run.metrics[key];
  if (key === null || typeof value !== 'number') {
    return '';
  }
  const difference = baseline === null || baseline.run_id === run.run_id ? null : differenceTo(key, value, baseline.metrics[key]);
  return [figure(value), difference?.text ?? '', metricName(key)].filter((part) => part !== '').join(' ');
}

/** The time of day for today, else the date. */
function when(milliseconds: number): string {
  const date = new Date(milliseconds);
  return date.toDateString() === new Date().toDateString()
    ? date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
    : date.toLocaleDateString(undefined, { year: 'numeric', month: 'short', day: 'numeric' });
}

const verdicts = { better: vscode.l10n.t('better'), worse: vscode.l10n.t('worse'), same: vscode.l10n.t('the same') };

export function runTooltip(run: RunSummary, around: RunSurroundings): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  const line = (label: string, value: string): void => {
    text.appendMarkdown(`**${label}** `).appendText(value).appendMarkdown('  \n');
  };
  const { baseline } = around;
  line(vscode.l10n.t('Run'), run.name);
  line(vscode.l10n.t('State'), run.status === 'running' ? describe(run, around) : statusWord(run.status));
  if (run.error !== null) {
    line(vscode.l10n.t('Error'), run.error);
  }
  line(vscode.l10n.t('Source'), run.source);
  line(vscode.l10n.t('Started'), new Date(run.started ?? run.created).toLocaleString());
  if (baseline !== null) {
    line(vscode.l10n.t('Baseline'), baseline.run_id === run.run_id ? vscode.l10n.t('this run') : baseline.name);
  }
  const metrics = Object.entries(run.metrics)
    .filter(([key, value]) => value !== null && !key.includes('/'))
    .sort(([a], [b]) => Number(a.startsWith('cv_')) - Number(b.startsWith('cv_')));
  for (const [key, value] of metrics.slice(0, 8)) {
    const difference = baseline === null || baseline.run_id === run.run_id ? null : differenceTo(key, value, baseline.metrics[key]);
    line(metricName(key), [figure(value ?? Number.NaN), difference === null ? '' : `(${difference.text} ${verdicts[difference.verdict]})`].filter((part) => part !== '').join(' '));
  }
  for (const [key, value] of Object.entries(run.tags).filter(([tag]) => !isSystemTag(tag)).slice(0, 8)) {
    line(key, value.slice(0, 200));
  }
  const note = run.tags[noteTag] ?? '';
  if (note !== '') {
    line(vscode.l10n.t('Note'), note.length > 400 ? `${note.slice(0, 400)}…` : note);
  }
  return text;
}
