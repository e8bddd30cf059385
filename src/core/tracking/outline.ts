import type { CurveAxis } from '../../contracts/curves.ts';
import { add, bucketOf, inOrder, type Bucket, type SeriesPoint } from './thinning.ts';

/** Points in each block of an outline. */
export const blockSize = 32;
/** A block that grew beyond this, because points came late, makes the outline too coarse. */
const largestBlock = blockSize * 16;
/** How many of the newest points are at hand for those who follow the series. */
const mostRecent = 4096;

interface Arrival {
  mark: number;
  point: SeriesPoint;
}

/** A series in blocks of points: small enough for memory, and brought up to date by each new point alone. */
export class Outline {
  readonly blocks: Bucket[] = [];
  /** The whole series; null while it is empty. */
  total: Bucket | null = null;
  #recent: Arrival[] = [];
  /** What came up to this mark is no longer at hand. */
  #forgotten: number;
  #largest = 0;

  /** @param mark that of the newest point which `add` will be given without its own. */
  constructor(mark: number) {
    this.#forgotten = mark;
  }

  /** True where it must be made anew to be exact enough. */
  get coarse(): boolean {
    return this.#largest > largestBlock;
  }

  /** @param mark null for a point that was there before. */
  add(point: SeriesPoint, mark: number | null): void {
    if (this.total === null) {
      this.total = bucketOf(point);
    } else {
      add(this.total, point);
    }
    const last = this.blocks.at(-1);
    if (last === undefined || (last.count >= blockSize && inOrder(point, last.last) >= 0)) {
      this.blocks.push(bucketOf(point));
    } else {
      const block = inOrder(point, last.first) >= 0 ? last : this.#blockBefore(point);
      add(block, point);
      this.#largest = Math.max(this.#largest, block.count);
    }
    if (mark !== null) {
      this.#recent.push({ mark, point });
      if (this.#recent.length > mostRecent * 2) {
        this.#forgotten = this.#recent[mostRecent - 1]?.mark ?? mark;
        this.#recent = this.#recent.slice(mostRecent);
      }
    }
  }

  /** What came after the mark, in the order of time; null where that is not at hand any more. */
  since(mark: number): SeriesPoint[] | null {
    return mark < this.#forgotten ? null : this.#recent.flatMap((each) => (each.mark > mark ? [each.point] : [])).sort(inOrder);
  }

  /** The blocks that reach into a part of the axis, both ends included; null: to the end. */
  within(axis: CurveAxis, from: number | null, to: number | null): Bucket[] {
    const [low, high] = [from ?? -Infinity, to ?? Infinity];
    return this.blocks.filter((block) => {
      const [first, last] = axis === 'step' ? [block.lowestStep, block.highestStep] : [block.first.timestamp, block.last.timestamp];
      return last >= low && first <= high;
    });
  }

  /** The last block that begins before a point, else the first. */
  #blockBefore(point: SeriesPoint): Bucket {
    let [low, high] = [0, this.blocks.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const block = this.blocks[middle];
      if (block !== undefined && inOrder(block.first, point) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return this.blocks[low] ?? bucketOf(point);
  }
}
