// A source on this machine as the project server reads it: through a thread, which waits for the disk instead of it.
import { createReadStream } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { fromFailure, type Failure } from '../../contracts/errors.ts';
import type { ExchangeProblem } from '../../contracts/exchange.ts';
import type { Report, RunSource, SourceArtifact, SourceExperiment, SourceModel, SourceRegistered, SourceRun } from '../../core/exchange/api.ts';
import type { LoggedPoint } from '../../core/tracking/api.ts';

type Wanted =
  | { what: 'runs' | 'loggedModels'; experiment: SourceExperiment }
  | { what: 'history'; run: SourceRun }
  | { what: 'artifacts'; owner: Pick<SourceRun, 'id' | 'artifact_uri'> }
  | { what: 'registered' };

export type SourceCall =
  | { type: 'open'; wish: { from: string; experiment?: string | undefined } }
  | { type: 'experiments' }
  /** `listing` names it from then on. */
  | ({ type: 'begin'; listing: number } & Wanted)
  | { type: 'next' | 'end'; listing: number };

/** With what could not be read meanwhile. */
export type SourceReply = { id: number; problems: ExchangeProblem[] } & ({ result: unknown } | { failure: Failure });

export class SourceThread implements RunSource {
  readonly local = true;
  readonly #worker: Worker;
  readonly #report: Report;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #origin = '';
  #next = 1;

  /** @param script of the thread. @throws UserError where there is nothing that can be imported. */
  static async open(script: string, wish: { from: string; experiment?: string | undefined }, report: Report): Promise<SourceThread> {
    const thread = new SourceThread(script, report);
    try {
      thread.#origin = (await thread.#ask({ type: 'open', wish })) as string;
      return thread;
    } catch (error) {
      thread.close();
      throw error;
    }
  }

  private constructor(script: string, report: Report) {
    this.#report = report;
    this.#worker = new Worker(script);
    const lost = (error: Error): void => this.#waiting.forEach(({ reject }) => reject(error));
    this.#worker.on('message', (reply: SourceReply) => this.#take(reply));
    this.#worker.on('error', lost);
    this.#worker.on('exit', () => lost(new Error('The thread that reads an import ended.')));
  }

  get origin(): string {
    return this.#origin;
  }

  async experiments(): Promise<SourceExperiment[]> {
    return (await this.#ask({ type: 'experiments' })) as SourceExperiment[];
  }

  runs(experiment: SourceExperiment): AsyncIterable<SourceRun> {
    return this.#list<SourceRun>({ what: 'runs', experiment });
  }

  history(run: SourceRun): AsyncIterable<LoggedPoint[]> {
    return this.#list<LoggedPoint[]>({ what: 'history', run });
  }

  async *artifacts(owner: Pick<SourceRun, 'id' | 'artifact_uri'>): AsyncGenerator<SourceArtifact> {
    for await (const { path, bytes, file } of this.#list<SourceArtifact>({ what: 'artifacts', owner: { id: owner.id, artifact_uri: owner.artifact_uri } })) {
      yield { path, bytes, file, read: async () => createReadStream(file ?? '') };
    }
  }

  loggedModels(experiment: SourceExperiment): AsyncIterable<SourceModel> {
    return this.#list<SourceModel>({ what: 'loggedModels', experiment });
  }

  registered(): AsyncIterable<SourceRegistered> {
    return this.#list<SourceRegistered>({ what: 'registered' });
  }

  close(): void {
    void this.#worker.terminate();
  }

  async *#list<T>(wanted: Wanted): AsyncGenerator<T> {
    const listing = this.#next++;
    let call: SourceCall = { type: 'begin', listing, ...wanted };
    let whole = false;
    try {
      while (!whole) {
        const { items, done } = (await this.#ask(call)) as { items: T[]; done: boolean };
        whole = done;
        yield* items;
        call = { type: 'next', listing };
      }
    } finally {
      if (!whole) {
        this.#worker.postMessage({ id: 0, call: { type: 'end', listing } });
      }
    }
  }

  async #ask(call: SourceCall): Promise<unknown> {
    const id = this.#next++;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#worker.postMessage({ id, call });
    try {
      return await waiting.promise;
    } finally {
      this.#waiting.delete(id);
    }
  }

  #take(reply: SourceReply): void {
    reply.problems.forEach(this.#report);
    const waiting = this.#waiting.get(reply.id);
    if ('failure' in reply) {
      waiting?.reject(fromFailure(reply.failure));
    } else {
      waiting?.resolve(reply.result);
    }
  }
}
