import { open } from 'node:fs/promises';
import { JournalEntry } from '../../contracts/jobs.ts';
import type { Database } from '../store/api.ts';
import type { JobStore, StoredJob } from './jobStore.ts';
import type { RunStore } from './runStore.ts';

/** Read at most this much of a journal at once, so that a transaction stays short. In bytes. */
const portion = 1_000_000;

interface Stores {
  database: Database;
  runs: RunStore;
  jobs: JobStore;
}

/**
 * Stores what the journal holds beyond what was stored before, with the new offset in the same transaction: after
 * a crash at any instant each entry is stored exactly once. A last line that is still being written waits; a line
 * that is no entry is left out, since one damaged line must not lose the rest.
 *
 * @returns the entries stored now, none where there was nothing new.
 */
export async function ingestJournal(stores: Stores, file: string, job_id: string): Promise<JournalEntry[]> {
  const all: JournalEntry[] = [];
  for (;;) {
    const job = stores.jobs.get(job_id);
    const bytes = await readFrom(file, job.journalOffset);
    const whole = bytes.lastIndexOf(0x0a) + 1;
    if (whole === 0) {
      return all;
    }
    const entries = parse(bytes.subarray(0, whole).toString('utf8'));
    stores.database.transaction(() => {
      for (const entry of entries) {
        apply(stores, job, entry);
      }
      stores.jobs.setOffset(job_id, job.journalOffset + whole);
    });
    all.push(...entries);
  }
}

/** At most one portion from `offset`, longer only where one line is longer than that. */
async function readFrom(file: string, offset: number): Promise<Buffer> {
  let handle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return Buffer.alloc(0);
    }
    throw error;
  }
  try {
    const { size } = await handle.stat();
    for (let length = portion; ; length *= 4) {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
      const bytes = buffer.subarray(0, bytesRead);
      if (bytes.includes(0x0a) || bytesRead < length) {
        return bytes;
      }
    }
  } finally {
    await handle.close();
  }
}

function parse(text: string): JournalEntry[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') {
      return [];
    }
    try {
      return [JournalEntry.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

function apply({ runs, jobs }: Stores, { job }: StoredJob, entry: JournalEntry): void {
  const { job_id, run_id } = job;
  switch (entry.type) {
    case 'started':
      jobs.setStatus(job_id, { status: 'running', started: entry.at });
      if (run_id !== null) {
        runs.setStatus(run_id, { status: 'running', started: entry.at });
      }
      return;
    case 'process':
      jobs.setScript(job_id, { pid: entry.pid, start: entry.start });
      return;
    case 'progress':
      jobs.setProgress(job_id, { fraction: entry.fraction, message: entry.message });
      return;
    case 'ended': {
      const error = entry.failure?.message ?? null;
      jobs.setStatus(job_id, { status: entry.status, ended: entry.at, error });
      if (run_id !== null) {
        runs.setStatus(run_id, { status: entry.status, ended: entry.at, error, exit_code: entry.exit_code });
        if (entry.failure !== null) {
          runs.setTag(run_id, 'error_kind', entry.failure.user ? 'user' : 'fault');
        }
      }
      return;
    }
    default:
      if (run_id === null) {
        return;
      }
  }
  switch (entry.type) {
    case 'param':
      return runs.setParam(run_id, entry.key, entry.value);
    case 'tag':
      return runs.setTag(run_id, entry.key, entry.value);
    case 'metric':
      return runs.addMetric(run_id, { key: entry.key, step: entry.step, timestamp: entry.at, value: entry.value });
    case 'artifact':
      return runs.addArtifact(run_id, { path: entry.path, bytes: entry.bytes });
    case 'git':
      return runs.setGit(run_id, entry.state);
  }
}
