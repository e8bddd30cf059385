import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { UserError } from '../../contracts/errors.ts';
import { migrations } from './migrations.ts';

export type Values = Record<string, SQLInputValue>;
export type DatabaseRow = Record<string, SQLOutputValue>;

/** The project's database. One process writes it; everything here is synchronous and short. */
export interface Database {
  /** Where it lies. */
  readonly file: string;
  /** A sentence where the database can only be read, else null. */
  readonly readOnly: string | null;
  /** Runs a statement with named values (`:name`); gives how many rows it changed. */
  run(sql: string, values?: Values): number;
  /** Inserts many rows at once. @param sql everything before the rows: `INSERT INTO t (a, b) VALUES`. */
  insert(sql: string, rows: readonly SQLInputValue[][]): void;
  all(sql: string, values?: Values): DatabaseRow[];
  get(sql: string, values?: Values): DatabaseRow | undefined;
  /** Runs `work` in one transaction that is rolled back when it throws. May be nested: the outermost counts. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** One statement for so many rows is four times as fast as one for each. */
const rowsAtOnce = 50;

/**
 * Opens the database, making or migrating it where needed; before a migration the old file is copied to
 * `<file>.before-<version>`. One that a newer version wrote opens for reading only.
 *
 * @throws UserError where the file is no database or is damaged; it is left as it is.
 */
export function openDatabase(file: string): Database {
  try {
    return open(file);
  } catch (error) {
    const { errcode, message } = error as Error & { errcode?: number };
    // 11: malformed, 26: not a database.
    if (errcode === 11 || errcode === 26) {
      throw new UserError(
        `${file} is damaged and cannot be read (${message}). Nothing was changed. Move the file away to begin with an empty history, or put a backup in its place.`,
        { file },
        { cause: error },
      );
    }
    throw error;
  }
}

/** Opens a database that is there for reading, beside the process that writes it. */
export function openReader(file: string): Database {
  const connection = new DatabaseSync(file, { timeout: 5000, readOnly: true });
  connection.exec(`PRAGMA cache_size = ${cacheSize}`);
  return wrap(connection, file, 'This connection to the database only reads.');
}

/** What a search over ten thousand runs looks at stays in memory: 64 MB at most, in units of SQLite's. */
const cacheSize = -65536;

/** The project server's thread keeps the log far below; where nobody does, a commit waits for the disk then. 64 MB, in pages. */
const largestLog = 16_384;

function open(file: string): Database {
  let connection = new DatabaseSync(file, { timeout: 5000 });
  connection.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = ${largestLog}; PRAGMA cache_size = ${cacheSize};`);
  const version = Number(connection.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  let readOnly: string | null = null;
  if (version > migrations.length) {
    connection.close();
    connection = new DatabaseSync(file, { timeout: 5000, readOnly: true });
    readOnly = 'A newer version of ML Lifecycle wrote this project’s database. It can be read here, not changed; update the extension.';
  } else if (version < migrations.length) {
    migrate(connection, file, version);
  }
  return wrap(connection, file, readOnly);
}

/** True for SQLite's own error where there is no space left, and for what a transaction makes of it. */
export function isDiskFull(error: unknown): boolean {
  const { errcode, cause } = error as { errcode?: number; cause?: unknown };
  return errcode === 13 || (cause instanceof Error && isDiskFull(cause));
}

function migrate(connection: DatabaseSync, file: string, version: number): void {
  if (version > 0) {
    connection.prepare('VACUUM INTO ?').run(`${file}.before-${migrations.length}-${Date.now()}`);
  }
  connection.exec('BEGIN IMMEDIATE');
  try {
    for (const step of migrations.slice(version)) {
      connection.exec(step);
    }
    connection.exec(`PRAGMA user_version = ${migrations.length}`);
    connection.exec('COMMIT');
  } catch (error) {
    connection.exec('ROLLBACK');
    throw error;
  }
}

function wrap(connection: DatabaseSync, file: string, readOnly: string | null): Database {
  const prepared = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const found = prepared.get(sql) ?? connection.prepare(sql);
    prepared.set(sql, found);
    return found;
  };
  let depth = 0;
  return {
    file,
    readOnly,
    run(sql, values = {}) {
      if (readOnly !== null) {
        throw new UserError(readOnly);
      }
      return Number(statement(sql).run(values).changes);
    },
    insert(sql, rows) {
      if (readOnly !== null) {
        throw new UserError(readOnly);
      }
      for (let at = 0; at < rows.length; ) {
        // Two sizes only, so that two statements are prepared.
        const count = rows.length - at >= rowsAtOnce ? rowsAtOnce : 1;
        const row = `(${rows[at]?.map(() => '?').join(', ') ?? ''})`;
        statement(`${sql} ${Array.from({ length: count }, () => row).join(', ')}`).run(...rows.slice(at, at + count).flat());
        at += count;
      }
    },
    all: (sql, values = {}) => statement(sql).all(values),
    get: (sql, values = {}) => statement(sql).get(values),
    transaction(work) {
      if (depth > 0) {
        return work();
      }
      if (readOnly !== null) {
        throw new UserError(readOnly);
      }
      connection.exec('BEGIN IMMEDIATE');
      depth += 1;
      try {
        const result = work();
        connection.exec('COMMIT');
        return result;
      } catch (error) {
        try {
          connection.exec('ROLLBACK');
        } catch {
          // SQLite has done so by itself, as where the disk is full; the error that counts is the first.
        }
        throw isDiskFull(error) ? new UserError(`The disk is full, so nothing could be written to ${file}. Make room, then try again.`, { file }, { cause: error }) : error;
      } finally {
        depth -= 1;
      }
    },
    close: () => connection.close(),
  };
}
