// How the Experiments view arranges runs: in groups, in an order, a page at a time. Pure, and quick for 10,000 runs.
import { higherIsBetter } from '../../contracts/metrics.ts';
import type { NeededKeys } from '../../contracts/experiments.ts';
import type { RunSummary } from '../../contracts/runs.ts';
import { parentTag } from '../../contracts/tags.ts';

export type GroupBy = { by: 'experiment' | 'script' | 'status' | 'day' | 'parent' } | { by: 'tag' | 'param'; key: string };

export type SortBy = 'newest' | 'best' | 'longest';

/** Rows that a group shows at first, and that each "Show more" adds. */
export const pageSize = 100;

export interface RunGroup {
  /** What its runs share; null where they have no such tag or parameter. */
  key: string | null;
  runs: RunSummary[];
}

/** What every run must bring to be put in its group. */
export function neededFor(group: GroupBy): NeededKeys {
  return { params: group.by === 'param' ? [group.key] : [], tags: group.by === 'tag' ? [group.key] : [] };
}

/** Runs by what they share: the groups with the newest runs first, but values of tags, parameters and states in their own order. */
export function groupRuns(runs: Iterable<RunSummary>, group: GroupBy): RunGroup[] {
  const groups = new Map<string | null, RunGroup & { newest: number }>();
  for (const run of runs) {
    const key = keyOf(run, group);
    const known = groups.get(key);
    if (known === undefined) {
      groups.set(key, { key, runs: [run], newest: run.created });
    } else {
      known.runs.push(run);
      known.newest = Math.max(known.newest, run.created);
    }
  }
  const ordered = [...groups.values()];
  if (group.by === 'status') {
    return ordered.sort((a, b) => states.indexOf(a.key ?? '') - states.indexOf(b.key ?? ''));
  }
  if (group.by === 'tag' || group.by === 'param') {
    return ordered.sort((a, b) => Number(a.key === null) - Number(b.key === null) || values.compare(a.key ?? '', b.key ?? ''));
  }
  return ordered.sort((a, b) => b.newest - a.newest);
}

const states = ['running', 'queued', 'finished', 'failed', 'cancelled'];
const values = new Intl.Collator(undefined, { numeric: true });

function keyOf(run: RunSummary, group: GroupBy): string | null {
  switch (group.by) {
    case 'experiment':
    case 'parent':
      return run.experiment;
    case 'script':
      return run.source;
    case 'status':
      return run.status;
    case 'day':
      return dayOf(run.created);
    case 'tag':
      return run.tags[group.key] ?? null;
    case 'param':
      return run.params[group.key] ?? null;
  }
}

/** The day in the person's own zone, as 2026-11-24. */
export function dayOf(milliseconds: number): string {
  const date = new Date(milliseconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** In a new list. @param metricOf the metric by which a run is judged, @param now in milliseconds since 1970. */
export function sortRuns(runs: readonly RunSummary[], sort: SortBy, metricOf: (run: RunSummary) => string | null, now: number): RunSummary[] {
  if (sort === 'newest') {
    return [...runs].sort(newest);
  }
  const size = sort === 'longest' ? (run: RunSummary): number => durationOf(run, now) ?? -1 : goodness(runs, metricOf);
  // Each size once, not at every comparison.
  const sized = runs.map((run) => ({ run, size: size(run) }));
  return sized.sort((a, b) => (a.size === b.size ? newest(a.run, b.run) : b.size - a.size)).map(({ run }) => run);
}

/** Newest first; runs of the same millisecond in a stable order. */
export function newest(a: RunSummary, b: RunSummary): number {
  return b.created - a.created || (a.run_id < b.run_id ? 1 : -1);
}

/** In milliseconds; null where it has not begun. */
export function durationOf(run: Pick<RunSummary, 'started' | 'ended' | 'status'>, now: number): number | null {
  const end = run.ended ?? (run.status === 'running' ? now : null);
  return run.started === null || end === null ? null : end - run.started;
}

/** More is better, by the metric that most of the runs are judged by; runs without it come last. */
function goodness(runs: readonly RunSummary[], metricOf: (run: RunSummary) => string | null): (run: RunSummary) => number {
  const counts = new Map<string, number>();
  for (const run of runs) {
    const metric = metricOf(run);
    if (metric !== null) {
      counts.set(metric, (counts.get(metric) ?? 0) + 1);
    }
  }
  const [first] = [...counts].sort(([, a], [, b]) => b - a);
  if (first === undefined) {
    return () => 0;
  }
  const [metric] = first;
  const sign = higherIsBetter(metric) ? 1 : -1;
  return (run) => {
    const value = run.metrics[metric];
    return typeof value === 'number' ? sign * value : -Infinity;
  };
}

/**
 * Runs under the runs that started them, where they are grouped so; in experiments the trials of studies under their
 * study. A run whose parent is not among them, or in another experiment, stands for itself, and so do runs in a circle.
 */
export function nest(runs: readonly RunSummary[], { by }: Pick<GroupBy, 'by'>): { roots: RunSummary[]; children: Map<string, RunSummary[]> } {
  const byId = new Map(runs.map((run) => [run.run_id, run]));
  const roots: RunSummary[] = [];
  const children = new Map<string, RunSummary[]>();
  for (const run of runs) {
    const parent = parentOf(run, byId);
    if (parent === null || !(by === 'parent' || (by === 'experiment' && byId.get(parent)?.kind === 'study'))) {
      roots.push(run);
    } else {
      const known = children.get(parent);
      if (known === undefined) {
        children.set(parent, [run]);
      } else {
        known.push(run);
      }
    }
  }
  return { roots, children };
}

function parentOf(run: RunSummary, byId: ReadonlyMap<string, RunSummary>): string | null {
  const parent = run.tags[parentTag];
  if (parent === undefined || byId.get(parent)?.experiment !== run.experiment) {
    return null;
  }
  const seen = new Set([run.run_id]);
  for (let above: string | undefined = parent; above !== undefined && byId.has(above); above = byId.get(above)?.tags[parentTag]) {
    if (seen.has(above)) {
      return null;
    }
    seen.add(above);
  }
  return parent;
}

/** The rows that are shown of a list, and how many are not. */
export function shownOf<T>(rows: readonly T[], pages: number): { shown: readonly T[]; hidden: number } {
  const shown = rows.slice(0, pages * pageSize);
  return { shown, hidden: rows.length - shown.length };
}

/** The tags or parameters that runs can be grouped by, those that most runs have first; without those of a program's own. */
export function keysOf(runs: Iterable<RunSummary>, kind: 'tags' | 'params'): string[] {
  const counts = new Map<string, number>();
  for (const run of runs) {
    for (const key of Object.keys(run[kind])) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return [...counts]
    .filter(([key]) => kind === 'params' || !/^(mlflow|ml_lifecycle)\./.test(key))
    .sort(([a, countA], [b, countB]) => countB - countA || values.compare(a, b))
    .map(([key]) => key);
}
