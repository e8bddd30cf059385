// Parzen estimators: a density around the values that were tried, from which values are drawn and by which they are judged.
import type { ChoiceDomain, NumericDomain, Value } from './domain.ts';
import { cumulative, quantile } from './normal.ts';

/** One density for one parameter, as a mixture: a kernel for each observation, and the prior as the last. */
export interface Estimator {
  /** A value from the kernel at `index`. */
  draw(index: number, next: () => number): Value;
  /** The logarithm of the density of each kernel at a value. */
  logs(value: Value): number[];
}

/**
 * The weights of the kernels: equal up to 25 observations, then older ones fade (Bergstra 2011). The prior, last, weighs
 * as much as one observation.
 */
export function kernelWeights(observations: number): number[] {
  const recent = 25;
  const older = observations - recent;
  const weights = Array.from({ length: observations }, (_, index) => (index < older ? (older === 1 ? 1 / observations : 1 / observations + ((1 - 1 / observations) * index) / (older - 1)) : 1));
  const total = weights.reduce((sum, weight) => sum + weight, 1);
  return [...weights, 1].map((weight) => weight / total);
}

/**
 * Normal kernels that end where the domain ends. Each is as wide as the gap to its farther neighbour, and no narrower
 * than a share of the domain that shrinks with the number of observations ("magic clipping", Bergstra 2011).
 */
export function numericEstimator(domain: NumericDomain, observed: readonly number[]): Estimator {
  const { low, high } = domain;
  const range = high - low;
  const centres = [...observed.map((value) => Math.min(high, Math.max(low, domain.inward(value)))), (low + high) / 2];
  const widths = widthsOf(centres, low, high);
  widths[centres.length - 1] = range;
  const mass = centres.map((centre, index) => {
    const width = widths[index]!;
    return [cumulative((low - centre) / width), cumulative((high - centre) / width)] as const;
  });
  return {
    draw(index, next) {
      if (range === 0) {
        return domain.outward(low);
      }
      const [from, to] = mass[index]!;
      return domain.outward(Math.min(high, Math.max(low, centres[index]! + widths[index]! * quantile(from + next() * (to - from)))));
    },
    logs(value) {
      if (range === 0) {
        return centres.map(() => 0);
      }
      const cell = domain.cell(Number(value));
      const at = domain.inward(Number(value));
      return centres.map((centre, index) => {
        const width = widths[index]!;
        const [from, to] = mass[index]!;
        const whole = Math.max(to - from, tiny);
        if (cell !== null) {
          return Math.log(Math.max(cumulative((cell[1] - centre) / width) - cumulative((cell[0] - centre) / width), tiny) / whole);
        }
        const distance = (at - centre) / width;
        return -0.5 * distance * distance - Math.log(width * Math.sqrt(2 * Math.PI)) - Math.log(whole);
      });
    },
  };
}

/** A share for each value; an observation counts for its own, the prior for all alike (Watanabe 2023, section 3.3). */
export function choiceEstimator(domain: ChoiceDomain, observed: readonly Value[]): Estimator {
  const size = domain.values.length;
  const kernels = observed.length + 1;
  const base = 1 / kernels;
  const whole = 1 + size * base;
  const own = observed.map((value) => domain.values.indexOf(value));
  return {
    draw(index, next) {
      const at = index < own.length && next() < 1 / whole ? own[index]! : Math.floor(next() * size);
      return domain.values[at]!;
    },
    logs(value) {
      const at = domain.values.indexOf(value);
      return [...own.map((each) => Math.log(((each === at ? 1 : 0) + base) / whole)), -Math.log(size)];
    },
  };
}

const tiny = 1e-300;
/** How much narrower than Bergstra's a kernel may be: kernels over all numbers together are fewer and better placed. Chosen in bench/tuning.mjs. */
const narrow = 0.6;

function widthsOf(centres: readonly number[], low: number, high: number): number[] {
  const order = centres.map((_, index) => index).sort((a, b) => centres[a]! - centres[b]!);
  const narrowest = (narrow * (high - low)) / Math.min(100, 1 + centres.length);
  const widths = new Array<number>(centres.length).fill(0);
  order.forEach((index, place) => {
    const centre = centres[index]!;
    const before = place === 0 ? null : centre - centres[order[place - 1]!]!;
    const after = place === order.length - 1 ? null : centres[order[place + 1]!]! - centre;
    // At an end the gap to the domain's edge says nothing about the density: the neighbour does.
    const gap = before === null && after === null ? high - low : Math.max(before ?? 0, after ?? 0);
    widths[index] = Math.min(high - low, Math.max(narrowest, gap));
  });
  return widths;
}
