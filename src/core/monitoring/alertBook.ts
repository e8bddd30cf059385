// Alerts as windows and requests open, confirm and close them. Everything here runs in the transaction of its caller.
import { ulid as newId } from 'ulid';
import { UserError } from '../../contracts/errors.ts';
import type { Endpoint, ServedVersion } from '../../contracts/endpoints.ts';
import type { Alert, AlertEdit, MonitorSettings, NewWindow } from '../../contracts/monitoring.ts';
import { findingsOf, keyOf, kindsOf, type Finding } from './findings.ts';
import type { MonitorStore } from './monitorStore.ts';

/** `notify`: a person is told, once. */
export interface AlertChange {
  alert: Alert;
  notify: boolean;
}

export class AlertBook {
  readonly #store: MonitorStore;

  constructor(store: MonitorStore) {
    this.#store = store;
  }

  /**
   * What a window of a version opens, confirms and closes.
   *
   * @param before how often in a row each finding was confirmed; `confirmed` is that after this window.
   */
  afterWindow(served: ServedVersion, window: NewWindow, before: Record<string, number>, settings: MonitorSettings): { confirmed: Record<string, number>; changes: AlertChange[] } {
    // What could not be measured says nothing about performance, neither good nor bad.
    if (window.kind === 'performance' && window.performance === null) {
      return { confirmed: before, changes: [] };
    }
    const confirmed: Record<string, number> = {};
    const changes: AlertChange[] = [];
    for (const finding of served.shadow ? [] : findingsOf(window, settings)) {
      const key = keyOf(finding);
      const times = (before[key] ?? 0) + 1;
      confirmed[key] = times;
      if (times >= settings.consecutive) {
        changes.push(this.#confirm(window.endpoint, served, finding, times));
      }
    }
    for (const alert of this.#store.openAlerts(window.endpoint)) {
      if (alert.ulid === served.ulid && kindsOf[window.kind].includes(alert.kind) && confirmed[keyOf(alert)] === undefined) {
        changes.push(this.#close(alert));
      }
    }
    return { confirmed, changes };
  }

  /** What the requests since the last time open and close; `judged` by ULID. */
  afterRequests(endpoint: Endpoint, judged: ReadonlyMap<string, Finding | null>): AlertChange[] {
    return endpoint.versions.flatMap((served) => {
      const finding = judged.get(served.ulid);
      const open = this.#open(endpoint.name, served.ulid, { kind: 'errors', column: null });
      if (finding === undefined || (finding === null && open === undefined)) {
        return [];
      }
      return [finding === null ? this.#close(open!) : this.#confirm(endpoint.name, served, finding, (open?.windows ?? 0) + 1)];
    });
  }

  /** Versions that do not answer any more have no alarms. */
  closeForeign({ name, versions }: Endpoint): AlertChange[] {
    const answering = new Set(versions.filter((version) => !version.shadow).map((version) => version.ulid));
    return this.#store
      .openAlerts(name)
      .filter((alert) => !answering.has(alert.ulid))
      .map((alert) => this.#close(alert));
  }

  /** @throws UserError where there is no such alert. */
  edit(alert_id: string, edit: AlertEdit): Alert {
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
    return changed;
  }

  #open(endpoint: string, ulid: string, { kind, column }: Pick<Finding, 'kind' | 'column'>): Alert | undefined {
    return this.#store.openAlerts(endpoint).find((alert) => alert.ulid === ulid && alert.kind === kind && alert.column === column);
  }

  #confirm(endpoint: string, { ulid, version }: ServedVersion, finding: Finding, windows: number): AlertChange {
    const { kind, column, message } = finding;
    const open = this.#open(endpoint, ulid, finding);
    const muted = this.#store.mutedUntil(endpoint, kind, column);
    const alert: Alert =
      open === undefined ? { alert_id: newId(), endpoint, ulid, version, kind, column, message, opened: Date.now(), closed: null, acknowledged: null, muted_until: muted, windows } : { ...open, message, windows };
    this.#store.saveAlert(alert);
    return { alert, notify: open === undefined && muted === null };
  }

  #close(alert: Alert): AlertChange {
    const closed = { ...alert, closed: Date.now() };
    this.#store.saveAlert(closed);
    return { alert: closed, notify: false };
  }
}
