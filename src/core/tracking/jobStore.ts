import { Job, JobSpec } from '../../contracts/jobs.ts';
import { UserError } from '../../contracts/errors.ts';
import type { RunStatus } from '../../contracts/runs.ts';
import type { Database, DatabaseRow } from '../store/api.ts';

/** A process as it is told from others that get its pid later. */
export interface ProcessMark {
  pid: number;
  start: string;
}

/** A job with what only the server needs. */
export interface StoredJob {
  job: Job;
  spec: JobSpec;
  runner: ProcessMark | null;
  script: ProcessMark | null;
  /** How far the journal is stored, in bytes. */
  journalOffset: number;
}

/** Jobs in the database. Unknown ids throw a UserError. */
export class JobStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  create(job: Job, spec: JobSpec): void {
    this.#database.run(
      `INSERT INTO jobs (job_id, kind, title, spec, status, run_id, created) VALUES (:job_id, :kind, :title, :spec, :status, :run_id, :created)`,
      { job_id: job.job_id, kind: job.kind, title: job.title, spec: JSON.stringify(spec), status: job.status, run_id: job.run_id, created: job.created },
    );
  }

  list(): Job[] {
    return this.#database.all('SELECT * FROM jobs ORDER BY created DESC, job_id DESC').map(jobOf);
  }

  find(job_id: string): StoredJob | null {
    const row = this.#database.get('SELECT * FROM jobs WHERE job_id = :job_id', { job_id });
    return row === undefined ? null : stored(row);
  }

  get(job_id: string): StoredJob {
    const found = this.find(job_id);
    if (found === null) {
      throw new UserError(`There is no job ${job_id} in this project.`, { field: 'job_id' });
    }
    return found;
  }

  /** Jobs with this status, oldest first. */
  withStatus(status: RunStatus): StoredJob[] {
    return this.#database.all('SELECT * FROM jobs WHERE status = :status ORDER BY created, job_id', { status }).map(stored);
  }

  setStatus(job_id: string, change: { status: RunStatus; started?: number; ended?: number; error?: string | null }): void {
    this.#database.run(
      `UPDATE jobs SET status = :status, started = coalesce(:started, started), ended = coalesce(:ended, ended), error = :error WHERE job_id = :job_id`,
      { job_id, status: change.status, started: change.started ?? null, ended: change.ended ?? null, error: change.error ?? null },
    );
  }

  setRunner(job_id: string, mark: ProcessMark): void {
    this.#database.run('UPDATE jobs SET pid = :pid, process_start = :start WHERE job_id = :job_id', { job_id, ...mark });
  }

  setScript(job_id: string, mark: ProcessMark): void {
    this.#database.run('UPDATE jobs SET script_pid = :pid, script_start = :start WHERE job_id = :job_id', { job_id, ...mark });
  }

  setProgress(job_id: string, progress: { fraction: number; message: string }): void {
    this.#database.run('UPDATE jobs SET progress = :progress WHERE job_id = :job_id', { job_id, progress: JSON.stringify(progress) });
  }

  setOffset(job_id: string, offset: number): void {
    this.#database.run('UPDATE jobs SET journal_offset = :offset WHERE job_id = :job_id', { job_id, offset });
  }
}

function jobOf(row: DatabaseRow): Job {
  return Job.parse({
    job_id: row['job_id'],
    kind: row['kind'],
    title: row['title'],
    status: row['status'],
    run_id: row['run_id'],
    created: row['created'],
    started: row['started'],
    ended: row['ended'],
    progress: row['progress'] ? JSON.parse(String(row['progress'])) : null,
    error: row['error'],
  });
}

function stored(row: DatabaseRow): StoredJob {
  const mark = (pid: unknown, start: unknown): ProcessMark | null => (typeof pid === 'number' && typeof start === 'string' ? { pid, start } : null);
  return {
    job: jobOf(row),
    spec: JobSpec.parse(JSON.parse(String(row['spec']))),
    runner: mark(row['pid'], row['process_start']),
    script: mark(row['script_pid'], row['script_start']),
    journalOffset: Number(row['journal_offset']),
  };
}
