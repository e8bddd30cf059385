import * as aq from 'arquero';
import { higherIsBetter } from '../../contracts/metrics.ts';
import type { Comparison, ComparisonColumn, RunSummary } from '../../contracts/runs.ts';

type Value = string | number | null;

interface Entry {
  group: ComparisonColumn['group'];
  key: string;
  run: string;
  value: Value;
}

const groups: ComparisonColumn['group'][] = ['metric', 'param', 'attribute'];

/**
 * Runs side by side: one column for each metric, parameter and attribute that any of them has, with what is best
 * and what differs. Curves that training draws for each fold, and what a run cost the machine, are left out.
 *
 * @param runs in the order of `columns[…].values`; with `git`, the commit of each or null.
 */
export function compareRuns(runs: RunSummary[], commits: (string | null)[]): Comparison {
  const entries = runs.flatMap((run, index) => entriesOf(run, commits[index] ?? null));
  if (entries.length === 0) {
    return { runs, columns: [], warnings: warningsAbout(runs) };
  }
  const wide = aq.from(entries).groupby('group', 'key').pivot('run', 'value').objects() as ({ group: string; key: string } & Record<string, Value | undefined>)[];
  const columns = wide.map((row): ComparisonColumn => {
    const values = runs.map((run) => row[run.run_id] ?? null);
    const group = row.group as ComparisonColumn['group'];
    return { group, key: row.key, differs: new Set(values).size > 1, best: group === 'metric' ? bestOf(row.key, values) : null, values };
  });
  const headline = runs[0]?.tags['headline'];
  const rank = (column: ComparisonColumn): string => `${groups.indexOf(column.group)}${column.key === headline ? 0 : column.key.startsWith('cv_') ? 2 : 1}`;
  columns.sort((a, b) => rank(a).localeCompare(rank(b)) || a.key.localeCompare(b.key));
  return { runs, columns, warnings: warningsAbout(runs) };
}

function entriesOf(run: RunSummary, commit: string | null): Entry[] {
  const entry = (group: Entry['group'], key: string, value: Value): Entry => ({ group, key, run: run.run_id, value });
  const seconds = run.started !== null && run.ended !== null ? Math.round((run.ended - run.started) / 100) / 10 : null;
  const attributes: [string, Value][] = [
    ['source', run.source],
    ['git commit', commit === null ? null : commit.slice(0, 8)],
    ['seconds', seconds],
  ];
  return [
    ...Object.entries(run.metrics)
      .filter(([key]) => !/^((train|validation)_loss|system)\//.test(key))
      .map(([key, value]) => entry('metric', key, value)),
    ...Object.entries(run.params).map(([key, value]) => entry('param', key, value)),
    ...attributes.map(([key, value]) => entry('attribute', key, value)),
  ];
}

/** The index of the best value; null where there are not two to choose from or all are equal. */
function bestOf(metric: string, values: Value[]): number | null {
  const sign = higherIsBetter(metric) ? 1 : -1;
  const numbers = values.flatMap((value, index) => (typeof value === 'number' ? [{ value: value * sign, index }] : []));
  const best = numbers.reduce<(typeof numbers)[number] | null>((top, each) => (top === null || each.value > top.value ? each : top), null);
  return best === null || numbers.filter(({ value }) => value === best.value).length === values.length || numbers.length < 2 ? null : best.index;
}

function warningsAbout(runs: RunSummary[]): string[] {
  const kinds = (read: (run: RunSummary) => string | undefined): number => new Set(runs.map(read).filter((value) => value !== undefined)).size;
  return warningsOf({
    targets: kinds((run) => (run.kind === 'training' ? run.params['target'] : undefined)),
    data: kinds((run) => run.tags['data_sha256']),
    evaluations: kinds((run) => run.tags['evaluation']),
    kinds: kinds((run) => run.kind),
    open: runs.filter((run) => run.status !== 'finished').length,
  });
}

/** How many different ones some runs have, and how many of them have not finished. */
export interface Fairness {
  targets: number;
  data: number;
  evaluations: number;
  kinds: number;
  open: number;
}

/** What makes a comparison unfair, in sentences. */
export function warningsOf({ targets, data, evaluations, kinds, open }: Fairness): string[] {
  const warnings: string[] = [];
  if (targets > 1) {
    warnings.push('These runs predict different targets; their metrics do not compare.');
  }
  if (data > 1) {
    warnings.push('These runs were measured on different data; a difference may come from the rows, not from the model.');
  }
  if (evaluations > 1) {
    warnings.push('Some runs were measured on rows set aside, others by nested cross-validation; their intervals do not compare.');
  }
  if (kinds > 1) {
    warnings.push('Scripts measure on rows of their own choice; only runs of one kind compare fairly.');
  }
  if (open > 0) {
    warnings.push(`${open.toLocaleString('en')} of these runs ${open === 1 ? 'has' : 'have'} not finished; figures may be missing or not the last.`);
  }
  return warnings;
}
