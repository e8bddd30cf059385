import { EventEmitter } from 'node:events';
import { UserError } from '../../contracts/errors.ts';
import type { Endpoint, EndpointStats, ServedVersion } from '../../contracts/endpoints.ts';
import type { Signature } from '../../contracts/model.ts';
import type { Alert, AlertEdit, Monitor, MonitorSettings, WatchedVersion, WindowAnswer, WindowRequest } from '../../contracts/monitoring.ts';
import type { Database } from '../store/api.ts';
import { AlertBook, type AlertChange } from './alertBook.ts';
import { ErrorRates } from './findings.ts';
import { logFiles } from './logReader.ts';
import { MonitorStore } from './monitorStore.ts';

/** How often the sizes of the logs are looked at. In milliseconds. */
const lookEvery = 2000;
/** Counts that a person sees are at most so old while predictions come. In milliseconds. */
const countEvery = 10_000;
/** Joining labels reads the whole log: unless they fill a window, it waits so many times as long as it last took. */
const joinRest = 20;
/** A logged prediction, and a label, is at least so long. In bytes. */
const shortestPrediction = 150;
const shortestLabel = 30;

/** What the monitor must know of the endpoints. */
export interface MonitoredEndpoints {
  list(): Endpoint[];
  /** Null where the model server does not answer. */
  stats(name: string): EndpointStats | null | Promise<EndpointStats | null>;
}

/** What a version's windows are held against. */
export interface MonitoredVersion {
  /** Absolute path of the reference, a Parquet file whose name changes with its content; null where it is not here. */
  reference: string | null;
  /** Null where the model file is not here: then predictions are counted and not judged. */
  model: { signature: Signature } | null;
  /** Measured on the rows that were set aside in training. */
  metrics: Record<string, number>;
}

export interface MonitoringOptions {
  database: Database;
  endpoints: MonitoredEndpoints;
  referenceOf(ulid: string): Promise<MonitoredVersion>;
  /** Judges in another process. */
  queries: { windows(request: WindowRequest): Promise<WindowAnswer> };
  settingsOf(endpoint: string): Promise<MonitorSettings>;
  /** Where a look that nobody waits for failed. */
  onFault(error: unknown): void;
  /** In milliseconds; 0: only `look` looks. */
  every?: number;
}

export interface MonitoringEvents {
  /** The monitor of this endpoint has something new. */
  monitor: [endpoint: string];
  alert: [alert: Alert, notify: boolean];
}

/** What the last look at an endpoint found; in memory only. */
interface Seen {
  at: number;
  predictionBytes: number;
  labelBytes: number;
  versions: WatchedVersion[];
  labels: { unknown: number; repeated: number };
  /** When labels were joined last, and how long that took. In milliseconds. */
  joined: { at: number; took: number };
  /** So many bytes more can hold a full window. */
  enoughPredictions: number;
  enoughLabels: number;
}

/**
 * Watches the versions behind the endpoints: judges full windows of their logged predictions, one at a time and never
 * twice, and keeps alerts. A window, the position after it and what it did to alerts are stored in one transaction, so
 * a new monitor on the same project goes on where the last one was cut off.
 */
export class Monitoring extends EventEmitter<MonitoringEvents> {
  readonly #options: MonitoringOptions;
  readonly #store: MonitorStore;
  readonly #alerts: AlertBook;
  readonly #errors = new ErrorRates();
  readonly #seen = new Map<string, Seen>();
  readonly #timer: NodeJS.Timeout | undefined;
  /** Looks follow each other, also those at different endpoints. */
  #last: Promise<unknown> = Promise.resolve();
  #ticking = false;
  #closed = false;

  constructor(options: MonitoringOptions) {
    super();
    this.#options = options;
    this.#store = new MonitorStore(options.database);
    this.#alerts = new AlertBook(this.#store);
    const every = options.every ?? lookEvery;
    this.#timer = every > 0 ? setInterval(() => void this.#tick(), every) : undefined;
    this.#timer?.unref();
  }

  /** Judges every full window of an endpoint now. @throws UserError where there is no such endpoint. */
  async look(name: string): Promise<Monitor> {
    this.#endpoint(name);
    await this.#inTurn(() => this.#look(name, true));
    return this.#monitor(name);
  }

  /** What is known about an endpoint, with so many of its newest windows; looks first where nobody looked yet. @throws UserError where there is no such endpoint. */
  async monitor(name: string, windows?: number): Promise<Monitor> {
    this.#endpoint(name);
    if (!this.#seen.has(name)) {
      await this.#inTurn(() => this.#look(name, true));
    }
    return this.#monitor(name, windows);
  }

  /** The open ones of all endpoints, newest first. */
  alerts(): Alert[] {
    return this.#store.openAlerts();
  }

  /** @throws UserError where there is no such alert. */
  editAlert(alert_id: string, edit: AlertEdit): Alert {
    const alert = this.#alerts.edit(alert_id, edit);
    this.emit('alert', alert, false);
    return alert;
  }

  /** Ends after the look under way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#last.catch(() => undefined);
  }

  #endpoint(name: string): Endpoint {
    const found = this.#options.endpoints.list().find((endpoint) => endpoint.name === name);
    if (found === undefined) {
      const names = this.#options.endpoints.list().map((endpoint) => endpoint.name);
      throw new UserError(`There is no endpoint "${name}". ${names.length === 0 ? 'Nothing is deployed in this project.' : `There is ${names.join(', ')}.`}`, { field: 'endpoint' });
    }
    return found;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #tick(): Promise<void> {
    if (this.#ticking || this.#closed || this.#store.readOnly) {
      return;
    }
    this.#ticking = true;
    try {
      for (const endpoint of this.#options.endpoints.list()) {
        await this.#checkErrors(endpoint);
        if (await this.#isDue(endpoint)) {
          await this.#inTurn(() => this.#look(endpoint.name, false));
        }
      }
    } catch (error) {
      this.#options.onFault(error);
    } finally {
      this.#ticking = false;
    }
  }

  async #isDue({ name, folder, versions }: Endpoint): Promise<boolean> {
    const seen = this.#seen.get(name);
    if (seen === undefined) {
      return true;
    }
    const [predictions, labels] = await bytesOf(folder);
    const grown = [predictions - seen.predictionBytes, labels - seen.labelBytes] as const;
    const others = versions.map((version) => version.ulid).join() !== seen.versions.map((version) => version.ulid).join();
    const full = grown[0] > 0 && grown[0] >= seen.enoughPredictions;
    return others || full || this.#isJoinDue(seen, labels) || (grown[0] > 0 && Date.now() - seen.at >= countEvery);
  }

  /** @param whole also what costs more than its news may be worth: somebody waits for it. */
  async #look(name: string, whole: boolean): Promise<void> {
    const endpoint = this.#options.endpoints.list().find((each) => each.name === name);
    if (endpoint === undefined || this.#closed || this.#store.readOnly) {
      return;
    }
    const before = this.#seen.get(name);
    const settings = await this.#options.settingsOf(name);
    const [predictionBytes, labelBytes] = await bytesOf(endpoint.folder);
    this.#tell(this.#store.transaction(() => this.#alerts.closeForeign(endpoint)));
    await this.#checkErrors(endpoint);
    const join = whole || before === undefined || this.#isJoinDue(before, labelBytes);
    const began = Date.now();
    const versions: WatchedVersion[] = [];
    let labels = before?.labels ?? { unknown: 0, repeated: 0 };
    let windows = 0;
    for (const served of endpoint.versions) {
      const known = join ? undefined : before?.versions.find((version) => version.ulid === served.ulid);
      const judged = await this.#judgeVersion(endpoint, served, settings, known);
      versions.push(judged.watched);
      labels = judged.labels ?? labels;
      windows += judged.windows;
    }
    const missing = (waiting: (version: WatchedVersion) => number): number => Math.min(...versions.map((version) => settings.window - waiting(version)));
    const seen: Seen = {
      at: Date.now(),
      predictionBytes,
      labelBytes: join ? labelBytes : (before?.labelBytes ?? 0),
      versions,
      labels,
      joined: join ? { at: Date.now(), took: Date.now() - began } : (before?.joined ?? { at: 0, took: 0 }),
      enoughPredictions: shortestPrediction * missing((version) => version.waiting),
      enoughLabels: shortestLabel * missing((version) => version.waiting_labelled),
    };
    this.#seen.set(name, seen);
    if (windows > 0 || before === undefined || JSON.stringify([before.versions, before.labels]) !== JSON.stringify([versions, labels])) {
      this.emit('monitor', name);
    }
  }

  #isJoinDue({ labelBytes, enoughLabels, joined }: Seen, bytes: number): boolean {
    const grown = bytes - labelBytes;
    return grown > 0 && (grown >= enoughLabels || Date.now() - joined.at >= Math.max(countEvery, joinRest * joined.took));
  }

  /** @param known what was known of its labels, where they need not be joined anew. */
  async #judgeVersion(endpoint: Endpoint, served: ServedVersion, settings: MonitorSettings, known: WatchedVersion | undefined): Promise<{ watched: WatchedVersion; labels: { unknown: number; repeated: number } | null; windows: number }> {
    const { reference, model, metrics } = await this.#options.referenceOf(served.ulid);
    const base: Omit<WindowRequest, 'kind' | 'position'> = { endpoint: endpoint.name, folder: endpoint.folder, ulid: served.ulid, version: served.version, settings, reference, signature: model?.signature ?? null, metrics };
    const data = await this.#judgeKind({ ...base, kind: 'data' }, served);
    const performance = known === undefined ? await this.#judgeKind({ ...base, kind: 'performance' }, served) : null;
    const problem = model === null ? 'Its model file is not on this machine, so its predictions are counted and not judged.' : reference === null ? 'Its reference is not on this machine, so drift is not judged. Train and register it again to get one.' : null;
    return {
      windows: data.windows + (performance?.windows ?? 0),
      labels: performance?.labels ?? null,
      watched: {
        ulid: served.ulid,
        version: served.version,
        shadow: served.shadow,
        predictions: data.judged + data.waiting,
        labelled: performance?.labels?.labelled ?? known?.labelled ?? 0,
        waiting: data.waiting,
        waiting_labelled: performance?.waiting ?? known?.waiting_labelled ?? 0,
        problem,
      },
    };
  }

  async #judgeKind(request: Omit<WindowRequest, 'position'>, served: ServedVersion): Promise<{ judged: number; waiting: number; labels: WindowAnswer['labels']; windows: number }> {
    let windows = 0;
    for (;;) {
      const { position } = this.#store.state(request.endpoint, request.ulid, request.kind);
      const answer = await this.#options.queries.windows({ ...request, position });
      for (const step of answer.windows) {
        const told = this.#store.transaction(() => {
          const state = this.#store.state(request.endpoint, request.ulid, request.kind);
          this.#store.addWindow(step.window);
          const { confirmed, changes } = this.#alerts.afterWindow(served, step.window, state.confirmed, request.settings);
          this.#store.setState(request.endpoint, request.ulid, request.kind, { position: step.position, confirmed });
          return changes;
        });
        windows += 1;
        this.#tell(told);
      }
      // What holds nothing that waits is not read again.
      const after = this.#store.state(request.endpoint, request.ulid, request.kind);
      if (JSON.stringify(after.position) !== JSON.stringify(answer.position)) {
        this.#store.setState(request.endpoint, request.ulid, request.kind, { ...after, position: answer.position });
      }
      if (!answer.more || this.#closed) {
        return { judged: answer.position.judged, waiting: answer.waiting, labels: answer.labels, windows };
      }
    }
  }

  #tell(changes: readonly AlertChange[]): void {
    changes.forEach(({ alert, notify }) => this.emit('alert', alert, notify));
  }

  async #checkErrors(endpoint: Endpoint): Promise<void> {
    const stats = await this.#options.endpoints.stats(endpoint.name);
    if (stats !== null) {
      this.#tell(this.#store.transaction(() => this.#alerts.afterRequests(endpoint, this.#errors.judge(stats))));
    }
  }

  async #monitor(name: string, windows?: number): Promise<Monitor> {
    const endpoint = this.#endpoint(name);
    const seen = this.#seen.get(name);
    return {
      endpoint: name,
      model: endpoint.versions[0]?.model ?? '',
      settings: await this.#options.settingsOf(name),
      versions: seen?.versions ?? [],
      windows: this.#store.windows(name, windows),
      alerts: this.#store.alerts(name),
      unknown_labels: seen?.labels.unknown ?? 0,
      repeated_labels: seen?.labels.repeated ?? 0,
      stats: await this.#options.endpoints.stats(name),
    };
  }
}

async function bytesOf(folder: string): Promise<[number, number]> {
  const [predictions, labels] = await Promise.all([logFiles(folder, 'predictions'), logFiles(folder, 'labels')]);
  return [predictions, labels].map((files) => files.reduce((sum, { size }) => sum + size, 0)) as [number, number];
}
