import { Worker } from 'node:worker_threads';
import { fromFailure, type Failure } from '../../contracts/errors.ts';
import type { RunExportRequest, RunTableAnswer, RunTableQuestion } from '../../contracts/runTable.ts';
import type { WrittenTable } from '../../core/tracking/api.ts';

export type TableTask = RunTableQuestion | { type: 'export'; request: RunExportRequest; separator: ',' | '\t' };
export type TableResult = RunTableAnswer | WrittenTable;
export type TableReply = { id: number; result: TableResult } | { id: number; failure: Failure };

/** It ends when it was not asked anything for so long, in milliseconds, and with it what it remembers. */
const idle = 300_000;

/** The thread that answers questions about many runs. Started by the first one. */
export class TableThread {
  readonly #script: string;
  readonly #databaseFile: string;
  readonly #waiting = new Map<number, PromiseWithResolvers<TableResult>>();
  #worker: Worker | null = null;
  #next = 1;
  #rest: NodeJS.Timeout | undefined;

  constructor(script: string, databaseFile: string) {
    this.#script = script;
    this.#databaseFile = databaseFile;
  }

  async ask(question: RunTableQuestion): Promise<RunTableAnswer> {
    return (await this.#send(question)) as RunTableAnswer;
  }

  /** Writes runs as text with separators. */
  async export(request: RunExportRequest, separator: ',' | '\t'): Promise<WrittenTable> {
    return (await this.#send({ type: 'export', request, separator })) as WrittenTable;
  }

  async close(): Promise<void> {
    clearTimeout(this.#rest);
    await this.#worker?.terminate();
  }

  async #send(task: TableTask): Promise<TableResult> {
    const id = this.#next++;
    const waiting = Promise.withResolvers<TableResult>();
    this.#waiting.set(id, waiting);
    clearTimeout(this.#rest);
    this.#started().postMessage({ id, task });
    try {
      return await waiting.promise;
    } finally {
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) {
        clearTimeout(this.#rest);
        this.#rest = setTimeout(() => void this.#worker?.terminate(), idle).unref();
      }
    }
  }

  #started(): Worker {
    if (this.#worker !== null) {
      return this.#worker;
    }
    const worker = new Worker(this.#script, { workerData: this.#databaseFile });
    const lost = (error: Error): void => {
      if (this.#worker === worker) {
        this.#worker = null;
        for (const { reject } of this.#waiting.values()) {
          reject(error);
        }
      }
    };
    worker.on('message', (reply: TableReply) => {
      const waiting = this.#waiting.get(reply.id);
      if ('failure' in reply) {
        waiting?.reject(fromFailure(reply.failure));
      } else {
        waiting?.resolve(reply.result);
      }
    });
    worker.on('error', lost);
    worker.on('exit', () => lost(new Error('The thread that reads the table of runs ended.')));
    this.#worker = worker;
    return worker;
  }
}
