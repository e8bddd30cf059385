// The standard normal distribution, to about twelve digits.

/** The share below `x`: a Taylor series near 0, a continued fraction in the tails (Marsaglia 2004). */
export function cumulative(x: number): number {
  const size = Math.abs(x);
  if (size > 38) {
    return x > 0 ? 1 : 0;
  }
  if (size < 6) {
    let sum = x;
    let term = x;
    for (let index = 3; Math.abs(term) > 1e-17 * Math.abs(sum); index += 2) {
      term *= (x * x) / index;
      sum += term;
    }
    return 0.5 + sum * Math.exp(-0.5 * x * x) * 0.3989422804014327;
  }
  let fraction = size;
  for (let index = 30; index >= 1; index -= 1) {
    fraction = size + index / fraction;
  }
  const tail = (Math.exp(-0.5 * x * x) * 0.3989422804014327) / fraction;
  return x > 0 ? 1 - tail : tail;
}

/** Where `cumulative` is `share`: Acklam's rational approximation, refined by one step of Halley. */
export function quantile(share: number): number {
  if (share <= 0 || share >= 1) {
    return share <= 0 ? -38 : 38;
  }
  const first = approximate(share);
  const error = (cumulative(first) - share) * Math.sqrt(2 * Math.PI) * Math.exp((first * first) / 2);
  return Number.isFinite(error) ? first - error / (1 + (first * error) / 2) : first;
}

const edge = 0.02425;

function approximate(share: number): number {
  if (share < edge) {
    return tail(Math.sqrt(-2 * Math.log(share)));
  }
  if (share > 1 - edge) {
    return -tail(Math.sqrt(-2 * Math.log(1 - share)));
  }
  const q = share - 0.5;
  const r = q * q;
  return (
    ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r - 30.66479806614716) * r + 2.506628277459239) * q) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r - 13.28068155288572) * r + 1)
  );
}

function tail(q: number): number {
  return (
    (((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783) /
    ((((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1)
  );
}
