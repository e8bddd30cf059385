// What the monitor keeps in the project's database: windows, positions, alerts.
import { Alert, LogPosition, MonitorWindow, type NewWindow, type WindowRequest } from '../../contracts/monitoring.ts';
import type { Database } from '../store/api.ts';

type Kind = WindowRequest['kind'];

/** How far a version was judged, and how often in a row each of its alarms was confirmed. */
export interface JudgedState {
  position: LogPosition;
  /** By kind and column of the alarm. */
  confirmed: Record<string, number>;
}

const shownWindows = 400;
const shownAlerts = 200;

export class MonitorStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get readOnly(): boolean {
    return this.#database.readOnly !== null;
  }

  transaction<T>(work: () => T): T {
    return this.#database.transaction(work);
  }

  state(endpoint: string, ulid: string, kind: Kind): JudgedState {
    const row = this.#database.get('SELECT state FROM monitor_positions WHERE endpoint = :endpoint AND ulid = :ulid AND kind = :kind', { endpoint, ulid, kind });
    if (row === undefined) {
      return { position: { judged: 0, files: {}, label: null }, confirmed: {} };
    }
    const { position, confirmed } = JSON.parse(String(row['state'])) as JudgedState;
    return { position: LogPosition.parse(position), confirmed };
  }

  setState(endpoint: string, ulid: string, kind: Kind, state: JudgedState): void {
    this.#database.run('INSERT OR REPLACE INTO monitor_positions (endpoint, ulid, kind, state) VALUES (:endpoint, :ulid, :kind, :state)', { endpoint, ulid, kind, state: JSON.stringify(state) });
  }

  addWindow(window: NewWindow): void {
    this.#database.run('INSERT INTO monitor_windows (endpoint, ulid, kind, created, result) VALUES (:endpoint, :ulid, :kind, :created, :result)', {
      endpoint: window.endpoint,
      ulid: window.ulid,
      kind: window.kind,
      created: Date.now(),
      result: JSON.stringify(window),
    });
  }

  /** The newest ones, newest last. */
  windows(endpoint: string, most = shownWindows): MonitorWindow[] {
    return this.#database
      .all('SELECT window_id, result FROM monitor_windows WHERE endpoint = :endpoint ORDER BY window_id DESC LIMIT :most', { endpoint, most: Math.min(most, shownWindows) })
      .map((row) => MonitorWindow.parse({ ...(JSON.parse(String(row['result'])) as object), window_id: Number(row['window_id']) }))
      .reverse();
  }

  saveAlert(alert: Alert): void {
    this.#database.run('INSERT OR REPLACE INTO alerts (alert_id, endpoint, opened, closed, alert) VALUES (:alert_id, :endpoint, :opened, :closed, :alert)', {
      alert_id: alert.alert_id,
      endpoint: alert.endpoint,
      opened: alert.opened,
      closed: alert.closed,
      alert: JSON.stringify(alert),
    });
  }

  alert(alert_id: string): Alert | null {
    const row = this.#database.get('SELECT alert FROM alerts WHERE alert_id = :alert_id', { alert_id });
    return row === undefined ? null : Alert.parse(JSON.parse(String(row['alert'])));
  }

  /** Open ones first, then the newest. */
  alerts(endpoint: string): Alert[] {
    return this.#alerts(`WHERE endpoint = :endpoint ORDER BY closed IS NOT NULL, opened DESC, alert_id DESC LIMIT ${shownAlerts}`, { endpoint });
  }

  /** The open ones, of one endpoint or of all. Newest first. */
  openAlerts(endpoint?: string): Alert[] {
    return endpoint === undefined ? this.#alerts('WHERE closed IS NULL ORDER BY opened DESC, alert_id DESC', {}) : this.#alerts('WHERE closed IS NULL AND endpoint = :endpoint ORDER BY opened DESC, alert_id DESC', { endpoint });
  }

  /** Until when this kind of alert of this column is muted; null where it is not. */
  mutedUntil(endpoint: string, kind: Alert['kind'], column: string | null): number | null {
    const until = this.alerts(endpoint)
      .filter((alert) => alert.kind === kind && alert.column === column)
      .sort((a, b) => b.opened - a.opened || (a.alert_id < b.alert_id ? 1 : -1))[0]?.muted_until;
    return until !== undefined && until !== null && until > Date.now() ? until : null;
  }

  #alerts(where: string, values: Record<string, string>): Alert[] {
    return this.#database.all(`SELECT alert FROM alerts ${where}`, values).map((row) => Alert.parse(JSON.parse(String(row['alert']))));
  }
}
