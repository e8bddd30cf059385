// What a project server does beside answering: it makes its services, and ties what one says to what another does.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { pino } from 'pino';
import type { ProjectFile } from '../../contracts/projectFile.ts';
import { championAlias } from '../../contracts/registry.ts';
import { QueryWorker } from '../../core/client/queryWorker.ts';
import { Endpoints } from '../../core/deployment/api.ts';
import { JobQueue, type TrackingAddress } from '../../core/jobs/api.ts';
import { Monitoring } from '../../core/monitoring/api.ts';
import { readProjectFile, type Project } from '../../core/project/api.ts';
import { Candidates, Catalogue, filesOf, listModels, Promotions, resolveModel, resolveVersion } from '../../core/registry/api.ts';
import { Retraining } from '../../core/retraining/api.ts';
import type { Database } from '../../core/store/api.ts';
import { ArtifactStore, JobStore, LoggedModelStore, RunStore, TrackedRuns } from '../../core/tracking/api.ts';
import { Studies } from '../../core/tuning/api.ts';
import { Checkpoints } from './checkpoints.ts';
import { Events } from './events.ts';
import { Exchange } from './exchangeParts.ts';
import { monitoredVersion, monitorSettings } from './monitorParts.ts';
import { RunNotices } from './runNotices.ts';
import { RunWriters } from './runWriters.ts';
import { TableThread } from './tableThread.ts';
import { makeTurns } from './turns.ts';

export interface Services {
  runs: RunStore;
  jobs: JobStore;
  queue: JobQueue;
  events: Events;
  endpoints: Endpoints;
  monitoring: Monitoring;
  retraining: Retraining;
  /** Tuning of scripts. */
  studies: Studies;
  queries: QueryWorker;
  /** Answers about many runs at once. */
  table: TableThread;
  /** The registry as programs see it. */
  catalogue: Catalogue;
  candidates: Candidates;
  promotions: Promotions;
  /** Models that clients logged. */
  loggedModels: LoggedModelStore;
  artifacts: ArtifactStore;
  /** Runs as tracking clients write them. */
  tracked: TrackedRuns;
  /** Which programs write them. */
  writers: RunWriters;
  /** What tracking clients write, for the windows. */
  notices: RunNotices;
  /** Runs that come from elsewhere, and that go there. */
  exchange: Exchange;
  /** One change of the registry at a time: version numbers are read, then written. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Whether somebody listens, or something runs or waits for its time. */
  readonly needed: boolean;
  /** Takes up what an earlier server left: decisions first, then endpoints. */
  open(): Promise<void>;
  /** @param options `stopEndpoints`: their model servers end as well. */
  close(options: { stopEndpoints: boolean }): Promise<void>;
}

/**
 * @param token the project's; keys of the server at its endpoints are made from it.
 * @param folder holds the built processes.
 * @param address `http://127.0.0.1:P`, where this server listens; null until it does.
 */
export function makeServices(project: Project, database: Database, token: string, folder: string, log: pino.Logger, address: () => string | null): Services {
  const fault = (what: string) => (error: unknown) => log.error(error, what);
  const events = new Events();
  const runs = new RunStore(database);
  const jobs = new JobStore(database);
  const notices = new RunNotices(runs, events, (run_id) => exchange.mirror.touched(run_id));
  const catalogue = new Catalogue(project, database);
  const loggedModels = new LoggedModelStore(database);
  const tracked = new TrackedRuns(database, runs.metrics, loggedModels, project.root);
  const writers = new RunWriters({ database, runs, tracked, onAbandoned: (run_id) => notices.touched(run_id), onFault: fault('tracking') });
  const artifacts = new ArtifactStore(project, async (name, ulid) => {
    const version = (await listModels(project)).find((model) => model.name === name)?.versions.find(({ file }) => file.ulid === ulid);
    return version === undefined ? null : filesOf(project, version.file);
  });
  const candidates = new Candidates(project, catalogue, runs, loggedModels, artifacts);
  const promotions = new Promotions(project, catalogue, candidates, runs, (name, alias, version) => exchange.mirror.moveAlias(name, alias, version));
  const inTurn = makeTurns();
  const queries = new QueryWorker({ folder, execPath: process.execPath, electron: process.versions['electron'] !== undefined }, { onLog: (line) => log.info(line) });
  const table = new TableThread(path.join(folder, 'table-worker.js'), database.file);
  const checkpoints = database.readOnly === null ? new Checkpoints(path.join(folder, 'checkpoint-worker.js'), database.file, fault('checkpoints')) : null;
  const tracking = (): TrackingAddress | null => {
    const uri = address();
    return uri === null ? null : { uri, token };
  };
  const queue = new JobQueue({ project, database, runs, jobs, runnerFile: path.join(folder, 'job-runner.js'), resolveModel: (reference) => resolveModel(project, reference), tracking, onFault: fault('jobs') });
  const endpoints = new Endpoints({
    project,
    database,
    token,
    serverFile: path.join(folder, 'model-server.js'),
    resolveVersion: (reference) => resolveVersion(project, reference),
    settingsOf: async (name) => (await settingsIn(project)).deployments?.[name],
    isWatched: () => events.listeners > 0,
    onFault: fault('endpoints'),
  });
  // A database of a newer version can only be read: nothing is judged or started then.
  const every = database.readOnly === null ? {} : { every: 0 };
  const monitoring = new Monitoring({
    database,
    endpoints,
    queries,
    referenceOf: (ulid) => monitoredVersion(project, database, ulid),
    settingsOf: (endpoint) => monitorSettings(project, endpoint),
    onFault: fault('monitoring'),
    ...every,
  });
  const retraining = new Retraining({
    project,
    database,
    queue,
    jobs,
    runs,
    endpoints,
    countRows: async (file) => (await queries.summary(file)).rows,
    inTurn,
    highestNumber: async (model) => {
      await catalogue.refresh(true);
      return catalogue.highest(model);
    },
    champions: {
      check: async ({ model, run_id, metrics }) => void (await promotions.check(model, championAlias, { version: null, run_id, metrics }, 'retraining')),
      set: (model, version) => promotions.move(model, championAlias, version, 'retraining'),
    },
    onFault: fault('retraining'),
    ...every,
  });
  const exchange = new Exchange({ project, database, runs, catalogue, loggedModels, artifacts, events, inTurn, log, folder });
  const studies = new Studies({ project, database, queue, jobs, runs, onFault: fault('tuning') });
  queue.on('change', (job) => {
    events.send({ type: 'job', job });
    if (job.run_id !== null) {
      events.send({ type: 'run', run: runs.get(job.run_id) });
      exchange.mirror.touched(job.run_id);
    }
  });
  studies.on('change', (study_id) => {
    events.send({ type: 'study', study_id });
    events.send({ type: 'run', run: runs.get(study_id) });
    exchange.mirror.touched(study_id);
  });
  endpoints.on('change', (endpoint) => events.send({ type: 'endpoint', endpoint }));
  endpoints.on('removed', (endpoint) => events.send({ type: 'endpoint_removed', endpoint }));
  endpoints.on('stats', (stats) => events.send({ type: 'stats', stats }));
  monitoring.on('monitor', (endpoint) => events.send({ type: 'monitor', endpoint }));
  monitoring.on('alert', (alert, notify) => {
    events.send({ type: 'alert', alert, notify });
    retraining.alert(alert).catch(fault('retraining'));
  });
  retraining.on('decision', (decision) => events.send({ type: 'decision', decision }));
  retraining.on('models', () => {
    events.send({ type: 'models' });
    inTurn(() => catalogue.refresh(true)).catch(fault('registry'));
  });
  return {
    runs,
    jobs,
    queue,
    events,
    endpoints,
    monitoring,
    retraining,
    studies,
    queries,
    table,
    catalogue,
    candidates,
    promotions,
    loggedModels,
    artifacts,
    tracked,
    writers,
    notices,
    exchange,
    inTurn,
    get needed() {
      return events.listeners > 0 || queue.open > 0 || notices.open || exchange.busy || endpoints.wanted > 0 || retraining.awaits || studies.busy;
    },
    async open() {
      if (database.readOnly === null) {
        await writers.open();
        await exchange.open();
        await retraining.resume();
        await studies.resume();
        endpoints.open();
      }
    },
    async close({ stopEndpoints }) {
      events.close();
      writers.close();
      notices.close();
      await exchange.close();
      await monitoring.close();
      await queue.close();
      await retraining.close();
      await studies.close();
      queries.dispose();
      await table.close();
      await checkpoints?.close();
      await endpoints.close({ stop: stopEndpoints });
    },
  };
}

/** What ml.yaml says; nothing where there is none. @throws UserError where it is wrong. */
async function settingsIn(project: Project): Promise<Partial<ProjectFile>> {
  return existsSync(project.file) ? readProjectFile(project) : {};
}
