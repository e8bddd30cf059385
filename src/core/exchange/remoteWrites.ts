// Writes into what a followed server keeps: made there first, then here. While it is away they are made here at once and
// there later, in their order; what somebody changed there meanwhile is not written over but told.
import { UserError } from '../../contracts/errors.ts';
import { baselineTag, parentTag } from '../../contracts/tags.ts';
import type { FollowedExperiments } from './followedExperiments.ts';
import type { ExchangeStores } from './importRuns.ts';
import { RemoteRefusal, RemoteUnreachable, SignInNeeded, type MlflowClient } from './mlflowClient.ts';
import { answers } from './mlflowWire.ts';
import type { Publisher } from './publishRuns.ts';
import { joined } from './remoteBatches.ts';
import { RemoteChanges, type RemoteRequest, type StoredChange, type Subject } from './remoteChanges.ts';
import type { RemoteFiles } from './remoteFiles.ts';
import { wantedBy, type ValuesOf } from './remoteRequest.ts';
import type { RemoteRuns } from './remoteRuns.ts';
import { isMissing, type RemoteSource } from './remoteSource.ts';
import { conflictOf, RemoteValues } from './remoteValues.ts';

/** Looked at together, so that many small ones become one request. */
const atOnce = 1000;

export interface RemoteWritesOptions {
  stores: ExchangeStores;
  client: MlflowClient;
  source: RemoteSource;
  publisher: Publisher;
  runs: RemoteRuns;
  experiments: FollowedExperiments;
  files: RemoteFiles;
  signal: AbortSignal;
  /** Told when a change waits, was sent or was refused; with the error that made it wait. */
  onChange(error?: unknown): void;
}

export class RemoteWrites {
  readonly changes: RemoteChanges;
  readonly #options: RemoteWritesOptions;
  readonly #values: RemoteValues;
  /** The server did not answer, or wants other credentials: nothing is tried until a round says otherwise. */
  away = false;
  #count = 0;
  /** What is on its way there. */
  readonly #open = new Map<string, number>();
  /** When something was last written there, by the count of writes. */
  readonly #written = new Map<string, number>();

  constructor(options: RemoteWritesOptions) {
    this.#options = options;
    this.changes = new RemoteChanges(options.stores.database, options.client.uri);
    this.#values = new RemoteValues(options);
  }

  /** A mark of now, for `isNewer`. */
  get now(): number {
    return this.#count;
  }

  /** Whether what this project has of it is newer than an answer that was asked for at the mark `since`. */
  isNewer(subject: Subject, since: number): boolean {
    const key = keyOf(subject);
    return this.#open.has(key) || (this.#written.get(key) ?? 0) > since || this.changes.isWaiting(subject);
  }

  /** Whether the server has the last word on it. */
  isKept({ kind, id }: Subject): boolean {
    return kind === 'run' ? this.#options.runs.copies.byRun(this.#options.client.uri, id) !== null : this.#options.experiments.idThere(id) !== null;
  }

  /**
   * Makes a change there and here; gives what `apply` gives.
   *
   * @param apply makes it here. @throws RemoteRefusal with the server's own words; nothing was changed here then.
   */
  async write(subject: Subject, requests: readonly RemoteRequest[], apply: () => unknown): Promise<unknown> {
    if (requests.length === 0) {
      return apply();
    }
    if (this.away || this.changes.count().waiting > 0) {
      return this.#keep(subject, requests, apply);
    }
    const key = keyOf(subject);
    this.#open.set(key, (this.#open.get(key) ?? 0) + 1);
    let sent = 0;
    let answer: unknown;
    let trouble: unknown;
    try {
      for (const request of requests) {
        answer = await this.#send(subject, request, false);
        sent += 1;
      }
      return apply();
    } catch (error) {
      if (sent < requests.length && isAway(error)) {
        this.away = true;
        const result = this.#keep(subject, requests.slice(sent), apply);
        this.#options.onChange(error);
        return result;
      }
      if (sent === 0 || !(error instanceof UserError)) {
        throw error;
      }
      trouble = error;
    } finally {
      this.#close(key);
    }
    // A part of it is there; or all is, and here it was something else before.
    await this.#refresh(subject);
    if (sent < requests.length) {
      throw trouble;
    }
    return answer;
  }

  /** Sends what waits, in its order. What is refused is kept with the reason. @throws RemoteUnreachable, SignInNeeded. */
  async flush(): Promise<void> {
    const known = new Map<string, ValuesOf | null>();
    const touched = new Map<string, Subject>();
    for (;;) {
      const [first, ...others] = this.changes.waiting(atOnce);
      if (first === undefined) {
        break;
      }
      this.#options.signal.throwIfAborted();
      const { changes, request } = joined(first, others);
      const key = keyOf(first.subject);
      touched.set(key, first.subject);
      if (!known.has(key)) {
        known.set(key, await this.#values.there(first.subject));
      }
      await this.#settle(changes, request, known.get(key) ?? null);
      this.#options.onChange();
    }
    for (const subject of touched.values()) {
      await this.#refresh(subject);
    }
  }

  /** What it is called, for people. */
  nameOf({ kind, id }: Subject): string {
    const { runs, database } = this.#options.stores;
    return kind === 'run' ? (runs.find(id)?.name ?? id) : String(database.get('SELECT name FROM experiments WHERE experiment_id = :id', { id })?.['name'] ?? id);
  }

  #close(key: string): void {
    this.#count += 1;
    this.#written.set(key, this.#count);
    const open = (this.#open.get(key) ?? 1) - 1;
    if (open === 0) {
      this.#open.delete(key);
    } else {
      this.#open.set(key, open);
    }
  }

  #keep(subject: Subject, requests: readonly RemoteRequest[], apply: () => unknown): unknown {
    const result = this.#options.stores.database.transaction(() => {
      for (const request of requests) {
        this.changes.add(subject, { ...request, replaces: { ...this.#values.here(subject, Object.keys(wantedBy(request))), ...request.replaces } });
      }
      return apply();
    });
    this.#options.onChange();
    return result;
  }

  async #settle(changes: readonly StoredChange[], request: RemoteRequest, there: ValuesOf | null): Promise<void> {
    const [{ subject, forced, change_id }] = changes as [StoredChange];
    if (there === null) {
      for (const each of changes) {
        this.changes.refuse(each.change_id, `${this.nameOf(subject)} is not at ${this.#options.client.host} any more.`);
      }
      return;
    }
    const wanted = wantedBy(request);
    try {
      const conflict = forced ? null : request.path === 'artifacts/put' ? await this.#options.files.conflict(subject.id, request) : conflictOf(request.replaces ?? {}, wanted, there, this.#options.client.host);
      if (conflict !== null) {
        this.changes.refuse(change_id, `${this.nameOf(subject)}: ${conflict}`);
        return;
      }
      if (!isDone(request, wanted, there)) {
        await this.#send(subject, request, true);
      }
    } catch (error) {
      if (!(error instanceof UserError) || isAway(error)) {
        throw error;
      }
      if (changes.length > 1) {
        for (const each of changes) {
          await this.#settle([each], each.request, there);
        }
      } else {
        this.changes.refuse(change_id, `${this.nameOf(subject)}: ${error.message}`);
      }
      return;
    }
    Object.assign(there, wanted);
    this.changes.remove(changes.map((each) => each.change_id));
  }

  async #send({ kind, id }: Subject, { path, body }: RemoteRequest, repeatable: boolean): Promise<unknown> {
    const { client, files, runs, experiments } = this.#options;
    if (path === 'artifacts/put') {
      return files.send(id, String(body['path']));
    }
    if (path === 'artifacts/delete') {
      return files.remove(id, String(body['path']));
    }
    const content = await this.#resolved(body);
    if (kind === 'run') {
      const there = runs.copies.byRun(client.uri, id)?.origin_run_id ?? id;
      return this.#post(path, { ...content, run_id: there, run_uuid: there }, repeatable);
    }
    return this.#post(path, { ...content, experiment_id: experiments.idThere(id) ?? id }, repeatable);
  }

  async #post(path: string, body: Record<string, unknown>, repeatable: boolean): Promise<unknown> {
    const { client } = this.#options;
    try {
      return await client.post(answers.anything, path, body, repeatable);
    } catch (error) {
      if (!path.includes('/delete-') || !isMissing(error)) {
        throw error;
      }
      if (error instanceof RemoteRefusal && error.code === 'ENDPOINT_NOT_FOUND' && path === 'experiments/delete-experiment-tag') {
        // A server that cannot delete such a tag; an empty one says nothing.
        return client.post(answers.anything, 'experiments/set-experiment-tag', { ...body, value: '' }, repeatable);
      }
      if (repeatable && error instanceof RemoteRefusal && error.code !== 'ENDPOINT_NOT_FOUND') {
        // It is gone already, as it was to be.
        return {};
      }
      throw error;
    }
  }

  /** Tags that name runs name them as they are called there. */
  async #resolved(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    const resolve = async <P extends { key?: unknown; value?: unknown }>(pair: P): Promise<P> =>
      (pair.key === baselineTag || pair.key === parentTag) && typeof pair.value === 'string' ? { ...pair, value: await this.#runThere(pair.value) } : pair;
    const { tags } = body;
    return { ...(await resolve(body)), ...(Array.isArray(tags) ? { tags: await Promise.all((tags as { key?: unknown; value?: unknown }[]).map(resolve)) } : {}) };
  }

  async #runThere(run_id: string): Promise<string> {
    const { publisher, stores, runs, client, signal } = this.#options;
    if (stores.runs.find(run_id) === null || runs.copies.byRun(client.uri, run_id) !== null) {
      return run_id;
    }
    if (publisher.copyOf(run_id) === null) {
      // What is named there has to be there.
      await publisher.publish(run_id, { artifacts: false, signal });
    }
    return publisher.copyOf(run_id) ?? run_id;
  }

  /** Takes over what the server has of it. */
  async #refresh({ kind, id }: Subject): Promise<void> {
    const { runs, source, client } = this.#options;
    if (kind === 'experiment') {
      return;
    }
    try {
      await runs.refresh(source, runs.copies.byRun(client.uri, id)?.origin_run_id ?? id, this);
    } catch (error) {
      // What is gone there is seen with the next look at all runs.
      if (!isMissing(error)) {
        throw error;
      }
    }
  }
}

/** Nothing is wrong with what was asked: it can be done later. */
export function isAway(error: unknown): boolean {
  return error instanceof RemoteUnreachable || (error instanceof SignInNeeded && error.status !== 403);
}

/** What can be done only once was done before, and only its answer got lost. */
function isDone({ path }: RemoteRequest, wanted: ValuesOf, there: ValuesOf): boolean {
  return /^(runs|experiments)\/(delete|restore)/.test(path) && Object.entries(wanted).every(([what, value]) => (there[what] ?? null) === value);
}

function keyOf({ kind, id }: Subject): string {
  return `${kind} ${id}`;
}
