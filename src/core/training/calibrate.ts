// Calibration on out-of-fold outputs: what a model says is 20 % should come true in 20 % of the cases.

export interface Calibration {
  slope: number;
  intercept: number;
}

export const identity: Calibration = { slope: 1, intercept: 0 };

/** Platt's scaling of two-class logits by Newton's method; the identity where it does not lower the loss. @param truth 1 for the positive class. */
export function platt(logits: Float64Array, truth: Uint8Array): Calibration {
  const fitted = logistic(logits, truth);
  return loss(logits, truth, fitted) < loss(logits, truth, identity) && fitted.slope > 0 ? fitted : identity;
}

/** Logistic regression on one variable: probability = 1 / (1 + e^−(slope·x + intercept)). */
export function logistic(x: Float64Array, truth: Uint8Array): Calibration {
  let slope = 0;
  let intercept = 0;
  for (let step = 0; step < 50; step += 1) {
    let [g0, g1, h00, h01, h11] = [0, 0, 1e-9, 0, 1e-9];
    for (let row = 0; row < x.length; row += 1) {
      const p = 1 / (1 + Math.exp(-(slope * x[row]! + intercept)));
      const error = p - truth[row]!;
      const weight = p * (1 - p);
      g0 += error;
      g1 += error * x[row]!;
      h00 += weight;
      h01 += weight * x[row]!;
      h11 += weight * x[row]! * x[row]!;
    }
    const determinant = h00 * h11 - h01 * h01;
    if (!(Math.abs(determinant) > 1e-12)) {
      break;
    }
    // Bounded steps: perfectly separable data would run away.
    const move = (value: number): number => Math.max(-2, Math.min(2, value));
    const dIntercept = move((h11 * g0 - h01 * g1) / determinant);
    const dSlope = move((h00 * g1 - h01 * g0) / determinant);
    intercept -= dIntercept;
    slope -= dSlope;
    if (Math.abs(dIntercept) + Math.abs(dSlope) < 1e-9) {
      break;
    }
  }
  return { slope, intercept };
}

function loss(logits: Float64Array, truth: Uint8Array, { slope, intercept }: Calibration): number {
  let sum = 0;
  for (let row = 0; row < logits.length; row += 1) {
    const z = slope * logits[row]! + intercept;
    sum += Math.max(z, 0) - z * truth[row]! + Math.log1p(Math.exp(-Math.abs(z)));
  }
  return sum;
}

/** One temperature for the logits of several classes, by golden-section search; 1 where it does not help. */
export function temperature(logits: Float64Array, truth: Int32Array, classes: number): Calibration {
  const at = (slope: number): number => {
    let sum = 0;
    for (let row = 0; row < truth.length; row += 1) {
      let highest = Number.NEGATIVE_INFINITY;
      for (let index = 0; index < classes; index += 1) {
        highest = Math.max(highest, logits[row * classes + index]! * slope);
      }
      let total = 0;
      for (let index = 0; index < classes; index += 1) {
        total += Math.exp(logits[row * classes + index]! * slope - highest);
      }
      sum += highest + Math.log(total) - logits[row * classes + truth[row]!]! * slope;
    }
    return sum;
  };
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(0.05), Math.log(20)];
  for (let step = 0; step < 40; step += 1) {
    const a = high - ratio * (high - low);
    const b = low + ratio * (high - low);
    if (at(Math.exp(a)) < at(Math.exp(b))) {
      high = b;
    } else {
      low = a;
    }
  }
  const slope = Math.exp((low + high) / 2);
  return at(slope) < at(1) ? { slope, intercept: 0 } : identity;
}
