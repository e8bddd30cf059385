// The words for alerts and decisions, the same in every view and notification.
import * as vscode from 'vscode';
import type { Endpoint } from '../../contracts/endpoints.ts';
import type { Alert, AlertKind, MonitorWindow } from '../../contracts/monitoring.ts';
import type { Decision, TriggerKind } from '../../contracts/retraining.ts';

export const alertIcons: Record<AlertKind, string> = { drift: 'graph-line', quality: 'beaker-stop', performance: 'arrow-down', errors: 'error' };

/** A short name of an alert: what it is about. */
export function alertTitle({ kind, column }: Pick<Alert, 'kind' | 'column'>): string {
  switch (kind) {
    case 'drift':
      return column === null ? vscode.l10n.t('Drift') : vscode.l10n.t('Drift of {0}', column);
    case 'quality':
      return column === null ? vscode.l10n.t('Data quality') : vscode.l10n.t('Data quality of {0}', column);
    case 'performance':
      return vscode.l10n.t('Worse score');
    case 'errors':
      return vscode.l10n.t('Errors');
  }
}

/** A sentence of the server where it cannot be set as code: in notifications, Problems and views. */
export function plain(text: string): string {
  return text.replaceAll('`', '');
}

/** Whether a decision is about what this endpoint serves; one that was started by hand may name no endpoint. */
export function concerns({ endpoint, model }: Decision, { name, versions }: Endpoint): boolean {
  return endpoint === name || (endpoint === null && versions.some((version) => version.model === model));
}

export function isMuted({ muted_until }: Pick<Alert, 'muted_until'>): boolean {
  return muted_until !== null && muted_until > Date.now();
}

export const outcomeIcons: Record<Decision['outcome'], [icon: string, colour?: string]> = {
  running: ['loading~spin', 'charts.blue'],
  promoted: ['arrow-up', 'testing.iconPassed'],
  proposed: ['question', 'charts.yellow'],
  kept: ['shield', 'charts.blue'],
  discarded: ['circle-slash', 'testing.iconSkipped'],
  failed: ['error', 'testing.iconFailed'],
};

export function outcomeWord(decision: Pick<Decision, 'outcome' | 'status'>): string {
  if (decision.status === 'cancelled') {
    return vscode.l10n.t('cancelled');
  }
  switch (decision.outcome) {
    case 'running':
      return vscode.l10n.t('running');
    case 'promoted':
      return vscode.l10n.t('promoted');
    case 'proposed':
      return vscode.l10n.t('waits for your answer');
    case 'kept':
      return vscode.l10n.t('kept');
    case 'discarded':
      return vscode.l10n.t('discarded');
    case 'failed':
      return vscode.l10n.t('failed');
  }
}

export function triggerWord(kind: TriggerKind): string {
  switch (kind) {
    case 'manual':
      return vscode.l10n.t('by hand');
    case 'schedule':
      return vscode.l10n.t('on schedule');
    case 'new_data':
      return vscode.l10n.t('on new data');
    case 'drift':
      return vscode.l10n.t('on drift');
    case 'worse_score':
      return vscode.l10n.t('on a worse score');
  }
}

/** What the newest windows say: of the data and, once labels are there, of the score. Empty before the first window. */
export function windowsVerdict(windows: readonly MonitorWindow[]): { text: string; good: boolean } | null {
  const data = windows.findLast((window) => window.drift !== null)?.drift;
  const performance = windows.findLast((window) => window.performance !== null)?.performance;
  const drifted = data?.columns.filter((column) => column.drift) ?? [];
  const [first] = drifted;
  const parts = [
    ...(data === undefined || data === null ? [] : [first === undefined ? vscode.l10n.t('no drift') : drifted.length === 1 ? vscode.l10n.t('drift of {0}', first.name) : vscode.l10n.t('drift of {0} columns', drifted.length)]),
    ...(performance === undefined || performance === null ? [] : [performance.worse ? vscode.l10n.t('worse score') : vscode.l10n.t('score holds')]),
  ];
  return parts.length === 0 ? null : { text: parts.join(', '), good: drifted.length === 0 && performance?.worse !== true };
}

/** By when they were started. */
export function newestFirst(decisions: Iterable<Decision>): Decision[] {
  return [...decisions].sort((a, b) => b.created - a.created);
}

const day = 86_400_000;
const units: [Intl.RelativeTimeFormatUnit, number][] = [['day', day], ['hour', 3_600_000], ['minute', 60_000]];

/** "3h ago" in the person's language; after two months the date, since rows of data may be years old. */
export function ago(milliseconds: number): string {
  const passed = Date.now() - milliseconds;
  if (Math.abs(passed) > 60 * day) {
    return new Date(milliseconds).toLocaleDateString(vscode.env.language, { dateStyle: 'medium', ...(milliseconds % day === 0 ? { timeZone: 'UTC' } : {}) });
  }
  const format = new Intl.RelativeTimeFormat(vscode.env.language, { style: 'narrow' });
  const [unit, length] = units.find(([, each]) => passed >= each) ?? ['second', 1000];
  return unit === 'second' ? vscode.l10n.t('just now') : format.format(-Math.floor(passed / length), unit);
}
