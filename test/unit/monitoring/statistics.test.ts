import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { jensenShannon, normed, stabilityIndex, standardDeviation, wasserstein } from '../../../src/core/monitoring/statistics/distances.ts';
import { kolmogorovSmirnov, oneSampleUpper, twoSampleUpper } from '../../../src/core/monitoring/statistics/kolmogorov.ts';
import { sorted } from '../../../src/core/monitoring/statistics/sort.ts';
import { chiSquareUpper, gammaUpper, logGamma, normalUpper, quantileOf, studentUpper } from '../../../src/core/monitoring/statistics/special.ts';
import { adjusted, chiSquareContingency, chiSquareFit, twoProportions } from '../../../src/core/monitoring/statistics/tests.ts';

interface Fixture {
  samples: { first: number[]; second: number[]; ks: number; p: number; wasserstein: number; deviation: number }[];
  counts: { first: number[]; second: number[]; fit: [number, number]; contingency: [number, number]; jensenshannon: number }[];
  kstwo: [number, number, number][];
  gamma: [number, number, number][];
  normal: [number, number][];
  student: [number, number, number][];
  gammaln: [number, number][];
  adjusted: [number[], number[]];
}
const fixture = JSON.parse(readFileSync(path.join(import.meta.dirname, 'fixtures', 'scipyStatistics.json'), 'utf8')) as Fixture;

const near = (actual: number, expected: number, tolerance = 1e-9): void => assert.ok(Math.abs(actual - expected) <= tolerance * Math.max(1e-3, Math.abs(expected)), `${actual} instead of ${expected}`);
const doubles = (values: number[]): Float64Array => sorted(Float64Array.from(values));

/** The generator of the reference vectors: exact in every language. */
function vector(seed: number, length: number, scale = 1, shift = 0): number[] {
  let state = seed;
  return Array.from({ length }, () => {
    state = (1664525 * state + 1013904223) % 2 ** 32;
    return (state / 2 ** 32) * scale + shift;
  });
}

describe('drift statistics', () => {
  it('are those of scipy on samples', () => {
    for (const { first, second, ks, p, wasserstein: distance, deviation } of fixture.samples) {
      const test = kolmogorovSmirnov(doubles(first), doubles(second));
      near(test.statistic, ks);
      near(test.p, p, 1e-8);
      near(wasserstein(doubles(first), doubles(second)), distance);
      near(standardDeviation(Float64Array.from(first)), deviation);
    }
  });

  it('are those of scipy on counts', () => {
    for (const { first, second, fit, contingency, jensenshannon } of fixture.counts) {
      near(chiSquareFit(first, second).statistic, fit[0]);
      near(chiSquareFit(first, second).p, fit[1]);
      near(chiSquareContingency(first, second).statistic, contingency[0]);
      near(chiSquareContingency(first, second).p, contingency[1]);
      near(jensenShannon(first, second), jensenshannon);
    }
  });

  it('have the distributions of scipy', () => {
    fixture.gamma.forEach(([a, x, expected]) => near(gammaUpper(a, x), expected, 1e-10));
    fixture.normal.forEach(([z, expected]) => near(normalUpper(z), expected, 1e-11));
    fixture.student.forEach(([t, freedom, expected]) => near(studentUpper(t, freedom), expected, 1e-10));
    fixture.gammaln.forEach(([x, expected]) => near(logGamma(x), expected, 1e-11));
    fixture.kstwo.forEach(([n, d, expected]) => near(oneSampleUpper(n, d), expected, 1e-6));
    adjusted(fixture.adjusted[0]).forEach((value, index) => near(value, fixture.adjusted[1][index]!));
    near(chiSquareUpper(quantileOf((x) => chiSquareUpper(x, 7), 0.01), 7), 0.01);
  });

  it('give the reference vectors', () => {
    const reference = doubles(vector(42, 200));
    const current = doubles(vector(7, 150, 0.8, 0.3));
    const test = kolmogorovSmirnov(reference, current);
    near(test.statistic, 0.30833333333333335);
    near(test.p, 1.1144262480371886e-7, 1e-7);
    near(wasserstein(reference, current), 0.1995202517990644);
    near(normed(wasserstein(reference, current), standardDeviation(reference)), 0.6884140541684002);
    near(kolmogorovSmirnov(doubles([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), doubles([3, 4, 5, 6, 7, 8, 9, 10, 11, 20])).p, 0.9944575548290717);
    const ties = kolmogorovSmirnov(doubles([0, 0, 1, 1, 2, 3]), doubles([0, 1, 1, 1, 5]));
    near(ties.statistic, 0.2);
    near(ties.p, 0.9978354978354979);
    near(wasserstein(doubles([0, 0, 1, 1, 2, 3]), doubles([0, 1, 1, 1, 5])), 0.7);
    const [first, second] = [[16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8]];
    near(chiSquareFit(first, second).p, 0.6730876006966301);
    near(chiSquareContingency(first, second).p, 0.8985262394026607);
    near(jensenShannon(first, second), 0.06804819617703854);
    near(stabilityIndex(first.map((count) => count / 88), second.map((count) => count / 88)), 0.037218381577290835);
    near(chiSquareContingency([10, 20], [30, 15]).p, 0.0045863920802535025);
    const z = twoProportions({ hits: 20, of: 30 }, { hits: 15, of: 45 });
    near(z.statistic, 2.834733547569204);
    near(z.p, 0.004586392080253576);
    near(oneSampleUpper(500, 0.05), 0.15866260223815387, 1e-6);
    near(chiSquareUpper(50, 20), 0.0002214766382487835);
  });

  it('agree for swapped and for equal samples', () => {
    const list = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        const [first, second] = [doubles(a), doubles(b)];
        const there = kolmogorovSmirnov(first, second);
        const back = kolmogorovSmirnov(second, first);
        near(there.p, back.p, 1e-9);
        assert.ok(there.p >= 0 && there.p <= 1);
        near(wasserstein(first, second), wasserstein(second, first));
        assert.equal(wasserstein(first, first), 0);
        assert.equal(kolmogorovSmirnov(first, first).p, 1);
        assert.ok(twoSampleUpper(a.length, b.length, 1) > 0);
      }),
    );
    const counts = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 })), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(counts, (pairs) => {
        const first = pairs.map(([count]) => count);
        const second = pairs.map(([, count]) => count);
        near(jensenShannon(first, second), jensenShannon(second, first));
        assert.ok(jensenShannon(first, second) <= Math.sqrt(Math.LN2) + 1e-12);
        near(chiSquareContingency(first, second).p, chiSquareContingency(second, first).p);
        if (pairs.length === 2) {
          // z² is the chi-square of a 2 × 2 table.
          near(twoProportions({ hits: first[0]!, of: first[0]! + first[1]! }, { hits: second[0]!, of: second[0]! + second[1]! }).p, chiSquareContingency(first, second).p, 1e-8);
        }
      }),
    );
  });

  it('sort numbers as they compare', () => {
    // Doubles of all sizes, and many that differ in their last digits only.
    const values = fc.oneof(fc.array(fc.double({ noNaN: true })), fc.array(fc.integer({ min: -3, max: 300 }).map((step) => 1e6 + step * 1e-10), { maxLength: 200 }), fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 200 }));
    fc.assert(
      fc.property(values, (values) => {
        const expected = Float64Array.from(values).sort();
        const radix = sorted(Float64Array.from(values), 0);
        assert.deepEqual(Array.from(radix, (value) => value + 0), Array.from(expected, (value) => value + 0));
      }),
    );
  });
});
