import { EventEmitter } from 'node:events';
import path from 'node:path';
import type { Deployed, DeployRequest, Endpoint, EndpointConfig, EndpointDetail, EndpointPredictions, EndpointStats, LabelsRequest, LabelsResult, ServedVersion, TrafficRequest } from '../../contracts/endpoints.ts';
import { UserError } from '../../contracts/errors.ts';
import type { Row } from '../../contracts/model.ts';
import type { DeploymentEntry } from '../../contracts/projectFile.ts';
import { folderIdentity } from '../discovery/api.ts';
import type { Project } from '../project/api.ts';
import type { ResolvedVersion } from '../registry/api.ts';
import { hashKey, makeKey, serverKey } from '../serving/api.ts';
import { objectPath, type Database } from '../store/api.ts';
import { DeployedEndpoint } from './deployedEndpoint.ts';
import { EndpointStore, type StoredEndpoint } from './endpointStore.ts';
import { addLabels } from './labels.ts';
import { freePort, isFree } from './ports.ts';
import { nameOf, withTraffic, withVersion, type ConfiguredVersion } from './trafficChange.ts';

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

/** A version whose model file lies in the project's objects under its hash. */
export type ServedFile = Pick<ServedVersion, 'ulid' | 'model' | 'version' | 'sha256'>;

/** How often figures are asked for while somebody watches. In milliseconds. */
const statsEvery = 2000;

/**
 * The endpoints of a project. The model servers outlive this object; the next one on the same project takes them up.
 * Changes of one endpoint come one after the other.
 */
export class Endpoints extends EventEmitter<EndpointsEvents> {
  readonly #options: EndpointsOptions;
  readonly #store: EndpointStore;
  readonly #deployed = new Map<string, DeployedEndpoint>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: EndpointsOptions) {
    super();
    this.#options = options;
    this.#store = new EndpointStore(options.database);
    for (const stored of this.#store.list()) {
      this.#keep(this.#atHome(stored));
    }
    this.#timer = setInterval(() => void this.#publish(), statsEvery);
  }

  /** How many endpoints are wanted running: while there is one, the project server must not end by itself. */
  get wanted(): number {
    return [...this.#deployed.values()].filter((endpoint) => endpoint.isWanted).length;
  }

  /** Takes up the model servers that run, and starts those that should. */
  open(): void {
    if (this.#options.database.readOnly !== null) {
      return;
    }
    for (const [name, endpoint] of this.#deployed) {
      if (endpoint.isWanted) {
        void this.#inTurn(name, () => endpoint.resume()).catch(this.#options.onFault);
      }
    }
  }

  /** @param stop true: the model servers end with this server, and start again with the next; else they go on. */
  async close({ stop }: { stop: boolean }): Promise<void> {
    clearInterval(this.#timer);
    this.removeAllListeners();
    await Promise.all(
      [...this.#deployed].map(async ([name, endpoint]) => {
        await (stop ? this.#inTurn(name, () => endpoint.stop({ wanted: true })) : undefined);
        endpoint.detach();
      }),
    );
  }

  /** By name. */
  list(): Endpoint[] {
    return [...this.#deployed.keys()].sort().map((name) => this.get(name));
  }

  /** @throws UserError where there is none of this name. */
  get(name: string): Endpoint {
    return this.#find(name).view();
  }

  async detail(name: string): Promise<EndpointDetail> {
    const found = this.#find(name);
    const [stats, signature, output] = await Promise.all([found.stats(), found.signature(), found.output()]);
    return { endpoint: found.view(), stats, signature, output };
  }

  /** Its figures since its model server started; null where it is not ready. */
  async stats(name: string): Promise<EndpointStats | null> {
    return this.#find(name).stats();
  }

  /**
   * Serves a registered version: by a new endpoint, or by the one that has this name. Resolves when it is ready.
   *
   * @throws UserError where the version, the port or the weights cannot be; then nothing has changed.
   */
  async deploy(request: DeployRequest): Promise<Deployed> {
    const { file } = await this.#options.resolveVersion(request.model);
    const name = request.name ?? file.model;
    const version = this.#withFile({ ulid: file.ulid, model: file.model, version: file.version, sha256: file.artifact.sha256 });
    return this.#inTurn(name, async () => {
      const known = this.#deployed.get(name);
      const key = await (known === undefined ? this.#create(name, version, request) : this.#update(known, version, request));
      return { endpoint: this.get(name), key };
    });
  }

  /** Serves a version instead of what an endpoint serves, or beside it for `weight` percent of the requests. */
  async serve(name: string, version: ServedFile, { weight, reason }: { weight?: number; reason: string }): Promise<Endpoint> {
    return this.#change(name, (endpoint) => endpoint.apply({ versions: withVersion(endpoint.config.versions, this.#withFile(version), { weight }) }, reason));
  }

  /** @throws UserError where the weights do not add up to 100 or a version is not served. */
  async setTraffic(name: string, request: TrafficRequest): Promise<Endpoint> {
    return this.#change(name, async (endpoint) => {
      const versions = withTraffic(endpoint.config.versions, request);
      const shares = versions.map((version) => `version ${nameOf(version)} ${version.shadow ? 'as a shadow' : `${version.weight} %`}`).join(', ');
      await endpoint.apply({ versions }, request.reason ?? `traffic: ${shares}`);
    });
  }

  /** Back to what the endpoint served before its last change. @throws UserError where there was no change. */
  async rollBack(name: string): Promise<Endpoint> {
    return this.#change(name, async (endpoint) => {
      const before = this.#store.history(name)[1];
      if (before === undefined) {
        throw new UserError(`${name} has served nothing else before, so there is nothing to roll back to.`, { field: 'endpoint' });
      }
      await endpoint.apply({ versions: before.versions.map((version) => this.#withFile(version)) }, `rolled back to ${before.versions.map((version) => `version ${nameOf(version)}`).join(', ')}`);
    });
  }

  /** Resolves when it is ready. @throws UserError with the model server's words where it cannot be. */
  async start(name: string): Promise<Endpoint> {
    return this.#change(name, (endpoint) => endpoint.start());
  }

  async stop(name: string): Promise<Endpoint> {
    return this.#change(name, (endpoint) => endpoint.stop({ wanted: false }));
  }

  /** Stops it and forgets it. What it logged stays on disk. */
  async remove(name: string): Promise<void> {
    await this.#inTurn(name, () => this.#forget(this.#find(name)));
  }

  /** A new key in place of the old ones, which are refused from now on. */
  async newKey(name: string): Promise<Deployed> {
    const key = makeKey();
    return { endpoint: await this.#change(name, (endpoint) => endpoint.apply({ keys: [hashKey(key)] })), key };
  }

  /** @throws UserError where it does not run, or that names the field. */
  async predict(name: string, rows: readonly Row[]): Promise<EndpointPredictions> {
    return this.#find(name).client().predict(rows);
  }

  /** Keeps labels; resolves when they are on disk. Those of unknown ids are kept too, and reported. */
  async addLabels(name: string, request: LabelsRequest): Promise<LabelsResult> {
    const endpoint = this.#find(name);
    return addLabels(endpoint.folder, request, endpoint.view().state === 'ready' ? endpoint.config.log.flush : 0, this.#options.onFault);
  }

  /** @returns the key in plain text, where one is asked for. */
  async #create(name: string, version: Omit<ConfiguredVersion, 'weight' | 'shadow'>, request: DeployRequest): Promise<string | null> {
    const settings = await this.#options.settingsOf(name);
    const key = (request.key ?? settings?.key ?? true) ? makeKey() : null;
    const config: EndpointConfig = {
      name,
      port: await this.#port(name, request.port ?? settings?.port),
      workers: request.workers ?? settings?.workers ?? 2,
      keys: key === null ? null : [hashKey(key)],
      server_key: hashKey(serverKey(this.#options.token, name)),
      versions: withVersion([], version, request),
      log: { enabled: settings?.log ?? true, flush: settings?.flush ?? 1000, durable: settings?.durable ?? false, ...defined(request.log) },
      home: this.#home(),
      revision: 1,
    };
    const stored: StoredEndpoint = { config, wanted: 'running', created: Date.now(), process: null, ready_since: null, restarts: 0, error: null };
    this.#store.save(stored, `deployed ${version.model} version ${nameOf(version)}`);
    const endpoint = this.#keep(stored);
    try {
      await endpoint.start();
    } catch (error) {
      await this.#forget(endpoint);
      throw error;
    }
    return key;
  }

  /** @returns the key in plain text, where a new one was made. */
  async #update(endpoint: DeployedEndpoint, version: Omit<ConfiguredVersion, 'weight' | 'shadow'>, request: DeployRequest): Promise<string | null> {
    const { config } = endpoint;
    const key = request.key === true && config.keys === null ? makeKey() : null;
    const how = request.shadow === true ? ' as a shadow' : request.weight === undefined ? '' : ` for ${request.weight} % of the requests`;
    await endpoint.apply(
      {
        versions: withVersion(config.versions, version, request),
        port: request.port === undefined || request.port === config.port ? config.port : await this.#port(config.name, request.port),
        workers: request.workers ?? config.workers,
        log: { ...config.log, ...defined(request.log) },
        keys: key !== null ? [hashKey(key)] : request.key === false ? null : config.keys,
      },
      `deployed ${version.model} version ${nameOf(version)}${how}`,
    );
    try {
      await endpoint.start();
    } catch (error) {
      await endpoint.apply({ ...config }, `version ${nameOf(version)} did not start`);
      throw error;
    }
    return key;
  }

  async #forget(endpoint: DeployedEndpoint): Promise<void> {
    const { name } = endpoint.config;
    await endpoint.forget();
    this.#deployed.delete(name);
    this.emit('removed', name);
  }

  #keep(stored: StoredEndpoint): DeployedEndpoint {
    const { project, token, serverFile, onFault } = this.#options;
    const { name } = stored.config;
    const endpoint = new DeployedEndpoint(stored, { store: this.#store, folder: path.join(project.stateFolder, 'endpoints', name), serverKey: serverKey(token, name), serverFile, onFault });
    endpoint.on('change', () => this.emit('change', endpoint.view()));
    this.#deployed.set(name, endpoint);
    return endpoint;
  }

  #find(name: string): DeployedEndpoint {
    const found = this.#deployed.get(name);
    if (found === undefined) {
      const names = [...this.#deployed.keys()].sort();
      throw new UserError(`There is no endpoint "${name}". ${names.length === 0 ? 'Nothing is deployed yet.' : `There are ${names.join(', ')}.`}`, { field: 'endpoint' });
    }
    return found;
  }

  /** A free port, or the one that is asked for. @throws UserError where that is taken. */
  async #port(name: string, wanted: number | undefined): Promise<number> {
    // Those of endpoints that are stopped are theirs too.
    const owner = (port: number): string | undefined => [...this.#deployed.values()].find(({ config }) => config.port === port && config.name !== name)?.config.name;
    if (wanted === undefined) {
      const port = await freePort();
      return owner(port) === undefined ? port : this.#port(name, undefined);
    }
    const other = owner(wanted);
    if (other !== undefined || !(await isFree(wanted))) {
      throw new UserError(`Port ${wanted} is taken by ${other === undefined ? 'another program' : `the endpoint ${other}`}. Choose another port, or leave it out to get a free one.`, { field: 'port' });
    }
    return wanted;
  }

  /** An endpoint as it lies in this folder, which may have been moved. In a copy the model server is the original's: it is let alone. */
  #atHome(stored: StoredEndpoint): StoredEndpoint {
    const { config } = stored;
    const home = this.#home();
    const copied = config.home !== undefined && config.home !== home;
    return { ...stored, ...(copied ? { process: null, ready_since: null } : {}), config: { ...config, home, versions: config.versions.map((version) => this.#withFile(version)) } };
  }

  #home(): string {
    return folderIdentity(this.#options.project.stateFolder) ?? '';
  }

  #withFile<V extends ServedFile>(version: V): V & { file: string } {
    return { ...version, file: objectPath(this.#options.project.objectsFolder, version.sha256) };
  }

  async #publish(): Promise<void> {
    if (this.#options.isWatched()) {
      for (const endpoint of this.#deployed.values()) {
        const stats = await endpoint.stats();
        if (stats !== null) {
          this.emit('stats', stats);
        }
      }
    }
  }

  async #change(name: string, work: (endpoint: DeployedEndpoint) => Promise<void>): Promise<Endpoint> {
    return this.#inTurn(name, async () => {
      await work(this.#find(name));
      return this.get(name);
    });
  }

  #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const next = (this.#turns.get(name) ?? Promise.resolve()).then(work, work);
    this.#turns.set(name, next.catch(() => undefined));
    return next;
  }
}

/** Without what is undefined, so that it hides nothing when it is spread. */
function defined<T extends object>(given: T | undefined): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
