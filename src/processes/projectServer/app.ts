import Fastify, { type FastifyInstance } from 'fastify';
import type { pino } from 'pino';
import * as z from 'zod/mini';
import { toFailure, UserError } from '../../contracts/errors.ts';
import { JobSpec, LiveEntries } from '../../contracts/jobs.ts';
import { Challenge, RunEdit, StopRequest, type ServerStatus } from '../../contracts/server.ts';
import { folderIdentity, proofOf } from '../../core/discovery/api.ts';
import type { Project } from '../../core/project/api.ts';
import type { Database, DatabasePlace } from '../../core/store/api.ts';
import { ExperimentStore, RunSearch } from '../../core/tracking/api.ts';
import { compareRoutes } from './compareRoutes.ts';
import { curveRoutes } from './curveRoutes.ts';
import { endpointRoutes } from './endpointRoutes.ts';
import { exchangeRoutes } from './exchangeRoutes.ts';
import { experimentRoutes } from './experimentRoutes.ts';
import { guard } from './guard.ts';
import type { Tracking } from './mlflow/routes.ts';
import { mlflowRoutes } from './mlflow/server.ts';
import { modelRoutes } from './modelRoutes.ts';
import { monitorRoutes } from './monitorRoutes.ts';
import { streamOutput } from './output.ts';
import { read } from './read.ts';
import { retrainingRoutes } from './retrainingRoutes.ts';
import { refuseWhileRunning, runDetail } from './runDetails.ts';
import type { Services } from './services.ts';
import { studyRoutes } from './studyRoutes.ts';

export interface AppParts extends Services {
  project: Project;
  version: string;
  token: string;
  database: Database;
  place: DatabasePlace;
  log: pino.Logger;
  /** `last`: when something was last asked, in milliseconds since 1970. */
  activity: { last: number };
  /** @param options `endpoints`: their model servers end as well. */
  stop(options: StopRequest): void;
}

/** A training request with many excluded columns, or 10,000 rows to predict, stays well below. In bytes. */
const largestBody = 50_000_000;

/** The HTTP interface of the project server. Loopback only, a token on everything but the proof. */
export function createApp(parts: AppParts): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: largestBody, forceCloseConnections: true });
  guard(app, parts);
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const ours = error.statusCode === undefined || error.statusCode >= 500;
    if (ours && !(error instanceof UserError)) {
      parts.log.error(error, 'request');
    }
    // What Fastify itself refuses (a body that is no JSON, or too large) is the caller's to mend.
    const failure = error instanceof UserError || ours ? toFailure(error) : { message: error.message, user: true };
    return reply.status(error instanceof UserError ? 400 : (error.statusCode ?? 500)).send({ error: failure });
  });
  app.setNotFoundHandler((request, reply) => reply.status(404).send({ error: { message: `There is no ${request.method} ${request.url} here.`, user: true } }));
  serverRoutes(app, parts);
  jobRoutes(app, parts);
  runRoutes(app, parts);
  compareRoutes(app, parts);
  experimentRoutes(app, parts);
  modelRoutes(app, parts);
  trackingRoutes(app, parts);
  endpointRoutes(app, parts);
  monitorRoutes(app, parts);
  retrainingRoutes(app, parts);
  studyRoutes(app, parts);
  exchangeRoutes(app, parts);
  return app;
}

function trackingRoutes(app: FastifyInstance, { project, database, runs, tracked, writers, events, notices, catalogue, promotions, loggedModels: models, artifacts, exchange: { mirror }, inTurn, log }: AppParts): void {
  const tracking: Tracking = {
    mirrored: mirror.runs,
    project,
    database,
    experiments: new ExperimentStore(database),
    runs,
    search: new RunSearch(database),
    tracked,
    metrics: runs.metrics,
    models,
    catalogue,
    promotions,
    asked: (socket, answer) => writers.asked(socket, answer),
    touched: (run_id) => {
      writers.wrote(run_id);
      notices.touched(run_id);
    },
    removed: (run_id) => notices.removed(run_id),
    modelsChanged: () => events.send({ type: 'models' }),
    experimentsChanged: (runsToo) => events.send({ type: 'experiments', runs: runsToo }),
    inTurn,
  };
  mlflowRoutes(app, tracking, artifacts, log);
  curveRoutes(app, { ...tracking, artifacts, open: (run_id) => mirror.runs.open(run_id, false) });
  app.addHook('onReady', () => artifacts.tidy());
}

function serverRoutes(app: FastifyInstance, { project, version, token, database, place, queue, events, stop }: AppParts): void {
  app.post('/api/proof', async (request) => {
    const folder = folderIdentity(project.stateFolder);
    if (folder === null) {
      throw new UserError(`The folder ${project.root} was moved or deleted.`, { file: project.root });
    }
    return { proof: proofOf(token, read(Challenge, request.body).nonce, folder) };
  });
  app.get('/api/status', async (): Promise<ServerStatus> => ({ version, pid: process.pid, project: project.root, running_jobs: queue.open, read_only: database.readOnly, database: place.file, notice: place.notice }));
  app.get('/api/events', (_request, reply) => {
    reply.hijack();
    events.add(reply.raw);
  });
  app.post('/api/stop', async (request, reply) => {
    const options = read(StopRequest, request.body ?? {});
    reply.raw.on('finish', () => stop(options));
    return {};
  });
}

const Submission = z.object({ job_id: z.optional(z.string().check(z.regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'a job id is a ULID'))), spec: JobSpec });

function jobRoutes(app: FastifyInstance, { jobs, queue, studies }: AppParts): void {
  app.post('/api/jobs', async (request) => {
    const { job_id, spec } = read(Submission, request.body);
    if (spec.kind === 'retrain') {
      throw new UserError('A retraining is started by its name, with POST /api/decisions.', { field: 'spec.kind' });
    }
    return queue.submit(spec, job_id);
  });
  app.get('/api/jobs', async () => ({ jobs: jobs.list() }));
  app.get<{ Params: { id: string } }>('/api/jobs/:id', async (request) => jobs.get(request.params.id).job);
  app.post<{ Params: { id: string } }>('/api/jobs/:id/cancel', async (request) => {
    const { id } = request.params;
    await (studies.has(id) ? studies.stop(id) : queue.cancel(id));
    return {};
  });
  app.post<{ Params: { id: string } }>('/api/jobs/:id/live', async (request) => {
    await queue.tell(request.params.id, read(LiveEntries, request.body));
    return {};
  });
  app.get<{ Params: { id: string }; Querystring: { from?: string } }>('/api/jobs/:id/output', async (request, reply) => {
    jobs.get(request.params.id);
    const from = Math.max(0, Number(request.query.from ?? 0) || 0);
    reply.hijack();
    await streamOutput(reply.raw, jobs, queue, request.params.id, from);
  });
}

function runRoutes(app: FastifyInstance, { project, runs, queue, studies, events, notices, artifacts, exchange: { mirror } }: AppParts): void {
  app.get<{ Params: { id: string } }>('/api/runs/:id', async (request) => {
    await mirror.runs.open(request.params.id, true);
    return runDetail(project, runs, artifacts, queue.folder(request.params.id), request.params.id);
  });
  app.get<{ Params: { id: string }; Querystring: { after?: string } }>('/api/runs/:id/history', async (request) => {
    await mirror.runs.open(request.params.id, false);
    return runs.history(request.params.id, Number(request.query.after ?? 0) || 0);
  });
  app.patch<{ Params: { id: string } }>('/api/runs/:id', async (request) => {
    const edit = read(RunEdit, request.body);
    if (edit.archived === true) {
      refuseWhileRunning(runs.get(request.params.id), notices);
    }
    await mirror.runs.edit(request.params.id, edit);
    mirror.touched(request.params.id);
    events.send({ type: 'run', run: runs.get(request.params.id) });
    if (edit.baseline !== undefined) {
      events.send({ type: 'experiments', runs: false });
    }
    return {};
  });
  app.delete<{ Params: { id: string } }>('/api/runs/:id', async (request) => {
    const { id } = request.params;
    if (mirror.runs.owns(id)) {
      throw new UserError(`This run is kept by ${mirror.state.host}, which deletes no run for good. Archive it instead.`, { field: 'run_id' });
    }
    const { artifact_uri } = runs.facts(runs.get(id).run_id);
    if (studies.has(id) && studies.get(id).status === 'running') {
      throw new UserError('This study has not ended. Stop it first.', { field: 'run_id' });
    }
    await queue.discard(id);
    await artifacts.discard(artifact_uri);
    runs.delete(id);
    events.send({ type: 'run_deleted', run_id: id });
    return {};
  });
}
