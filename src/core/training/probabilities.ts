import type { Calibration } from './calibrate.ts';
import type { Problem } from './problem.ts';
import { sigmoid, softmax } from '../serving/api.ts';

/** Scores as metrics read them, from a network's raw outputs (numbers already in the target's own unit). */
export function probabilitiesOf(problem: Problem, raw: Float64Array, { slope, intercept }: Calibration): Float64Array {
  if (problem.task === 'regression') {
    return raw;
  }
  const classes = problem.classes.length;
  if (classes > 2) {
    return softmax(raw, raw.length / classes, classes, slope);
  }
  const scores = new Float64Array(raw.length * 2);
  raw.forEach((value, row) => {
    const probability = sigmoid(slope * value + intercept);
    scores[row * 2 + problem.positive] = probability;
    scores[row * 2 + (1 - problem.positive)] = 1 - probability;
  });
  return scores;
}
