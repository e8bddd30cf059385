import { EventEmitter } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { endpointFiles, type Endpoint, type EndpointConfig, type EndpointStats } from '../../contracts/endpoints.ts';
import { UserError } from '../../contracts/errors.ts';
import { ModelFile, type Signature } from '../../contracts/model.ts';
import { writeFileAtomic } from '../files/api.ts';
import { hashKey, opens } from '../serving/api.ts';
import type { EndpointStore, StoredEndpoint } from './endpointStore.ts';
import { ModelServerClient } from './modelServerClient.ts';
import { tail } from './outputFile.ts';
import { Supervisor } from './supervisor.ts';
import { servedOf } from './trafficChange.ts';

export interface DeployedEndpointOptions {
  store: EndpointStore;
  /** The endpoint's folder. */
  folder: string;
  /** Opens its model server for the project server. */
  serverKey: string;
  /** The built model server. */
  serverFile: string;
  onFault(error: unknown): void;
}

/** One endpoint: what it is (database and file) and the model server that does it, kept in step. One change at a time. */
export class DeployedEndpoint extends EventEmitter<{ change: [] }> {
  readonly folder: string;
  readonly #options: DeployedEndpointOptions;
  readonly #stored: StoredEndpoint;
  #client: ModelServerClient;
  #supervisor: Supervisor;

  constructor(stored: StoredEndpoint, options: DeployedEndpointOptions) {
    super();
    this.folder = options.folder;
    this.#stored = stored;
    this.#options = options;
    [this.#client, this.#supervisor] = this.#servers();
  }

  get config(): EndpointConfig {
    return this.#stored.config;
  }

  get isWanted(): boolean {
    return this.#stored.wanted === 'running';
  }

  /** As people see it. */
  view(): Endpoint {
    const { config, created } = this.#stored;
    const { state, process, readySince, restarts, error } = this.#supervisor;
    return {
      name: config.name,
      state,
      url: `http://127.0.0.1:${config.port}`,
      port: config.port,
      pid: process?.pid ?? null,
      ready_since: readySince,
      restarts,
      error,
      needs_key: config.keys !== null,
      versions: config.versions.map(servedOf),
      history: this.#options.store.history(config.name),
      log: config.log,
      workers: config.workers,
      created,
      folder: this.folder,
    };
  }

  /** Its figures since it started; null where it is not ready. */
  async stats(): Promise<EndpointStats | null> {
    return this.#supervisor.state === 'ready' ? this.#client.stats().catch(() => null) : null;
  }

  /** Of the version that answers most; null where its file cannot be read. */
  async signature(): Promise<Signature | null> {
    const [main] = this.config.versions.toSorted((a, b) => b.weight - a.weight);
    try {
      return main === undefined ? null : ModelFile.parse(JSON.parse(await readFile(main.file, 'utf8'))).signature;
    } catch {
      return null;
    }
  }

  /** The end of what its model server printed. */
  output(): Promise<string> {
    return tail(path.join(this.folder, endpointFiles.output));
  }

  /** Its model server. @throws UserError where it does not run. */
  client(): ModelServerClient {
    const { state, error } = this.#supervisor;
    if (state !== 'ready') {
      throw new UserError(`The endpoint ${this.config.name} is ${state}${error === null ? '' : ` (${error})`}. Start it first.`, { field: 'endpoint' });
    }
    return this.#client;
  }

  /** Resolves when it is ready. @throws UserError with the model server's words where it cannot be. */
  async start(): Promise<void> {
    this.#stored.wanted = 'running';
    await this.#write(this.config);
    await this.#supervisor.start();
  }

  /** Ends the model server, for good (`wanted` false) or until the next project server. @throws UserError where that cannot be kept. */
  async stop({ wanted }: { wanted: boolean }): Promise<void> {
    this.#stored.wanted = wanted ? this.#stored.wanted : 'stopped';
    await this.#supervisor.stop();
    this.#options.store.save(this.#stored);
  }

  /** After a start of the project server: the model server goes on, or is started. */
  async resume(): Promise<void> {
    const { config } = this;
    if (!opens(this.#options.serverKey, [config.server_key])) {
      // The project has another token by now.
      this.#stored.config = { ...config, server_key: hashKey(this.#options.serverKey), revision: config.revision + 1 };
    }
    await this.#write(this.config);
    if (!(await this.#supervisor.adopt())) {
      await this.#supervisor.start();
    } else if ((await this.#client.health())?.revision !== this.config.revision) {
      await this.#client.reload();
    }
  }

  /**
   * Changes what it is: first the file, then the running server, then the database. Where the server refuses, all is
   * as it was. @param reason where what it serves changes.
   */
  async apply(change: Partial<EndpointConfig>, reason?: string): Promise<void> {
    const before = this.config;
    const next: EndpointConfig = { ...before, ...change, revision: before.revision + 1 };
    try {
      if (next.port !== before.port) {
        await this.#move(next);
      } else {
        await this.#write(next);
        await (this.#supervisor.state === 'ready' ? this.#client.reload() : undefined);
      }
    } catch (error) {
      await (next.port === before.port ? this.#write(before) : this.#move(before).catch(this.#options.onFault));
      throw error;
    }
    this.#stored.config = next;
    // To serve the same again is no change that could be rolled back.
    this.#options.store.save(this.#stored, JSON.stringify(next.versions) === JSON.stringify(before.versions) ? undefined : reason);
    this.emit('change');
  }

  /** Stops it and forgets it; what it logged stays. */
  async forget(): Promise<void> {
    this.removeAllListeners();
    await this.#supervisor.stop();
    this.#supervisor.removeAllListeners();
    this.#client.close();
    this.#options.store.remove(this.config.name);
    await rm(path.join(this.folder, endpointFiles.config), { force: true });
  }

  /** Lets go of the model server, which goes on. */
  detach(): void {
    this.removeAllListeners();
    this.#supervisor.detach();
    this.#client.close();
  }

  /** To another port: by another model server. */
  async #move(config: EndpointConfig): Promise<void> {
    await this.#supervisor.stop();
    this.#supervisor.removeAllListeners();
    this.#client.close();
    this.#stored.config = config;
    await this.#write(config);
    [this.#client, this.#supervisor] = this.#servers();
    await (this.isWanted ? this.#supervisor.start() : undefined);
  }

  #servers(): [ModelServerClient, Supervisor] {
    const { serverKey, serverFile, onFault, store } = this.#options;
    const client = new ModelServerClient(this.config.port, serverKey);
    const supervisor = new Supervisor({ serverFile, folder: this.folder, client, onFault }, this.#stored);
    supervisor.on('change', () => {
      Object.assign(this.#stored, { process: supervisor.process, ready_since: supervisor.readySince, restarts: supervisor.restarts, error: supervisor.error });
      try {
        store.save(this.#stored);
      } catch (error) {
        // What happened has happened, and a server that died is started again on a full disk too.
        onFault(error);
      }
      this.emit('change');
    });
    return [client, supervisor];
  }

  async #write(config: EndpointConfig): Promise<void> {
    await writeFileAtomic(path.join(this.folder, endpointFiles.config), `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  }
}
