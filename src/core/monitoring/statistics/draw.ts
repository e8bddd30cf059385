// Seeded draws. `next` gives uniform numbers in [0, 1).
import { normal } from '../../training/api.ts';

/** A gamma number of this shape (> 0) and scale 1 (Marsaglia and Tsang 2000). */
function gamma(shape: number, next: () => number): number {
  if (shape < 1) {
    return gamma(shape + 1, next) * (1 - next()) ** (1 / shape);
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(next);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
      return d * v;
    }
  }
}

/** How many of `n` happen with probability `p`: by inversion where few are expected, else by the normal approximation. */
function binomial(n: number, p: number, next: () => number): number {
  if (p > 0.5) {
    return n - binomial(n, 1 - p, next);
  }
  if (n === 0 || p <= 0) {
    return 0;
  }
  const mean = n * p;
  if (mean > 60) {
    return Math.min(n, Math.max(0, Math.round(mean + Math.sqrt(mean * (1 - p)) * normal(next))));
  }
  const odds = p / (1 - p);
  let rest = next();
  let share = (1 - p) ** n;
  let count = 0;
  while (rest > share && count < n) {
    rest -= share;
    count += 1;
    share *= (odds * (n - count + 1)) / count;
  }
  return count;
}

/**
 * Counts of a sample of `n` from the distribution that `counts` were drawn from too: the shares are drawn from what
 * these counts leave possible (Dirichlet, half a count added to each), then the sample from the shares.
 */
export function drawLike(counts: ArrayLike<number>, n: number, next: () => number): Float64Array {
  const weights = Float64Array.from(counts, (count) => gamma(count + 0.5, next));
  let rest = weights.reduce((sum, weight) => sum + weight, 0);
  let left = n;
  return weights.map((weight, index) => {
    const drawn = index === weights.length - 1 ? left : binomial(left, Math.min(1, weight / rest), next);
    rest -= weight;
    left -= drawn;
    return drawn;
  });
}
