/** A point with what it is worth in two directions, in which more is better. */
export interface Worth {
  x: number;
  y: number;
}

/**
 * The indices of the points that no other point beats: none is as good in both directions and better in one. From the
 * best in x to the best in y; of equal points all.
 */
export function paretoFront(points: readonly Worth[]): number[] {
  const order = points.map((_, index) => index).sort((a, b) => points[b]!.x - points[a]!.x || points[b]!.y - points[a]!.y);
  const front: number[] = [];
  let best = -Infinity;
  let last: Worth | null = null;
  for (const index of order) {
    const point = points[index]!;
    if (point.y > best || (last !== null && point.x === last.x && point.y === last.y)) {
      best = point.y;
      last = point;
      front.push(index);
    }
  }
  return front;
}
