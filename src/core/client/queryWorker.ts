import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { LabelsResult } from '../../contracts/endpoints.ts';
import { fromFailure, UserError } from '../../contracts/errors.ts';
import type { DriftReport, DriftRequest, LabelsFileRequest, WindowAnswer, WindowRequest } from '../../contracts/monitoring.ts';
import type { Profile, TableSummary } from '../../contracts/profile.ts';
import { QueryResponse, type ChartName, type ParquetRequest, type QueryRequest, type TableRows, type VegaSpec } from '../../contracts/query.ts';
import type { RuntimeLocation } from './connect.ts';

interface Waiting {
  resolve(response: QueryResponse): void;
  reject(error: Error): void;
  onProgress?: ((message: string, fraction: number | null) => void) | undefined;
}

type Question = QueryRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

interface AskOptions {
  signal?: AbortSignal;
  onProgress?: (message: string, fraction: number | null) => void;
}

/** The worker ends when it was not asked anything for so long. In milliseconds. */
const idle = 60_000;

/**
 * Quick questions about files, answered by a child process: DuckDB and Vega-Lite never load into the editor, and a
 * crash there costs only the questions under way. Started by the first question.
 */
export class QueryWorker {
  readonly #runtime: RuntimeLocation;
  readonly #onLog: (line: string) => void;
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | null = null;
  #next = 1;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(runtime: RuntimeLocation, options: { onLog?: (line: string) => void } = {}) {
    this.#runtime = runtime;
    this.#onLog = options.onLog ?? (() => undefined);
  }

  async profile(file: string, options: AskOptions = {}): Promise<Profile> {
    const response = await this.#ask({ type: 'profile', file }, options);
    return response.type === 'profile' ? response.profile : unexpected(response);
  }

  async summary(file: string, options: { signal?: AbortSignal } = {}): Promise<TableSummary> {
    const response = await this.#ask({ type: 'summary', file }, options);
    return response.type === 'summary' ? response.summary : unexpected(response);
  }

  /** The first rows of a table. */
  async rows(file: string, limit: number, options: { signal?: AbortSignal } = {}): Promise<TableRows> {
    const response = await this.#ask({ type: 'rows', file, limit }, options);
    return response.type === 'rows' ? response.table : unexpected(response);
  }

  /** Vega specifications, compiled; their data set is `values`. */
  async charts(names: ChartName[]): Promise<Record<string, VegaSpec>> {
    const response = await this.#ask({ type: 'charts', names }, {});
    return response.type === 'charts' ? response.charts : unexpected(response);
  }

  /** How far the distributions of two files are apart. */
  async drift(request: DriftRequest, options: { signal?: AbortSignal } = {}): Promise<DriftReport> {
    const response = await this.#ask({ type: 'drift', request }, options);
    return response.type === 'drift' ? response.report : unexpected(response);
  }

  /** The next full windows of an endpoint's logs, judged. */
  async windows(request: WindowRequest, options: { signal?: AbortSignal } = {}): Promise<WindowAnswer> {
    const response = await this.#ask({ type: 'window', request }, options);
    return response.type === 'window' ? response.answer : unexpected(response);
  }

  /** Appends the labels of a table to an endpoint's. */
  async labels(request: LabelsFileRequest): Promise<LabelsResult> {
    const response = await this.#ask({ type: 'labels', request }, {});
    return response.type === 'labels' ? response.result : unexpected(response);
  }

  /** Writes a CSV file of ours as Parquet. */
  async toParquet(request: ParquetRequest): Promise<void> {
    await this.#ask({ type: 'parquet', request }, {});
  }

  dispose(): void {
    clearTimeout(this.#idleTimer);
    this.#child?.kill();
    this.#child = null;
  }

  #ask(question: Question, { signal, onProgress }: AskOptions): Promise<QueryResponse> {
    signal?.throwIfAborted();
    const id = this.#next++;
    const child = this.#started();
    const { promise, resolve, reject } = Promise.withResolvers<QueryResponse>();
    const cancel = (): void => {
      child.send({ id, type: 'cancel' } satisfies QueryRequest, () => undefined);
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    clearTimeout(this.#idleTimer);
    this.#waiting.set(id, { resolve, reject, onProgress });
    child.send({ ...question, id } as QueryRequest, (error) => {
      if (error) {
        reject(error);
      }
    });
    return promise.finally(() => {
      signal?.removeEventListener('abort', cancel);
      this.#waiting.delete(id);
      this.#rest();
    });
  }

  #rest(): void {
    if (this.#waiting.size === 0) {
      clearTimeout(this.#idleTimer);
      this.#idleTimer = setTimeout(() => this.dispose(), idle);
      this.#idleTimer.unref();
    }
  }

  #started(): ChildProcess {
    if (this.#child !== null) {
      return this.#child;
    }
    const kept = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(VSCODE_|ELECTRON_)|^NODE_OPTIONS$/.test(key)));
    const child = fork(path.join(this.#runtime.folder, 'query-worker.js'), {
      execPath: this.#runtime.execPath,
      execArgv: [],
      env: { ...kept, ...(this.#runtime.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}) },
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => this.#onLog(data.toString().trimEnd()));
    }
    child.on('message', (message) => this.#take(message));
    child.on('error', (error) => this.#lost(child, error));
    child.on('exit', (code, signal) => this.#lost(child, new UserError(`The process that reads data files ended (${signal ?? `exit code ${String(code)}`}). Try again; if the file is very large, memory may have run out.`)));
    this.#child = child;
    return child;
  }

  #take(message: unknown): void {
    const parsed = QueryResponse.safeParse(message);
    if (!parsed.success) {
      this.#onLog(`The query worker sent what nobody understands: ${parsed.error.message}`);
      return;
    }
    const response = parsed.data;
    const waiting = this.#waiting.get(response.id);
    switch (response.type) {
      case 'progress':
        waiting?.onProgress?.(response.message, response.fraction);
        return;
      case 'failure':
        waiting?.reject(fromFailure(response.failure));
        return;
      default:
        waiting?.resolve(response);
    }
  }

  #lost(child: ChildProcess, error: Error): void {
    if (this.#child === child) {
      this.#child = null;
    }
    if (this.#child === null) {
      for (const { reject } of this.#waiting.values()) {
        reject(error);
      }
    }
  }
}

function unexpected(response: QueryResponse): never {
  throw new Error(`The query worker answered with ${response.type}.`);
}
