// Tests of whether two lists of counts come from one distribution, and what to make of many p-values at once.
import { total } from './distances.ts';
import { chiSquareUpper, normalUpper } from './special.ts';

/**
 * Chi-square of the current counts against the reference's shares, as Evidently computes it: the reference's own
 * chance is left out, and a category that it lacks gives p = 0.
 */
export function chiSquareFit(reference: ArrayLike<number>, current: ArrayLike<number>): { statistic: number; p: number } {
  const scale = total(current) / total(reference);
  let statistic = 0;
  for (let index = 0; index < reference.length; index += 1) {
    const expected = reference[index]! * scale;
    const gap = current[index]! - expected;
    statistic += gap === 0 ? 0 : (gap * gap) / expected;
  }
  return { statistic, p: chiSquareUpper(statistic, reference.length - 1) };
}

/** Chi-square of a table of two rows, without Yates' correction. Categories that both lack are left out. */
export function chiSquareContingency(first: ArrayLike<number>, second: ArrayLike<number>): { statistic: number; p: number } {
  const [m, n] = [total(first), total(second)];
  let statistic = 0;
  let categories = 0;
  for (let index = 0; index < first.length; index += 1) {
    const both = first[index]! + second[index]!;
    if (both > 0) {
      categories += 1;
      const expectedFirst = (both * m) / (m + n);
      const expectedSecond = (both * n) / (m + n);
      statistic += (first[index]! - expectedFirst) ** 2 / expectedFirst + (second[index]! - expectedSecond) ** 2 / expectedSecond;
    }
  }
  return { statistic, p: categories < 2 ? 1 : chiSquareUpper(statistic, categories - 1) };
}

/** The two-sided test of two shares: `hits` out of `of`. p is 1 where all or none are hits on both sides. */
export function twoProportions(first: { hits: number; of: number }, second: { hits: number; of: number }): { statistic: number; p: number } {
  const pooled = (first.hits + second.hits) / (first.of + second.of);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / first.of + 1 / second.of));
  if (deviation === 0) {
    return { statistic: 0, p: 1 };
  }
  const statistic = (first.hits / first.of - second.hits / second.of) / deviation;
  return { statistic, p: 2 * normalUpper(Math.abs(statistic)) };
}

/** p-values adjusted by Benjamini and Hochberg, in the order given: at most the share q of those ≤ q are false. */
export function adjusted(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => values[b]! - values[a]!);
  const result = new Array<number>(values.length);
  let least = 1;
  order.forEach((index, place) => {
    least = Math.min(least, (values[index]! * values.length) / (values.length - place));
    result[index] = least;
  });
  return result;
}
