import type { Estimate } from '../../contracts/training.ts';
import { random } from './random.ts';
import { evaluator, type Scored } from './metrics.ts';

/** Above this many rows fewer resamples do: the interval is narrow and its ends are steady. */
const manyRows = 100_000;

/**
 * Measures several predictors on the same rows, and resamples the rows 1,000 times, the same for all of them, so that
 * their differences can be judged in pairs.
 */
export class Bootstrap {
  readonly #draws: Record<string, number>[][];
  readonly #values: Record<string, number>[];

  /** @param units rows (positions in `truth`) that are drawn together. */
  constructor(predictors: readonly Scored[], units: readonly Int32Array[], seed: number) {
    const rows = predictors[0]?.truth.length ?? 0;
    const evaluators = predictors.map(evaluator);
    const ones = new Float64Array(rows).fill(1);
    this.#values = evaluators.map((evaluate) => evaluate(ones));
    const next = random(seed ^ 0x5eed);
    this.#draws = predictors.map(() => []);
    const weights = new Float64Array(rows);
    for (let draw = 0; draw < (rows > manyRows ? 200 : 1000); draw += 1) {
      weights.fill(0);
      for (let count = 0; count < units.length; count += 1) {
        for (const row of units[Math.floor(next() * units.length)]!) {
          weights[row]! += 1;
        }
      }
      evaluators.forEach((evaluate, index) => this.#draws[index]!.push(evaluate(weights)));
    }
  }

  /** All metrics of a predictor on all rows. */
  values(predictor: number): Record<string, number> {
    return this.#values[predictor] ?? {};
  }

  /** A metric with its 95 % percentile interval; null where it is not defined on these rows. */
  estimate(predictor: number, metric: string): Estimate | null {
    const value = this.#values[predictor]?.[metric];
    if (value === undefined || !Number.isFinite(value)) {
      return null;
    }
    const [low, high] = interval(this.#draws[predictor]!.map((draw) => draw[metric]!));
    return { value, low: Math.min(low, value), high: Math.max(high, value) };
  }

  /** The 95 % interval of how much the first predictor's metric exceeds the second's. */
  difference(first: number, second: number, metric: string): [number, number] {
    return interval(this.differences(first, second, metric));
  }

  /** How much the first predictor's metric exceeds the second's on each resample on which both are defined, sorted. */
  differences(first: number, second: number, metric: string): number[] {
    const others = this.#draws[second]!;
    return sorted(this.#draws[first]!.map((draw, index) => draw[metric]! - others[index]![metric]!));
  }
}

function sorted(values: number[]): number[] {
  return values.filter(Number.isFinite).sort((a, b) => a - b);
}

/** The middle `confidence` (0…1) of values; NaN where there are none. */
export function interval(values: number[], confidence = 0.95): [number, number] {
  const ordered = sorted(values);
  if (ordered.length === 0) {
    return [Number.NaN, Number.NaN];
  }
  const at = (share: number): number => {
    const place = share * (ordered.length - 1);
    const low = Math.floor(place);
    return ordered[low]! + (place - low) * (ordered[Math.min(low + 1, ordered.length - 1)]! - ordered[low]!);
  };
  return [at((1 - confidence) / 2), at((1 + confidence) / 2)];
}
