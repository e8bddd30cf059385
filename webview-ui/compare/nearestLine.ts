// Which of many lines the pointer is at. Pure, and quick for hundreds of lines.

/** Where the points of a line lie, in pixels: left and top by turns. */
export function placed(points: readonly (readonly [number, number])[], left: (step: number) => number, top: (value: number) => number): Float64Array {
  const places = new Float64Array(2 * points.length);
  points.forEach(([step, value], index) => {
    places[2 * index] = left(step);
    places[2 * index + 1] = top(value);
  });
  return places;
}

/** The line nearest to a place and the point of it that is nearest; null where none comes within `reach` pixels. Lines go from left to right. */
export function nearestLine(lines: ReadonlyMap<string, Float64Array>, left: number, top: number, reach: number): { id: string; index: number } | null {
  let [found, least]: [{ id: string; index: number } | null, number] = [null, reach];
  for (const [id, places] of lines) {
    const count = places.length / 2;
    for (let index = firstFrom(places, left - reach); index < count; index += 1) {
      const before = Math.max(0, index - 1);
      if (places[2 * before]! > left + reach) {
        break;
      }
      const distance = toSegment(left, top, places[2 * before]!, places[2 * before + 1]!, places[2 * index]!, places[2 * index + 1]!);
      if (distance < least) {
        least = distance;
        found = { id, index: left - places[2 * before]! < places[2 * index]! - left ? before : index };
      }
    }
  }
  return found;
}

/** The first point that is not left of a place. */
function firstFrom(places: Float64Array, left: number): number {
  let [low, high] = [0, places.length / 2];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[2 * middle]! < left) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function toSegment(x: number, y: number, x1: number, y1: number, x2: number, y2: number): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length));
  return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
}
