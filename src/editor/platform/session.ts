// One project as this window knows it: its connection to the project server, and what its server last told.
import * as vscode from 'vscode';
import type { Endpoint } from '../../contracts/endpoints.ts';
import type { ExperimentSummary, NeededKeys } from '../../contracts/experiments.ts';
import type { Job, JobSpec } from '../../contracts/jobs.ts';
import type { Alert } from '../../contracts/monitoring.ts';
import type { RegisteredModel } from '../../contracts/registry.ts';
import type { Decision } from '../../contracts/retraining.ts';
import type { RunSummary } from '../../contracts/runs.ts';
import type { ServerEvent } from '../../contracts/server.ts';
import type { ProjectClient, RuntimeLocation } from '../../core/client/api.ts';
import type { Project } from '../../core/project/api.ts';
import { exists } from './files.ts';
import { applyParallelRuns } from './parallelRuns.ts';
import { sentenceOf } from './problems.ts';
import { SessionRuns } from './sessionRuns.ts';
import { requireTrust } from './trust.ts';

export type Connection =
  | { kind: 'none' }
  | { kind: 'connecting' }
  | { kind: 'connected'; client: ProjectClient }
  | { kind: 'failed'; message: string }
  /** Ended by the person; only asking for it starts it again. */
  | { kind: 'stopped' };

export class ProjectSession implements vscode.Disposable {
  readonly project: Project;
  readonly #runtime: () => Promise<RuntimeLocation>;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when what this session knows changed. */
  readonly onDidChange = this.#changed.event;
  readonly #events = new vscode.EventEmitter<ServerEvent>();
  /** What the server tells, after this session took it in. */
  readonly onEvent = this.#events.event;
  connection: Connection = { kind: 'none' };
  readonly #runs = new SessionRuns();
  readonly #experiments = new Map<string, ExperimentSummary>();
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #alerts = new Map<string, Alert>();
  readonly #decisions = new Map<string, Decision>();
  models: readonly RegisteredModel[] = [];
  /** Runs that this window started and that have not ended. */
  readonly started = new Set<string>();
  #opening: Promise<ProjectClient> | undefined;
  #listener: { dispose(): void } | undefined;

  constructor(project: Project, runtime: () => Promise<RuntimeLocation>, log: vscode.LogOutputChannel) {
    this.project = project;
    this.#runtime = runtime;
    this.#log = log;
  }

  /** The runs by id that are not archived, as the server last told. */
  get runs(): ReadonlyMap<string, RunSummary> {
    return this.#runs.listed;
  }

  /** The archived runs by id; null until `loadArchived` was called. */
  get archived(): ReadonlyMap<string, RunSummary> | null {
    return this.#runs.archived;
  }

  /** The experiments by name, archived ones too. */
  get experiments(): ReadonlyMap<string, ExperimentSummary> {
    return this.#experiments;
  }

  /** The endpoints by name. */
  get endpoints(): ReadonlyMap<string, Endpoint> {
    return this.#endpoints;
  }

  /** The open alerts by id. */
  get alerts(): ReadonlyMap<string, Alert> {
    return this.#alerts;
  }

  /** The retrainings' decisions by id. */
  get decisions(): ReadonlyMap<string, Decision> {
    return this.#decisions;
  }

  /** Whether there is anything stored that a server could tell about. */
  async hasState(): Promise<boolean> {
    const { databaseFile, databasePointer, modelsFolder } = this.project;
    return (await exists(databaseFile)) || (await exists(databasePointer)) || (await exists(modelsFolder)) || (await this.#followsRemote());
  }

  /** Whether ml.yaml names a remote server, whose runs there are to show however new this folder is. */
  async #followsRemote(): Promise<boolean> {
    const content = await vscode.workspace.fs.readFile(vscode.Uri.file(this.project.file)).then(
      (bytes) => Buffer.from(bytes).toString('utf8'),
      () => '',
    );
    return /^tracking:/m.test(content);
  }

  /** Connects where something is stored, so that a view can show it; failures are kept in `connection`. */
  async wake(): Promise<void> {
    if (vscode.workspace.isTrusted && this.connection.kind === 'none' && (await this.hasState())) {
      await this.client().catch(() => undefined);
    }
  }

  /** The connection to the project server, which is started where none runs. */
  async client(): Promise<ProjectClient> {
    await requireTrust();
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<ProjectClient> {
    this.#become({ kind: 'connecting' });
    try {
      const [{ connect }, runtime] = await Promise.all([import('../../core/client/api.ts'), this.#runtime()]);
      const client = await connect(this.project, runtime);
      const events = client.onEvent((event) => this.#take(client, event));
      const reconnected = client.onReconnect(() => void this.reload());
      this.#listener = vscode.Disposable.from(events, reconnected);
      await this.#load(client);
      const { notice } = await client.status();
      if (notice !== null) {
        this.#log.warn(notice);
      }
      this.#become({ kind: 'connected', client });
      return client;
    } catch (error) {
      this.#opening = undefined;
      this.#log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      this.#become({ kind: 'failed', message: sentenceOf(error) });
      throw error;
    }
  }

  /** Hands the server a job; its run is known here when this resolves. */
  async submit(spec: JobSpec): Promise<Job> {
    const client = await this.client();
    await applyParallelRuns(this.project);
    const job = await client.submit(spec);
    if (job.run_id !== null) {
      this.started.add(job.run_id);
      const { run } = await client.run(job.run_id);
      this.#runs.place(run);
      this.#changed.fire();
    }
    return job;
  }

  /** Takes a run that was deleted out of what is shown, before the server's event says so too. */
  forgetRun(run_id: string): void {
    this.#runs.remove(run_id);
    this.#changed.fire();
  }

  /** Has each run of a long list bring these along, however wide it is. The list is read again where it may lack them. */
  need(needed: NeededKeys): void {
    const others = this.#runs.need(needed);
    if (others && needed.params.length + needed.tags.length > 0) {
      this.#opening?.then((client) => this.#loadRuns(client)).then(
        () => this.#changed.fire(),
        (error: unknown) => this.#log.warn(sentenceOf(error)),
      );
    }
  }

  /** What a person waits for goes before the rest of a long list of runs, until the function that this returns is called. */
  hold(): () => void {
    return this.#runs.hold();
  }

  /** Asks for the archived runs; from then on `archived` follows what the server tells. */
  async loadArchived(): Promise<void> {
    await this.#runs.loadArchived(await this.client());
    this.#changed.fire();
  }

  /** Takes in what the server answered to this window, before its event says so too. */
  learn(news: { endpoint: Endpoint } | { removed: string } | { decision: Decision }): void {
    if ('endpoint' in news) {
      this.#endpoints.set(news.endpoint.name, news.endpoint);
    } else if ('removed' in news) {
      this.#endpoints.delete(news.removed);
    } else {
      this.#decisions.set(news.decision.decision_id, news.decision);
    }
    this.#changed.fire();
  }

  /** Asks the server for everything again. */
  async reload(): Promise<void> {
    if (this.connection.kind === 'connected') {
      await this.#load(this.connection.client);
      this.#changed.fire();
      return;
    }
    if (this.connection.kind !== 'connecting') {
      this.connection = { kind: 'none' };
    }
    await this.wake();
  }

  /** Ends the project server; running jobs go on and the next use starts it again. */
  async stopServer(): Promise<void> {
    const client = await this.client();
    await client.stop();
    this.#disconnect({ kind: 'stopped' });
  }

  #disconnect(next: Connection): void {
    this.#listener?.dispose();
    this.#listener = undefined;
    if (this.connection.kind === 'connected') {
      this.connection.client.close();
    }
    this.#opening = undefined;
    this.#become(next);
  }

  async #load(client: ProjectClient): Promise<void> {
    const [, models, endpoints, alerts, decisions] = await Promise.all([this.#loadRuns(client), client.models(), client.endpoints(), client.alerts(), client.decisions()]);
    refill(this.#endpoints, endpoints, (endpoint) => endpoint.name);
    refill(this.#alerts, alerts, (alert) => alert.alert_id);
    refill(this.#decisions, decisions, (decision) => decision.decision_id);
    this.models = models;
  }

  /** The experiments and the newest runs; the rest of a long list follows part by part. */
  async #loadRuns(client: ProjectClient): Promise<void> {
    const [experiments, { rest }] = await Promise.all([client.experiments(), this.#runs.load(client, () => this.#changed.fire())]);
    refill(this.#experiments, experiments, (experiment) => experiment.name);
    rest.catch((error: unknown) => this.#log.warn(sentenceOf(error)));
  }

  #take(client: ProjectClient, event: ServerEvent): void {
    switch (event.type) {
      case 'run':
        this.#runs.place(event.run);
        break;
      case 'run_deleted':
        this.#runs.remove(event.run_id);
        break;
      case 'experiments':
        this.#reloadExperiments(client, event.runs).catch((error: unknown) => this.#log.warn(sentenceOf(error)));
        break;
      case 'models':
        client.models().then(
          (models) => {
            this.models = models;
            this.#changed.fire();
          },
          (error: unknown) => this.#log.warn(sentenceOf(error)),
        );
        break;
      case 'endpoint':
        this.#endpoints.set(event.endpoint.name, event.endpoint);
        break;
      case 'endpoint_removed':
        this.#endpoints.delete(event.endpoint);
        break;
      case 'alert':
        if (event.alert.closed === null) {
          this.#alerts.set(event.alert.alert_id, event.alert);
        } else {
          this.#alerts.delete(event.alert.alert_id);
        }
        break;
      case 'decision':
        this.#decisions.set(event.decision.decision_id, event.decision);
        break;
      case 'runs':
        this.reload().catch((error: unknown) => this.#log.warn(sentenceOf(error)));
        break;
      case 'stats':
      case 'remote':
      case 'monitor':
      case 'study':
        // Nothing of it is kept here; who shows it listens.
        this.#events.fire(event);
        return;
      case 'job':
        break;
    }
    this.#events.fire(event);
    this.#changed.fire();
  }

  async #reloadExperiments(client: ProjectClient, runsToo: boolean): Promise<void> {
    if (runsToo) {
      await this.#loadRuns(client);
    } else {
      refill(this.#experiments, await client.experiments(), (experiment) => experiment.name);
    }
    this.#changed.fire();
  }

  #become(connection: Connection): void {
    this.connection = connection;
    this.#changed.fire();
  }

  dispose(): void {
    this.#disconnect({ kind: 'none' });
    this.#changed.dispose();
    this.#events.dispose();
  }
}

function refill<T>(map: Map<string, T>, all: readonly T[], key: (each: T) => string): void {
  map.clear();
  for (const each of all) {
    map.set(key(each), each);
  }
}
