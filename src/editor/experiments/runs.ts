// Runs as views show them.
import * as vscode from 'vscode';
import type { RunSummary } from '../../contracts/runs.ts';
import type { ProjectSession } from '../platform/session.ts';

export interface RunNode {
  kind: 'run';
  project: string;
  run_id: string;
}

export function isRunNode(value: unknown): value is RunNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'run';
}

/** The row of an experiment in the Experiments view. */
export function isExperimentNode(value: unknown): value is { kind: 'experiment'; session: ProjectSession; name: string } {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'experiment' && 'session' in value && 'name' in value;
}

/** Newest first; runs of the same millisecond in a stable order. */
export function newestFirst(runs: Iterable<RunSummary>): RunSummary[] {
  return [...runs].sort((a, b) => b.created - a.created || b.run_id.localeCompare(a.run_id));
}

export function isEnded(run: Pick<RunSummary, 'status'>): boolean {
  return run.status === 'finished' || run.status === 'failed' || run.status === 'cancelled';
}

export function statusWord(status: RunSummary['status']): string {
  const words = {
    queued: vscode.l10n.t('waiting'),
    running: vscode.l10n.t('running'),
    finished: vscode.l10n.t('finished'),
    failed: vscode.l10n.t('failed'),
    cancelled: vscode.l10n.t('cancelled'),
  };
  return words[status];
}
