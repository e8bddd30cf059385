// A project with its stores, sources as MLflow writes them, and a remote server, which is ours over other tables.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { pino } from 'pino';
import { importRuns, MirroredRuns, openSource, Tally, type ExchangeStores } from '../../../src/core/exchange/api.ts';
import { projectAt } from '../../../src/core/project/api.ts';
import { Candidates, Catalogue, Promotions } from '../../../src/core/registry/api.ts';
import type { LoggedModelStore, RunSearch } from '../../../src/core/tracking/api.ts';
import { ArtifactStore } from '../../../src/core/tracking/api.ts';
import { mlflowRoutes } from '../../../src/processes/projectServer/mlflow/server.ts';
import { openStores } from '../tracking/support.ts';

export interface TestProject extends ExchangeStores {
  root: string;
  models: LoggedModelStore;
  search: RunSearch;
  close(): void;
}

export function makeProject(): TestProject {
  const root = mkdtempSync(path.join(os.tmpdir(), 'exchange-'));
  mkdirSync(path.join(root, '.ml'));
  const project = projectAt(root);
  const stores = openStores(project.databaseFile);
  return {
    root,
    ...stores,
    metrics: stores.runs.metrics,
    artifacts: new ArtifactStore(project, async () => null),
    catalogue: new Catalogue(project, stores.database),
    inTurn: (work) => work(),
    close() {
      stores.database.close();
      rmSync(root, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

export async function importInto(project: TestProject, from: string, experiment?: string, signal: AbortSignal = new AbortController().signal): Promise<Tally['result']> {
  const tally = new Tally();
  const source = await openSource({ from, experiment }, tally.report);
  try {
    await importRuns(source, project, experiment, tally, { signal, onProgress: () => undefined });
  } finally {
    source.close();
  }
  return tally.result;
}

/** Writes files by their path under a folder. */
export function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
}

/** The files of a run as MLflow's file store has them. @param id 32 characters. */
export function fileRun(root: string, experiment: string, id: string, change: { meta?: string; files?: Record<string, string> } = {}): Record<string, string> {
  const place = `${experiment}/${id}`;
  return {
    [`${place}/meta.yaml`]:
      change.meta ??
      `artifact_uri: file://${root}/${place}/artifacts\nend_time: 2000\nexperiment_id: '${experiment}'\nlifecycle_stage: active\nrun_id: ${id}\nrun_name: run ${id.slice(0, 2)}\nstart_time: 1000\nstatus: 3\ntags: []\nuser_id: ada\n`,
    [`${place}/params/lr`]: '0.1',
    [`${place}/tags/mlflow.source.name`]: 'train.py',
    [`${place}/metrics/loss`]: '1000 1.0 0\n1001 0.5 1\n1002 nan 2\n',
    [`${place}/metrics/val/acc`]: '1000 0.25 0\n',
    [`${place}/artifacts/notes/a.txt`]: 'hello',
    ...Object.fromEntries(Object.entries(change.files ?? {}).map(([name, content]) => [`${place}/${name}`, content])),
  };
}

export const experimentFile = (id: string, name: string, stage = 'active'): Record<string, string> => ({ [`${id}/meta.yaml`]: `artifact_location: file:///gone/${id}\nexperiment_id: '${id}'\nlifecycle_stage: ${stage}\nname: ${name}\n` });

/** A database of MLflow with one run. @param old the schema of 2.0: no data sets, no logged models, no aliases. */
export function writeSqlite(file: string, artifacts: string, old: boolean): void {
  const database = new DatabaseSync(file);
  database.exec(`
    CREATE TABLE experiments (experiment_id INTEGER NOT NULL, name VARCHAR(256) NOT NULL, artifact_location VARCHAR(256), lifecycle_stage VARCHAR(32)${old ? '' : `, creation_time BIGINT, last_update_time BIGINT, workspace VARCHAR(63) DEFAULT 'default' NOT NULL`}, PRIMARY KEY (experiment_id));
    CREATE TABLE experiment_tags (key VARCHAR(250) NOT NULL, value VARCHAR(5000), experiment_id INTEGER NOT NULL);
    CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL, name VARCHAR(250), source_type VARCHAR(20), source_name VARCHAR(500), entry_point_name VARCHAR(50), user_id VARCHAR(256), status VARCHAR(9), start_time BIGINT, end_time BIGINT, source_version VARCHAR(50), lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200), experiment_id INTEGER, deleted_time BIGINT, PRIMARY KEY (run_uuid));
    CREATE TABLE params (key VARCHAR(250) NOT NULL, value VARCHAR(8000) NOT NULL, run_uuid VARCHAR(32) NOT NULL);
    CREATE TABLE tags (key VARCHAR(250) NOT NULL, value VARCHAR(8000), run_uuid VARCHAR(32) NOT NULL);
    CREATE TABLE metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL, run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT 0 NOT NULL, is_nan BOOLEAN DEFAULT 0 NOT NULL);
    CREATE TABLE registered_models (name VARCHAR(256) NOT NULL, creation_time BIGINT, last_updated_time BIGINT, description VARCHAR(5000));
    CREATE TABLE model_versions (name VARCHAR(256) NOT NULL, version INTEGER NOT NULL, creation_time BIGINT, last_updated_time BIGINT, description VARCHAR(5000), user_id VARCHAR(256), current_stage VARCHAR(20), source VARCHAR(500), run_id VARCHAR(32), status VARCHAR(20), status_message VARCHAR(500), run_link VARCHAR(500));
    INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (7, 'churn', 'active');
    INSERT INTO runs (run_uuid, name, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri, experiment_id)
      VALUES ('${'a'.repeat(32)}', 'first', 'ada', 'FINISHED', 1000, 2000, 'active', '${artifacts}/7/${'a'.repeat(32)}/artifacts', 7), ('${'b'.repeat(32)}', 'gone', 'ada', 'FAILED', 1000, 2000, 'deleted', '', 7);
    INSERT INTO params VALUES ('lr', '0.1', '${'a'.repeat(32)}');
    INSERT INTO tags VALUES ('who', 'ada', '${'a'.repeat(32)}');
    INSERT INTO metrics VALUES ('loss', 1.0, 1000, '${'a'.repeat(32)}', 0, 0), ('loss', 0, 1001, '${'a'.repeat(32)}', 1, 1), ('loss', 1.7976931348623157e308, 1002, '${'a'.repeat(32)}', 2, 0);
    INSERT INTO registered_models VALUES ('churner', 1, 2, 'about');
    INSERT INTO model_versions VALUES ('churner', 3, 1, 2, 'v', NULL, 'Production', '${artifacts}/7/${'a'.repeat(32)}/artifacts/model', '${'a'.repeat(32)}', 'READY', NULL, NULL);
  `);
  if (!old) {
    database.exec(`
      CREATE TABLE datasets (dataset_uuid VARCHAR(36), experiment_id INTEGER, name VARCHAR(500), digest VARCHAR(36), dataset_source_type VARCHAR(36), dataset_source TEXT, dataset_schema TEXT, dataset_profile TEXT);
      CREATE TABLE inputs (input_uuid VARCHAR(36), source_type VARCHAR(36), source_id VARCHAR(36), destination_type VARCHAR(36), destination_id VARCHAR(36), step BIGINT DEFAULT 0);
      CREATE TABLE input_tags (input_uuid VARCHAR(36), name VARCHAR(255), value VARCHAR(500));
      CREATE TABLE registered_model_aliases (alias VARCHAR(256), version INTEGER, name VARCHAR(256));
      CREATE TABLE model_version_tags (key VARCHAR(250), value TEXT, name VARCHAR(256), version INTEGER);
      INSERT INTO datasets VALUES ('d1', 7, 'tiny', 'abc', 'code', '{}', NULL, NULL);
      INSERT INTO inputs VALUES ('i1', 'DATASET', 'd1', 'RUN', '${'a'.repeat(32)}', 0);
      INSERT INTO input_tags VALUES ('i1', 'mlflow.data.context', 'training');
      INSERT INTO registered_model_aliases VALUES ('champion', 3, 'churner');
    `);
  }
  database.close();
  writeFiles(artifacts, { [`7/${'a'.repeat(32)}/artifacts/model/MLmodel`]: 'flavors: {}\n' });
}

/** What a server in the way of ours does with a request; true: it answered. */
export type Trouble = (request: FastifyRequest, reply: FastifyReply) => boolean | Promise<boolean>;

export interface RemoteServer extends TestProject {
  uri: string;
  /** Every request since it was emptied, as `POST runs/create`. */
  asked: string[];
  trouble: Trouble | null;
  stop(): Promise<void>;
}

/** A remote tracking server over a project of its own. @param mirrored where that follows another one. */
export async function startRemote(port = 0, stores = makeProject(), mirrored = new MirroredRuns(stores, () => null, () => undefined)): Promise<RemoteServer> {
  const app = Fastify({ logger: false, forceCloseConnections: true });
  const remote: RemoteServer = { ...stores, uri: '', asked: [], trouble: null, stop: () => app.close() };
  app.addHook('onRequest', async (request, reply) => {
    remote.asked.push(`${request.method} ${request.url.replace(/^\/api\/2.0\/(mlflow\/)?/, '').split('?')[0]}`);
    if ((await remote.trouble?.(request, reply)) === true) {
      return reply;
    }
    return undefined;
  });
  const { database, experiments, runs, search, tracked, metrics, models, catalogue, inTurn, artifacts } = stores;
  const nobody = (): void => undefined;
  const project = projectAt(stores.root);
  const promotions = new Promotions(project, catalogue, new Candidates(project, catalogue, runs, models, artifacts), runs);
  mlflowRoutes(app, { mirrored, project, promotions, experimentsChanged: nobody, database, experiments, runs, search, tracked, metrics, models, catalogue, inTurn, asked: (_socket, answer) => answer(), touched: nobody, removed: nobody, modelsChanged: nobody }, artifacts, pino({ level: 'silent' }));
  await app.listen({ host: '127.0.0.1', port });
  remote.uri = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return remote;
}
