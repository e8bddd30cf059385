import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import { ulid } from 'ulid';
import { UserError } from '../../contracts/errors.ts';
import { Curves, type CurvesRequest } from '../../contracts/curves.ts';
import { ExchangeTask, RemoteChangeList, RemoteState, type Credentials, type RemoteChange, type ImportRequest, type PublishRequest } from '../../contracts/exchange.ts';
import { Deployed, EndpointDetail, EndpointList, EndpointPredictions, LabelsResult, type DeployRequest, type Endpoint, type LabelsRequest, type TrafficRequest } from '../../contracts/endpoints.ts';
import { ExperimentList, RunIds, RunPage, type ExperimentEdit, type ExperimentSummary, type NeededKeys, type RunFilter } from '../../contracts/experiments.ts';
import { Job, OutputPiece, type JobSpec, type LiveEntries } from '../../contracts/jobs.ts';
import { Predictions, type Row } from '../../contracts/model.ts';
import { AlertList, Monitor, type Alert, type AlertEdit } from '../../contracts/monitoring.ts';
import { CandidateDetail, RegisteredModel, VersionDetail, VersionFile, type RegistryMove } from '../../contracts/registry.ts';
import { Decision, DecisionList, RetrainingList, type DecisionAnswer, type RetrainingState, type RetrainRequest } from '../../contracts/retraining.ts';
import { Comparison, MetricHistory, RunDetail, RunLinks, type RunSummary } from '../../contracts/runs.ts';
import { CompareViewList, RunExportResult, RunTableAnswer, type AnswerTo, type CompareView, type CompareViewEdit, type RunExportRequest, type RunTableQuestion } from '../../contracts/runTable.ts';
import { Accepted, JobList, ModelList, MoveList, RunList, ServerStatus, type AcceptRequest, type AliasRequest, type PredictRequest, type RegisterRequest, type RunEdit, type ServerEvent, type StopRequest } from '../../contracts/server.ts';
import { Study, StudyList, type ContinueRequest, type StudySpec } from '../../contracts/tuning.ts';
import { followEvents } from './events.ts';
import { Interrupted, lines, open, text, Unreachable, type Address } from './http.ts';

/** What can be asked of a project's server. After a crash of the server the next call starts it again and goes on. */
export interface ProjectClient {
  status(): Promise<ServerStatus>;
  /** Calls `listener` for every event from now on, until disposed. */
  onEvent(listener: (event: ServerEvent) => void): { dispose(): void };
  /** Calls `listener` when events may have been missed: what is shown must be asked for again. */
  onReconnect(listener: () => void): { dispose(): void };
  submit(spec: JobSpec): Promise<Job>;
  /** Newest first. */
  jobs(): Promise<Job[]>;
  job(job_id: string): Promise<Job>;
  /** Asks a job to end; its state says when it has. */
  cancel(job_id: string): Promise<void>;
  /** Tells a live job's runner what happened in its window; refused once it has ended. */
  tellLive(job_id: string, entries: LiveEntries): Promise<void>;
  /** Resolves when the job has ended, however it did; `onJob` sees every change on the way. */
  waitForJob(job_id: string, onJob?: (job: Job) => void): Promise<Job>;
  /** A job's output from byte `from`, followed until the job has ended and its end is stored. */
  output(job_id: string, from: number, signal: AbortSignal): AsyncIterable<OutputPiece>;
  /** Newest first: those that are not archived, or those that are. */
  runs(archived?: boolean): Promise<RunSummary[]>;
  /** At most so many runs, newest first, from where the page before ended (null: the first); of each only some parameters, metrics and tags, and those that are needed. */
  runPage(limit: number, after: string | null, needed: NeededKeys): Promise<RunPage>;
  /** Newest first. */
  findRuns(filter: RunFilter): Promise<RunSummary[]>;
  /** The ids only, however many there are. */
  findRunIds(filter: RunFilter): Promise<string[]>;
  run(run_id: string): Promise<RunDetail>;
  /** Points stored after the mark `after` (0: all). */
  history(run_id: string, after?: number): Promise<MetricHistory>;
  /** Curves thinned for a screen, and the figures of all metrics. */
  curves(run_id: string, request: CurvesRequest): Promise<Curves>;
  /** The data sets and logged models of a run. */
  links(run_id: string): Promise<RunLinks>;
  deleteRun(run_id: string): Promise<void>;
  editRun(run_id: string, edit: RunEdit): Promise<void>;
  /** Archived ones too. */
  experiments(): Promise<ExperimentSummary[]>;
  editExperiment(experiment_id: string, edit: ExperimentEdit): Promise<void>;
  compare(run_ids: string[]): Promise<Comparison>;
  /** A window on a table of many runs. */
  runTable<Question extends RunTableQuestion>(question: Question): Promise<AnswerTo<Question['type']>>;
  /** The server writes the file. */
  exportRuns(request: RunExportRequest): Promise<RunExportResult>;
  compareViews(): Promise<CompareView[]>;
  /** @param name of the view as it is known; the edit may rename it. Gives all views. */
  saveCompareView(name: string, edit: CompareViewEdit): Promise<CompareView[]>;
  deleteCompareView(name: string): Promise<CompareView[]>;
  models(): Promise<RegisteredModel[]>;
  model(name: string): Promise<RegisteredModel>;
  version(name: string, version: number): Promise<VersionDetail>;
  /** What a program registered and nobody accepted. */
  candidate(name: string, version: number): Promise<CandidateDetail>;
  /** Makes a version of a candidate. */
  accept(name: string, version: number, request?: AcceptRequest): Promise<Accepted>;
  /** What was moved and what a gate refused, newest first. */
  moves(name: string): Promise<RegistryMove[]>;
  register(request: RegisterRequest): Promise<VersionFile>;
  setAlias(name: string, request: AliasRequest): Promise<void>;
  predict(request: PredictRequest): Promise<Predictions>;
  endpoints(): Promise<Endpoint[]>;
  endpoint(name: string): Promise<EndpointDetail>;
  /** Resolves when the endpoint is ready. */
  deploy(request: DeployRequest): Promise<Deployed>;
  setTraffic(name: string, request: TrafficRequest): Promise<Endpoint>;
  /** Back to what the endpoint served before its last change. */
  rollBack(name: string): Promise<Endpoint>;
  startEndpoint(name: string): Promise<Endpoint>;
  stopEndpoint(name: string): Promise<Endpoint>;
  /** Stops it and forgets it; its logged predictions stay on disk. */
  removeEndpoint(name: string): Promise<void>;
  /** A new key in place of the old ones; `key` is its plain text. */
  newEndpointKey(name: string): Promise<Deployed>;
  predictAt(name: string, rows: Row[]): Promise<EndpointPredictions>;
  addLabels(name: string, request: LabelsRequest): Promise<LabelsResult>;
  /** Labels from a table with the ids and the true values in these columns. */
  addLabelsFile(name: string, request: { file: string; id: string; value: string }): Promise<LabelsResult>;
  /** @param windows at most so many of the newest windows; all that are kept by default. */
  monitor(endpoint: string, windows?: number): Promise<Monitor>;
  /** Judges what has come since, now; resolves when it has. */
  lookAtMonitor(endpoint: string): Promise<Monitor>;
  /** The open ones of all endpoints. */
  alerts(): Promise<Alert[]>;
  editAlert(alert_id: string, edit: AlertEdit): Promise<void>;
  retrainings(): Promise<RetrainingState[]>;
  /** Starts one by hand; gives the decision that it will come to. */
  retrain(request: RetrainRequest): Promise<Decision>;
  /** Newest first, at most 200. */
  decisions(): Promise<Decision[]>;
  decision(decision_id: string): Promise<Decision>;
  answerDecision(decision_id: string, answer: DecisionAnswer): Promise<Decision>;
  /** Begins to tune a script; the study says how far it is. */
  startStudy(spec: StudySpec): Promise<Study>;
  /** Newest first. */
  studies(): Promise<Study[]>;
  study(study_id: string): Promise<Study>;
  /** Ends its trials and starts no more. */
  stopStudy(study_id: string): Promise<Study>;
  /** More trials, or more time. */
  continueStudy(study_id: string, request: ContinueRequest): Promise<Study>;
  /** Begins to copy runs from elsewhere; `exchangeTask` says how far it is. */
  importRuns(request: ImportRequest): Promise<ExchangeTask>;
  /** Begins to copy runs to a remote tracking server. */
  publishRuns(request: PublishRequest): Promise<ExchangeTask>;
  exchangeTask(task_id: string): Promise<ExchangeTask>;
  cancelExchange(task_id: string): Promise<void>;
  /** Resolves when it has ended, however it did; it is cancelled when `signal` aborts. */
  waitForExchange(task_id: string, signal: AbortSignal, onTask?: (task: ExchangeTask) => void): Promise<ExchangeTask>;
  /** The remote tracking server that ml.yaml names. */
  remote(): Promise<RemoteState>;
  /** Looks for everything that is new there, edits and deletions too; resolves when that has been done. */
  synchronise(): Promise<RemoteState>;
  /** The changes that it has not taken, the oldest first. */
  remoteChanges(): Promise<RemoteChange[]>;
  /** Sends one that it refused once more, whatever it has meanwhile. */
  retryRemoteChange(change_id: number): Promise<RemoteState>;
  /** Gives one up; what the server has takes its place. */
  discardRemoteChange(change_id: number): Promise<RemoteState>;
  /** Hands the server what signs in at an address; it keeps that in memory only. */
  signIn(uri: string, credentials: Credentials): Promise<void>;
  /** Ends the server; running jobs go on, and endpoints too unless they are to end with it. */
  stop(options?: StopRequest): Promise<void>;
  /** Ends this client, not the server. */
  close(): void;
}

const nothing = z.unknown();
const ended = new Set(['finished', 'failed', 'cancelled']);
/** How often waitForJob looks. In milliseconds. */
const lookEvery = 150;

/** @param reach finds the server again, or starts it; null where a lost server must stay lost. */
export function createClient(first: Address, reach: (() => Promise<Address>) | null): ProjectClient {
  let address = first;
  const closed = new AbortController();
  const eventListeners = new Set<(event: ServerEvent) => void>();
  const reconnectListeners = new Set<() => void>();
  let following = false;

  const again = async (cause: unknown): Promise<void> => {
    if (reach === null || closed.signal.aborted) {
      throw new UserError('The project server does not answer any more.', {}, { cause });
    }
    address = await reach();
  };

  /** `repeatable`: asking twice does no more than asking once, so a broken answer may be asked for again. */
  const call = async <S extends z.ZodMiniType>(schema: S, method: string, path: string, body?: unknown, repeatable = true): Promise<z.infer<S>> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const content = await text(await open(address, method, path, { body }));
        return schema.parse(content === '' ? undefined : JSON.parse(content));
      } catch (error) {
        const again_ = error instanceof Unreachable || (error instanceof Interrupted && repeatable);
        if (!again_ || attempt === 3) {
          throw error;
        }
        await again(error);
      }
    }
  };

  const listen = <L>(listeners: Set<L>, listener: L): { dispose(): void } => {
    listeners.add(listener);
    if (!following) {
      following = true;
      let tries = 0;
      const reached = async (): Promise<Address> => {
        tries += 1;
        if (tries > 1) {
          await again(null);
        }
        return address;
      };
      void followEvents(
        reached,
        closed.signal,
        (event) => eventListeners.forEach((each) => each(event)),
        () => reconnectListeners.forEach((each) => each()),
      );
    }
    return { dispose: () => void listeners.delete(listener) };
  };

  async function* output(job_id: string, from: number, signal: AbortSignal): AsyncGenerator<OutputPiece> {
    const either = AbortSignal.any([signal, closed.signal]);
    for (let offset = from; ; ) {
      try {
        const response = await open(address, 'GET', `/api/jobs/${encodeURIComponent(job_id)}/output?from=${offset}`, { signal: either, stream: true });
        for await (const line of lines(response)) {
          if (line === 'end') {
            return;
          }
          const piece = OutputPiece.parse(JSON.parse(line));
          offset = piece.offset;
          yield piece;
        }
        throw new Interrupted('The server ended while the output was followed.');
      } catch (error) {
        if (either.aborted) {
          return;
        }
        if (!(error instanceof Unreachable || error instanceof Interrupted)) {
          throw error;
        }
        await again(error);
      }
    }
  }

  const job = (job_id: string): Promise<Job> => call(Job, 'GET', `/api/jobs/${encodeURIComponent(job_id)}`);
  const runPath = (run_id: string): string => `/api/runs/${encodeURIComponent(run_id)}`;
  const endpointPath = (name: string): string => `/api/endpoints/${encodeURIComponent(name)}`;
  const viewPath = (name: string): string => `/api/compare-views/${encodeURIComponent(name)}`;
  const studyPath = (study_id: string): string => `/api/studies/${encodeURIComponent(study_id)}`;
  const modelPath = (name: string): string => `/api/models/${encodeURIComponent(name)}`;

  const exchangePath = (task_id: string): string => `/api/exchange/tasks/${encodeURIComponent(task_id)}`;
  const exchangeTask = (task_id: string): Promise<ExchangeTask> => call(ExchangeTask, 'GET', exchangePath(task_id));
  const cancelExchange = async (task_id: string): Promise<void> => void (await call(nothing, 'POST', `${exchangePath(task_id)}/cancel`));

  return {
    status: () => call(ServerStatus, 'GET', '/api/status'),
    onEvent: (listener) => listen(eventListeners, listener),
    onReconnect: (listener) => listen(reconnectListeners, listener),
    // The id is made here, so that a repeated request finds the job of the first.
    submit: (spec) => call(Job, 'POST', '/api/jobs', { job_id: ulid(), spec }),
    jobs: async () => (await call(JobList, 'GET', '/api/jobs')).jobs,
    job,
    cancel: async (job_id) => void (await call(nothing, 'POST', `/api/jobs/${encodeURIComponent(job_id)}/cancel`)),
    tellLive: async (job_id, entries) => void (await call(nothing, 'POST', `/api/jobs/${encodeURIComponent(job_id)}/live`, entries)),
    async waitForJob(job_id, onJob) {
      for (let last = ''; ; ) {
        const now = await job(job_id);
        const said = JSON.stringify(now);
        if (said !== last) {
          last = said;
          onJob?.(now);
        }
        if (ended.has(now.status)) {
          return now;
        }
        await pause(lookEvery, undefined, { signal: closed.signal });
      }
    },
    output,
    runs: async (archived = false) => (await call(RunList, 'GET', `/api/runs${archived ? '?archived=true' : ''}`)).runs,
    runPage: (limit, after, { params, tags }) => {
      const asked = new URLSearchParams({ limit: String(limit), ...(after === null ? {} : { after }) });
      params.forEach((key) => asked.append('param', key));
      tags.forEach((key) => asked.append('tag', key));
      return call(RunPage, 'GET', `/api/runs?${asked.toString()}`);
    },
    findRuns: async (filter) => (await call(RunList, 'GET', `/api/runs?${queryOf(filter)}`)).runs,
    findRunIds: async (filter) => (await call(RunIds, 'GET', `/api/run-ids?${queryOf(filter)}`)).run_ids,
    run: (run_id) => call(RunDetail, 'GET', runPath(run_id)),
    history: (run_id, after = 0) => call(MetricHistory, 'GET', `${runPath(run_id)}/history?after=${after}`),
    curves: (run_id, request) => call(Curves, 'POST', `${runPath(run_id)}/curves`, request),
    links: (run_id) => call(RunLinks, 'GET', `${runPath(run_id)}/links`),
    deleteRun: async (run_id) => void (await call(nothing, 'DELETE', runPath(run_id), undefined, false)),
    editRun: async (run_id, edit) => void (await call(nothing, 'PATCH', runPath(run_id), edit)),
    experiments: async () => (await call(ExperimentList, 'GET', '/api/experiments')).experiments,
    editExperiment: async (experiment_id, edit) => void (await call(nothing, 'PATCH', `/api/experiments/${encodeURIComponent(experiment_id)}`, edit)),
    compare: (run_ids) => call(Comparison, 'POST', '/api/compare', { run_ids }),
    runTable: async <Question extends RunTableQuestion>(question: Question) => (await call(RunTableAnswer, 'POST', '/api/run-table', question)) as AnswerTo<Question['type']>,
    exportRuns: (request) => call(RunExportResult, 'POST', '/api/run-table/export', request, false),
    compareViews: async () => (await call(CompareViewList, 'GET', '/api/compare-views')).views,
    saveCompareView: async (name, edit) => (await call(CompareViewList, 'PUT', viewPath(name), edit, false)).views,
    deleteCompareView: async (name) => (await call(CompareViewList, 'DELETE', viewPath(name), undefined, false)).views,
    models: async () => (await call(ModelList, 'GET', '/api/models')).models,
    model: (name) => call(RegisteredModel, 'GET', modelPath(name)),
    version: (name, version) => call(VersionDetail, 'GET', `${modelPath(name)}/versions/${version}`),
    candidate: (name, version) => call(CandidateDetail, 'GET', `${modelPath(name)}/candidates/${version}`),
    accept: (name, version, request = {}) => call(Accepted, 'POST', `${modelPath(name)}/candidates/${version}/accept`, request, false),
    moves: async (name) => (await call(MoveList, 'GET', `${modelPath(name)}/moves`)).moves,
    register: (request) => call(VersionFile, 'POST', '/api/models', request, false),
    setAlias: async (name, request) => void (await call(nothing, 'PUT', `${modelPath(name)}/aliases`, request)),
    predict: (request) => call(Predictions, 'POST', '/api/predict', request),
    endpoints: async () => (await call(EndpointList, 'GET', '/api/endpoints')).endpoints,
    endpoint: (name) => call(EndpointDetail, 'GET', endpointPath(name)),
    deploy: (request) => call(Deployed, 'POST', '/api/endpoints', request, false),
    setTraffic: async (name, request) => (await call(EndpointDetail, 'PUT', `${endpointPath(name)}/traffic`, request)).endpoint,
    rollBack: async (name) => (await call(EndpointDetail, 'POST', `${endpointPath(name)}/rollback`, {}, false)).endpoint,
    startEndpoint: async (name) => (await call(EndpointDetail, 'POST', `${endpointPath(name)}/start`)).endpoint,
    stopEndpoint: async (name) => (await call(EndpointDetail, 'POST', `${endpointPath(name)}/stop`)).endpoint,
    removeEndpoint: async (name) => void (await call(nothing, 'DELETE', endpointPath(name), undefined, false)),
    newEndpointKey: (name) => call(Deployed, 'POST', `${endpointPath(name)}/key`, {}, false),
    predictAt: (name, rows) => call(EndpointPredictions, 'POST', `${endpointPath(name)}/predict`, { rows }, false),
    addLabels: (name, request) => call(LabelsResult, 'POST', `${endpointPath(name)}/labels`, request),
    addLabelsFile: (name, request) => call(LabelsResult, 'POST', `${endpointPath(name)}/labels-file`, request),
    monitor: (name, windows) => call(Monitor, 'GET', `/api/monitors/${encodeURIComponent(name)}${windows === undefined ? '' : `?windows=${windows}`}`),
    lookAtMonitor: (name) => call(Monitor, 'POST', `/api/monitors/${encodeURIComponent(name)}/look`),
    alerts: async () => (await call(AlertList, 'GET', '/api/alerts')).alerts,
    editAlert: async (alert_id, edit) => void (await call(nothing, 'PATCH', `/api/alerts/${encodeURIComponent(alert_id)}`, edit)),
    retrainings: async () => (await call(RetrainingList, 'GET', '/api/retrainings')).retrainings,
    retrain: (request) => call(Decision, 'POST', '/api/decisions', request, false),
    decisions: async () => (await call(DecisionList, 'GET', '/api/decisions')).decisions,
    decision: (decision_id) => call(Decision, 'GET', `/api/decisions/${encodeURIComponent(decision_id)}`),
    answerDecision: (decision_id, answer) => call(Decision, 'POST', `/api/decisions/${encodeURIComponent(decision_id)}/answer`, answer, false),
    startStudy: (spec) => call(Study, 'POST', '/api/studies', spec, false),
    studies: async () => (await call(StudyList, 'GET', '/api/studies')).studies,
    study: (study_id) => call(Study, 'GET', studyPath(study_id)),
    stopStudy: (study_id) => call(Study, 'POST', `${studyPath(study_id)}/stop`),
    continueStudy: (study_id, request) => call(Study, 'POST', `${studyPath(study_id)}/continue`, request, false),
    importRuns: (request) => call(ExchangeTask, 'POST', '/api/exchange/import', request, false),
    publishRuns: (request) => call(ExchangeTask, 'POST', '/api/exchange/publish', request, false),
    exchangeTask,
    cancelExchange,
    async waitForExchange(task_id, signal, onTask) {
      let cancelled = false;
      for (;;) {
        const task = await exchangeTask(task_id);
        onTask?.(task);
        if (ended.has(task.status)) {
          return task;
        }
        if (signal.aborted && !cancelled) {
          cancelled = true;
          await cancelExchange(task_id);
        }
        await pause(lookEvery, undefined, { signal: closed.signal });
      }
    },
    remote: () => call(RemoteState, 'GET', '/api/exchange/remote'),
    synchronise: () => call(RemoteState, 'POST', '/api/exchange/remote/synchronise'),
    remoteChanges: async () => (await call(RemoteChangeList, 'GET', '/api/exchange/remote/changes')).changes,
    retryRemoteChange: (change_id) => call(RemoteState, 'POST', `/api/exchange/remote/changes/${change_id}/retry`),
    discardRemoteChange: (change_id) => call(RemoteState, 'DELETE', `/api/exchange/remote/changes/${change_id}`),
    signIn: async (uri, credentials) => void (await call(nothing, 'PUT', '/api/exchange/credentials', { uri, credentials })),
    async stop(options = {}) {
      try {
        await text(await open(address, 'POST', '/api/stop', { body: options }));
      } catch (error) {
        if (!(error instanceof Unreachable || error instanceof Interrupted)) {
          throw error;
        }
      }
    },
    close: () => closed.abort(new Error('This connection to the project server was closed.')),
  };
}

function queryOf({ text, experiment, archived }: RunFilter): string {
  return new URLSearchParams({ ...(text === undefined ? {} : { filter: text }), ...(experiment === undefined ? {} : { experiment }), ...(archived ? { archived: 'true' } : {}) }).toString();
}
