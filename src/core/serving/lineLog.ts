import { mkdirSync, openSync, writeSync } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

export interface LineLogOptions {
  /** Where the files lie; made where it is missing. */
  folder: string;
  /** Lines reach the file so many milliseconds after they came at most. */
  flush: number;
  /** True: `append` resolves only once its lines are on disk. */
  durable: boolean;
  /** Called when lines could not be written. They are kept and tried again; beyond `largestBacklog` they are lost. */
  onError(error: Error, lost: number): void;
  /** Opens a file for appending; another in tests. */
  open?: (file: string) => Promise<FileHandle>;
}

/** Lines that wait while nothing can be written, in characters. */
const largestBacklog = 16_000_000;
/** Lines are written before their time where so many characters wait. */
const early = 1_000_000;
/** How long after a failure writing is tried again. In milliseconds. */
const retryEvery = 1000;

/**
 * Appends lines to <folder>/<day>-<process>.ndjson. Each process has files of its own, so nothing is shared and a
 * line is only ever cut at the very end, by a crash. Days are UTC.
 */
export class LineLog {
  readonly #options: LineLogOptions;
  /** No other process and no earlier one with this pid has it. */
  readonly #process = `${process.pid}-${Date.now().toString(36)}`;
  #lines: string[] = [];
  #size = 0;
  /** What a failed write left: the rest of it is written first, so that no line is cut or written twice. */
  #rest = Buffer.alloc(0);
  #file: { day: string; handle: FileHandle } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #waiting: PromiseWithResolvers<undefined>[] = [];
  #failing = false;

  constructor(options: LineLogOptions) {
    this.#options = options;
  }

  /** Takes lines without their breaks. Durable: resolves when they are on disk, and rejects where they cannot be written. */
  append(lines: readonly string[]): Promise<void> {
    if (this.#size + this.#rest.length > largestBacklog) {
      const error = new Error('The disk takes no more predictions.');
      this.#options.onError(error, lines.length);
      return this.#options.durable ? Promise.reject(error) : Promise.resolve();
    }
    for (const line of lines) {
      this.#lines.push(line);
      this.#size += line.length + 1;
    }
    if (!this.#options.durable) {
      if (this.#size > early && !this.#failing) {
        void this.flush().catch(() => undefined);
      } else {
        this.#schedule(this.#options.flush);
      }
      return Promise.resolve();
    }
    const waiting = Promise.withResolvers<undefined>();
    this.#waiting.push(waiting);
    void this.flush().catch(() => undefined);
    return waiting.promise;
  }

  /** Writes what waits. Calls that come while it writes share the next write. @throws where it cannot be written. */
  async flush(): Promise<void> {
    if (this.#writing !== null) {
      await this.#writing.catch(() => undefined);
      // Somebody who waited as well may have begun already.
      return this.#writing ?? this.#begin();
    }
    return this.#begin();
  }

  /** Writes what waits and closes the file. */
  async close(): Promise<void> {
    while (this.#lines.length > 0 || this.#rest.length > 0 || this.#writing !== null) {
      try {
        await this.flush();
      } catch {
        break;
      }
    }
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
    }
    await this.#file?.handle.close().catch(() => undefined);
    this.#file = null;
  }

  /** Writes what waits before this returns, for a process that is about to end. */
  flushNow(): void {
    try {
      const content = this.#writing === null ? Buffer.concat([this.#rest, this.#take()]) : this.#take();
      if (content.length > 0) {
        mkdirSync(this.#options.folder, { recursive: true });
        writeSync(this.#file?.handle.fd ?? openSync(this.#fileOf(today()), 'a'), content);
      }
    } catch {
      // The process ends; there is nobody left to tell.
    }
  }

  #begin(): Promise<void> {
    if (this.#lines.length === 0 && this.#rest.length === 0) {
      return Promise.resolve();
    }
    this.#writing = this.#write().finally(() => {
      this.#writing = null;
      if (this.#lines.length > 0) {
        if (this.#options.durable && !this.#failing) {
          void this.flush().catch(() => undefined);
        } else {
          this.#schedule(this.#failing ? retryEvery : this.#options.flush);
        }
      } else if (this.#failing) {
        this.#schedule(retryEvery);
      }
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const count = this.#lines.length;
    let content = Buffer.concat([this.#rest, this.#take()]);
    this.#rest = Buffer.alloc(0);
    try {
      const handle = await this.#today();
      while (content.length > 0) {
        const { bytesWritten } = await handle.write(content);
        content = content.subarray(bytesWritten);
      }
      if (this.#options.durable) {
        await handle.datasync();
      }
      this.#failing = false;
      waiting.forEach(({ resolve }) => resolve(undefined));
    } catch (error) {
      this.#rest = content;
      this.#failing = true;
      this.#options.onError(error as Error, 0);
      waiting.forEach(({ reject }) => reject(error as Error));
      throw new Error(`${count} lines could not be written.`, { cause: error });
    }
  }

  #take(): Buffer {
    const content = this.#lines.length === 0 ? Buffer.alloc(0) : Buffer.from(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
    this.#size = 0;
    return content;
  }

  #fileOf(day: string): string {
    return path.join(this.#options.folder, `${day}-${this.#process}.ndjson`);
  }

  async #today(): Promise<FileHandle> {
    const day = today();
    if (this.#file?.day !== day) {
      await this.#file?.handle.close();
      this.#file = null;
      await mkdir(this.#options.folder, { recursive: true });
      this.#file = { day, handle: await (this.#options.open ?? ((file) => open(file, 'a')))(this.#fileOf(day)) };
    }
    return this.#file.handle;
  }

  #schedule(after: number): void {
    if (this.#timer === null) {
      this.#timer = setTimeout(() => {
        this.#timer = null;
        void this.flush().catch(() => undefined);
      }, after);
      this.#timer.unref();
    }
  }
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
