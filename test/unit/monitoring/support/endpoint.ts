// An endpoint's folder with real logs and a real reference, without a model server.
import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Endpoint, EndpointStats, LoggedPrediction, ServedVersion } from '../../../../src/contracts/endpoints.ts';
import type { Signature } from '../../../../src/contracts/model.ts';
import type { MonitorSettings, WindowAnswer, WindowRequest } from '../../../../src/contracts/monitoring.ts';
import { defaultMonitorSettings, judgeWindows, Monitoring, type MonitoredVersion } from '../../../../src/core/monitoring/api.ts';
import { openDatabase, type Database } from '../../../../src/core/store/api.ts';
import { normal, random } from '../../../../src/core/training/random.ts';

export const signature: Signature = {
  inputs: [
    { name: 'x', type: 'number', optional: true, minimum: -5, maximum: 5, typical: 0 },
    { name: 'kind', type: 'text', optional: false, categories: ['a', 'b'], typical: 'a' },
    { name: 'flag', type: 'boolean', optional: false, typical: false },
  ],
  output: { name: 'late', task: 'classification', classes: ['no', 'yes'], positive: 'yes' },
};

export const [first, second] = ['01AAAAAAAAAAAAAAAAAAAAAAAA', '01BBBBBBBBBBBBBBBBBBBBBBBB'];
const next = random(17);
const began = Date.UTC(2026, 0, 1);

export interface Made {
  id: string;
  truth: string;
}

export class TestEndpoint {
  readonly folder: string;
  readonly database: Database;
  versions: ServedVersion[] = [served(first, 1, 100)];
  settings: MonitorSettings = { ...defaultMonitorSettings };
  known: MonitoredVersion;
  stats: EndpointStats | null = null;
  #count = 0;

  private constructor(folder: string, reference: string) {
    this.folder = folder;
    this.database = openDatabase(path.join(folder, 'ml.db'));
    this.known = { reference, model: { signature }, metrics: { roc_auc: 0.85, average_precision: 0.8 } };
  }

  static async make(columns = 'x, kind, flag, __score, __truth, __prediction, __aside'): Promise<TestEndpoint> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'endpoint-'));
    await mkdir(path.join(folder, 'predictions'), { recursive: true });
    await mkdir(path.join(folder, 'labels'), { recursive: true });
    const reference = path.join(folder, 'reference.parquet');
    const rows = Array.from({ length: 3000 }, (_, row) => {
      const { inputs, score, truth } = row_();
      return `(${inputs['x']}, '${inputs['kind']}', ${inputs['flag']}, ${score}, '${truth}', '${score > 0.5 ? 'yes' : 'no'}', ${row % 5 === 0})`;
    });
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(`COPY (SELECT ${columns} FROM (VALUES ${rows.join(', ')}) t(x, kind, flag, __score, __truth, __prediction, __aside)) TO '${reference}' (FORMAT parquet)`);
    connection.closeSync();
    return new TestEndpoint(folder, reference);
  }

  /** As Endpoints has it. */
  get endpoint(): Endpoint {
    return {
      name: 'parcels', state: 'ready', url: 'http://127.0.0.1:1', port: 1, pid: 1, ready_since: 0, restarts: 0, error: null, needs_key: false,
      versions: this.versions, history: [], log: { enabled: true, flush: 1000, durable: false }, workers: 1, created: 0, folder: this.folder,
    };
  }

  monitoring(queries: { windows(request: WindowRequest): Promise<WindowAnswer> } = { windows: judgeWindows }): Monitoring {
    return new Monitoring({
      database: this.database,
      endpoints: { list: () => [this.endpoint], stats: () => this.stats },
      referenceOf: () => Promise.resolve(this.known),
      queries,
      settingsOf: () => Promise.resolve(this.settings),
      onFault: (error) => {
        throw error;
      },
      every: 0,
    });
  }

  /** Logs predictions as a model server does. */
  async predict(count: number, options: { ulid?: string; shift?: number; file?: string; inputs?: Record<string, unknown>; noise?: number; shadow?: boolean; damage?: boolean } = {}): Promise<Made[]> {
    const { ulid = first, shift = 0, file = '2026-01-01-1.ndjson' } = options;
    const made: Made[] = [];
    const lines: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const { inputs, score, truth } = row_(shift, options.noise);
      const id = `p${String(this.#count).padStart(7, '0')}`;
      const line: LoggedPrediction = {
        id, request: id, at: began + this.#count * 1000, ulid, version: ulid === first ? 1 : 2, shadow: options.shadow ?? false,
        inputs: { ...inputs, ...(options.inputs as LoggedPrediction['inputs']) }, prediction: score > 0.5 ? 'yes' : 'no', probabilities: { no: 1 - score, yes: score }, latency: 1,
      };
      this.#count += 1;
      made.push({ id, truth });
      lines.push(JSON.stringify(line));
      if (options.damage && index % 10 === 3) {
        lines.push(JSON.stringify(line).slice(0, 80));
      }
    }
    await appendFile(path.join(this.folder, 'predictions', file), `${lines.join('\n')}\n`);
    return made;
  }

  async label(made: readonly Made[], at = Date.now(), file = '2026-01-01-1.ndjson'): Promise<void> {
    await appendFile(path.join(this.folder, 'labels', file), made.map(({ id, truth }, index) => `${JSON.stringify({ id, value: truth, at: at + index / 1000 })}\n`).join(''));
  }

  async remove(): Promise<void> {
    this.database.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export function served(ulid: string, version: number, weight: number, shadow = false): ServedVersion {
  return { ulid, model: 'parcels', version, sha256: 'f'.repeat(64), weight, shadow };
}

/** A row whose score knows something of its truth: the area under the ROC curve is about 0.85; `noise` 1 takes all of that away. */
function row_(shift = 0, noise = 0): { inputs: { x: number; kind: string; flag: boolean }; score: number; truth: string } {
  const x = normal(next) + shift;
  const kind = next() < 0.6 ? 'a' : 'b';
  const truth = next() < 1 / (1 + Math.exp(-2.2 * x)) ? 'yes' : 'no';
  const seen = next() < noise ? normal(next) + shift : x;
  return { inputs: { x, kind, flag: next() < 0.3 }, score: 1 / (1 + Math.exp(-2.2 * seen)), truth };
}
