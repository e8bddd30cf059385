import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { JobSpec } from '../../../src/contracts/jobs.ts';
import { processStart } from '../../../src/core/discovery/api.ts';
import { JobQueue } from '../../../src/core/jobs/api.ts';
import { parallelJobs, setParallelJobs } from '../../../src/core/jobs/parallel.ts';
import { projectAt, type Project } from '../../../src/core/project/api.ts';
import { openDatabase, type Database } from '../../../src/core/store/api.ts';
import { JobStore, RunStore } from '../../../src/core/tracking/api.ts';

describe('how many jobs run side by side', () => {
  it('is what is set for the project, else what fits the machine', async () => {
    const project = projectAt(await mkdtemp(path.join(os.tmpdir(), 'parallel-')));
    try {
      const fitting = Math.max(1, os.availableParallelism() - 1);
      assert.equal(await parallelJobs(project), fitting);
      await setParallelJobs(project, 7);
      assert.equal(await parallelJobs(project), 7);
      await writeFile(path.join(project.stateFolder, 'queue.json'), '{"parallel": -1}');
      assert.equal(await parallelJobs(project), fitting);
      await setParallelJobs(project, null);
      assert.equal(await parallelJobs(project), fitting);
    } finally {
      await rm(project.root, { recursive: true, force: true });
    }
  });
});

describe('runs that nobody ended', () => {
  let project: Project;
  let database: Database;
  let runs: RunStore;
  let jobs: JobStore;
  let queue: JobQueue;
  beforeEach(async () => {
    project = projectAt(await mkdtemp(path.join(os.tmpdir(), 'queue-')));
    await mkdir(project.stateFolder);
    database = openDatabase(project.databaseFile);
    runs = new RunStore(database);
    jobs = new JobStore(database);
    queue = new JobQueue({ project, database, runs, jobs, runnerFile: 'none', resolveModel: async (name) => name, tracking: () => ({ uri: 'http://127.0.0.1:1', token: 't' }), onFault: (error) => assert.fail(String(error)) });
  });
  afterEach(async () => {
    await queue.close();
    database.close();
    await rm(project.root, { recursive: true, force: true });
  });

  /** A run as the database holds it after whoever ran it is gone. */
  async function left(runner: { pid: number; start: string }, journal: string): Promise<void> {
    const spec: JobSpec = { kind: 'script', interpreter: 'python3', interpreter_arguments: [], script: '/x/train.py', arguments: [], cwd: '/x' };
    runs.create({ run_id: 'r', name: 'a run', experiment: 'train.py', kind: 'script', created: 1, source: 'train.py', git: null, command: null, tags: {}, params: {} });
    jobs.create({ job_id: 'r', kind: 'script', title: 'a run', status: 'running', run_id: 'r', created: 1, started: null, ended: null, progress: null, error: null }, spec);
    jobs.setStatus('r', { status: 'running', started: 2 });
    runs.setStatus('r', { status: 'running', started: 2 });
    jobs.setRunner('r', runner);
    await mkdir(queue.folder('r'), { recursive: true });
    await appendFile(path.join(queue.folder('r'), 'journal.ndjson'), journal);
  }
  const metric = '{"type":"metric","key":"loss","value":0.5,"step":1,"at":3}\n';

  it('are marked after a restart of the machine, though another process has the pid now; what they logged stays', async () => {
    await left({ pid: process.pid, start: 'before the machine restarted' }, `${metric}{"type":"metric","key":"lo`);
    await queue.look();
    const run = runs.get('r');
    assert.equal(run.status, 'failed');
    assert.match(run.error ?? '', /ended from outside/);
    assert.deepEqual(run.metrics, { loss: 0.5 });
  });

  it('end as their journal says where that was complete', async () => {
    await left({ pid: 2 ** 22 + 1, start: 'gone' }, `${metric}{"type":"ended","at":9,"status":"finished","exit_code":0,"failure":null}\n`);
    await queue.look();
    assert.equal(runs.get('r').status, 'finished');
  });

  it('go on where their runner lives', async () => {
    await left({ pid: process.pid, start: (await processStart(process.pid)) ?? '' }, metric);
    await queue.look();
    assert.equal(runs.get('r').status, 'running');
  });
});
