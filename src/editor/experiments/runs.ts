// Runs as views show them.
import * as vscode from 'vscode';
import type { RunSummary } from '../../contracts/runs.ts';
import { newest } from './runGroups.ts';

export interface RunNode {
  kind: 'run';
  project: string;
  run_id: string;
}

export interface ExperimentNode {
  kind: 'experiment';
  project: string;
  name: string;
}

export function isRunNode(value: unknown): value is RunNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'run';
}

export function isExperimentNode(value: unknown): value is ExperimentNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'experiment';
}

/** Newest first; runs of the same millisecond in a stable order. */
export function newestFirst(runs: Iterable<RunSummary>): RunSummary[] {
  return [...runs].sort(newest);
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
