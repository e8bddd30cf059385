// Metrics as scikit-learn defines them, with a weight for each row so that a bootstrap need not copy rows.
import type { MetricName, Task } from '../../contracts/training.ts';

/** What is true: the index of the class, or the number. */
export type Truth = Int32Array | Float64Array;

/** Truth and scores on the same rows. Scores: probabilities (rows × classes, row-major), or predicted numbers. */
export interface Scored {
  task: Task;
  /** 1 for regression. */
  classes: number;
  /** Index of the positive class where there are two. */
  positive: number;
  truth: Truth;
  scores: Float64Array;
}

/** The metrics that a task has, in the order in which they are shown. */
export function metricsOf(task: Task): MetricName[] {
  return task === 'classification' ? ['roc_auc', 'average_precision', 'log_loss', 'accuracy', 'f1'] : ['mae', 'rmse', 'r2'];
}

/** Every metric of the task. NaN where it is not defined, for example ROC AUC with one class only. */
export function measure(scored: Scored): Record<string, number> {
  const evaluate = evaluator(scored);
  return evaluate(new Float64Array(scored.truth.length).fill(1));
}

/** Prepares (sorts once) and gives a function from row weights to metrics. */
export function evaluator(scored: Scored): (weights: Float64Array) => Record<string, number> {
  return scored.task === 'classification' ? classification(scored) : regression(scored);
}

function classification({ classes, positive, truth, scores }: Scored): (weights: Float64Array) => Record<string, number> {
  const rows = truth.length;
  const predicted = Int32Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let index = 1; index < classes; index += 1) {
      if (scores[row * classes + index]! > scores[row * classes + best]!) {
        best = index;
      }
    }
    return best;
  });
  const ranked = classes === 2 ? [positive] : Array.from({ length: classes }, (_, index) => index);
  const rankings = ranked.map((index) => ranking(truth, scores, classes, index));
  return (weights) => {
    let total = 0;
    let right = 0;
    let loss = 0;
    const hits = new Float64Array(classes);
    const actual = new Float64Array(classes);
    const claimed = new Float64Array(classes);
    for (let row = 0; row < rows; row += 1) {
      const weight = weights[row]!;
      if (weight === 0) {
        continue;
      }
      const own = truth[row]!;
      const guess = predicted[row]!;
      total += weight;
      actual[own]! += weight;
      claimed[guess]! += weight;
      if (own === guess) {
        right += weight;
        hits[own]! += weight;
      }
      loss -= weight * Math.log(Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, scores[row * classes + own]!)));
    }
    const f1 = (index: number): number => {
      const sum = actual[index]! + claimed[index]!;
      return sum === 0 ? 0 : (2 * hits[index]!) / sum;
    };
    const curves = rankings.map((each) => each(weights));
    return {
      roc_auc: mean(curves.map((curve) => curve.rocAuc)),
      average_precision: mean(curves.map((curve) => curve.averagePrecision)),
      log_loss: loss / total,
      accuracy: right / total,
      f1: classes === 2 ? f1(positive) : mean(Array.from({ length: classes }, (_, index) => f1(index))),
    };
  };
}

/** Area under the ROC curve (ties count half) and average precision (the step-wise sum; ties form one step). */
function ranking(truth: Truth, scores: Float64Array, classes: number, positive: number): (weights: Float64Array) => { rocAuc: number; averagePrecision: number } {
  const score = (row: number): number => scores[row * classes + positive]!;
  const order = Int32Array.from({ length: truth.length }, (_, row) => row).sort((a, b) => score(b) - score(a));
  return (weights) => {
    let above = 0;
    let below = 0;
    let area = 0;
    let precision = 0;
    for (let start = 0; start < order.length; ) {
      let positives = 0;
      let negatives = 0;
      let end = start;
      for (const value = score(order[start]!); end < order.length && score(order[end]!) === value; end += 1) {
        const row = order[end]!;
        if (truth[row] === positive) {
          positives += weights[row]!;
        } else {
          negatives += weights[row]!;
        }
      }
      area += negatives * (above + positives / 2);
      above += positives;
      below += negatives;
      if (positives > 0) {
        precision += positives * (above / (above + below));
      }
      start = end;
    }
    return { rocAuc: above * below === 0 ? Number.NaN : area / (above * below), averagePrecision: above === 0 ? Number.NaN : precision / above };
  };
}

function regression({ truth, scores }: Scored): (weights: Float64Array) => Record<string, number> {
  return (weights) => {
    let total = 0;
    let absolute = 0;
    let squared = 0;
    let sum = 0;
    let sumOfSquares = 0;
    // Shifted by one value, so that large numbers of small spread keep their digits.
    const shift = truth[0] ?? 0;
    for (let row = 0; row < truth.length; row += 1) {
      const weight = weights[row]!;
      const error = truth[row]! - scores[row]!;
      const value = truth[row]! - shift;
      total += weight;
      absolute += weight * Math.abs(error);
      squared += weight * error * error;
      sum += weight * value;
      sumOfSquares += weight * value * value;
    }
    const spread = sumOfSquares - (sum * sum) / total;
    return { mae: absolute / total, rmse: Math.sqrt(squared / total), r2: spread > 0 ? 1 - squared / spread : Number.NaN };
  };
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
