import * as z from 'zod/mini';
import { EndpointConfig, ServedVersion, type TrafficChange } from '../../contracts/endpoints.ts';
import type { Database, DatabaseRow } from '../store/api.ts';
import { servedOf } from './trafficChange.ts';

export interface StoredEndpoint {
  config: EndpointConfig;
  /** What a person wants; after a restart of the machine too. */
  wanted: 'running' | 'stopped';
  created: number;
  process: { pid: number; start: string } | null;
  ready_since: number | null;
  restarts: number;
  error: string | null;
}

/** Changes of traffic that are shown; all are kept. */
const shownChanges = 50;

/** Endpoints in the project's database. */
export class EndpointStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(): StoredEndpoint[] {
    return this.#database.all('SELECT * FROM endpoints ORDER BY name').map(endpointOf);
  }

  /** Stores an endpoint, and what it serves from now on where that changed (`reason`). */
  save({ config, wanted, created, process, ready_since, restarts, error }: StoredEndpoint, reason?: string): void {
    this.#database.transaction(() => {
      this.#database.run(
        `INSERT INTO endpoints (name, config, wanted, created, pid, process_start, ready_since, restarts, error)
         VALUES (:name, :config, :wanted, :created, :pid, :process_start, :ready_since, :restarts, :error)
         ON CONFLICT (name) DO UPDATE SET config = :config, wanted = :wanted, pid = :pid, process_start = :process_start, ready_since = :ready_since, restarts = :restarts, error = :error`,
        { name: config.name, config: JSON.stringify(config), wanted, created, pid: process?.pid ?? null, process_start: process?.start ?? null, ready_since, restarts, error },
      );
      if (reason !== undefined) {
        this.#database.run('INSERT INTO traffic_changes (endpoint, at, reason, versions) VALUES (:endpoint, :at, :reason, :versions)', { endpoint: config.name, at: Date.now(), reason, versions: JSON.stringify(config.versions.map(servedOf)) });
      }
    });
  }

  remove(name: string): void {
    this.#database.run('DELETE FROM endpoints WHERE name = :name', { name });
  }

  /** Newest first. */
  history(name: string): TrafficChange[] {
    const rows = this.#database.all(`SELECT * FROM traffic_changes WHERE endpoint = :name ORDER BY change_id DESC LIMIT ${shownChanges}`, { name });
    return rows.map(({ change_id, at, reason, versions }) => ({ change_id: Number(change_id), at: Number(at), reason: String(reason), versions: z.array(ServedVersion).parse(JSON.parse(String(versions))) }));
  }

}

function endpointOf(row: DatabaseRow): StoredEndpoint {
  return {
    config: EndpointConfig.parse(JSON.parse(String(row['config']))),
    wanted: row['wanted'] === 'running' ? 'running' : 'stopped',
    created: Number(row['created']),
    process: row['pid'] === null ? null : { pid: Number(row['pid']), start: String(row['process_start']) },
    ready_since: row['ready_since'] === null ? null : Number(row['ready_since']),
    restarts: Number(row['restarts']),
    error: row['error'] === null ? null : String(row['error']),
  };
}
