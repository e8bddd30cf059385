// How the Experiments view says what it shows.
import * as vscode from 'vscode';
import type { Arrangement } from './arrangement.ts';

/** The line above the runs; empty where there is no filter. @param left the runs that the filter leaves of `total`. */
export function filterWords(filter: string, { problem, searching }: { problem: string | null; searching: boolean }, left: number, total: number): string {
  if (filter === '') {
    return '';
  }
  if (problem !== null) {
    return vscode.l10n.t('Filter “{0}”: {1}', filter, problem);
  }
  return searching ? vscode.l10n.t('Filter “{0}”: searching…', filter) : vscode.l10n.t('Filter “{0}”: {1} of {2} runs', filter, left.toLocaleString(), total.toLocaleString());
}

/** Beside the view's name; empty for newest runs by experiment. */
export function arrangementWords({ group, sort }: Arrangement): string {
  const orders = { newest: '', best: vscode.l10n.t('best first'), longest: vscode.l10n.t('longest first') };
  const groups = { experiment: '', parent: vscode.l10n.t('by parent run'), script: vscode.l10n.t('by script'), status: vscode.l10n.t('by state'), day: vscode.l10n.t('by day') };
  const grouped = group.by === 'tag' || group.by === 'param' ? vscode.l10n.t('by {0}', group.key) : groups[group.by];
  return [grouped, orders[sort]].filter((part) => part !== '').join(', ');
}
