import { open } from 'node:fs/promises';
import { scalarsOf, type Scalar } from './events.ts';
import { readRecords } from './records.ts';

/** Read at most this much at once. In bytes. */
const portion = 4_000_000;

/** One event file that is still being written, read on from where it was left. */
export class EventFile {
  readonly path: string;
  #offset = 0;
  #damaged = false;

  constructor(file: string) {
    this.path = file;
  }

  /** True where a checksum was wrong; what is behind that is not read. */
  get damaged(): boolean {
    return this.#damaged;
  }

  /** The scalars that were written since the last call; none where the file is gone. @param onRecord sees every event as it is stored. */
  async readOn(onRecord?: (record: Uint8Array) => void): Promise<Scalar[]> {
    const handle = await open(this.path, 'r').catch(() => null);
    if (handle === null) {
      return [];
    }
    try {
      const found: Scalar[] = [];
      for (let length = portion; !this.#damaged; ) {
        const { size } = await handle.stat();
        const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - this.#offset)));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, this.#offset);
        const { records, taken, damaged } = readRecords(buffer.subarray(0, bytesRead));
        this.#offset += taken;
        this.#damaged = damaged;
        for (const record of records) {
          found.push(...scalarsOf(record));
          onRecord?.(record);
        }
        if (bytesRead < length) {
          break;
        }
        // One record, an image for example, may be longer than a portion.
        length = taken === 0 ? length * 4 : portion;
      }
      return found;
    } finally {
      await handle.close();
    }
  }
}
