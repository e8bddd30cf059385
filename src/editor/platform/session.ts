// One project as this window knows it: its connection to the project server, its runs and its models.
import * as vscode from 'vscode';
import type { Job, JobSpec } from '../../contracts/jobs.ts';
import type { RegisteredModel } from '../../contracts/registry.ts';
import type { RunSummary } from '../../contracts/runs.ts';
import type { ServerEvent } from '../../contracts/server.ts';
import type { ProjectClient, RuntimeLocation } from '../../core/client/api.ts';
import type { Project } from '../../core/project/api.ts';
import { exists } from './files.ts';
import { applyParallelRuns } from './parallelRuns.ts';
import { sentenceOf } from './problems.ts';
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
  readonly #runs = new Map<string, RunSummary>();
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

  /** The runs by id, as the server last told. */
  get runs(): ReadonlyMap<string, RunSummary> {
    return this.#runs;
  }

  /** Whether there is anything stored that a server could tell about. */
  async hasState(): Promise<boolean> {
    return (await exists(this.project.databaseFile)) || (await exists(this.project.modelsFolder));
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
      this.#runs.set(run.run_id, run);
      this.#changed.fire();
    }
    return job;
  }

  /** Takes a run that was deleted out of what is shown, before the server's event says so too. */
  forgetRun(run_id: string): void {
    this.#runs.delete(run_id);
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
    const [runs, models] = await Promise.all([client.runs(), client.models()]);
    this.#runs.clear();
    for (const run of runs) {
      this.#runs.set(run.run_id, run);
    }
    this.models = models;
  }

  #take(client: ProjectClient, event: ServerEvent): void {
    switch (event.type) {
      case 'run':
        this.#runs.set(event.run.run_id, event.run);
        break;
      case 'run_deleted':
        this.#runs.delete(event.run_id);
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
      case 'job':
        break;
    }
    this.#events.fire(event);
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
