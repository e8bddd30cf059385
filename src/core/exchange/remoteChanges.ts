// Changes that wait for the server which a project follows: kept in the database until it took them or a person gave them up.
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import type { Database, DatabaseRow } from '../store/api.ts';

/** What is changed, by its id in this project. */
export interface Subject {
  kind: 'run' | 'experiment';
  id: string;
}

/** One request of MLflow's protocol about a run or an experiment, without the id of that: ids differ between here and there. */
export const RemoteRequest = z.object({
  /** `runs/set-tag`, `experiments/update`; `artifacts/put` and `artifacts/delete` for a file of a run. */
  path: z.string(),
  body: z.record(z.string(), z.unknown()),
  /** What it replaces, as this project knew it: what the server has else was changed there meanwhile. Null: nothing. */
  replaces: z.optional(z.record(z.string(), z.nullable(z.string()))),
});
export type RemoteRequest = z.infer<typeof RemoteRequest>;

export interface StoredChange {
  change_id: number;
  subject: Subject;
  /** When it was wanted; milliseconds since 1970. */
  at: number;
  request: RemoteRequest;
  /** Why the server refused it; null while it waits. */
  problem: string | null;
  /** Sent even where the server has something else meanwhile. */
  forced: boolean;
}

/** The changes that one server has not taken yet, in their order. */
export class RemoteChanges {
  readonly #database: Database;
  readonly #remote: string;

  /** @param remote its address, without credentials. */
  constructor(database: Database, remote: string) {
    this.#database = database;
    this.#remote = remote;
  }

  add({ kind, id }: Subject, request: RemoteRequest): void {
    this.#database.run('INSERT INTO remote_changes (remote, subject, subject_id, at, request) VALUES (:remote, :kind, :id, :at, :request)', { remote: this.#remote, kind, id, at: Date.now(), request: JSON.stringify(request) });
  }

  /** Those that wait, the oldest first. @param after the one before. */
  waiting(most: number, after = 0): StoredChange[] {
    return this.#database.all('SELECT * FROM remote_changes WHERE remote = :remote AND problem IS NULL AND change_id > :after ORDER BY change_id LIMIT :most', { remote: this.#remote, after, most }).map(changeOf);
  }

  /** All, also those that were refused, the oldest first. */
  list(most: number): StoredChange[] {
    return this.#database.all('SELECT * FROM remote_changes WHERE remote = :remote ORDER BY change_id LIMIT :most', { remote: this.#remote, most }).map(changeOf);
  }

  /** How many wait, and how many were refused. */
  count(): { waiting: number; refused: number } {
    const row = this.#database.get('SELECT count(*) AS count, count(problem) AS refused FROM remote_changes WHERE remote = :remote', { remote: this.#remote });
    const refused = Number(row?.['refused'] ?? 0);
    return { waiting: Number(row?.['count'] ?? 0) - refused, refused };
  }

  /** Whether a change of this waits: until it is there, what the server says of it is not the newest. */
  isWaiting({ kind, id }: Subject): boolean {
    return this.#database.get('SELECT 1 FROM remote_changes WHERE remote = :remote AND subject = :kind AND subject_id = :id AND problem IS NULL', { remote: this.#remote, kind, id }) !== undefined;
  }

  /** They are there, or given up. */
  remove(ids: readonly number[]): void {
    this.#database.run('DELETE FROM remote_changes WHERE change_id IN (SELECT value FROM json_each(:ids))', { ids: JSON.stringify(ids) });
  }

  refuse(change_id: number, problem: string): void {
    this.#database.run('UPDATE remote_changes SET problem = :problem WHERE change_id = :change_id', { change_id, problem });
  }

  /** Lets a refused one wait again; it is then sent whatever the server has. @throws UserError where there is none. */
  retry(change_id: number): void {
    if (this.#database.run('UPDATE remote_changes SET problem = NULL, forced = 1 WHERE remote = :remote AND change_id = :change_id AND problem IS NOT NULL', { remote: this.#remote, change_id }) === 0) {
      throw unknown(change_id);
    }
  }

  /** Gives one up; gives what it was about. @throws UserError where there is none. */
  discard(change_id: number): Subject {
    const row = this.#database.get('DELETE FROM remote_changes WHERE remote = :remote AND change_id = :change_id RETURNING *', { remote: this.#remote, change_id });
    if (row === undefined) {
      throw unknown(change_id);
    }
    return changeOf(row).subject;
  }
}

function unknown(change_id: number): UserError {
  return new UserError(`There is no change ${change_id} any more: it was sent or given up meanwhile.`, { field: 'change_id' });
}

function changeOf(row: DatabaseRow): StoredChange {
  return {
    change_id: Number(row['change_id']),
    subject: { kind: row['subject'] === 'experiment' ? 'experiment' : 'run', id: String(row['subject_id']) },
    at: Number(row['at']),
    request: RemoteRequest.parse(JSON.parse(String(row['request']))),
    problem: row['problem'] === null ? null : String(row['problem']),
    forced: row['forced'] === 1,
  };
}
