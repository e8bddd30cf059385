// The two-sample Kolmogorov–Smirnov test as scipy.stats.ks_2samp(method="auto") gives it.
import { logGamma } from './special.ts';

/** Up to this many values in the larger sample the p-value is exact. */
const exactUpTo = 10_000;

/**
 * The greatest distance D of two empirical distributions, and its two-sided p-value: exact up to 10,000 values,
 * above by the law of one sample of size mn/(m + n).
 *
 * @param first sorted upwards, not empty, finite; `second` likewise.
 */
export function kolmogorovSmirnov(first: Float64Array, second: Float64Array): { statistic: number; p: number } {
  const [m, n] = [first.length, second.length];
  let i = 0;
  let j = 0;
  let statistic = 0;
  while (i < m && j < n) {
    const value = Math.min(first[i]!, second[j]!);
    while (i < m && first[i] === value) {
      i += 1;
    }
    while (j < n && second[j] === value) {
      j += 1;
    }
    statistic = Math.max(statistic, Math.abs(i / m - j / n));
  }
  return { statistic, p: Math.max(m, n) <= exactUpTo ? twoSampleUpper(m, n, statistic) : oneSampleUpper(Math.round((m * n) / (m + n)), statistic) };
}

/**
 * The exact probability that two samples of one distribution lie at least `distance` apart. On each lattice point
 * stands the share of paths to it that went outside; nothing is subtracted, so that small values keep their digits.
 */
export function twoSampleUpper(m: number, n: number, distance: number): number {
  const divisor = greatestCommonDivisor(m, n);
  const [mg, ng] = [m / divisor, n / divisor];
  const limit = Math.round(distance * mg * n);
  if (limit === 0) {
    return 1;
  }
  const outside = new Float64Array(n + 1);
  for (let j = 0; j <= n; j += 1) {
    outside[j] = j * mg >= limit ? 1 : 0;
  }
  for (let i = 1; i <= m; i += 1) {
    outside[0] = i * ng >= limit ? 1 : 0;
    let left = outside[0];
    for (let j = 1; j <= n; j += 1) {
      left = Math.abs(i * ng - j * mg) >= limit ? 1 : (i * outside[j]! + j * left) / (i + j);
      outside[j] = left;
    }
  }
  return Math.min(1, outside[n]!);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The probability that a sample of `n` lies at least `distance` from its own distribution (scipy's kstwo.sf), to about 1e-7. */
export function oneSampleUpper(n: number, distance: number): number {
  if (distance <= 0 || distance >= 1) {
    return distance <= 0 ? 1 : 0;
  }
  const square = n * distance * distance;
  // So far out that a sample leaves on both sides is rarer than one in 1e7 of those that leave on one.
  if (square >= 3) {
    return Math.min(1, 2 * oneSidedUpper(n, distance));
  }
  return n <= 2000 ? 1 - insideByMatrix(n, distance) : limitUpper(distance * Math.sqrt(n) + 1 / (6 * Math.sqrt(n)) + (distance * Math.sqrt(n) - 1) / (4 * n));
}

/** Smirnov's sum for one side; all of its terms are positive. */
function oneSidedUpper(n: number, distance: number): number {
  let sum = 0;
  for (let j = 0; j <= Math.floor(n * (1 - distance)); j += 1) {
    const rest = 1 - distance - j / n;
    if (rest > 0) {
      sum += Math.exp(logGamma(n + 1) - logGamma(j + 1) - logGamma(n - j + 1) + (j - 1) * Math.log(distance + j / n) + (n - j) * Math.log(rest));
    }
  }
  return Math.min(1, distance * sum);
}

/** The limit of √n·D; `x` > 0.2. Its argument is corrected for n by Vrbik's expansion where it is called. */
function limitUpper(x: number): number {
  if (x < 0.2) {
    return 1;
  }
  let sum = 0;
  for (let k = 1; k <= 100; k += 1) {
    const term = Math.exp(-2 * k * k * x * x);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-18) {
      break;
    }
  }
  return Math.min(1, Math.max(0, 2 * sum));
}

/** Marsaglia, Tsang and Wang (2003): the probability to stay inside is an element of the n-th power of a matrix. */
function insideByMatrix(n: number, distance: number): number {
  const k = Math.floor(n * distance) + 1;
  const size = 2 * k - 1;
  const h = k - n * distance;
  const start = new Float64Array(size * size);
  const factorial: number[] = [1];
  for (let index = 1; index <= size; index += 1) {
    factorial.push(factorial[index - 1]! * index);
  }
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < size; j += 1) {
      if (i - j + 1 >= 0) {
        let value = 1;
        if (j === 0) {
          value -= h ** (i + 1);
        }
        if (i === size - 1) {
          value -= h ** (size - j);
        }
        if (i === size - 1 && j === 0 && 2 * h - 1 > 0) {
          value += (2 * h - 1) ** size;
        }
        start[i * size + j] = value / factorial[i - j + 1]!;
      }
    }
  }
  const { matrix, exponent } = power(start, size, n);
  let result = Math.log(matrix[(k - 1) * size + k - 1]!) + exponent * Math.LN2;
  result += logGamma(n + 1) - n * Math.log(n);
  return Math.min(1, Math.exp(result));
}

function power(base: Float64Array, size: number, n: number): { matrix: Float64Array; exponent: number } {
  if (n === 1) {
    return { matrix: base, exponent: 0 };
  }
  const half = power(base, size, Math.floor(n / 2));
  let matrix = multiply(half.matrix, half.matrix, size);
  let exponent = 2 * half.exponent;
  if (n % 2 === 1) {
    matrix = multiply(matrix, base, size);
  }
  const middle = matrix[Math.floor(size / 2) * size + Math.floor(size / 2)]!;
  if (middle > 2 ** 200) {
    matrix = matrix.map((value) => value * 2 ** -400);
    exponent += 400;
  }
  return { matrix, exponent };
}

function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let l = 0; l < size; l += 1) {
      const factor = a[i * size + l]!;
      if (factor !== 0) {
        for (let j = 0; j < size; j += 1) {
          product[i * size + j]! += factor * b[l * size + j]!;
        }
      }
    }
  }
  return product;
}
