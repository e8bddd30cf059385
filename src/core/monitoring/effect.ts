// The effect that an alarm is decided by, and how large it gets when nothing has changed.
import { random } from '../training/api.ts';
import { total, stabilityIndex } from './statistics/distances.ts';
import { drawLike } from './statistics/draw.ts';
import { gammaUpper, quantileOf } from './statistics/special.ts';

/** How many windows without a change are drawn. */
const draws = 1000;
/** From so many draws above it on, their share is the p-value; further out the fitted gamma distribution is. */
const enough = 20;

/**
 * The population stability index of counts by bin. The reference's shares have half a count added to each bin; to the
 * window half a count per bin is added too, spread as the reference is. So a small window leans towards the reference
 * instead of towards equal shares, and an empty bin costs little where little was expected in it.
 */
export function effectOf(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  return effectFrom(reference)(current);
}

/** The same for many windows of one reference. */
function effectFrom(reference: ArrayLike<number>): (current: ArrayLike<number>) => number {
  const prior = reference.length / 2;
  const rows = total(reference);
  const shares = Float64Array.from(reference, (count) => (count + 0.5) / (rows + prior));
  return (current) => {
    const n = total(current);
    return stabilityIndex(
      shares,
      shares.map((share, index) => (current[index]! + prior * share) / (n + prior)),
    );
  };
}

/** How the effect is distributed over windows without a change. */
export interface NullDistribution {
  /** The share of such windows with at least this effect. */
  upper(effect: number): number;
  /** What 99 % of them stay below. */
  quantile: number;
}

/** Rows that do not depend on each other: windows of `n` are drawn like the reference, whose own chance counts too. */
export function independentNull(reference: Float64Array, n: number, seed: number): NullDistribution {
  const next = random(seed);
  const effect = effectFrom(reference);
  const effects = Float64Array.from({ length: draws }, () => effect(drawLike(reference, n, next))).sort();
  const tail = gammaTail(effects, effects.length, Number.POSITIVE_INFINITY);
  return {
    quantile: effects[Math.ceil(0.99 * draws) - 1]!,
    upper(found) {
      let above = 0;
      while (above < draws && effects[draws - 1 - above]! >= found) {
        above += 1;
      }
      return above >= enough ? above / draws : Math.min(enough / draws, tail(found));
    },
  };
}

/**
 * Rows that resemble their neighbours: `effects` are those of the reference's own blocks, of which `independent` say
 * something of their own. So few tell the mean not exactly; it is taken two standard errors higher. Nor do they tell
 * the spread; it is taken at least as wide as that of independent rows in so many bins.
 */
export function blockNull(effects: readonly number[], independent: number, bins: number): NullDistribution {
  const upper = gammaTail(effects, independent, Math.max(1, bins - 1) / 2);
  return { upper, quantile: quantileOf(upper, 0.01) };
}

/** The larger of both: neighbours that resemble each other add to the chance of a sample, they do not replace it. */
export function larger(first: NullDistribution, second: NullDistribution): NullDistribution {
  return { quantile: Math.max(first.quantile, second.quantile), upper: (effect) => Math.max(first.upper(effect), second.upper(effect)) };
}

function gammaTail(effects: ArrayLike<number>, independent: number, mostShape: number): (effect: number) => number {
  const mean = total(effects) / effects.length;
  let squares = 0;
  for (let index = 0; index < effects.length; index += 1) {
    squares += (effects[index]! - mean) ** 2;
  }
  const variance = squares / Math.max(1, effects.length - 1);
  const shape = Math.min(mostShape, variance > 0 ? (mean * mean) / variance : mostShape, 1e6);
  const raised = mean * (1 + 2 / Math.sqrt(shape * independent));
  return raised > 0 ? (effect) => gammaUpper(shape, (effect * shape) / raised) : (effect) => (effect > 0 ? 0 : 1);
}
