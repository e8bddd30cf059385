// The runs that are made here while a project follows a server: which of them it lacks, and sending them.
import { RunSearch } from '../tracking/api.ts';
import type { ExchangeStores, Tally } from './importRuns.ts';
import { RemoteRefusal } from './mlflowClient.ts';
import { recordMark, type Publisher } from './publishRuns.ts';

export interface OwnRunsOptions {
  stores: ExchangeStores;
  publisher: Publisher;
  /** What the publisher could not do as it is. */
  tally: Tally;
  uri: string;
  /** Runs made from then on are sent; older ones when a person publishes them. Milliseconds since 1970. */
  since: number;
  signal: AbortSignal;
}

export class OwnRuns {
  readonly #options: OwnRunsOptions;
  readonly #waiting = new Set<string>();
  /** What a person should know, by the run: until it is sent without. */
  readonly #refusals = new Map<string, string>();

  constructor(options: OwnRunsOptions) {
    this.#options = options;
  }

  /** How many are not sent yet, as they are now. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Sentences about those that the server refused, or took otherwise than they are. */
  get refusals(): string[] {
    return [...this.#refusals.values()];
  }

  /** A run changed: it is sent with the next round. */
  touched(run_id: string): void {
    if (!this.#waiting.has(run_id) && this.#isSent(run_id)) {
      this.#waiting.add(run_id);
    }
  }

  /** Adds what was made while the server was away, or while this process did not run. */
  addUnsent(): void {
    const { stores: { database, metrics }, uri, since } = this.#options;
    const rows = database.all(
      `SELECT runs.run_id, mark, sent FROM runs LEFT JOIN published_runs AS copy ON copy.run_id = runs.run_id AND copy.remote = :uri
       WHERE (runs.created >= :since OR copy.run_id IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM imported_runs WHERE imported_runs.run_id = runs.run_id)`,
      { uri, since },
    );
    const records = new Map(new RunSearch(database).records(rows.map((row) => String(row['run_id']))).map((record) => [record.run_id, record]));
    for (const row of rows) {
      const record = records.get(String(row['run_id']));
      if (record !== undefined && (row['sent'] !== recordMark(record) || metrics.lastMark(record.run_id) > Number(row['mark']))) {
        this.#waiting.add(record.run_id);
      }
    }
  }

  /** Sends what waits. @throws RemoteUnreachable, SignInNeeded. */
  async send(): Promise<void> {
    const { stores, publisher, tally, signal } = this.#options;
    for (const run_id of [...this.#waiting]) {
      const run = stores.runs.find(run_id);
      this.#waiting.delete(run_id);
      this.#refusals.delete(run_id);
      if (run === null) {
        continue;
      }
      const before = tally.result.problems.length;
      try {
        await publisher.publish(run_id, { artifacts: run.status !== 'running' && run.status !== 'queued', signal });
      } catch (error) {
        if (!(error instanceof RemoteRefusal)) {
          this.#waiting.add(run_id);
          throw error;
        }
        this.#refusals.set(run_id, `${run.name}: ${error.message}`);
      }
      const [said] = tally.result.problems.slice(before);
      if (said !== undefined) {
        this.#refusals.set(run_id, said.message);
      }
    }
  }

  #isSent(run_id: string): boolean {
    const { stores, uri, since } = this.#options;
    const sql = `SELECT 1 FROM runs WHERE run_id = :run_id AND NOT EXISTS (SELECT 1 FROM imported_runs WHERE imported_runs.run_id = :run_id)
      AND (created >= :since OR EXISTS (SELECT 1 FROM published_runs WHERE remote = :uri AND published_runs.run_id = :run_id))`;
    return stores.database.get(sql, { run_id, since, uri }) !== undefined;
  }
}
