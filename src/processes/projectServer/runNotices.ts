import type { RunStore } from '../../core/tracking/api.ts';
import type { Events } from './events.ts';

/** Windows are told of a run at most so often, whatever is logged. In milliseconds. */
const tellEvery = 250;
/** A client that has not written for so long is taken to have ended, whatever its run says. In milliseconds. */
const longestSilence = 6 * 3_600_000;

/** Tells windows what tracking clients write, and knows whose runs are open. */
export class RunNotices {
  readonly #runs: RunStore;
  readonly #events: Events;
  readonly #onTouched: (run_id: string) => void;
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #written = new Map<string, number>();

  /** @param onTouched told of every run that a client wrote into. */
  constructor(runs: RunStore, events: Events, onTouched: (run_id: string) => void) {
    this.#runs = runs;
    this.#events = events;
    this.#onTouched = onTouched;
  }

  touched(run_id: string): void {
    this.#written.set(run_id, Date.now());
    this.#onTouched(run_id);
    if (!this.#waiting.has(run_id)) {
      this.#waiting.set(run_id, setTimeout(() => this.#tell(run_id), tellEvery));
    }
  }

  /** A client's deleted run is in the archive. */
  removed(run_id: string): void {
    this.#forget(run_id);
    const run = this.#runs.find(run_id);
    this.#events.send(run === null ? { type: 'run_deleted', run_id } : { type: 'run', run });
  }

  /** Whether a client writes into this run and has not ended it. */
  isOpen(run_id: string): boolean {
    return this.open && this.#written.has(run_id);
  }

  /** True while a client writes into a run that is not ended: the server must stay for it. */
  get open(): boolean {
    const now = Date.now();
    for (const [run_id, at] of this.#written) {
      if (now - at > longestSilence) {
        this.#written.delete(run_id);
      }
    }
    return this.#written.size > 0;
  }

  close(): void {
    for (const timer of this.#waiting.values()) {
      clearTimeout(timer);
    }
    this.#waiting.clear();
  }

  #tell(run_id: string): void {
    this.#waiting.delete(run_id);
    const run = this.#runs.find(run_id);
    if (run === null || run.status !== 'running') {
      this.#written.delete(run_id);
    }
    if (run !== null) {
      this.#events.send({ type: 'run', run });
    }
  }

  #forget(run_id: string): void {
    clearTimeout(this.#waiting.get(run_id));
    this.#waiting.delete(run_id);
    this.#written.delete(run_id);
  }
}
