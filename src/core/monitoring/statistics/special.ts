// Special functions that distributions are made of, to about 1e-14.

/** The natural logarithm of the gamma function (Lanczos, g = 7). `x` > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) {
    return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  }
  const base = x + 6.5;
  let series = lanczos[0]!;
  for (let index = 1; index < lanczos.length; index += 1) {
    series += lanczos[index]! / (x - 1 + index);
  }
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(series);
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012,
  9.9843695780195716e-6, 1.5056327351493116e-7,
];

const tiny = 1e-300;
const precise = 1e-16;

/** The upper regularised incomplete gamma function Q(a, x): the share of a gamma distribution of shape `a` above `x`. */
export function gammaUpper(a: number, x: number): number {
  if (x <= 0) {
    return 1;
  }
  if (x === Number.POSITIVE_INFINITY) {
    return 0;
  }
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 100_000 && term > sum * precise; n += 1) {
      term *= x / (a + n);
      sum += term;
    }
    return Math.max(0, 1 - front * sum);
  }
  return front * fraction((n) => (n === 0 ? 1 : -n * (n - a)), (n) => x + 2 * n + 1 - a);
}

/** The regularised incomplete beta function I(x; a, b). */
export function betaLower(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) {
    return x <= 0 ? 0 : 1;
  }
  if (x > (a + 1) / (a + b + 2)) {
    return 1 - betaLower(1 - x, b, a);
  }
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  const numerator = (n: number): number => {
    if (n === 0) {
      return 1;
    }
    const m = Math.floor(n / 2);
    return n % 2 === 0 ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)) : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
  };
  return front * fraction(numerator, () => 1);
}

/** numerator(0) / (denominator(0) + numerator(1) / (denominator(1) + …)), by Lentz's method. */
function fraction(numerator: (n: number) => number, denominator: (n: number) => number): number {
  let c = 1 / tiny;
  let d = 1 / (denominator(0) || tiny);
  let value = numerator(0) * d;
  for (let n = 1; n < 100_000; n += 1) {
    const top = numerator(n);
    const bottom = denominator(n);
    d = 1 / (bottom + top * d || tiny);
    c = bottom + top / c || tiny;
    value *= c * d;
    if (Math.abs(c * d - 1) < precise * 4) {
      break;
    }
  }
  return value;
}

/** The share of the standard normal distribution above `z`. */
export function normalUpper(z: number): number {
  const tail = 0.5 * gammaUpper(0.5, (z * z) / 2);
  return z >= 0 ? tail : 1 - tail;
}

/** The share of the chi-square distribution with `freedom` degrees of freedom above `x`. */
export function chiSquareUpper(x: number, freedom: number): number {
  return gammaUpper(freedom / 2, x / 2);
}

/** The share of Student's t distribution with `freedom` degrees of freedom above `t`. */
export function studentUpper(t: number, freedom: number): number {
  const tail = 0.5 * betaLower(freedom / (freedom + t * t), freedom / 2, 0.5);
  return t >= 0 ? tail : 1 - tail;
}

/** Where a falling function from 1 to 0 reaches `share`, looked for upwards from 0. */
export function quantileOf(upper: (x: number) => number, share: number): number {
  let high = 1;
  while (upper(high) > share && high < 1e12) {
    high *= 2;
  }
  let low = 0;
  for (let step = 0; step < 80; step += 1) {
    const middle = (low + high) / 2;
    if (upper(middle) > share) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return high;
}
