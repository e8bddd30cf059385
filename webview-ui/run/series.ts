// The points of curves as they come, and as they are drawn.
import type { CurvePoints, Curves, MetricFigures } from '../../src/contracts/curves.ts';
import type { CurveRange } from '../../src/contracts/panels/run.ts';

/** A curve: its points, thinned where there are many, and then the means of what each few of them stand for. */
export interface Series {
  points: CurvePoints;
  means: CurvePoints | null;
}

export interface CurvesState {
  series: Readonly<Record<string, Series>>;
  /** The part that was zoomed into, in full resolution. */
  zoomed: { range: CurveRange; series: Readonly<Record<string, Series>> } | null;
  figures: Readonly<Record<string, MetricFigures>>;
}

export const noCurves: CurvesState = { series: {}, zoomed: null, figures: {} };

/** The state with what came. @param range null: it is of the whole run. */
export function withCurves(state: CurvesState, { curves, figures }: Curves, range: CurveRange | null): CurvesState {
  if (range !== null) {
    return { ...state, zoomed: { range, series: Object.fromEntries(curves.map(({ key, points, means }) => [key, { points, means }])) } };
  }
  const merged = (series: Readonly<Record<string, Series>>, only: 'known' | 'all'): Record<string, Series> => {
    const next = { ...series };
    for (const { key, whole, points, means } of curves) {
      const before = series[key];
      if (!whole && before !== undefined) {
        next[key] = { points: joined(before.points, points), means: before.means === null ? null : joined(before.means, means ?? points) };
      } else if (whole && only === 'all') {
        next[key] = { points, means };
      }
    }
    return next;
  };
  return {
    series: merged(state.series, 'all'),
    zoomed: state.zoomed === null ? null : { range: state.zoomed.range, series: merged(state.zoomed.series, 'known') },
    figures: { ...state.figures, ...figures },
  };
}

function joined(a: CurvePoints, b: CurvePoints): CurvePoints {
  return { steps: [...a.steps, ...b.steps], timestamps: [...a.timestamps, ...b.timestamps], values: [...a.values, ...b.values] };
}

export type Axis = 'step' | 'relative' | 'wall';

/** Points by their place on the x axis; NaN and infinities are among the values. */
export interface Drawn {
  xs: number[];
  ys: number[];
}

export function drawnOf({ steps, timestamps, values }: CurvePoints, axis: Axis): Drawn {
  const xs = axis === 'step' ? steps : timestamps;
  const ys = values.map(Number);
  if (xs.every((x, index) => index === 0 || x >= (xs[index - 1] ?? x))) {
    return { xs, ys };
  }
  // A run that was taken up again counts some steps twice.
  const order = xs.map((_, index) => index).sort((a, b) => (xs[a] ?? 0) - (xs[b] ?? 0) || a - b);
  return { xs: order.map((index) => xs[index] ?? 0), ys: order.map((index) => ys[index] ?? NaN) };
}

/**
 * The exponential moving average, without the pull towards zero at its start. What is no finite number is left out.
 *
 * @param weight 0…1 of what came before.
 */
export function smoothed({ xs, ys }: Drawn, weight: number): Drawn {
  let [average, share] = [0, 0];
  const smooth = ys.map((y) => {
    if (!Number.isFinite(y)) {
      return y;
    }
    average = average * weight + y * (1 - weight);
    share = share * weight + (1 - weight);
    return average / share;
  });
  return { xs, ys: smooth };
}

/** The index of the point nearest to `x`; -1 where there is none. */
export function nearest(xs: readonly number[], x: number): number {
  let [low, high] = [0, xs.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((xs[middle] ?? 0) < x) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const [before, at] = [xs[low - 1], xs[low]];
  return at === undefined ? -1 : before !== undefined && x - before < at - x ? low - 1 : low;
}
