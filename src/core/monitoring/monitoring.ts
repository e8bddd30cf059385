import { EventEmitter } from 'node:events';
import { ulid as newId } from 'ulid';
import { UserError } from '../../contracts/errors.ts';
import type { Endpoint, EndpointStats, ServedVersion } from '../../contracts/endpoints.ts';
import type { Signature } from '../../contracts/model.ts';
import type { Alert, AlertEdit, Monitor, MonitorSettings, WatchedVersion, WindowAnswer, WindowRequest } from '../../contracts/monitoring.ts';
import type { Database } from '../store/api.ts';
import { ErrorRates, findingsOf, keyOf, kindsOf, type Finding } from './findings.ts';
import { logFiles } from './logReader.ts';
import { MonitorStore } from './monitorStore.ts';

/** How often the sizes of the logs are looked at. In milliseconds. */
const lookEvery = 2000;
/** Counts that a person sees are at most so old while predictions come. In milliseconds. */
const countEvery = 10_000;
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
    const every = options.every ?? lookEvery;
    this.#timer = every > 0 ? setInterval(() => void this.#tick(), every) : undefined;
    this.#timer?.unref();
  }

  /** Judges every full window of an endpoint now. @throws UserError where there is no such endpoint. */
  async look(name: string): Promise<Monitor> {
    this.#endpoint(name);
    await this.#inTurn(() => this.#look(name));
    return this.#monitor(name);
  }

  /** What is known about an endpoint; looks first where nobody looked yet. @throws UserError where there is no such endpoint. */
  async monitor(name: string): Promise<Monitor> {
    this.#endpoint(name);
    if (!this.#seen.has(name)) {
      await this.#inTurn(() => this.#look(name));
    }
    return this.#monitor(name);
  }

  /** The open ones of all endpoints, newest first. */
  alerts(): Alert[] {
    return this.#store.openAlerts();
  }

  /** @throws UserError where there is no such alert. */
  editAlert(alert_id: string, edit: AlertEdit): Alert {
    const found = this.#store.alert(alert_id);
    if (found === null) {
      throw new UserError(`There is no alert ${alert_id} in this project.`, { field: 'alert_id' });
    }
    const now = Date.now();
    const changed: Alert = {
      ...found,
      ...(edit.acknowledged === undefined ? {} : { acknowledged: edit.acknowledged ? (found.acknowledged ?? now) : null }),
      ...(edit.muted_for === undefined ? {} : { muted_until: edit.muted_for > 0 ? now + edit.muted_for : null }),
    };
    this.#store.saveAlert(changed);
    this.emit('alert', changed, false);
    return changed;
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
          await this.#inTurn(() => this.#look(endpoint.name));
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
    const full = (grown[0] > 0 && grown[0] >= seen.enoughPredictions) || (grown[1] > 0 && grown[1] >= seen.enoughLabels);
    return others || full || (Math.max(...grown) > 0 && Date.now() - seen.at >= countEvery);
  }

  async #look(name: string): Promise<void> {
    const endpoint = this.#options.endpoints.list().find((each) => each.name === name);
    if (endpoint === undefined || this.#closed) {
      return;
    }
    const before = this.#seen.get(name);
    const settings = await this.#options.settingsOf(name);
    const [predictionBytes, labelBytes] = await bytesOf(endpoint.folder);
    this.#closeForeign(endpoint);
    await this.#checkErrors(endpoint);
    const versions: WatchedVersion[] = [];
    let labels = { unknown: 0, repeated: 0 };
    let windows = 0;
    for (const served of endpoint.versions) {
      const judged = await this.#judgeVersion(endpoint, served, settings);
      versions.push(judged.watched);
      labels = judged.labels;
      windows += judged.windows;
    }
    const missing = (waiting: (version: WatchedVersion) => number): number => Math.min(...versions.map((version) => settings.window - waiting(version)));
    const seen: Seen = {
      at: Date.now(),
      predictionBytes,
      labelBytes,
      versions,
      labels,
      enoughPredictions: shortestPrediction * missing((version) => version.waiting),
      enoughLabels: shortestLabel * missing((version) => version.waiting_labelled),
    };
    this.#seen.set(name, seen);
    if (windows > 0 || before === undefined || JSON.stringify([before.versions, before.labels]) !== JSON.stringify([versions, labels])) {
      this.emit('monitor', name);
    }
  }

  async #judgeVersion(endpoint: Endpoint, served: ServedVersion, settings: MonitorSettings): Promise<{ watched: WatchedVersion; labels: { unknown: number; repeated: number }; windows: number }> {
    const { reference, model, metrics } = await this.#options.referenceOf(served.ulid);
    const base: Omit<WindowRequest, 'kind' | 'position'> = { endpoint: endpoint.name, folder: endpoint.folder, ulid: served.ulid, version: served.version, settings, reference, signature: model?.signature ?? null, metrics };
    const data = await this.#judgeKind({ ...base, kind: 'data' }, served);
    const performance = await this.#judgeKind({ ...base, kind: 'performance' }, served);
    const problem = model === null ? 'Its model file is not on this machine, so its predictions are counted and not judged.' : reference === null ? 'Its reference is not on this machine, so drift is not judged. Models that are trained and registered with this version have one.' : null;
    return {
      windows: data.windows + performance.windows,
      labels: performance.labels ?? { unknown: 0, repeated: 0 },
      watched: {
        ulid: served.ulid,
        version: served.version,
        shadow: served.shadow,
        predictions: data.judged + data.waiting,
        labelled: performance.labels?.labelled ?? performance.judged + performance.waiting,
        waiting: data.waiting,
        waiting_labelled: performance.waiting,
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
          const { confirmed, alerts } = this.#alertsAfter(served, step.window, state.confirmed, request.settings);
          this.#store.setState(request.endpoint, request.ulid, request.kind, { position: step.position, confirmed });
          return alerts;
        });
        windows += 1;
        told.forEach(({ alert, notify }) => this.emit('alert', alert, notify));
      }
      const after = this.#store.state(request.endpoint, request.ulid, request.kind);
      if (!answer.more || this.#closed) {
        // What is known to hold nothing that waits is not read again.
        if (!this.#store.readOnly && JSON.stringify(after.position) !== JSON.stringify(answer.position)) {
          this.#store.setState(request.endpoint, request.ulid, request.kind, { ...after, position: answer.position });
        }
        return { judged: answer.position.judged, waiting: answer.waiting, labels: answer.labels, windows };
      }
    }
  }

  /** Opens, updates and closes alerts of a version by a window of it. */
  #alertsAfter(served: ServedVersion, window: Parameters<typeof findingsOf>[0], before: Record<string, number>, settings: MonitorSettings): { confirmed: Record<string, number>; alerts: { alert: Alert; notify: boolean }[] } {
    const findings = served.shadow ? [] : findingsOf(window, settings);
    const confirmed: Record<string, number> = {};
    const alerts: { alert: Alert; notify: boolean }[] = [];
    for (const finding of findings) {
      const key = keyOf(finding);
      confirmed[key] = (before[key] ?? 0) + 1;
      if (confirmed[key] >= settings.consecutive) {
        alerts.push(this.#confirm(window.endpoint, served, finding, confirmed[key]));
      }
    }
    // A window that could not be judged says nothing about performance, neither good nor bad.
    const silent = window.kind === 'performance' && window.performance === null;
    for (const alert of silent ? [] : this.#store.openAlerts(window.endpoint)) {
      if (alert.ulid === served.ulid && kindsOf[window.kind].includes(alert.kind) && confirmed[keyOf(alert)] === undefined) {
        alerts.push(this.#close(alert));
      }
    }
    return { confirmed: silent ? before : confirmed, alerts };
  }

  #confirm(endpoint: string, served: ServedVersion, { kind, column, message }: Finding, windows: number): { alert: Alert; notify: boolean } {
    const open = this.#store.openAlerts(endpoint).find((alert) => alert.ulid === served.ulid && alert.kind === kind && alert.column === column);
    const muted = this.#store.mutedUntil(endpoint, kind, column);
    const alert: Alert = open === undefined ? { alert_id: newId(), endpoint, ulid: served.ulid, version: served.version, kind, column, message, opened: Date.now(), closed: null, acknowledged: null, muted_until: muted, windows } : { ...open, message, windows };
    this.#store.saveAlert(alert);
    return { alert, notify: open === undefined && muted === null };
  }

  #close(alert: Alert): { alert: Alert; notify: boolean } {
    const closed = { ...alert, closed: Date.now() };
    this.#store.saveAlert(closed);
    return { alert: closed, notify: false };
  }

  /** Versions that do not answer any more have no alarms. */
  #closeForeign({ name, versions }: Endpoint): void {
    const answering = new Set(versions.filter((version) => !version.shadow).map((version) => version.ulid));
    const foreign = this.#store.openAlerts(name).filter((alert) => !answering.has(alert.ulid));
    this.#store.transaction(() => foreign.map((alert) => this.#close(alert))).forEach(({ alert }) => this.emit('alert', alert, false));
  }

  async #checkErrors(endpoint: Endpoint): Promise<void> {
    const stats = await this.#options.endpoints.stats(endpoint.name);
    for (const [ulid, finding] of stats === null ? [] : this.#errors.judge(stats)) {
      const served = endpoint.versions.find((version) => version.ulid === ulid);
      const open = this.#store.openAlerts(endpoint.name).find((alert) => alert.ulid === ulid && alert.kind === 'errors');
      if (served !== undefined && (finding !== null || open !== undefined)) {
        const { alert, notify } = this.#store.transaction(() => (finding === null ? this.#close(open!) : this.#confirm(endpoint.name, served, finding, (open?.windows ?? 0) + 1)));
        this.emit('alert', alert, notify);
      }
    }
  }

  async #monitor(name: string): Promise<Monitor> {
    const endpoint = this.#endpoint(name);
    const seen = this.#seen.get(name);
    return {
      endpoint: name,
      model: endpoint.versions[0]?.model ?? '',
      settings: await this.#options.settingsOf(name),
      versions: seen?.versions ?? [],
      windows: this.#store.windows(name),
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
