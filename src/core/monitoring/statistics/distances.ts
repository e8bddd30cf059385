// How far two samples are apart, as a number without a probability.

/** The first Wasserstein distance: the area between two empirical distributions. Both sorted upwards and not empty. */
export function wasserstein(first: Float64Array, second: Float64Array): number {
  const [m, n] = [first.length, second.length];
  let i = 0;
  let j = 0;
  let area = 0;
  let before = Math.min(first[0]!, second[0]!);
  while (i < m || j < n) {
    const value = j >= n || (i < m && first[i]! <= second[j]!) ? first[i]! : second[j]!;
    area += Math.abs(i / m - j / n) * (value - before);
    before = value;
    while (i < m && first[i] === value) {
      i += 1;
    }
    while (j < n && second[j] === value) {
      j += 1;
    }
  }
  return area;
}

/** The population standard deviation (divided by n). */
export function standardDeviation(values: Float64Array): number {
  const mean = total(values) / values.length;
  let squares = 0;
  for (const value of values) {
    squares += (value - mean) ** 2;
  }
  return Math.sqrt(squares / values.length);
}

/** A distance in the unit of the reference's standard deviation, which counts as at least 0.001. */
export function normed(distance: number, deviation: number): number {
  return distance / Math.max(deviation, 0.001);
}

/** The Jensen–Shannon distance of two lists of counts, with the natural logarithm: 0…√ln 2. */
export function jensenShannon(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const [firstTotal, secondTotal] = [total(first), total(second)];
  let sum = 0;
  for (let index = 0; index < first.length; index += 1) {
    const p = first[index]! / firstTotal;
    const q = second[index]! / secondTotal;
    const middle = (p + q) / 2;
    sum += (p > 0 ? p * Math.log(p / middle) : 0) + (q > 0 ? q * Math.log(q / middle) : 0);
  }
  return Math.sqrt(Math.max(0, sum / 2));
}

/** The population stability index of two lists of shares, none of them 0: Σ (p − q) ln(p / q). */
export function stabilityIndex(first: ArrayLike<number>, second: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < first.length; index += 1) {
    sum += (first[index]! - second[index]!) * Math.log(first[index]! / second[index]!);
  }
  return sum;
}

export function total(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) {
    sum += values[index]!;
  }
  return sum;
}
