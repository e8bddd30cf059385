// The runs of one script, and what stands beside it about them.
import path from 'node:path';
import type * as vscode from 'vscode';
import { higherIsBetter } from '../../contracts/training.ts';
import type { RunSummary } from '../../contracts/runs.ts';
import type { Editor } from '../platform/editor.ts';
import type { ProjectSession } from '../platform/session.ts';
import { headlineKey } from './figures.ts';
import { newestFirst } from './runs.ts';

export interface ScriptRuns {
  session: ProjectSession;
  /** Newest first. */
  runs: RunSummary[];
}

/** The runs of a script that this window knows by now; wakes the project's server where there is something to tell. */
export async function runsOfScript(editor: Editor, script: vscode.Uri): Promise<ScriptRuns | null> {
  const session = await editor.projects.forFile(script.fsPath);
  if (session === null) {
    return null;
  }
  // Not waited for: the lenses are asked for again when it has told.
  void session.wake();
  return { session, runs: ofScript(session.runs.values(), session.project.root, script.fsPath) };
}

export function ofScript(runs: Iterable<RunSummary>, root: string, script: string): RunSummary[] {
  return newestFirst([...runs].filter((run) => run.kind === 'script' && path.resolve(root, run.source) === script));
}

export interface LastAndBest {
  last: { run_id: string; value: number };
  /** Null where the last is the best, or the only one. */
  best: { run_id: string; value: number } | null;
  metric: string;
}

/** The last run's first metric, and the best that any run of the script has of it; null where none has one. */
export function lastAndBest(runs: readonly RunSummary[]): LastAndBest | null {
  for (const run of runs) {
    const metric = headlineKey(run);
    const value = metric === null ? null : run.metrics[metric];
    if (metric !== null && typeof value === 'number') {
      const sign = higherIsBetter(metric) ? 1 : -1;
      let best = { run_id: run.run_id, value };
      for (const other of runs) {
        const theirs = other.metrics[metric];
        if (typeof theirs === 'number' && theirs * sign > best.value * sign) {
          best = { run_id: other.run_id, value: theirs };
        }
      }
      return { metric, last: { run_id: run.run_id, value }, best: best.run_id === run.run_id ? null : best };
    }
  }
  return null;
}
