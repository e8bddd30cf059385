// MLflow's SQLite file, of any of its versions: what a version does not have yet is asked for only where it is there.
import { existsSync, statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError } from '../../contracts/errors.ts';
import type { DatasetInput, LoggedPoint } from '../tracking/api.ts';
import { localArtifacts } from './artifactFolders.ts';
import { statusOfCode } from './fileStoreText.ts';
import type { Pairs, Report, RunSource, SourceArtifact, SourceExperiment, SourceModel, SourceRegistered, SourceRun } from './source.ts';

type Row = Record<string, unknown>;

/** Each page is one short moment of the process that reads. */
const runsAtOnce = 50;
const pointsAtOnce = 2000;
const modelStatus = ['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED'] as const;

export class SqliteSource implements RunSource {
  readonly origin: string;
  readonly local = true;
  readonly #database: DatabaseSync;
  readonly #report: Report;
  readonly #tables = new Map<string, Set<string>>();

  /** @param file absolute. @throws UserError where it is no database of MLflow. */
  constructor(file: string, report: Report) {
    this.origin = file;
    this.#report = report;
    this.#database = openReadOnly(file);
    try {
      for (const { name } of this.#all(`SELECT name FROM sqlite_master WHERE type = 'table'`)) {
        this.#tables.set(String(name), new Set(this.#all(`SELECT name FROM pragma_table_info(:name)`, { name: String(name) }).map((column) => String(column['name']))));
      }
    } catch (error) {
      this.#database.close();
      throw notMlflow(file, error);
    }
    if (!['experiments', 'runs', 'metrics', 'params'].every((table) => this.#tables.has(table))) {
      this.#database.close();
      throw notMlflow(file);
    }
  }

  async experiments(): Promise<SourceExperiment[]> {
    const tags = this.#keyed('experiment_tags', 'experiment_id', 'key', 'value', null);
    return this.#all('SELECT experiment_id, name, lifecycle_stage FROM experiments ORDER BY experiment_id').map((row) => {
      const id = text(row['experiment_id']);
      return { id, name: text(row['name']), archived: row['lifecycle_stage'] === 'deleted', tags: tags.get(id) ?? [] };
    });
  }

  async *runs(experiment: SourceExperiment): AsyncGenerator<SourceRun> {
    for (let after = ''; ; ) {
      const rows = this.#all(
        `SELECT * FROM runs WHERE experiment_id = :experiment AND run_uuid > :after ORDER BY run_uuid LIMIT ${runsAtOnce}`,
        { experiment: Number(experiment.id), after },
      );
      if (rows.length === 0) {
        return;
      }
      after = text(rows.at(-1)?.['run_uuid']);
      yield* this.#whole(experiment, rows);
    }
  }

  async *history(run: SourceRun): AsyncGenerator<LoggedPoint[]> {
    const columns = this.#tables.get('metrics');
    const [step, nan] = [columns?.has('step') === true ? 'step' : '0 AS step', columns?.has('is_nan') === true ? 'is_nan' : '0 AS is_nan'];
    let points: LoggedPoint[] = [];
    for (const row of this.#database.prepare(`SELECT key, value, timestamp, ${step}, ${nan} FROM metrics WHERE run_uuid = ?`).iterate(run.id)) {
      points.push({ key: text(row['key']), value: row['is_nan'] ? NaN : infinite(Number(row['value'])), timestamp: Number(row['timestamp']), step: Number(row['step']) });
      if (points.length === pointsAtOnce) {
        yield points;
        points = [];
      }
    }
    yield points;
  }

  artifacts(owner: Pick<SourceRun, 'id' | 'artifact_uri'>): AsyncIterable<SourceArtifact> {
    const folder = path.dirname(this.origin);
    return localArtifacts(owner, [path.join(folder, 'mlruns'), path.join(folder, 'mlartifacts'), path.join(folder, 'artifacts')], this.#report);
  }

  async *loggedModels(experiment: SourceExperiment): AsyncGenerator<SourceModel> {
    if (!this.#tables.has('logged_models')) {
      return;
    }
    const rows = this.#all(`SELECT * FROM logged_models WHERE experiment_id = :experiment AND coalesce(lifecycle_stage, 'active') = 'active'`, { experiment: Number(experiment.id) });
    const ids = rows.map((row) => text(row['model_id']));
    const params = this.#keyed('logged_model_params', 'model_id', 'param_key', 'param_value', ids);
    const tags = this.#keyed('logged_model_tags', 'model_id', 'tag_key', 'tag_value', ids);
    for (const row of rows) {
      const model_id = text(row['model_id']);
      yield {
        model_id,
        experiment_id: experiment.id,
        name: text(row['name']),
        model_type: textOrNull(row['model_type']),
        source_run_id: textOrNull(row['source_run_id']),
        status: modelStatus[Number(row['status'])] ?? 'LOGGED_MODEL_READY',
        artifact_uri: text(row['artifact_location']),
        created: Number(row['creation_timestamp_ms']),
        updated: Number(row['last_updated_timestamp_ms']),
        params: params.get(model_id) ?? [],
        tags: tags.get(model_id) ?? [],
        metrics: this.#all('SELECT * FROM logged_model_metrics WHERE model_id = :model_id', { model_id }).map((metric) => ({
          key: text(metric['metric_name']),
          value: metric['metric_value'] === null ? NaN : infinite(Number(metric['metric_value'])),
          timestamp: Number(metric['metric_timestamp_ms']),
          step: Number(metric['metric_step']),
          run_id: text(metric['run_id']),
          dataset_name: textOrNull(metric['dataset_name']) ?? '',
          dataset_digest: textOrNull(metric['dataset_digest']) ?? '',
        })),
      };
    }
  }

  async *registered(): AsyncGenerator<SourceRegistered> {
    if (!this.#tables.has('registered_models') || !this.#tables.has('model_versions')) {
      return;
    }
    for (const model of this.#all('SELECT * FROM registered_models ORDER BY name')) {
      const name = text(model['name']);
      const versions = this.#all(`SELECT * FROM model_versions WHERE name = :name AND current_stage <> 'Deleted_Internal' ORDER BY version`, { name });
      yield {
        name,
        description: textOrNull(model['description']) ?? '',
        tags: this.#keyed('registered_model_tags', 'name', 'key', 'value', [name]).get(name) ?? [],
        aliases: this.#tables.has('registered_model_aliases') ? this.#all('SELECT alias, version FROM registered_model_aliases WHERE name = :name', { name }).map((row) => [text(row['alias']), Number(row['version'])]) : [],
        versions: versions.map((row) => ({
          version: Number(row['version']),
          created: Number(row['creation_time']),
          description: textOrNull(row['description']) ?? '',
          source: textOrNull(row['source']) ?? '',
          run_id: textOrNull(row['run_id']) ?? '',
          run_link: textOrNull(row['run_link']) ?? '',
          model_id: /^models:\/(m-\w+)$/.exec(textOrNull(row['source']) ?? '')?.[1] ?? null,
          stage: text(row['current_stage']),
          tags: this.#tables.has('model_version_tags')
            ? this.#all('SELECT key, value FROM model_version_tags WHERE name = :name AND version = :version', { name, version: Number(row['version']) }).map((tag) => [text(tag['key']), textOrNull(tag['value']) ?? ''])
            : [],
        })),
      };
    }
  }

  close(): void {
    this.#database.close();
  }

  #whole(experiment: SourceExperiment, rows: readonly Row[]): SourceRun[] {
    const ids = rows.map((row) => text(row['run_uuid']));
    const params = this.#keyed('params', 'run_uuid', 'key', 'value', ids);
    const tags = this.#keyed('tags', 'run_uuid', 'key', 'value', ids);
    const sizes = new Map(this.#all('SELECT run_uuid, count(*) AS points FROM metrics WHERE run_uuid IN (SELECT value FROM json_each(:ids)) GROUP BY run_uuid', { ids: JSON.stringify(ids) }).map((row) => [text(row['run_uuid']), text(row['points'])]));
    const datasets = this.#datasets(ids);
    const models = this.#models(ids);
    return rows.map((row) => {
      const id = text(row['run_uuid']);
      const ended = Number(row['end_time'] ?? 0);
      return {
        id,
        experiment_id: experiment.id,
        name: textOrNull(row['name']) || tags.get(id)?.find(([key]) => key === 'mlflow.runName')?.[1] || id,
        user: textOrNull(row['user_id']) ?? '',
        status: statusOfCode(row['status']),
        started: Number(row['start_time'] ?? 0),
        ended: ended === 0 ? null : ended,
        archived: row['lifecycle_stage'] === 'deleted',
        artifact_uri: textOrNull(row['artifact_uri']) ?? '',
        params: params.get(id) ?? [],
        tags: tags.get(id) ?? [],
        metrics: [],
        datasets: datasets.get(id) ?? [],
        inputs: (models.get(id) ?? []).filter(({ input }) => input).map(({ model_id }) => model_id),
        outputs: (models.get(id) ?? []).filter(({ input }) => !input).map(({ model_id, step }) => ({ model_id, step })),
        size: sizes.get(id) ?? '0',
      };
    });
  }

  #datasets(ids: readonly string[]): Map<string, DatasetInput[]> {
    if (!['inputs', 'datasets', 'input_tags'].every((table) => this.#tables.has(table))) {
      return new Map();
    }
    const rows = this.#all(
      `SELECT inputs.destination_id AS run_id, inputs.input_uuid, datasets.* FROM inputs JOIN datasets ON datasets.dataset_uuid = inputs.source_id
       WHERE inputs.source_type = 'DATASET' AND inputs.destination_type = 'RUN' AND inputs.destination_id IN (SELECT value FROM json_each(:ids))`,
      { ids: JSON.stringify(ids) },
    );
    const tags = this.#keyed('input_tags', 'input_uuid', 'name', 'value', rows.map((row) => text(row['input_uuid'])));
    return grouped(rows, 'run_id', (row) => ({
      name: text(row['name']),
      digest: text(row['digest']),
      source_type: text(row['dataset_source_type']),
      source: text(row['dataset_source']),
      schema: textOrNull(row['dataset_schema']),
      profile: textOrNull(row['dataset_profile']),
      tags: Object.fromEntries(tags.get(text(row['input_uuid'])) ?? []),
    }));
  }

  #models(ids: readonly string[]): Map<string, { model_id: string; step: number; input: boolean }[]> {
    if (!this.#tables.has('inputs')) {
      return new Map();
    }
    const step = this.#tables.get('inputs')?.has('step') === true ? 'step' : '0 AS step';
    const rows = this.#all(`SELECT source_id, destination_id, destination_type, ${step} FROM inputs WHERE destination_type IN ('MODEL_INPUT', 'MODEL_OUTPUT') AND source_id IN (SELECT value FROM json_each(:ids))`, { ids: JSON.stringify(ids) });
    return grouped(rows, 'source_id', (row) => ({ model_id: text(row['destination_id']), step: Number(row['step']), input: row['destination_type'] === 'MODEL_INPUT' }));
  }

  /** Keys with their values by their owner; none where there is no such table. @param ids null: of all owners. */
  #keyed(table: string, owner: string, key: string, value: string, ids: readonly string[] | null): Map<string, Pairs> {
    if (!this.#tables.has(table)) {
      return new Map();
    }
    const rows = this.#all(`SELECT ${owner} AS owner, ${key} AS key, ${value} AS value FROM ${table} ${ids === null ? '' : `WHERE ${owner} IN (SELECT value FROM json_each(:ids))`}`, ids === null ? {} : { ids: JSON.stringify(ids) });
    return grouped(rows, 'owner', (row): [string, string] => [text(row['key']), textOrNull(row['value']) ?? '']);
  }

  #all(sql: string, values: Record<string, SQLInputValue> = {}): Row[] {
    return this.#database.prepare(sql).all(values);
  }
}

/** Without a journal beside it nothing else writes it now, and nothing is made beside it. */
function openReadOnly(file: string): DatabaseSync {
  if (!existsSync(file)) {
    throw new UserError(`There is no file ${file}.`, { file });
  }
  const journalled = ['-wal', '-journal'].some((end) => existsSync(file + end) && statSync(file + end).size > 0);
  const address = pathToFileURL(file);
  if (!journalled) {
    address.searchParams.set('immutable', '1');
  }
  return new DatabaseSync(address, { readOnly: true, timeout: 5000 });
}

function notMlflow(file: string, cause?: unknown): UserError {
  return new UserError(`${file} is no database of MLflow. Choose the SQLite file that its server or scripts write, often called mlflow.db.`, { file }, { cause });
}

function grouped<T>(rows: readonly Row[], by: string, read: (row: Row) => T): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = text(row[by]);
    groups.set(key, [...(groups.get(key) ?? []), read(row)]);
  }
  return groups;
}

/** MLflow keeps infinities as the greatest numbers. */
function infinite(value: number): number {
  return Math.abs(value) === Number.MAX_VALUE ? Math.sign(value) * Infinity : value;
}

function text(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined || value === '' ? null : String(value);
}
