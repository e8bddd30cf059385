// A project that follows a remote tracking server: its runs are shown here, and what is made here is sent there.
import { setTimeout as pause } from 'node:timers/promises';
import type { RemoteChange, RemoteState } from '../../contracts/exchange.ts';
import { UserError } from '../../contracts/errors.ts';
import { beginFollowing, type Following } from './following.ts';
import type { ExchangeStores } from './importRuns.ts';
import { MirroredRuns } from './mirroredRuns.ts';
import { readAddress, SignInNeeded, type MlflowClient } from './mlflowClient.ts';
import { RemoteRegistry } from './remoteRegistry.ts';
import { describe } from './remoteRequest.ts';
import { isAway } from './remoteWrites.ts';

/** Every run is looked at again so often, for edits and deletions. In milliseconds. */
const fullEvery = 300_000;
/** While no window listens. In milliseconds. */
const unwatchedEvery = 60_000;
/** The state is told at most so often, however fast a script writes. In milliseconds. */
const tellEvery = 250;
/** So many changes are listed. */
const mostListed = 1000;

export interface MirrorOptions {
  stores: ExchangeStores;
  /** A client with the credentials that are known by now. */
  connect(uri: string, signal: AbortSignal): MlflowClient;
  isWatched(): boolean;
  onRun(run_id: string): void;
  /** Experiments came or changed. */
  onExperiments(): void;
  /** Registered models came or changed. */
  onModels(): void;
  onState(state: RemoteState): void;
  onFault(error: unknown): void;
}

const nowhere: RemoteState = { uri: null, host: '', synchronised: null, problem: null, needs_credentials: false, waiting: 0, changes: 0, refused: 0, refusal: null };

export class Mirror {
  /** Reading and writing the runs that the server keeps. */
  readonly runs: MirroredRuns;
  readonly #options: MirrorOptions;
  readonly #registry: RemoteRegistry;
  /** Whether the server has the last word on registered models too. */
  #withModels = false;
  #following: Following | null = null;
  #state: RemoteState = nowhere;
  #telling: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#registry = new RemoteRegistry(options.stores, options.onModels);
    this.runs = new MirroredRuns(options.stores, () => this.#following, (following, error) => this.#failed(following, error));
  }

  get state(): RemoteState {
    const following = this.#following;
    if (following === null) {
      return this.#state;
    }
    const { waiting, refused } = following.writes.changes.count();
    const { refusals } = following.own;
    const first = refused === 0 ? undefined : following.writes.changes.list(mostListed).find(({ problem }) => problem !== null);
    return { ...this.#state, waiting: following.own.waiting, changes: waiting, refused: refused + refusals.length, refusal: first?.problem ?? refusals[0] ?? null };
  }

  /** Whether something waits to be sent to a server that answers. */
  get sending(): boolean {
    const { waiting, changes, problem } = this.state;
    return waiting + changes > 0 && problem === null;
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
    if (uri === null) {
      this.#become(nowhere);
      return;
    }
    const { stores, connect, onRun } = this.#options;
    const following: Following = beginFollowing({
      stores,
      every,
      connect: (signal) => connect(uri, signal),
      onRun,
      onChange: (error) => (error === undefined ? this.#tellSoon() : this.#failed(following, error)),
    });
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

  /** A run of this project changed: it is sent with the next round, where it is one of its own. */
  touched(run_id: string): void {
    this.#following?.own.touched(run_id);
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

  /** The changes that the server has not taken, the oldest first. */
  changes(): RemoteChange[] {
    const { writes } = this.#following ?? {};
    return writes?.changes.list(mostListed).map(({ change_id, subject, request, at, problem }) => ({ change_id, name: writes.nameOf(subject), what: describe(request), at, problem })) ?? [];
  }

  /** Sends a change that was refused once more, whatever the server has meanwhile. @throws UserError where there is none. */
  async retry(change_id: number): Promise<void> {
    this.#mustFollow().writes.changes.retry(change_id);
    await this.synchronise();
  }

  /** Gives a change up; what the server has takes its place. @throws UserError where there is none. */
  async discard(change_id: number): Promise<void> {
    const { writes, runs, uri } = this.#mustFollow();
    const { kind, id } = writes.changes.discard(change_id);
    const copy = kind === 'run' ? runs.copies.byRun(uri, id) : null;
    if (copy !== null) {
      runs.copies.note(uri, copy.origin_run_id, { seen: '' });
    }
    await this.synchronise(true);
  }

  /** Moves an alias of one of its registered versions where the server has it. @throws UserError in the server's words. */
  async moveAlias(name: string, alias: string, version: number | null): Promise<void> {
    if (this.#following !== null && this.#withModels) {
      await this.#registry.moveAlias(this.#following.client, name, alias, version);
    }
  }

  async close(): Promise<void> {
    this.follow(null, 0);
    clearTimeout(this.#telling);
    await this.#round;
    await this.runs.close();
  }

  #mustFollow(): Following {
    if (this.#following === null) {
      throw new UserError('This project follows no tracking server (tracking: in ml.yaml).', { field: 'tracking' });
    }
    return this.#following;
  }

  async #loop(following: Following): Promise<void> {
    const { signal } = following.abort;
    following.own.addUnsent();
    while (!signal.aborted) {
      await this.synchronise();
      const every = this.#options.isWatched() ? following.every : Math.max(following.every, unwatchedEvery);
      const soon = (): boolean => this.#options.isWatched() || following.own.waiting > 0 || (following.writes.changes.count().waiting > 0);
      // A window that comes is not kept waiting, and what is to be sent leaves soon.
      for (const began = Date.now(); !signal.aborted && Date.now() - began < (soon() ? following.every : every); ) {
        await pause(Math.min(following.every, 1000), undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  async #synchronise(following: Following, full: boolean): Promise<void> {
    const { source, runs, writes, own, uri, host } = following;
    const whole = full || Date.now() - following.lastFull > fullEvery;
    const { signal } = following.abort;
    try {
      signal.throwIfAborted();
      await writes.flush();
      if (await runs.pull(source, whole, writes)) {
        this.#options.onExperiments();
      }
      writes.away = false;
      if (this.#withModels) {
        await this.#registry.pull(source, whole);
      }
      following.lastFull = whole ? Date.now() : following.lastFull;
      await own.send();
      // What was written meanwhile.
      await writes.flush();
      this.#become({ ...nowhere, uri, host, synchronised: Date.now() });
    } catch (error) {
      if (!signal.aborted) {
        writes.away ||= isAway(error);
        this.#failed(following, error);
      }
    }
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

  #become(state: RemoteState): void {
    this.#state = state;
    this.#options.onState(this.state);
  }

  #tellSoon(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#options.onState(this.state);
    }, tellEvery).unref();
  }
}
