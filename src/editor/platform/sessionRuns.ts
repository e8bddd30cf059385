// The runs of a project as its server tells them: a list that is asked for part by part, and news that come meanwhile.
import type { NeededKeys } from '../../contracts/experiments.ts';
import type { RunSummary } from '../../contracts/runs.ts';
import type { ProjectClient } from '../../core/client/api.ts';

/** Runs in a part of the list: so many take the server about 20 ms. */
const pageSize = 500;

/** The rest of the list waits for so long at most, in milliseconds. */
const longestHold = 5000;

export class SessionRuns {
  readonly #listed = new Map<string, RunSummary>();
  #archived: Map<string, RunSummary> | null = null;
  /** Which loading of the list is the present one. */
  #loading: object = {};
  /** What each listed run has, however wide it is. */
  #needed: NeededKeys = { params: [], tags: [] };
  /** Resolves when nothing goes before the rest of the list. */
  #held: Promise<unknown> = Promise.resolve();
  /** Runs that news told of since the loading began: what the list says of them is older. */
  readonly #news = new Set<string>();

  /** Those that are not archived, by id. */
  get listed(): ReadonlyMap<string, RunSummary> {
    return this.#listed;
  }

  /** The archived ones by id; null until `loadArchived` was called. */
  get archived(): ReadonlyMap<string, RunSummary> | null {
    return this.#archived;
  }

  /** From the next loading on, each run brings these. Whether they are others than before. */
  need(needed: NeededKeys): boolean {
    const others = JSON.stringify(needed) !== JSON.stringify(this.#needed);
    this.#needed = needed;
    return others;
  }

  /**
   * What somebody waits for goes before the rest of a long list, until the function that this returns is called, or a
   * few seconds have passed.
   */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<null>();
    const release = (): void => resolve(null);
    const timer = setTimeout(release, longestHold);
    this.#held = Promise.all([this.#held, promise.finally(() => clearTimeout(timer))]);
    return release;
  }

  /**
   * Resolves when the newest are there. The rest follows, so that a long list holds nobody up; what is listed already
   * stays until then. `rest` resolves when all is there; `onPart` is called for each part of it.
   */
  async load(client: Pick<ProjectClient, 'runPage' | 'runs'>, onPart: () => void): Promise<{ rest: Promise<void> }> {
    const turn = (this.#loading = {});
    this.#news.clear();
    const seen = new Set<string>();
    const [first] = await Promise.all([client.runPage(pageSize, null, this.#needed), this.#archived === null ? null : this.loadArchived(client)]);
    const rest = async (): Promise<void> => {
      for (let page = first; this.#loading === turn; page = await client.runPage(pageSize, page.next, this.#needed)) {
        for (const run of page.runs) {
          seen.add(run.run_id);
          if (!this.#news.has(run.run_id)) {
            this.#listed.set(run.run_id, run);
          }
        }
        if (page.next === null) {
          this.#keep(seen);
          onPart();
          return;
        }
        if (page !== first) {
          onPart();
        }
        await this.#held;
      }
    };
    return { rest: rest() };
  }

  async loadArchived(client: Pick<ProjectClient, 'runs'>): Promise<void> {
    this.#archived = new Map((await client.runs(true)).map((run) => [run.run_id, run]));
  }

  /** Takes in what a run is now: it stands in one of the two lists. */
  place(run: RunSummary): void {
    this.#news.add(run.run_id);
    const [to, from] = run.archived ? [this.#archived, this.#listed] : [this.#listed, this.#archived];
    to?.set(run.run_id, run);
    from?.delete(run.run_id);
  }

  remove(run_id: string): void {
    this.#news.add(run_id);
    this.#listed.delete(run_id);
    this.#archived?.delete(run_id);
  }

  /** Drops what the whole list did not have, unless news brought it. */
  #keep(seen: ReadonlySet<string>): void {
    for (const run_id of this.#listed.keys()) {
      if (!seen.has(run_id) && !this.#news.has(run_id)) {
        this.#listed.delete(run_id);
      }
    }
  }
}
