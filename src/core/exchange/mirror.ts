// A project that follows a remote tracking server: its runs are shown here, and the project's own are sent there.
import { setTimeout as pause } from 'node:timers/promises';
import type { RemoteState } from '../../contracts/exchange.ts';
import { UserError } from '../../contracts/errors.ts';
import type { RunEdit } from '../../contracts/server.ts';
import { RunSearch } from '../tracking/api.ts';
import { Tally, type ExchangeStores } from './importRuns.ts';
import { readAddress, RemoteRefusal, SignInNeeded, type MlflowClient } from './mlflowClient.ts';
import { Publisher, recordMark } from './publishRuns.ts';
import { editThere } from './remoteEdit.ts';
import { RemoteRegistry } from './remoteRegistry.ts';
import { RemoteRuns } from './remoteRuns.ts';
import { RemoteSource } from './remoteSource.ts';

/** Every run is looked at again so often, for edits and deletions. In milliseconds. */
const fullEvery = 300_000;
/** While no window listens. In milliseconds. */
const unwatchedEvery = 60_000;
/** A view waits at most so long for a remote; what comes later is shown later. In milliseconds. */
const longestWait = 8_000;

export interface MirrorOptions {
  stores: ExchangeStores;
  /** A client with the credentials that are known by now. */
  connect(uri: string, signal: AbortSignal): MlflowClient;
  isWatched(): boolean;
  onRun(run_id: string): void;
  /** Registered models came or changed. */
  onModels(): void;
  onState(state: RemoteState): void;
  onFault(error: unknown): void;
}

interface Following {
  uri: string;
  host: string;
  source: RemoteSource;
  client: MlflowClient;
  publisher: Publisher;
  tally: Tally;
  /** Runs made here from then on are sent. Milliseconds since 1970. */
  since: number;
  every: number;
  abort: AbortController;
  lastFull: number;
}

const nowhere: RemoteState = { uri: null, host: '', synchronised: null, problem: null, needs_credentials: false, waiting: 0 };

export class Mirror {
  readonly #options: MirrorOptions;
  readonly #runs: RemoteRuns;
  readonly #registry: RemoteRegistry;
  /** Whether the server has the last word on registered models too. */
  #withModels = false;
  readonly #search: RunSearch;
  readonly #waiting = new Set<string>();
  readonly #opening = new Map<string, Promise<void>>();
  #following: Following | null = null;
  #state: RemoteState = nowhere;
  #round: Promise<void> = Promise.resolve();

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#runs = new RemoteRuns(options.stores, options.onRun);
    this.#registry = new RemoteRegistry(options.stores, options.onModels);
    this.#search = new RunSearch(options.stores.database);
  }

  get state(): RemoteState {
    return { ...this.#state, waiting: this.#waiting.size };
  }

  /** Whether runs wait to be sent to a server that answers. */
  get sending(): boolean {
    return this.#waiting.size > 0 && this.#state.problem === null;
  }

  /** Follows a server from now on; null ends it. @param every milliseconds between two rounds. @param withModels its registered models too. */
  follow(uri: string | null, every: number, withModels = this.#withModels): void {
    this.#withModels = withModels;
    if (this.#following !== null && uri !== null && readAddress(uri).uri === this.#following.uri) {
      this.#following.every = every;
      return;
    }
    this.#following?.abort.abort();
    this.#following = null;
    this.#waiting.clear();
    if (uri === null) {
      this.#become(nowhere);
      return;
    }
    const following = this.#begin(uri, every);
    this.#following = following;
    this.#become({ ...nowhere, uri: following.uri, host: following.host });
    void this.#loop(following);
  }

  /** Takes up new credentials, and tries again at once. */
  reconnect(): void {
    const { uri, every } = this.#following ?? { uri: null, every: 0 };
    if (uri !== null) {
      this.follow(null, 0);
      this.follow(uri, every);
    }
  }

  /** A run of this project changed: it is sent with the next round. */
  touched(run_id: string): void {
    const following = this.#following;
    if (following !== null && !this.#waiting.has(run_id) && this.#isSent(following, run_id)) {
      this.#waiting.add(run_id);
    }
  }

  /** Whether the followed server has the last word on this run. */
  owns(run_id: string): boolean {
    return this.#following !== null && this.#runs.copies.byRun(this.#following.uri, run_id) !== null;
  }

  /** One round now; resolves when it has been done, well or not. @param full also looks for edits and deletions of old runs. */
  synchronise(full = false): Promise<void> {
    const following = this.#following;
    if (following === null) {
      return Promise.resolve();
    }
    this.#round = this.#round.then(() => this.#synchronise(following, full));
    return this.#round;
  }

  /** Makes an edit of a run where the server has it; nothing for the project's own runs. @throws UserError in the server's words. */
  async edit(run_id: string, edit: RunEdit): Promise<void> {
    const following = this.#following;
    const copy = following === null ? null : this.#runs.copies.byRun(following.uri, run_id);
    if (following !== null && copy !== null) {
      await editThere(following.client, copy.origin_run_id, edit);
    }
  }

  /** Moves an alias of one of its registered versions where the server has it. @throws UserError in the server's words. */
  async moveAlias(name: string, alias: string, version: number | null): Promise<void> {
    if (this.#following !== null && this.#withModels) {
      await this.#registry.moveAlias(this.#following.client, name, alias, version);
    }
  }

  /** Brings a run's history here before it is shown, as far as that does not take long. @param files its files too, which come later. */
  async open(run_id: string, files: boolean): Promise<void> {
    const following = this.#following;
    const copy = following === null ? null : this.#runs.copies.byRun(following.uri, run_id);
    if (following === null || copy === null || copy.fetched === copy.seen) {
      return;
    }
    const opening = this.#opening.get(run_id) ?? this.#fetch(following, run_id, files ? copy.seen : null);
    this.#opening.set(run_id, opening);
    await Promise.race([opening, pause(longestWait, undefined, { ref: false })]);
  }

  async close(): Promise<void> {
    this.follow(null, 0);
    await this.#round;
    await Promise.all(this.#opening.values());
  }

  #begin(address: string, every: number): Following {
    const { database } = this.#options.stores;
    const abort = new AbortController();
    const client = this.#options.connect(address, abort.signal);
    const { uri, host } = client;
    database.run('INSERT INTO followed_remotes (remote, since) VALUES (:uri, :now) ON CONFLICT DO NOTHING', { uri, now: Date.now() });
    const since = Number(database.get('SELECT since FROM followed_remotes WHERE remote = :uri', { uri })?.['since'] ?? 0);
    const tally = new Tally();
    return { uri, host, client, source: new RemoteSource(client, tally.report), publisher: new Publisher(client, this.#options.stores, tally), tally, since, every, abort, lastFull: 0 };
  }

  async #loop(following: Following): Promise<void> {
    const { signal } = following.abort;
    this.#addUnsent(following);
    while (!signal.aborted) {
      await this.synchronise();
      const every = this.#options.isWatched() ? following.every : Math.max(following.every, unwatchedEvery);
      // A window that comes is not kept waiting, and what is to be sent leaves soon.
      for (const began = Date.now(); !signal.aborted && Date.now() - began < (this.#options.isWatched() || this.#waiting.size > 0 ? following.every : every); ) {
        await pause(Math.min(following.every, 1000), undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  async #synchronise(following: Following, full: boolean): Promise<void> {
    const whole = full || Date.now() - following.lastFull > fullEvery;
    const { signal } = following.abort;
    try {
      signal.throwIfAborted();
      await this.#runs.pull(following.source, whole);
      if (this.#withModels) {
        await this.#registry.pull(following.source, whole);
      }
      following.lastFull = whole ? Date.now() : following.lastFull;
      const refused = await this.#send(following);
      this.#become({ uri: following.uri, host: following.host, synchronised: Date.now(), problem: refused, needs_credentials: false, waiting: 0 });
    } catch (error) {
      if (!signal.aborted) {
        this.#failed(following, error);
      }
    }
  }

  /** Sends what waits; gives the first sentence with which the server refused a run. */
  async #send(following: Following): Promise<string | null> {
    let refused: string | null = null;
    for (const run_id of [...this.#waiting]) {
      const run = this.#options.stores.runs.find(run_id);
      this.#waiting.delete(run_id);
      if (run === null) {
        continue;
      }
      try {
        await following.publisher.publish(run_id, { artifacts: run.status !== 'running' && run.status !== 'queued', signal: following.abort.signal });
      } catch (error) {
        if (error instanceof RemoteRefusal) {
          refused ??= `${run.name}: ${error.message}`;
          continue;
        }
        this.#waiting.add(run_id);
        throw error;
      }
    }
    return refused;
  }

  /** @param seen what its files are fetched for; null: they are not. */
  async #fetch(following: Following, run_id: string, seen: string | null): Promise<void> {
    try {
      await this.#runs.fetchHistory(following.source, run_id);
    } catch (error) {
      this.#opening.delete(run_id);
      this.#failed(following, error);
      return;
    }
    if (seen === null) {
      this.#opening.delete(run_id);
      return;
    }
    // Files may be large: the view shows the rest meanwhile and is told when they have come.
    void this.#runs
      .fetchArtifacts(following.source, run_id)
      .then(() => {
        if (this.#options.stores.runs.find(run_id)?.status !== 'running') {
          this.#runs.copies.note(following.uri, run_id, { fetched: seen });
        }
      })
      .catch((error: unknown) => this.#failed(following, error))
      .finally(() => this.#opening.delete(run_id));
  }

  #failed(following: Following, error: unknown): void {
    if (following.abort.signal.aborted) {
      return;
    }
    if (!(error instanceof UserError)) {
      this.#options.onFault(error);
    }
    const problem = error instanceof Error ? error.message : String(error);
    this.#become({ ...this.#state, problem, needs_credentials: error instanceof SignInNeeded });
  }

  /** Runs that were made here while the server was away, or while this process did not run. */
  #addUnsent({ uri, since }: Following): void {
    const { database, metrics } = this.#options.stores;
    const rows = database.all(
      `SELECT runs.run_id, mark, sent FROM runs LEFT JOIN published_runs AS copy ON copy.run_id = runs.run_id AND copy.remote = :uri
       WHERE (runs.created >= :since OR copy.run_id IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM imported_runs WHERE imported_runs.run_id = runs.run_id)`,
      { uri, since },
    );
    const records = new Map(this.#search.records(rows.map((row) => String(row['run_id']))).map((record) => [record.run_id, record]));
    for (const row of rows) {
      const record = records.get(String(row['run_id']));
      if (record !== undefined && (row['sent'] !== recordMark(record) || metrics.lastMark(record.run_id) > Number(row['mark']))) {
        this.#waiting.add(record.run_id);
      }
    }
  }

  #isSent({ uri, since }: Following, run_id: string): boolean {
    const sql = `SELECT 1 FROM runs WHERE run_id = :run_id AND NOT EXISTS (SELECT 1 FROM imported_runs WHERE imported_runs.run_id = :run_id)
      AND (created >= :since OR EXISTS (SELECT 1 FROM published_runs WHERE remote = :uri AND published_runs.run_id = :run_id))`;
    return this.#options.stores.database.get(sql, { run_id, since, uri }) !== undefined;
  }

  #become(state: RemoteState): void {
    this.#state = state;
    this.#options.onState(this.state);
  }
}
