import { EventEmitter } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { endpointFiles, type Deployed, type DeployRequest, type Endpoint, type EndpointConfig, type EndpointDetail, type EndpointPredictions, type EndpointStats, type LabelsRequest, type LabelsResult, type ServedVersion, type TrafficRequest } from '../../contracts/endpoints.ts';
import { UserError } from '../../contracts/errors.ts';
import { ModelFile, type Row, type Signature } from '../../contracts/model.ts';
import type { DeploymentEntry } from '../../contracts/projectFile.ts';
import { writeFileAtomic } from '../files/api.ts';
import type { Project } from '../project/api.ts';
import type { ResolvedVersion } from '../registry/api.ts';
import { hashKey, LineLog, makeKey, opens, serverKey } from '../serving/api.ts';
import { objectPath, type Database } from '../store/api.ts';
import { EndpointStore, type StoredEndpoint } from './endpointStore.ts';
import { idsIn } from './labels.ts';
import { ModelServerClient } from './modelServerClient.ts';
import { tail } from './outputFile.ts';
import { freePort, isFree } from './ports.ts';
import { Supervisor } from './supervisor.ts';
import { nameOf, servedOf, withTraffic, withVersion } from './trafficChange.ts';

export interface EndpointsOptions {
  project: Project;
  database: Database;
  /** The project's token: the keys by which endpoints know this server are derived from it. */
  token: string;
  /** The built model server. */
  serverFile: string;
  /** Finds a registered version; throws a UserError. */
  resolveVersion(reference: string): Promise<ResolvedVersion>;
  /** The entry of this name under `deployments` in ml.yaml. */
  settingsOf(name: string): Promise<DeploymentEntry | undefined>;
  /** Whether somebody wants to see figures. */
  isWatched(): boolean;
  onFault(error: unknown): void;
}

export interface EndpointsEvents {
  change: [Endpoint];
  removed: [string];
  stats: [EndpointStats];
}

/** A version that lies in the project's objects. */
export type ServedFile = Pick<ServedVersion, 'ulid' | 'model' | 'version' | 'sha256'> & { file?: string };

interface Managed {
  stored: StoredEndpoint;
  client: ModelServerClient;
  supervisor: Supervisor;
}

/** How often figures are asked for while somebody watches. In milliseconds. */
const statsEvery = 2000;
const defaultLog: EndpointConfig['log'] = { enabled: true, flush: 1000, durable: false };

/**
 * The endpoints of a project: what they serve, and the model servers that do. A model server outlives this object;
 * the next one on the same project takes it up.
 */
export class Endpoints extends EventEmitter<EndpointsEvents> {
  readonly #options: EndpointsOptions;
  readonly #store: EndpointStore;
  readonly #managed = new Map<string, Managed>();
  /** Changes of one endpoint come one after the other. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: EndpointsOptions) {
    super();
    this.#options = options;
    this.#store = new EndpointStore(options.database);
    for (const stored of this.#store.list()) {
      this.#manage(stored);
    }
    this.#timer = setInterval(() => void this.#publish(), statsEvery);
  }

  /** How many endpoints are wanted running: while there is one, the project server must not end by itself. */
  get wanted(): number {
    return [...this.#managed.values()].filter(({ stored }) => stored.wanted === 'running').length;
  }

  /** Takes up the model servers that run, and starts those that should. */
  open(): void {
    if (this.#options.database.readOnly !== null) {
      return;
    }
    for (const [name, { stored }] of this.#managed) {
      if (stored.wanted === 'running') {
        void this.#inTurn(name, () => this.#resume(name)).catch(this.#options.onFault);
      }
    }
  }

  /** @param stop true: the model servers end with this server, and start again with the next; else they go on. */
  async close({ stop }: { stop: boolean }): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(
      [...this.#managed.values()].map(async ({ supervisor, client }) => {
        supervisor.removeAllListeners();
        await (stop ? supervisor.stop() : supervisor.detach());
        client.close();
      }),
    );
  }

  list(): Endpoint[] {
    return [...this.#managed.keys()].sort().map((name) => this.get(name));
  }

  /** @throws UserError where there is none of this name. */
  get(name: string): Endpoint {
    const { stored, supervisor } = this.#find(name);
    const { config, created } = stored;
    return {
      name,
      state: supervisor.state,
      url: `http://127.0.0.1:${config.port}`,
      port: config.port,
      pid: supervisor.process?.pid ?? null,
      ready_since: supervisor.readySince,
      restarts: supervisor.restarts,
      error: supervisor.error,
      needs_key: config.keys !== null,
      versions: config.versions.map(servedOf),
      history: this.#store.history(name),
      log: config.log,
      workers: config.workers,
      created,
      folder: this.#folder(name),
    };
  }

  async detail(name: string): Promise<EndpointDetail> {
    const [endpoint, stats, signature, output] = [this.get(name), await this.stats(name), await this.#signature(name), await tail(path.join(this.#folder(name), endpointFiles.output))];
    return { endpoint, stats, signature, output };
  }

  /** Its figures since it started; null where it is not ready. */
  async stats(name: string): Promise<EndpointStats | null> {
    const { supervisor, client } = this.#find(name);
    return supervisor.state === 'ready' ? client.stats().catch(() => null) : null;
  }

  /**
   * Serves a registered version: by a new endpoint, or by the one that has this name. Resolves when it is ready.
   *
   * @throws UserError where the version, the port or the weights cannot be; then nothing has changed.
   */
  async deploy(request: DeployRequest): Promise<Deployed> {
    const { file } = await this.#options.resolveVersion(request.model);
    const name = request.name ?? file.model;
    const version = { ulid: file.ulid, model: file.model, version: file.version, sha256: file.artifact.sha256 };
    return this.#inTurn(name, async () => {
      const settings = await this.#options.settingsOf(name);
      const managed = this.#managed.get(name);
      if (managed === undefined) {
        return this.#create(name, version, request, settings);
      }
      return this.#update(managed, version, request);
    });
  }

  /** Serves a version of the project's objects beside or instead of what an endpoint serves, as retraining does. */
  async serve(name: string, version: ServedFile, { weight, reason }: { weight?: number; reason: string }): Promise<Endpoint> {
    return this.#inTurn(name, async () => {
      const managed = this.#find(name);
      await this.#apply(managed, { versions: withVersion(managed.stored.config.versions, this.#withFile(version), { weight }) }, reason);
      return this.get(name);
    });
  }

  /** @throws UserError where the weights do not add up to 100 or a version is not served. */
  async setTraffic(name: string, request: TrafficRequest): Promise<Endpoint> {
    return this.#inTurn(name, async () => {
      const managed = this.#find(name);
      const versions = withTraffic(managed.stored.config.versions, request);
      const shares = versions.map((version) => `version ${nameOf(version)} ${version.shadow ? 'as a shadow' : `${version.weight} %`}`).join(', ');
      await this.#apply(managed, { versions }, request.reason ?? `traffic: ${shares}`);
      return this.get(name);
    });
  }

  /** Back to what the endpoint served before its last change. @throws UserError where there was no change. */
  async rollBack(name: string): Promise<Endpoint> {
    return this.#inTurn(name, async () => {
      const managed = this.#find(name);
      const before = this.#store.history(name)[1];
      if (before === undefined) {
        throw new UserError(`${name} has served nothing else before, so there is nothing to roll back to.`, { field: 'endpoint' });
      }
      await this.#apply(managed, { versions: before.versions.map((version) => this.#withFile(version)) }, `rolled back to ${before.versions.map((version) => `version ${nameOf(version)}`).join(', ')}`);
      return this.get(name);
    });
  }

  /** Resolves when it is ready. @throws UserError with the model server's words where it cannot be. */
  async start(name: string): Promise<Endpoint> {
    return this.#inTurn(name, async () => {
      const managed = this.#find(name);
      await this.#start(managed);
      return this.get(name);
    });
  }

  async stop(name: string): Promise<Endpoint> {
    return this.#inTurn(name, async () => {
      const managed = this.#find(name);
      managed.stored.wanted = 'stopped';
      await managed.supervisor.stop();
      return this.get(name);
    });
  }

  /** Stops it and forgets it. What it logged stays on disk. */
  async remove(name: string): Promise<void> {
    return this.#inTurn(name, async () => {
      const managed = this.#find(name);
      await this.#forget(managed);
      this.emit('removed', name);
    });
  }

  /** A new key in place of the old ones, which are refused from now on. */
  async newKey(name: string): Promise<Deployed> {
    return this.#inTurn(name, async () => {
      const managed = this.#find(name);
      const key = makeKey();
      await this.#apply(managed, { keys: [hashKey(key)] });
      return { endpoint: this.get(name), key };
    });
  }

  /** @throws UserError where it does not run, or that names the field. */
  async predict(name: string, rows: readonly Row[]): Promise<EndpointPredictions> {
    const { supervisor, client } = this.#find(name);
    if (supervisor.state !== 'ready') {
      throw new UserError(`The endpoint ${name} is ${supervisor.state}${supervisor.error === null ? '' : ` (${supervisor.error})`}. Start it first.`, { field: 'endpoint' });
    }
    return client.predict(rows);
  }

  /** Keeps labels; resolves when they are on disk. Those of unknown ids are kept too, and reported. */
  async addLabels(name: string, { labels }: LabelsRequest): Promise<LabelsResult> {
    const { stored, supervisor } = this.#find(name);
    const folder = this.#folder(name);
    const ids = new Set(labels.map(({ id }) => id));
    const before = await idsIn(path.join(folder, endpointFiles.labels), ids);
    const at = Date.now();
    const log = new LineLog({ folder: path.join(folder, endpointFiles.labels), flush: 1000, durable: true, onError: this.#options.onFault });
    try {
      await log.append(labels.map(({ id, value }) => JSON.stringify({ id, value: typeof value === 'boolean' ? String(value) : value, at })));
    } finally {
      await log.close();
    }
    const predictions = path.join(folder, endpointFiles.predictions);
    let known = await idsIn(predictions, ids);
    if (known.size < ids.size && supervisor.state === 'ready') {
      // Predictions of the last moment may not be written yet.
      await pause(Math.min(stored.config.log.flush, 2000) + 100);
      known = await idsIn(predictions, ids);
    }
    const unknown = [...ids].filter((id) => !known.has(id));
    return { accepted: labels.length, unknown: unknown.length, unknown_ids: unknown.slice(0, 20), repeated: before.size + labels.length - ids.size };
  }

  async #create(name: string, version: ServedFile, request: DeployRequest, settings: DeploymentEntry | undefined): Promise<Deployed> {
    const key = (request.key ?? settings?.key ?? true) ? makeKey() : null;
    const config: EndpointConfig = {
      name,
      port: await this.#port(name, request.port ?? settings?.port),
      workers: request.workers ?? settings?.workers ?? 2,
      keys: key === null ? null : [hashKey(key)],
      server_key: hashKey(serverKey(this.#options.token, name)),
      versions: withVersion([], this.#withFile(version), request),
      log: { enabled: request.log?.enabled ?? settings?.log ?? defaultLog.enabled, flush: request.log?.flush ?? settings?.flush ?? defaultLog.flush, durable: request.log?.durable ?? settings?.durable ?? defaultLog.durable },
      revision: 1,
    };
    const stored: StoredEndpoint = { config, wanted: 'running', created: Date.now(), process: null, ready_since: null, restarts: 0, error: null };
    this.#store.save(stored, `deployed ${version.model} version ${nameOf(version)}`);
    const managed = this.#manage(stored);
    try {
      await this.#start(managed);
    } catch (error) {
      await this.#forget(managed);
      this.emit('removed', name);
      throw error;
    }
    return { endpoint: this.get(name), key };
  }

  async #update(managed: Managed, version: ServedFile, request: DeployRequest): Promise<Deployed> {
    const { config } = managed.stored;
    const key = request.key === true && config.keys === null ? makeKey() : null;
    await this.#apply(
      managed,
      {
        versions: withVersion(config.versions, this.#withFile(version), request),
        ...(request.port === undefined || request.port === config.port ? {} : { port: await this.#port(config.name, request.port) }),
        ...(request.workers === undefined ? {} : { workers: request.workers }),
        ...(request.log === undefined ? {} : { log: { enabled: request.log.enabled ?? config.log.enabled, flush: request.log.flush ?? config.log.flush, durable: request.log.durable ?? config.log.durable } }),
        ...(key !== null ? { keys: [hashKey(key)] } : request.key === false ? { keys: null } : {}),
      },
      `deployed ${version.model} version ${nameOf(version)}${request.shadow === true ? ' as a shadow' : request.weight === undefined ? '' : ` for ${request.weight} % of the requests`}`,
    );
    await this.#start(managed);
    return { endpoint: this.get(config.name), key };
  }

  /**
   * Changes what an endpoint is: first its file, then the running server, then the database. Where the server refuses,
   * all is as it was.
   */
  async #apply(managed: Managed, change: Partial<EndpointConfig>, reason?: string): Promise<void> {
    const before = managed.stored.config;
    const next: EndpointConfig = { ...before, ...change, revision: before.revision + 1 };
    const { supervisor, stored } = managed;
    const moves = next.port !== before.port;
    if (moves) {
      supervisor.removeAllListeners();
      await supervisor.stop();
    }
    await this.#write(next);
    try {
      if (moves) {
        managed.client.close();
        stored.config = next;
        const moved = this.#manage(stored);
        await (stored.wanted === 'running' ? moved.supervisor.start() : undefined);
      } else if (supervisor.state === 'ready') {
        await managed.client.reload();
      }
    } catch (error) {
      stored.config = before;
      await this.#write(before);
      if (moves) {
        await this.#manage(stored).supervisor.start().catch(this.#options.onFault);
      }
      throw error;
    }
    stored.config = next;
    this.#store.save(stored, reason);
    this.emit('change', this.get(next.name));
  }

  async #start({ stored: { config } }: Managed): Promise<void> {
    const managed = this.#find(config.name);
    managed.stored.wanted = 'running';
    await this.#write(managed.stored.config);
    await managed.supervisor.start();
  }

  /** After a start of the project server: the model server goes on, or is started. */
  async #resume(name: string): Promise<void> {
    const managed = this.#find(name);
    const { stored, supervisor, client } = managed;
    if (!opens(serverKey(this.#options.token, name), [stored.config.server_key])) {
      // The project has another token by now.
      stored.config = { ...stored.config, server_key: hashKey(serverKey(this.#options.token, name)), revision: stored.config.revision + 1 };
    }
    stored.config = { ...stored.config, versions: stored.config.versions.map((version) => ({ ...version, ...this.#withFile(version) })) };
    await this.#write(stored.config);
    if (!(await supervisor.adopt())) {
      await supervisor.start();
    } else if ((await client.health())?.revision !== stored.config.revision) {
      await client.reload();
    }
  }

  async #forget({ stored: { config }, client }: Managed): Promise<void> {
    const { supervisor } = this.#find(config.name);
    supervisor.removeAllListeners();
    await supervisor.stop();
    client.close();
    this.#managed.delete(config.name);
    this.#store.remove(config.name);
    await rm(path.join(this.#folder(config.name), endpointFiles.config), { force: true });
  }

  #manage(stored: StoredEndpoint): Managed {
    const { name, port } = stored.config;
    const client = new ModelServerClient(port, serverKey(this.#options.token, name));
    const supervisor = new Supervisor({ serverFile: this.#options.serverFile, folder: this.#folder(name), client, onFault: this.#options.onFault }, stored);
    supervisor.readySince = stored.ready_since;
    supervisor.on('change', () => {
      Object.assign(stored, { process: supervisor.process, ready_since: supervisor.readySince, restarts: supervisor.restarts, error: supervisor.error });
      this.#store.save(stored);
      this.emit('change', this.get(name));
    });
    const managed = { stored, client, supervisor };
    this.#managed.set(name, managed);
    return managed;
  }

  #find(name: string): Managed {
    const found = this.#managed.get(name);
    if (found === undefined) {
      const names = [...this.#managed.keys()].sort();
      throw new UserError(`There is no endpoint "${name}". ${names.length === 0 ? 'Nothing is deployed yet.' : `There are ${names.join(', ')}.`}`, { field: 'endpoint' });
    }
    return found;
  }

  /** @throws UserError where the port that is asked for is taken. */
  async #port(name: string, wanted: number | undefined): Promise<number> {
    const others = [...this.#managed.values()].map(({ stored: { config } }) => config).filter((config) => config.name !== name);
    if (wanted === undefined) {
      for (;;) {
        const port = await freePort();
        if (!others.some((config) => config.port === port)) {
          return port;
        }
      }
    }
    const other = others.find((config) => config.port === wanted);
    if (other !== undefined || !(await isFree(wanted))) {
      throw new UserError(`Port ${wanted} is taken by ${other === undefined ? 'another program' : `the endpoint ${other.name}`}. Choose another port, or leave it out to get a free one.`, { field: 'port' });
    }
    return wanted;
  }

  #withFile<V extends ServedFile>(version: V): V & { file: string } {
    return { ...version, file: objectPath(this.#options.project.objectsFolder, version.sha256) };
  }

  async #write(config: EndpointConfig): Promise<void> {
    await writeFileAtomic(path.join(this.#folder(config.name), endpointFiles.config), `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  }

  #folder(name: string): string {
    return path.join(this.#options.project.stateFolder, 'endpoints', name);
  }

  /** Of the version that answers most. */
  async #signature(name: string): Promise<Signature | null> {
    const [main] = this.#find(name).stored.config.versions.toSorted((a, b) => b.weight - a.weight);
    const text = main === undefined ? null : await readFile(main.file, 'utf8').catch(() => null);
    try {
      return text === null ? null : ModelFile.parse(JSON.parse(text)).signature;
    } catch {
      return null;
    }
  }

  async #publish(): Promise<void> {
    if (!this.#options.isWatched()) {
      return;
    }
    for (const name of this.#managed.keys()) {
      const stats = await this.stats(name).catch(() => null);
      if (stats !== null) {
        this.emit('stats', stats);
      }
    }
  }

  #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const next = (this.#turns.get(name) ?? Promise.resolve()).then(work, work);
    this.#turns.set(name, next.catch(() => undefined));
    return next;
  }
}
