import type { ModelFile } from '../../contracts/model.ts';
import { higherIsBetter } from '../../contracts/metrics.ts';
import { applyRecipe, scoreLayers, type Network } from '../serving/api.ts';
import type { Backend } from './backend.ts';
import { measureRows, truthOf } from './baselines.ts';
import { identity, platt, temperature, type Calibration } from './calibrate.ts';
import { choose, deviation, mean, type Contender, type Rated } from './candidates.ts';
import { fitNetwork, type Examples, type Fitted } from './fitNetwork.ts';
import { fitRecipe } from './fitRecipe.ts';
import type { Problem } from './problem.ts';
import { probabilitiesOf } from './probabilities.ts';
import type { Fold } from './sides.ts';

export interface Fitting {
  backend: Backend;
  seed: number;
  signal: AbortSignal;
  /** A fit of one fold begins or went on: shares of all fits done. */
  onStep(message: string): void;
  onEpoch?(contender: Contender, fold: number, epoch: number, trainLoss: number, validationLoss: number | null): void;
}

/** What cross-validation saw of one contender. */
export interface Result extends Rated {
  /** Metric → its value in each fold. */
  metrics: Record<string, number[]>;
  /** Raw outputs on the folds' validation rows, pooled: rows and outputs in step. */
  rows: Int32Array;
  raw: Float64Array;
  /** The epochs that each fold used. */
  epochs: number[];
}

/** The network's outputs: one logit for two classes, one for each of more, one number. */
export function outputsOf({ classes, task }: Problem): number {
  return task === 'regression' || classes.length === 2 ? 1 : classes.length;
}

/** How numbers are standardised for the network; learnt from rows that a fit uses. */
export function targetScale(problem: Problem, rows: Int32Array): { mean: number; scale: number } {
  const values = Array.from(rows, (row) => problem.truth[row]!);
  const middle = mean(values);
  return { mean: middle, scale: Math.sqrt(mean(values.map((value) => (value - middle) ** 2))) || 1 };
}

/** Lets the contenders compete on folds. Each recipe, scale and stopping point is learnt from training rows only. */
export async function compete(problem: Problem, contenders: readonly Contender[], folds: readonly Fold[], fitting: Fitting): Promise<{ results: Result[]; chosen: Result }> {
  const results: Result[] = [];
  // Linear models come from strong to weak regularisation; in each fold one begins where the last ended.
  const linear: Network[] = [];
  for (const contender of contenders) {
    const perFold: FoldResult[] = [];
    for (const [index, { training, validation }] of folds.entries()) {
      fitting.onStep(`${contender.label}, fold ${index + 1} of ${folds.length}`);
      const result = await oneFold(problem, contender, training, validation, index, fitting, contender.trainer === 'linear' ? linear[index] : undefined);
      perFold.push(result);
      if (contender.trainer === 'linear') {
        linear[index] = result.network;
      }
    }
    const sign = higherIsBetter(problem.metric) ? 1 : -1;
    const names = Object.keys(perFold[0]?.metrics ?? {});
    results.push({
      contender,
      scores: perFold.map(({ metrics }) => sign * (metrics[problem.metric] ?? Number.NaN)),
      metrics: Object.fromEntries(names.map((name) => [name, perFold.map(({ metrics }) => metrics[name]!)])),
      rows: Int32Array.from(perFold.flatMap(({ rows }) => [...rows])),
      raw: Float64Array.from(perFold.flatMap(({ raw }) => [...raw])),
      epochs: perFold.map(({ epochs }) => epochs),
    });
  }
  return { results, chosen: choose(results) };
}

interface FoldResult {
  metrics: Record<string, number>;
  rows: Int32Array;
  raw: Float64Array;
  epochs: number;
  network: Network;
}

async function oneFold(problem: Problem, contender: Contender, training: Int32Array, validation: Int32Array, fold: number, fitting: Fitting, start: Network | undefined): Promise<FoldResult> {
  const recipe = fitRecipe(problem.features, problem.inputs, training);
  const scale = problem.task === 'regression' ? targetScale(problem, training) : { mean: 0, scale: 1 };
  const examples = (rows: Int32Array): Examples => ({ matrix: applyRecipe(recipe, problem.inputs, problem.table.rows, rows), truth: problem.task === 'regression' ? truthOf(problem, rows).map((value) => (value - scale.mean) / scale.scale) : truthOf(problem, rows) });
  const { fit, stop } = contender.trainer === 'mlp' ? problem.sides.early(training) : { fit: training, stop: null };
  const watch = examples(validation);
  const fitted = await fitNetwork(fitting.backend, contender.design, examples(fit), {
    task: problem.task,
    outputs: outputsOf(problem),
    positive: problem.positive,
    seed: fitting.seed + 1000 * (fold + 1),
    signal: fitting.signal,
    watch,
    ...(start === undefined ? {} : { start }),
    ...(stop !== null && stop.length > 0 ? { stop: examples(stop) } : {}),
    ...(fitting.onEpoch ? { onEpoch: (epoch, train, loss) => fitting.onEpoch?.(contender, fold, epoch, train, loss) } : {}),
  });
  const raw = scoreLayers(fitted.network, watch.matrix).map((value) => value * scale.scale + scale.mean);
  return { metrics: measureRows(problem, probabilitiesOf(problem, raw, identity), validation), rows: validation, raw, epochs: fitted.epochs, network: fitted.network };
}

/** Calibration of the chosen contender on its out-of-fold outputs. */
export function calibrationOf(problem: Problem, { rows, raw }: Result): Calibration {
  if (problem.task === 'regression') {
    return identity;
  }
  const truth = truthOf(problem, rows) as Int32Array;
  return problem.classes.length === 2 ? platt(raw, Uint8Array.from(truth, (value) => (value === problem.positive ? 1 : 0))) : temperature(raw, truth, problem.classes.length);
}

/** The final fit on `rows`, as long as the folds needed at the median, and what it learnt besides the layers. */
export async function fitChosen(problem: Problem, chosen: Result, rows: Int32Array, fitting: Fitting): Promise<Pick<ModelFile, 'recipe' | 'layers' | 'target'> & { fitted: Fitted }> {
  const recipe = fitRecipe(problem.features, problem.inputs, rows);
  const scale = problem.task === 'regression' ? targetScale(problem, rows) : null;
  const truth = truthOf(problem, rows);
  const epochs = [...chosen.epochs].sort((a, b) => a - b)[chosen.epochs.length >> 1];
  const fitted = await fitNetwork(
    fitting.backend,
    chosen.contender.design,
    { matrix: applyRecipe(recipe, problem.inputs, problem.table.rows, rows), truth: scale === null ? truth : truth.map((value) => (value - scale.mean) / scale.scale) },
    {
      task: problem.task,
      outputs: outputsOf(problem),
      positive: problem.positive,
      seed: fitting.seed,
      signal: fitting.signal,
      ...(chosen.contender.trainer === 'mlp' && epochs !== undefined ? { epochs } : {}),
    },
  );
  return { recipe, layers: fitted.layers, fitted, ...(scale === null ? {} : { target: scale }) };
}

/** Mean and deviation over the folds of every metric. */
export function spreads(result: Result): Record<string, { mean: number; sd: number }> {
  return Object.fromEntries(
    Object.entries(result.metrics)
      .filter(([, values]) => values.every(Number.isFinite))
      .map(([name, values]) => [name, { mean: mean(values), sd: deviation(values) }]),
  );
}
