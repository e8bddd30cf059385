// What stands beside a script about its runs.
import path from 'node:path';
import { higherIsBetter } from '../../contracts/metrics.ts';
import type { RunSummary } from '../../contracts/runs.ts';
import { headlineKey } from './figures.ts';

/** The runs of a script, newest first. @param root the project's folder, @param script absolute. */
export function ofScript(runs: Iterable<RunSummary>, root: string, script: string): RunSummary[] {
  const own = [...runs].filter((run) => run.kind === 'script' && path.resolve(root, run.source) === script);
  return own.sort((a, b) => b.created - a.created || b.run_id.localeCompare(a.run_id));
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
