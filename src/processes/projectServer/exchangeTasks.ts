// Imports and publications under way: one after the other, so that two windows that want the same do it once.
import { ulid } from 'ulid';
import { UserError } from '../../contracts/errors.ts';
import type { Credentials, ExchangeTask, ImportRequest, PublishRequest } from '../../contracts/exchange.ts';
import { importRuns, MlflowClient, openSource, Publisher, publishVersions, readAddress, RemoteRefusal, SignInNeeded, Tally, type ExchangeStores } from '../../core/exchange/api.ts';
import { RunSearch } from '../../core/tracking/api.ts';
import { SourceThread } from './sourceThread.ts';
import { makeTurns } from './turns.ts';

interface Task {
  shown: ExchangeTask;
  abort: AbortController;
}

/** So many that have ended are remembered. */
const kept = 50;

export interface ExchangeTasksOptions {
  stores: ExchangeStores;
  /** The script of the thread that reads what lies on this machine. */
  reader: string;
  /** The credentials that a person gave for an address; in memory only. */
  credentialsFor(uri: string): Credentials | undefined;
  /** Runs came or changed: windows ask again. */
  onRuns(): void;
  onFault(error: unknown): void;
}

export class ExchangeTasks {
  readonly #options: ExchangeTasksOptions;
  readonly #tasks = new Map<string, Task>();
  readonly #inTurn = makeTurns();
  #open = 0;

  constructor(options: ExchangeTasksOptions) {
    this.#options = options;
  }

  /** How many wait or run. */
  get open(): number {
    return this.#open;
  }

  import(request: ImportRequest): ExchangeTask {
    return this.#start('import', async (tally, task, signal) => {
      const { from, experiment } = request;
      const source = /^https?:/i.test(from)
        ? await openSource({ from, experiment, credentials: request.credentials ?? this.#options.credentialsFor(readAddress(from).uri), signal }, tally.report)
        : await SourceThread.open(this.#options.reader, { from, experiment }, tally.report);
      try {
        await importRuns(source, this.#options.stores, request.experiment, tally, { signal, onProgress: (progress) => (task.progress = progress) });
      } finally {
        source.close();
        this.#options.onRuns();
      }
    });
  }

  /** @throws UserError for an address that is none, and a filter that cannot be read. */
  publish(request: PublishRequest): ExchangeTask {
    const { uri } = readAddress(request.to);
    const chosen = this.#chosen(request);
    if (chosen.length === 0) {
      throw new UserError('No run was chosen: none of this project matches.', { field: 'run_ids' });
    }
    return this.#start('publish', async (tally, task, signal) => {
      const client = new MlflowClient(request.to, { credentials: request.credentials ?? this.#options.credentialsFor(uri), signal });
      const publisher = new Publisher(client, this.#options.stores, tally);
      for (const [index, run_id] of chosen.entries()) {
        signal.throwIfAborted();
        task.progress = { fraction: index / chosen.length, message: `Run ${index + 1} of ${chosen.length}` };
        try {
          await publisher.publish(run_id, { artifacts: request.artifacts, signal });
        } catch (error) {
          // What this server refuses about one run it may take of the next; that it is away concerns them all.
          if (!(error instanceof RemoteRefusal)) {
            throw error;
          }
          tally.report({ message: `${this.#options.stores.runs.find(run_id)?.name ?? run_id}: ${error.message}`, run_id });
        }
      }
      if (request.versions) {
        await publishVersions(publisher, this.#options.stores, chosen, tally, signal);
      }
    });
  }

  /** @throws UserError where there is none. */
  get(task_id: string): ExchangeTask {
    return this.#find(task_id).shown;
  }

  cancel(task_id: string): void {
    this.#find(task_id).abort.abort(new UserError('Cancelled.'));
  }

  /** Cancels what is open and waits for it. */
  async close(): Promise<void> {
    for (const { abort } of this.#tasks.values()) {
      abort.abort(new UserError('The project server ended.'));
    }
    await this.#inTurn(async () => undefined);
  }

  #find(task_id: string): Task {
    const task = this.#tasks.get(task_id);
    if (task === undefined) {
      throw new UserError(`The server knows no import or publication ${task_id}; it may have been started again since. Do it again: nothing is copied twice.`, { field: 'task_id' });
    }
    return task;
  }

  /** The runs that a request means, the oldest first. */
  #chosen({ run_ids, experiment, filter }: PublishRequest): string[] {
    const { runs, experiments, database } = this.#options.stores;
    if (run_ids !== undefined) {
      return run_ids.map((run_id) => runs.get(run_id).run_id);
    }
    const found = experiment === undefined ? null : experiments.byName(experiment);
    if (experiment !== undefined && found === null) {
      throw new UserError(`There is no experiment "${experiment}" in this project.`, { field: 'experiment' });
    }
    const query = { filter: filter ?? '', order_by: ['start_time ASC'], experiment_ids: found === null ? null : [found.experiment_id], view: 'active' as const, max: 50_000, token: '' };
    return new RunSearch(database).ids(query).ids;
  }

  #start(kind: ExchangeTask['kind'], work: (tally: Tally, task: ExchangeTask, signal: AbortSignal) => Promise<void>): ExchangeTask {
    const tally = new Tally();
    const shown: ExchangeTask = { task_id: ulid(), kind, status: 'queued', progress: { fraction: null, message: 'Waiting for another one' }, result: tally.result, error: null, needs_credentials: false };
    const abort = new AbortController();
    this.#tasks.set(shown.task_id, { shown, abort });
    this.#open += 1;
    void this.#inTurn(async () => {
      try {
        abort.signal.throwIfAborted();
        Object.assign(shown, { status: 'running', progress: { fraction: null, message: 'Looking' } });
        await work(tally, shown, abort.signal);
        shown.status = 'finished';
      } catch (error) {
        shown.status = abort.signal.aborted ? 'cancelled' : 'failed';
        shown.error = error instanceof Error ? error.message : String(error);
        shown.needs_credentials = error instanceof SignInNeeded;
        if (!(error instanceof UserError)) {
          this.#options.onFault(error);
        }
      } finally {
        this.#open -= 1;
        this.#forget();
      }
    });
    return shown;
  }

  #forget(): void {
    const ended = [...this.#tasks.values()].filter(({ shown }) => shown.status !== 'queued' && shown.status !== 'running');
    for (const { shown } of ended.slice(0, Math.max(0, ended.length - kept))) {
      this.#tasks.delete(shown.task_id);
    }
  }
}
