import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';

/** How often the log is looked at. In milliseconds. */
const lookEvery = 500;
/** A smaller log is left alone. In bytes. */
const smallest = 4_000_000;

/** Keeps the log of the database small without its writer, whose requests would wait for the disk. */
export class Checkpoints {
  readonly #script: string;
  readonly #file: string;
  readonly #timer: NodeJS.Timeout;
  readonly #onFault: (error: unknown) => void;
  #worker: Worker | null = null;
  #working = false;
  /** When the log had last been written to as it was last taken up. */
  #done = 0;

  /** @param script of the thread that does it. @param file of the database. */
  constructor(script: string, file: string, onFault: (error: unknown) => void) {
    this.#script = script;
    this.#file = file;
    this.#onFault = onFault;
    this.#timer = setInterval(() => void this.#look(), lookEvery).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#worker?.terminate();
  }

  async #look(): Promise<void> {
    const log = await stat(`${this.#file}-wal`).catch(() => null);
    // The file keeps its size when it is written anew from its beginning.
    if (log !== null && log.size > smallest && log.mtimeMs !== this.#done && !this.#working) {
      this.#working = true;
      this.#done = log.mtimeMs;
      this.#started().postMessage(null);
    }
  }

  #started(): Worker {
    if (this.#worker !== null) {
      return this.#worker;
    }
    const worker = new Worker(this.#script, { workerData: this.#file });
    worker.unref();
    worker.on('message', () => (this.#working = false));
    worker.on('error', this.#onFault);
    // The writer does it itself once the log is large, and the next look starts another thread.
    worker.on('exit', () => {
      this.#worker = null;
      this.#working = false;
    });
    this.#worker = worker;
    return worker;
  }
}
