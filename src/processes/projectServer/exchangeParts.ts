// What exchanges runs with the outside, made of the server's own stores.
import type { pino } from 'pino';
import type { Credentials } from '../../contracts/exchange.ts';
import { readAddress, type ExchangeStores } from '../../core/exchange/api.ts';
import type { Project } from '../../core/project/api.ts';
import { listModels, type Catalogue } from '../../core/registry/api.ts';
import type { Database } from '../../core/store/api.ts';
import { ArtifactStore, ExperimentStore, LoggedModelStore, TrackedRuns, type RunStore } from '../../core/tracking/api.ts';
import type { Events } from './events.ts';
import { ExchangeTasks } from './exchangeTasks.ts';

export interface ExchangeParts {
  project: Project;
  database: Database;
  runs: RunStore;
  catalogue: Catalogue;
  events: Events;
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  log: pino.Logger;
}

export class Exchange {
  readonly tasks: ExchangeTasks;
  /** By address; they end with this process. */
  readonly #credentials = new Map<string, Credentials>();

  constructor({ project, database, runs, catalogue, events, inTurn, log }: ExchangeParts) {
    const stores: ExchangeStores = {
      database,
      runs,
      metrics: runs.metrics,
      tracked: new TrackedRuns(database, runs.metrics, new LoggedModelStore(database), project.root),
      experiments: new ExperimentStore(database),
      artifacts: artifactStore(project),
      catalogue,
      inTurn,
    };
    this.tasks = new ExchangeTasks({
      stores,
      credentialsFor: (uri) => this.#credentials.get(uri),
      onRuns: () => {
        events.send({ type: 'runs' });
        events.send({ type: 'models' });
      },
      onFault: (error) => log.error(error, 'exchange'),
    });
  }

  /** @throws UserError for what is no address. */
  signIn(address: string, credentials: Credentials): void {
    this.#credentials.set(readAddress(address).uri, credentials);
  }

  /** Whether something is under way. */
  get busy(): boolean {
    return this.tasks.open > 0;
  }

  async close(): Promise<void> {
    await this.tasks.close();
  }
}

/** The artifacts of a project, with those of its registered versions. */
export function artifactStore(project: Project): ArtifactStore {
  return new ArtifactStore(project, async (name, ulid) => (await listModels(project)).find((model) => model.name === name)?.versions.find(({ file }) => file.ulid === ulid)?.file.artifact.sha256 ?? null);
}
