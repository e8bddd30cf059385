import type { JSX } from 'preact';

/** Drawings that are used again while what they are made from is the same: nothing of them is then compared or drawn anew. */
export class Kept<Key> {
  readonly #all = new Map<Key, { from: readonly unknown[]; drawing: JSX.Element }>();

  get empty(): boolean {
    return this.#all.size === 0;
  }

  /** The drawing of this, where it was made from the same. */
  find(key: Key, from: readonly unknown[]): JSX.Element | undefined {
    const known = this.#all.get(key);
    return known !== undefined && known.from.length === from.length && known.from.every((each, index) => each === from[index]) ? known.drawing : undefined;
  }

  /** The drawing of this as it was last, whatever it was made from. */
  last(key: Key): JSX.Element | undefined {
    return this.#all.get(key)?.drawing;
  }

  draw(key: Key, from: readonly unknown[], make: () => JSX.Element): JSX.Element {
    const known = this.find(key, from);
    if (known !== undefined) {
      return known;
    }
    const drawing = make();
    this.#all.set(key, { from, drawing });
    return drawing;
  }

  /** Forgets what is not among these, where much more is kept. */
  prune(among: readonly Key[]): void {
    if (this.#all.size > 2 * among.length) {
      const wanted = new Set(among);
      for (const key of this.#all.keys()) {
        if (!wanted.has(key)) {
          this.#all.delete(key);
        }
      }
    }
  }
}
