// Drift as Evidently 0.7 reports it by default: the test follows from the type of a column, the rows of the reference
// and the distinct values of both sides.
import type { ColumnDrift, DriftMethod, DriftReport } from '../../contracts/monitoring.ts';
import { jensenShannon, normed, standardDeviation, total, wasserstein } from './statistics/distances.ts';
import { kolmogorovSmirnov } from './statistics/kolmogorov.ts';
import { sorted } from './statistics/sort.ts';
import { chiSquareFit, twoProportions } from './statistics/tests.ts';
import { hashedCounts, missingOf, presentNumbers, type SharedColumn, type TablePair } from './tables.ts';

/** Up to so many rows in the reference a test decides, above a distance. */
const fewRows = 1000;
/** Whole numbers without gaps and with so few distinct values are categories. */
const fewWholeNumbers = 10;
const significance = 0.05;
const distanceThreshold = 0.1;
/** The share of drifted columns from which the data set counts as drifted. */
const driftShare = 0.5;

/** @throws where `check` of a session says that the work was cancelled. */
export async function evidentlyReport(pair: TablePair): Promise<DriftReport> {
  const judged: ColumnDrift[] = [];
  const problems = [...pair.problems];
  const comparable = pair.columns.filter((column) => column.type !== 'date');
  // The next column is read while this one is judged.
  let next = comparable[0] && read(pair, comparable[0]);
  for (const [index, column] of comparable.entries()) {
    const values = await next!;
    const following = comparable[index + 1];
    next = following && read(pair, following);
    next?.catch(() => undefined);
    const sizes = values.kind === 'numbers' ? [values.reference.length, values.current.length] : [total(values.reference), total(values.current)];
    const empty = sizes[0] === 0 ? 'the reference' : sizes[1] === 0 ? 'the current data' : null;
    if (empty === null) {
      judged.push({ name: column.name, role: 'input', type: values.kind === 'numbers' ? 'number' : 'category', null_quantile: null, n_reference: sizes[0]!, n_current: sizes[1]!, bins: null, note: null, ...judge(values) });
    } else {
      problems.push(`The column \`${column.name}\` has no values in ${empty}, so it was not judged.`);
    }
  }
  const drifted = judged.filter((column) => column.drift).length;
  const share = judged.length === 0 ? 0 : drifted / judged.length;
  return { mode: 'evidently', dataset_drift: judged.length > 0 && share >= driftShare, drifted_share: share, columns: judged, problems };
}

type Values = { kind: 'numbers' | 'counts'; reference: Float64Array; current: Float64Array };

async function read({ reference, current }: TablePair, column: SharedColumn): Promise<Values> {
  if (column.type === 'number') {
    const [first, second] = await Promise.all([presentNumbers(reference, column.reference), presentNumbers(current, column.current)]);
    const whole = /INT/.test(column.current.sqlType) && distinctUpTo(fewWholeNumbers, second) !== null && (await missingOf(current, column.current)) === 0;
    if (!whole) {
      return { kind: 'numbers', reference: first, current: second };
    }
  }
  const [first, second] = await Promise.all([hashedCounts(reference, column.reference), hashedCounts(current, column.current)]);
  return { kind: 'counts', ...aligned(first, second) };
}

type Judgement = Pick<ColumnDrift, 'method' | 'statistic' | 'threshold' | 'p_value' | 'drift'>;

const byTest = (method: DriftMethod, p: number, drift: boolean): Judgement => ({ method, statistic: p, threshold: significance, p_value: p, drift });
const byDistance = (method: DriftMethod, distance: number): Judgement => ({ method, statistic: distance, threshold: distanceThreshold, p_value: null, drift: distance >= distanceThreshold });

function judge(values: Values): Judgement {
  if (values.kind === 'counts') {
    return judgeCounts(values.reference, values.current, total(values.reference));
  }
  const { reference, current } = values;
  const distinct = distinctUpTo(5, reference, current);
  if (distinct !== null) {
    const count = (side: Float64Array): Float64Array => {
      const counts = new Map(distinct.map((value) => [value, 0]));
      side.forEach((value) => counts.set(value, counts.get(value)! + 1));
      return Float64Array.from(counts.values());
    };
    return judgeCounts(count(reference), count(current), reference.length);
  }
  sorted(reference);
  sorted(current);
  if (reference.length <= fewRows) {
    const { p } = kolmogorovSmirnov(reference, current);
    return byTest('ks', p, p <= significance);
  }
  return byDistance('wasserstein', normed(wasserstein(reference, current), standardDeviation(reference)));
}

function judgeCounts(reference: Float64Array, current: Float64Array, rows: number): Judgement {
  if (rows > fewRows) {
    return byDistance('jensenshannon', jensenShannon(reference, current));
  }
  if (reference.length > 2) {
    const { p } = chiSquareFit(reference, current);
    return byTest('chisquare', p, p < significance);
  }
  const { p } = twoProportions({ hits: reference[0]!, of: total(reference) }, { hits: current[0]!, of: total(current) });
  return byTest('z', p, p < significance);
}

/** The distinct values of all sides; null where there are more than `most`. */
function distinctUpTo(most: number, ...sides: Float64Array[]): number[] | null {
  const distinct = new Set<number>();
  for (const side of sides) {
    for (const value of side) {
      distinct.add(value);
      if (distinct.size > most) {
        return null;
      }
    }
  }
  return [...distinct];
}

/** Counts of both sides by category, from lists that are sorted by hash. */
function aligned(first: Float64Array, second: Float64Array): { reference: Float64Array; current: Float64Array } {
  const reference: number[] = [];
  const current: number[] = [];
  for (let i = 0, j = 0; i < first.length || j < second.length; ) {
    const [a, b] = [first[i] ?? Number.POSITIVE_INFINITY, second[j] ?? Number.POSITIVE_INFINITY];
    reference.push(a <= b ? first[i + 1]! : 0);
    current.push(b <= a ? second[j + 1]! : 0);
    i += a <= b ? 2 : 0;
    j += b <= a ? 2 : 0;
  }
  return { reference: Float64Array.from(reference), current: Float64Array.from(current) };
}
