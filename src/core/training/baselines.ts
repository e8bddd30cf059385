// What stands beside a model, so that its score cannot flatter: no column, the best one column, the last known value.
import { higherIsBetter } from '../../contracts/metrics.ts';
import type { MetricName } from '../../contracts/training.ts';
import { logistic } from './calibrate.ts';
import { metricLabels } from '../planning/api.ts';
import { measure } from './metrics.ts';
import type { Feature, Problem } from './problem.ts';
import type { Fold } from './sides.ts';

export interface BaselineScores {
  name: string;
  label: string;
  column?: string;
  /** For a single column: the metrics by which no other column is better. */
  bestBy?: MetricName[];
  /** As in Scored, on the rows asked for. */
  scores: Float64Array;
}

/** A predictor that was fitted: scores for rows of the table. */
type Predictor = (rows: Int32Array) => Float64Array;

/** Rows that a rate is pulled towards the whole by. */
const smoothing = 10;
const numericBins = 10;

/** Baselines fitted on `fitted` and scored on `evaluated`. @param folds of `fitted`, to find the best column fairly. */
export function baselinesOf(problem: Problem, fitted: Int32Array, evaluated: Int32Array, folds: Fold[], horizon: number): BaselineScores[] {
  const { task, headline, classes } = problem;
  const found: BaselineScores[] = [constantBaseline(problem, fitted, evaluated)];
  const looked: MetricName[] = task === 'classification' && classes.length === 2 && headline !== 'roc_auc' ? [headline, 'roc_auc'] : [headline];
  const best = looked.flatMap((metric) => {
    const feature = bestColumn(problem, folds, metric);
    return feature === null ? [] : [{ metric, feature }];
  });
  for (const feature of new Set(best.map((each) => each.feature))) {
    const bestBy = best.filter((each) => each.feature === feature).map((each) => each.metric);
    found.push({ name: 'best_single_column', label: `\`${feature.name}\` alone (best by ${bestBy.map((metric) => metricLabels[metric]).join(' and ')})`, column: feature.name, bestBy, scores: fitColumn(problem, feature, fitted)(evaluated) });
  }
  if (task === 'regression' && problem.times !== null) {
    found.push(...naive(problem, evaluated, horizon));
  }
  return found;
}

/** What needs no column. */
export function constantBaseline(problem: Problem, fitted: Int32Array, evaluated: Int32Array): BaselineScores {
  const constant = problem.task === 'classification' ? { name: 'majority', label: 'Always the most frequent class' } : { name: 'mean', label: 'Always the mean' };
  return { ...constant, scores: fitConstant(problem, fitted)(evaluated) };
}

/** The column whose model of its own is best in cross-validation; null where none can be measured. */
function bestColumn(problem: Problem, folds: Fold[], metric: MetricName): Feature | null {
  const sign = higherIsBetter(metric) ? 1 : -1;
  let best: { feature: Feature; score: number } | null = null;
  for (const feature of problem.features) {
    const scores = folds.map(({ training, validation }) => measureRows(problem, fitColumn(problem, feature, training)(validation), validation)[metric] ?? Number.NaN);
    const score = (sign * scores.reduce((sum, value) => sum + value, 0)) / scores.length;
    if (Number.isFinite(score) && (best === null || score > best.score)) {
      best = { feature, score };
    }
  }
  return best?.feature ?? null;
}

/** All metrics of scores on these rows. */
export function measureRows(problem: Problem, scores: Float64Array, rows: Int32Array): Record<string, number> {
  return measure({ task: problem.task, classes: Math.max(1, problem.classes.length), positive: problem.positive, truth: truthOf(problem, rows), scores });
}

/** What is true on these rows. */
export function truthOf({ truth }: Problem, rows: Int32Array): Int32Array | Float64Array {
  return truth instanceof Int32Array ? Int32Array.from(rows, (row) => truth[row]!) : Float64Array.from(rows, (row) => truth[row]!);
}

function fitConstant(problem: Problem, rows: Int32Array): Predictor {
  const outcome = averageOf(problem, rows);
  return (some) => Float64Array.from({ length: some.length * outcome.length }, (_, index) => outcome[index % outcome.length]!);
}

/** Class shares, or the mean, of rows; pulled towards `prior` where one is given. */
function averageOf({ task, truth, classes }: Problem, rows: ArrayLike<number>, prior?: Float64Array): Float64Array {
  const sums = new Float64Array(task === 'classification' ? classes.length : 1);
  for (let index = 0; index < rows.length; index += 1) {
    const value = truth[rows[index]!]!;
    if (task === 'classification') {
      sums[value]! += 1;
    } else {
      sums[0]! += value;
    }
  }
  const weight = prior === undefined ? 0 : smoothing;
  return sums.map((sum, index) => (sum + weight * (prior?.[index] ?? 0)) / Math.max(1e-12, rows.length + weight));
}

/** A model of one column: logistic or straight line for numbers, smoothed rates for classes of text and for many classes. */
function fitColumn(problem: Problem, feature: Feature, rows: Int32Array): Predictor {
  const values = problem.inputs.get(feature.name)!;
  if (values instanceof Float64Array) {
    if (problem.task === 'regression') {
      return fitLine(problem, values, rows);
    }
    return problem.classes.length === 2 ? fitLogistic(problem, values, rows) : fitRates(problem, rows, binsOf(values, rows));
  }
  return fitRates(problem, rows, (row) => (values as readonly (string | null)[])[row] ?? '\u0000');
}

/** Mean and deviation over rows with a value. */
function spreadOf(values: Float64Array, rows: Int32Array): { mean: number; scale: number } {
  let [count, sum, squares] = [0, 0, 0];
  for (const row of rows) {
    if (!Number.isNaN(values[row]!)) {
      count += 1;
      sum += values[row]!;
    }
  }
  const mean = sum / Math.max(1, count);
  for (const row of rows) {
    if (!Number.isNaN(values[row]!)) {
      squares += (values[row]! - mean) ** 2;
    }
  }
  return { mean, scale: Math.sqrt(squares / Math.max(1, count)) || 1 };
}

function fitLogistic({ truth, positive, classes }: Problem, values: Float64Array, rows: Int32Array): Predictor {
  const { mean, scale } = spreadOf(values, rows);
  const standard = (row: number): number => (Number.isNaN(values[row]!) ? 0 : (values[row]! - mean) / scale);
  const { slope, intercept } = logistic(Float64Array.from(rows, standard), Uint8Array.from(rows, (row) => (truth[row] === positive ? 1 : 0)));
  return (some) => {
    const scores = new Float64Array(some.length * classes.length);
    some.forEach((row, index) => {
      const probability = 1 / (1 + Math.exp(-(slope * standard(row) + intercept)));
      scores[index * 2 + positive] = probability;
      scores[index * 2 + (1 - positive)] = 1 - probability;
    });
    return scores;
  };
}

function fitLine({ truth }: Problem, values: Float64Array, rows: Int32Array): Predictor {
  const { mean, scale } = spreadOf(values, rows);
  const standard = (row: number): number => (Number.isNaN(values[row]!) ? 0 : (values[row]! - mean) / scale);
  const middle = rows.reduce((sum, row) => sum + truth[row]!, 0) / rows.length;
  let [product, square] = [0, 1e-12];
  for (const row of rows) {
    product += standard(row) * (truth[row]! - middle);
    square += standard(row) ** 2;
  }
  const slope = product / square;
  return (some) => Float64Array.from(some, (row) => middle + slope * standard(row));
}

function fitRates(problem: Problem, rows: Int32Array, levelOf: (row: number) => string): Predictor {
  const whole = averageOf(problem, rows);
  const rates = new Map([...Map.groupBy(rows, levelOf)].map(([level, members]) => [level, averageOf(problem, members, whole)]));
  return (some) => {
    const scores = new Float64Array(some.length * whole.length);
    some.forEach((row, index) => scores.set(rates.get(levelOf(row)) ?? whole, index * whole.length));
    return scores;
  };
}

/** Ten bins of about equal count. */
function binsOf(values: Float64Array, rows: Int32Array): (row: number) => string {
  const sorted = Float64Array.from(rows, (row) => values[row]!).filter((value) => !Number.isNaN(value)).sort();
  const edges = Array.from({ length: numericBins - 1 }, (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / numericBins)] ?? 0);
  return (row) => (Number.isNaN(values[row]!) ? '\u0000' : String(edges.filter((edge) => values[row]! >= edge).length));
}

/** The last value that was known, and that of the same weekday, when a prediction is wanted `horizon` rows ahead. */
function naive(problem: Problem, evaluated: Int32Array, horizon: number): BaselineScores[] {
  const times = problem.times!;
  const order = Int32Array.from(problem.rows).sort((a, b) => times[a]! - times[b]! || a - b);
  const place = new Map(Array.from(order, (row, index) => [row, index]));
  const mean = problem.truth[order[0]!]!;
  const back = (steps: number): Float64Array => Float64Array.from(evaluated, (row) => problem.truth[order[(place.get(row) ?? 0) - steps] ?? -1] ?? mean);
  const season = 7 * Math.ceil(horizon / 7);
  const seasonal = { name: 'seasonal_naive_7', label: `The value ${season} rows before`, scores: back(season) };
  return season === horizon ? [seasonal] : [{ name: 'last_value', label: horizon === 1 ? 'The last value' : `The value ${horizon} rows before`, scores: back(horizon) }, seasonal];
}
