import { openDatabase, type Database } from '../../../src/core/store/api.ts';
import { ExperimentStore, JobStore, LoggedModelStore, RunSearch, RunStore, TrackedRuns, type ClientRun, type RunQuery } from '../../../src/core/tracking/api.ts';

export interface Stores {
  database: Database;
  experiments: ExperimentStore;
  runs: RunStore;
  jobs: JobStore;
  search: RunSearch;
  models: LoggedModelStore;
  tracked: TrackedRuns;
}

export function openStores(file: string): Stores {
  const database = openDatabase(file);
  const runs = new RunStore(database);
  const models = new LoggedModelStore(database);
  return { database, runs, models, experiments: new ExperimentStore(database), jobs: new JobStore(database), search: new RunSearch(database), tracked: new TrackedRuns(database, runs.metrics, models, '/project') };
}

export function clientRun(change: Partial<ClientRun> = {}): ClientRun {
  return { experiment_id: '0', name: '', user: 'ada', started: 1000, tags: [], ...change };
}

export function query(change: Partial<RunQuery> = {}): RunQuery {
  return { experiment_ids: ['0'], filter: '', order_by: [], view: 'active', max: 1000, token: '', ...change };
}

/** A script's job with its run, running. */
export function startJob({ runs, jobs }: Stores, id: string): void {
  runs.create({ run_id: id, name: 'train.py', experiment: 'train.py', kind: 'script', created: 1, source: 'train.py', git: null, command: null, tags: {}, params: {} });
  jobs.create(
    { job_id: id, kind: 'script', title: 'train.py', status: 'running', run_id: id, created: 1, started: 2, ended: null, progress: null, error: null },
    { kind: 'script', interpreter: 'python3', interpreter_arguments: [], script: '/project/train.py', arguments: [], cwd: '/project' },
  );
  runs.setStatus(id, { status: 'running', started: 2 });
}
