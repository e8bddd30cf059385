// Fewer points for a screen, with every spike still there.

export interface SeriesPoint {
  step: number;
  /** In milliseconds since 1970. */
  timestamp: number;
  /** NaN and infinities are values. */
  value: number;
}

/** What a stretch of neighbouring points comes to. `min` and `max` are null where none of them is finite. */
export interface Bucket {
  count: number;
  first: SeriesPoint;
  last: SeriesPoint;
  min: SeriesPoint | null;
  max: SeriesPoint | null;
  /** Of the finite ones. */
  sum: number;
  finite: number;
  /** The first NaN, the first infinity and the first negative infinity. */
  odd: SeriesPoint[];
  lowestStep: number;
  highestStep: number;
}

export interface Thinned {
  points: SeriesPoint[];
  /** The mean of each bucket; null where no point was left out. */
  means: SeriesPoint[] | null;
}

/** As the points of a series are stored: by time, then step, then value; NaN behind all numbers. */
export function inOrder(a: SeriesPoint, b: SeriesPoint): number {
  return a.timestamp - b.timestamp || a.step - b.step || (a.value === b.value || (Number.isNaN(a.value) && Number.isNaN(b.value)) ? 0 : Number.isNaN(b.value) || a.value < b.value ? -1 : 1);
}

export function bucketOf(point: SeriesPoint): Bucket {
  const finite = Number.isFinite(point.value);
  return { count: 1, first: point, last: point, min: finite ? point : null, max: finite ? point : null, sum: finite ? point.value : 0, finite: Number(finite), odd: finite ? [] : [point], lowestStep: point.step, highestStep: point.step };
}

/** Puts a point into the bucket, wherever it lies; as `merge` does, without making a bucket of it first. */
export function add(bucket: Bucket, point: SeriesPoint): void {
  const { value, step } = point;
  bucket.count += 1;
  if (Number.isFinite(value)) {
    bucket.sum += value;
    bucket.finite += 1;
    if (bucket.min === null || value < bucket.min.value) {
      bucket.min = point;
    }
    if (bucket.max === null || value > bucket.max.value) {
      bucket.max = point;
    }
  } else if (!bucket.odd.some((each) => Object.is(each.value, value))) {
    bucket.odd.push(point);
  }
  if (inOrder(point, bucket.last) >= 0) {
    bucket.last = point;
  } else if (inOrder(point, bucket.first) < 0) {
    bucket.first = point;
  }
  bucket.lowestStep = Math.min(bucket.lowestStep, step);
  bucket.highestStep = Math.max(bucket.highestStep, step);
}

/** Puts `more` into the bucket, wherever it lies. */
export function merge(bucket: Bucket, more: Bucket): void {
  bucket.count += more.count;
  bucket.sum += more.sum;
  bucket.finite += more.finite;
  bucket.first = inOrder(more.first, bucket.first) < 0 ? more.first : bucket.first;
  bucket.last = inOrder(more.last, bucket.last) >= 0 ? more.last : bucket.last;
  bucket.min = bucket.min === null || (more.min !== null && more.min.value < bucket.min.value) ? more.min : bucket.min;
  bucket.max = bucket.max === null || (more.max !== null && more.max.value > bucket.max.value) ? more.max : bucket.max;
  bucket.lowestStep = Math.min(bucket.lowestStep, more.lowestStep);
  bucket.highestStep = Math.max(bucket.highestStep, more.highestStep);
  for (const point of more.odd) {
    if (!bucket.odd.some((each) => Object.is(each.value, point.value))) {
      bucket.odd.push(point);
    }
  }
}

/**
 * Thins points to about four for each of so many buckets of equal size: the first, the last, the least and the greatest,
 * and what is no finite number. Fewer points than that stay as they are.
 *
 * @param points in the order of `inOrder`.
 */
export function thin(points: readonly SeriesPoint[], buckets: number): Thinned {
  if (points.length <= buckets * 4) {
    return { points: [...points], means: null };
  }
  return drawn(grouped(points.map(bucketOf), buckets));
}

/** Joins neighbouring buckets into `count` of about as many of them each. */
export function grouped(buckets: readonly Bucket[], count: number): Bucket[] {
  const groups: Bucket[] = [];
  let group = -1;
  buckets.forEach((bucket, index) => {
    const at = Math.floor((index * count) / buckets.length);
    const last = groups.at(-1);
    if (at === group && last !== undefined) {
      merge(last, bucket);
    } else {
      groups.push({ ...bucket, odd: [...bucket.odd] });
      group = at;
    }
  });
  return groups;
}

/** The points that stand for the buckets. */
export function drawn(buckets: readonly Bucket[]): Thinned {
  return {
    points: buckets.flatMap(({ first, last, min, max, odd }) => [...new Set([first, ...odd, ...(min === null ? [] : [min]), ...(max === null ? [] : [max]), last])].sort(inOrder)),
    means: buckets.flatMap(({ first, last, sum, finite }) =>
      finite === 0 ? [] : [{ step: (first.step + last.step) / 2, timestamp: (first.timestamp + last.timestamp) / 2, value: sum / finite }],
    ),
  };
}
