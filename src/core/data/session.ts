// One DuckDB in memory that can read the files it was opened for and nothing else.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { literal } from './sql.ts';

/** A value as DuckDB hands it over; queries cast to DOUBLE, VARCHAR or BOOLEAN, so that these are all there are. */
export type Value = string | number | boolean | null;
export type Progress = (fraction: number) => void;

export interface SessionOptions {
  /** Absolute paths that may be read or written; every other file is out of reach. */
  files: readonly string[];
  signal?: AbortSignal | undefined;
}

const memoryLimit = Math.max(256, Math.floor(Math.min(os.totalmem() / 4, 2 * 2 ** 30) / 2 ** 20));

export class Session {
  readonly #connection: DuckDBConnection;
  readonly #dispose: () => Promise<void>;
  readonly #signal: AbortSignal | undefined;

  private constructor(connection: DuckDBConnection, signal: AbortSignal | undefined, dispose: () => Promise<void>) {
    this.#connection = connection;
    this.#signal = signal;
    this.#dispose = dispose;
  }

  /** Opens DuckDB: extensions are never fetched, large work spills to the system's temporary folder, settings are locked. */
  static async open({ files, signal }: SessionOptions): Promise<Session> {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    signal?.throwIfAborted();
    const spill = await mkdtemp(path.join(os.tmpdir(), 'ml-lifecycle-'));
    try {
      const instance = await DuckDBInstance.create(':memory:', {
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
        memory_limit: `${memoryLimit}MiB`,
        temp_directory: spill,
        threads: String(os.availableParallelism()),
      });
      const connection = await instance.connect();
      for (const setting of [
        'enable_progress_bar=true',
        'enable_progress_bar_print=false',
        // Dates of one file mean the same on every machine.
        "TimeZone='UTC'",
        `allowed_paths=[${files.map(literal).join(', ')}]`,
        'enable_external_access=false',
        'lock_configuration=true',
      ]) {
        await connection.run(`SET ${setting}`);
      }
      return new Session(connection, signal, async () => {
        connection.closeSync();
        instance.closeSync();
        await rm(spill, { recursive: true, force: true });
      });
    } catch (error) {
      await rm(spill, { recursive: true, force: true });
      throw error;
    }
  }

  /** Runs a statement. An aborted signal interrupts it within milliseconds and throws the signal's reason. */
  async run(sql: string, onProgress?: Progress): Promise<void> {
    await this.#guarded(() => this.#connection.run(sql), onProgress);
  }

  /** All rows of a query, each as an array in the order of its columns. */
  async rows(sql: string): Promise<Value[][]> {
    const reader = await this.#guarded(() => this.#connection.runAndReadAll(sql));
    return reader.getRowsJS() as Value[][];
  }

  /** The first row of a query that has one. */
  async row(sql: string): Promise<Value[]> {
    const [row] = await this.rows(sql);
    if (row === undefined) {
      throw new Error(`A query that gives one row gave none: ${sql.slice(0, 200)}`);
    }
    return row;
  }

  /** Starts a query whose chunks are fetched one by one; call `check` between them. */
  async stream(sql: string): Promise<DuckDBResult> {
    return this.#guarded(() => this.#connection.stream(sql));
  }

  /** The values of a query with one DOUBLE column that is never NULL. */
  async doubles(sql: string): Promise<Float64Array> {
    const result = await this.stream(sql);
    let values = new Float64Array(16_384);
    let length = 0;
    for (;;) {
      this.check();
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) {
        return values.subarray(0, length);
      }
      if (length + chunk.rowCount > values.length) {
        const larger = new Float64Array(2 * values.length);
        larger.set(values);
        values = larger;
      }
      // The array behind the vector: asking for its items one by one costs twenty times as much.
      const { items } = chunk.getColumnVector(0) as unknown as { items: Float64Array };
      values.set(items, length);
      length += chunk.rowCount;
    }
  }

  /** Throws where the work was cancelled. */
  check(): void {
    this.#signal?.throwIfAborted();
  }

  /** Fills a new temporary table through `append`, which gets DuckDB's fast appender. */
  async append(table: string, columns: string, append: (appender: Awaited<ReturnType<DuckDBConnection['createAppender']>>) => void): Promise<void> {
    await this.run(`CREATE TABLE ${table}(${columns})`);
    const appender = await this.#connection.createAppender(table);
    append(appender);
    appender.closeSync();
  }

  /** Frees memory and spilled files. */
  async close(): Promise<void> {
    await this.#dispose();
  }

  async #guarded<T>(work: () => Promise<T>, onProgress?: Progress): Promise<T> {
    this.#signal?.throwIfAborted();
    const interrupt = (): void => {
      this.#connection.interrupt();
    };
    this.#signal?.addEventListener('abort', interrupt, { once: true });
    const timer = onProgress && setInterval(() => {
      const { percentage } = this.#connection.progress;
      if (percentage >= 0) {
        onProgress(Math.min(1, percentage / 100));
      }
    }, 200);
    try {
      return await work();
    } catch (error) {
      this.#signal?.throwIfAborted();
      throw error;
    } finally {
      clearInterval(timer);
      this.#signal?.removeEventListener('abort', interrupt);
    }
  }
}
