// What exchanges runs with the outside, made of the server's own stores.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { pino } from 'pino';
import type { Credentials } from '../../contracts/exchange.ts';
import { environmentCredentials, Mirror, MlflowClient, readAddress, type ExchangeStores } from '../../core/exchange/api.ts';
import { readProjectFile, type Project } from '../../core/project/api.ts';
import type { Catalogue } from '../../core/registry/api.ts';
import type { Database } from '../../core/store/api.ts';
import { ExperimentStore, TrackedRuns, type ArtifactStore, type LoggedModelStore, type RunStore } from '../../core/tracking/api.ts';
import type { Events } from './events.ts';
import { ExchangeTasks } from './exchangeTasks.ts';

/** How often ml.yaml is looked at for another remote. In milliseconds. */
const lookEvery = 1000;
const units = { s: 1000, m: 60_000, h: 3_600_000 };

export interface ExchangeParts {
  project: Project;
  database: Database;
  runs: RunStore;
  catalogue: Catalogue;
  loggedModels: LoggedModelStore;
  artifacts: ArtifactStore;
  events: Events;
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  log: pino.Logger;
  /** Holds the built processes. */
  folder: string;
}

export class Exchange {
  readonly tasks: ExchangeTasks;
  readonly mirror: Mirror;
  readonly #project: Project;
  readonly #log: pino.Logger;
  #timer: NodeJS.Timeout | undefined;
  #changed = '';
  /** By address; they end with this process. */
  readonly #credentials = new Map<string, Credentials>();

  constructor({ project, database, runs, catalogue, loggedModels, artifacts, events, inTurn, log, folder }: ExchangeParts) {
    this.#project = project;
    this.#log = log;
    const stores: ExchangeStores = {
      database,
      runs,
      metrics: runs.metrics,
      tracked: new TrackedRuns(database, runs.metrics, loggedModels, project.root),
      experiments: new ExperimentStore(database),
      artifacts,
      catalogue,
      inTurn,
    };
    this.tasks = new ExchangeTasks({
      stores,
      reader: path.join(folder, 'import-worker.js'),
      credentialsFor: (uri) => this.#credentials.get(uri),
      onRuns: () => {
        events.send({ type: 'runs' });
        events.send({ type: 'models' });
      },
      onFault: (error) => log.error(error, 'exchange'),
    });
    this.mirror = new Mirror({
      stores,
      connect: (uri, signal) => new MlflowClient(uri, { credentials: this.#credentials.get(readAddress(uri).uri) ?? environmentCredentials(process.env, uri, true), signal }),
      isWatched: () => events.listeners > 0,
      onRun: (run_id) => {
        const run = runs.find(run_id);
        if (run !== null) {
          events.send(run.archived ? { type: 'run_deleted', run_id } : { type: 'run', run });
        }
      },
      onExperiments: () => events.send({ type: 'experiments', runs: true }),
      onModels: () => events.send({ type: 'models' }),
      onState: (remote) => events.send({ type: 'remote', remote }),
      onFault: (error) => log.error(error, 'remote tracking server'),
    });
  }

  /** Follows the remote server that ml.yaml names, from now on and whenever that changes. */
  async open(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => void this.#look(), lookEvery);
  }

  async #look(): Promise<void> {
    try {
      const facts = await stat(this.#project.file).catch(() => null);
      const changed = `${facts?.mtimeMs ?? 0} ${facts?.size ?? 0}`;
      if (changed === this.#changed) {
        return;
      }
      this.#changed = changed;
      const { tracking, registry } = facts === null ? {} : await readProjectFile(this.#project);
      const [, count = '10', unit = 's'] = /^(\d+)([smh])$/.exec(tracking?.every ?? '10s') ?? [];
      this.mirror.follow(tracking?.uri ?? null, Number(count) * units[unit as keyof typeof units], registry === 'mlflow');
    } catch (error) {
      // While ml.yaml is wrong what it said before goes on; the editor shows what is wrong in it.
      this.#log.warn(error instanceof Error ? error.message : String(error));
    }
  }

  /** @throws UserError for what is no address. */
  signIn(address: string, credentials: Credentials): void {
    const { uri } = readAddress(address);
    this.#credentials.set(uri, credentials);
    if (this.mirror.state.uri === uri) {
      this.mirror.reconnect();
    }
  }

  /** Whether something is under way. */
  get busy(): boolean {
    return this.tasks.open > 0 || this.mirror.sending;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.tasks.close();
    await this.mirror.close();
  }
}
