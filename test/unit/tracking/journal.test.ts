import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type { JobSpec, JournalEntry } from '../../../src/contracts/jobs.ts';
import { openDatabase, type Database } from '../../../src/core/store/api.ts';
import { ingestJournal, JobStore, RunStore } from '../../../src/core/tracking/api.ts';

const spec: JobSpec = { kind: 'script', interpreter: 'python3', interpreter_arguments: [], script: '/x/train.py', arguments: [], cwd: '/x' };

function begin(database: Database): { database: Database; runs: RunStore; jobs: JobStore } {
  const runs = new RunStore(database);
  const jobs = new JobStore(database);
  if (jobs.find('r') === null) {
    runs.create({ run_id: 'r', name: 'a run', experiment: 'Default', kind: 'script', created: 1, source: 'train.py', git: null, command: null, tags: {}, params: {} });
    jobs.create({ job_id: 'r', kind: 'script', title: 'a run', status: 'running', run_id: 'r', created: 1, started: null, ended: null, progress: null, error: null }, spec);
  }
  return { database, runs, jobs };
}

const entries: JournalEntry[] = [
  { type: 'started', at: 5 },
  { type: 'param', key: 'lr', value: '0.1' },
  ...Array.from({ length: 20 }, (_, step): JournalEntry => ({ type: 'metric', key: 'löss', value: step === 7 ? null : 1 / (step + 1), step, at: 10 + step })),
  { type: 'tag', key: 'ключ', value: 'значение' },
  { type: 'artifact', path: 'model/model.json', bytes: 12 },
  { type: 'ended', at: 99, status: 'finished', exit_code: 0, failure: null },
];

describe('the journal of a job', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'journal-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is stored exactly once, wherever it is cut and whenever the server ends', async () => {
    const bytes = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(bytes.length), fc.boolean()), { maxLength: 8 }), async (cuts) => {
        count += 1;
        const file = path.join(folder, `${count}.ndjson`);
        const databaseFile = path.join(folder, `${count}.db`);
        let stores = begin(openDatabase(databaseFile));
        let written = 0;
        for (const [cut, restart] of [...cuts].sort(([a], [b]) => a - b)) {
          await appendFile(file, bytes.subarray(written, cut));
          written = cut;
          await ingestJournal(stores, file, 'r');
          if (restart) {
            stores.database.close();
            stores = begin(openDatabase(databaseFile));
          }
        }
        await appendFile(file, bytes.subarray(written));
        await ingestJournal(stores, file, 'r');
        const run = stores.runs.get('r');
        assert.equal(run.status, 'finished');
        assert.deepEqual(run.params, { lr: '0.1' });
        assert.deepEqual(run.tags, { ключ: 'значение' });
        assert.deepEqual(stores.runs.history('r').points.map((point) => point.step), Array.from({ length: 20 }, (_, step) => step));
        assert.equal(stores.runs.history('r').points[7]?.value, null);
        assert.equal(stores.runs.facts('r').artifacts.length, 1);
        stores.database.close();
      }),
      { numRuns: 40 },
    );
  });

  it('goes on behind a damaged line', async () => {
    const file = path.join(folder, 'j');
    await appendFile(file, '{"type":"metric","key":\n{"type":"param","key":"a","value":"1"}\nnonsense\n{"type":"param","key":"b","value":"2"}\n');
    const stores = begin(openDatabase(path.join(folder, 'db')));
    await ingestJournal(stores, file, 'r');
    assert.deepEqual(stores.runs.get('r').params, { a: '1', b: '2' });
    stores.database.close();
  });

  it('gives the points after a mark', async () => {
    const file = path.join(folder, 'j');
    const stores = begin(openDatabase(path.join(folder, 'db')));
    const line = (step: number): string => `${JSON.stringify({ type: 'metric', key: 'loss', value: step, step, at: 1 })}\n`;
    await appendFile(file, line(0) + line(1));
    await ingestJournal(stores, file, 'r');
    const { last } = stores.runs.history('r');
    await appendFile(file, line(2));
    await ingestJournal(stores, file, 'r');
    assert.deepEqual(stores.runs.history('r', last).points.map((point) => point.step), [2]);
    stores.database.close();
  });
});
