import type { Task, TrainerName } from '../../contracts/training.ts';
import type { Design } from './fitNetwork.ts';

/** One trainer with one set of hyperparameters. */
export interface Contender {
  /** Part of metric keys, so without slashes. */
  name: string;
  trainer: TrainerName;
  label: string;
  params: Record<string, string | number>;
  design: Design;
  /** The simpler comes first; of two that are about equal it wins. */
  simplicity: number;
}

const strengths = [0.01, 0.001, 0.0001];

/** Who competes, the simplest first: linear models from strong to weak regularisation, then a small network. */
export function contendersOf(trainers: readonly TrainerName[], task: Task): Contender[] {
  const linear = task === 'classification' ? 'Logistic regression' : 'Linear regression';
  const contenders: Omit<Contender, 'simplicity'>[] = [];
  if (trainers.includes('linear')) {
    for (const l2 of strengths) {
      contenders.push({ name: `linear_l2_${l2}`, trainer: 'linear', label: `${linear}, L2 ${l2}`, params: { l2 }, design: { hidden: [], l2, learningRate: 0.1 } });
    }
  }
  if (trainers.includes('mlp')) {
    const l2 = 0.001;
    contenders.push({ name: 'mlp_32_16', trainer: 'mlp', label: 'Neural network, 32 and 16 units', params: { hidden: '32-16', l2 }, design: { hidden: [32, 16], l2, learningRate: 0.003 } });
  }
  return contenders.map((contender, simplicity) => ({ ...contender, simplicity }));
}

export interface Rated {
  contender: Contender;
  /** The metric in each fold, the greater the better. */
  scores: number[];
}

/**
 * The best mean, or the simplest contender that is within one standard error of it (over the folds): a difference
 * that small may be chance, and then the simpler model is the safer one.
 */
export function choose<T extends Rated>(rated: readonly T[]): T {
  const best = rated.reduce((top, each) => (mean(each.scores) > mean(top.scores) ? each : top));
  const error = deviation(best.scores) / Math.sqrt(best.scores.length);
  return rated.filter((each) => mean(each.scores) >= mean(best.scores) - error).reduce((first, each) => (each.contender.simplicity < first.contender.simplicity ? each : first));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation; 0 for one value. */
export function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return values.length < 2 ? 0 : Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}
