import type { LiveEntry } from '../../contracts/jobs.ts';
import type { ProjectClient } from '../../core/client/api.ts';

/** Hands the record of a live run what happens, in its order; what comes together goes together. */
export class LiveFeed {
  readonly #client: ProjectClient;
  readonly #job: string;
  readonly #onLost: (error: unknown) => void;
  #first = 0;
  #waiting: LiveEntry[] = [];
  #sending: Promise<void> | null = null;
  #lost = false;

  /** @param onLost nothing more can be recorded: the run has ended elsewhere. */
  constructor(client: ProjectClient, job: string, onLost: (error: unknown) => void) {
    this.#client = client;
    this.#job = job;
    this.#onLost = onLost;
  }

  tell(...entries: LiveEntry[]): void {
    this.#waiting.push(...entries);
    this.#sending ??= this.#send().finally(() => (this.#sending = null));
  }

  /** Resolves when everything was handed over. */
  async told(): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#lost) {
      const entries = this.#waiting;
      this.#waiting = [];
      try {
        await this.#client.tellLive(this.#job, { first: this.#first, entries });
        this.#first += entries.length;
      } catch (error) {
        this.#lost = true;
        this.#onLost(error);
      }
    }
  }
}
