/** Bounds grow by a twentieth, so a percentile is right to about 2.5 %. */
const growth = Math.log(1.05);
/** The first bound, in milliseconds. */
const smallest = 0.001;

/** Latencies by size, in milliseconds. Those of several processes add up without loss. */
export class Latencies {
  readonly #counts = new Map<number, number>();
  #total = 0;

  add(milliseconds: number): void {
    this.#put(milliseconds <= smallest ? 0 : Math.ceil(Math.log(milliseconds / smallest) / growth), 1);
  }

  /** Adds what another one has counted. */
  merge(entries: readonly (readonly [number, number])[]): void {
    for (const [bucket, count] of entries) {
      this.#put(bucket, count);
    }
  }

  /** What was counted, to be sent to another process. */
  entries(): [number, number][] {
    return [...this.#counts];
  }

  /** The latency below which this share of them lies; null where there is none. @param share from 0 to 1. */
  percentile(share: number): number | null {
    let left = Math.max(1, Math.ceil(share * this.#total));
    for (const [bucket, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) {
        // The middle of the bucket.
        return smallest * Math.exp(growth * (bucket - 0.5));
      }
    }
    return null;
  }

  #put(bucket: number, count: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
    this.#total += count;
  }
}
