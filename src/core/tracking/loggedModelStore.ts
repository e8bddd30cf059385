import { randomUUID } from 'node:crypto';
import type { Database, DatabaseRow } from '../store/api.ts';
import { ExperimentStore, experimentNumber } from './experimentStore.ts';
import { parseFilter } from './filter.ts';
import { Bindings, condition, keyed, listed, numeric, pageSql, type Vocabulary } from './filterSql.ts';
import type { LoggedPoint } from './metricStore.ts';
import { pageToken, readOffset } from './pageToken.ts';
import { invalid, missing } from './refusal.ts';
import { numberOf, stored } from './storedNumbers.ts';

export const modelStatuses = ['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED'] as const;

export interface ModelMetric extends LoggedPoint {
  run_id: string;
  dataset_name: string;
  dataset_digest: string;
}

/** A model that a client logged. Times in milliseconds since 1970. */
export interface LoggedModel {
  model_id: string;
  experiment_id: string;
  name: string;
  model_type: string | null;
  source_run_id: string | null;
  status: (typeof modelStatuses)[number];
  artifact_uri: string;
  created: number;
  updated: number;
  params: [string, string][];
  tags: [string, string][];
  metrics: ModelMetric[];
  registrations: { name: string; version: number }[];
}

export interface ModelSearch {
  experiment_ids: readonly string[];
  filter: string;
  order_by: readonly { field_name: string; ascending: boolean; dataset_name?: string | undefined; dataset_digest?: string | undefined }[];
  datasets: readonly { dataset_name: string; dataset_digest: string | undefined }[];
  max: number;
  token: string;
}

const attribute = 'attribute';
const ofModel = 'each.model_id = logged_models.model_id';

/** The condition that a metric was measured on one of these; '' for none. */
function onDatasets(datasets: readonly { dataset_name?: string | undefined; dataset_digest?: string | undefined }[], bindings: Bindings): string {
  const each = datasets.map((dataset) => (['dataset_name', 'dataset_digest'] as const).flatMap((column) => (dataset[column] ? [`each.${column} = ${bindings.add(dataset[column])}`] : [])).join(' AND '));
  return each.some((condition) => condition === '') || each.length === 0 ? '' : ` AND (${each.join(' OR ')})`;
}

/** @param ofDatasets the condition on the metrics that count. */
function vocabularyOf(ofDatasets: string): Vocabulary {
  const text = (column: string) => ({ sql: `logged_models.${column}`, type: 'text', operators: listed }) as const;
  const time = (column: string) => ({ sql: `logged_models.${column}`, type: 'number' }) as const;
  return {
    what: 'logged models',
    prefixes: { attribute, attributes: attribute, metric: 'metric', metrics: 'metric', param: 'param', params: 'param', tag: 'tag', tags: 'tag' },
    attributes: {
      name: text('name'),
      model_id: text('model_id'),
      model_type: text('model_type'),
      status: text('status'),
      source_run_id: text('source_run_id'),
      experiment_id: time('experiment_id'),
      creation_time: time('created'),
      creation_timestamp: time('created'),
      creation_timestamp_ms: time('created'),
      last_updated_timestamp: time('updated'),
      last_updated_timestamp_ms: time('updated'),
    },
    keyed: {
      metric: {
        type: 'number',
        operators: numeric,
        sql: (key, value) => `EXISTS (SELECT 1 FROM logged_model_metrics AS each WHERE ${ofModel} AND each.key = ${key} AND each.value <> 'NaN' AND ${value.of('each.value')}${ofDatasets})`,
        value: (key, among) => `(SELECT each.value FROM logged_model_metrics AS each WHERE ${ofModel} AND each.key = ${key}${among} ORDER BY each.timestamp DESC, each.step DESC, each.run_id LIMIT 1)`,
      },
      param: { type: 'text', operators: listed, sql: keyed('logged_model_params', ofModel), value: null },
      tag: { type: 'text', operators: listed, sql: keyed('logged_model_tags', ofModel), value: null },
    },
  };
}

/** Models that clients logged (MLflow 3). Unknown ids throw a Refusal. */
export class LoggedModelStore {
  readonly #database: Database;
  readonly #experiments: ExperimentStore;

  constructor(database: Database) {
    this.#database = database;
    this.#experiments = new ExperimentStore(database);
  }

  create(model: { experiment_id: string; name: string; model_type: string | null; source_run_id: string | null; params: [string, string][]; tags: [string, string][] }): LoggedModel {
    const name = model.name === '' ? `model-${randomUUID().slice(0, 8)}` : model.name;
    if (/[/:.%"']/.test(name)) {
      throw invalid(`Invalid model name ('${name}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`);
    }
    const model_id = `m-${randomUUID().replaceAll('-', '')}`;
    this.#database.transaction(() => {
      const { artifact_location } = this.#experiments.active(model.experiment_id);
      const now = Date.now();
      this.#database.run(
        `INSERT INTO logged_models (model_id, experiment_id, name, model_type, source_run_id, status, artifact_uri, created, updated)
         VALUES (:model_id, :experiment_id, :name, :model_type, :source_run_id, 'LOGGED_MODEL_PENDING', :artifact_uri, :now, :now)`,
        { model_id, experiment_id: model.experiment_id, name, model_type: model.model_type, source_run_id: model.source_run_id, artifact_uri: `${artifact_location.replace(/\/$/, '')}/models/${model_id}/artifacts`, now },
      );
      this.#set('logged_model_params', model_id, model.params);
      this.#set('logged_model_tags', model_id, model.tags);
    });
    return this.get(model_id);
  }

  get(model_id: string, allowDeleted = false): LoggedModel {
    const [found] = this.#load([model_id], allowDeleted);
    if (found === undefined) {
      throw missing(`Logged model with ID '${model_id}' not found.`);
    }
    return found;
  }

  /** A model, a deleted one too; null where there is none. */
  find(model_id: string): LoggedModel | null {
    return this.#load([model_id], true)[0] ?? null;
  }

  setStatus(model_id: string, status: LoggedModel['status']): void {
    this.get(model_id);
    this.#database.run('UPDATE logged_models SET status = :status, updated = :now WHERE model_id = :model_id', { model_id, status, now: Date.now() });
  }

  /** Parameters do not change. @throws Refusal where one has another value. */
  addParams(model_id: string, params: readonly [string, string][]): void {
    const known = new Map(this.get(model_id).params);
    const changed = params.find(([key, value]) => known.has(key) && known.get(key) !== value);
    if (changed !== undefined) {
      throw invalid(`Changing param values is not allowed. Param with key='${changed[0]}' was already logged with value='${known.get(changed[0]) ?? ''}' for model ID='${model_id}'. Attempted logging new value '${changed[1]}'.`);
    }
    this.#database.transaction(() => this.#set('logged_model_params', model_id, params));
  }

  setTags(model_id: string, tags: readonly [string, string][]): void {
    this.get(model_id);
    this.#database.transaction(() => {
      this.#set('logged_model_tags', model_id, tags);
      this.#database.run('UPDATE logged_models SET updated = :now WHERE model_id = :model_id', { model_id, now: Date.now() });
    });
  }

  deleteTag(model_id: string, key: string): void {
    this.get(model_id);
    if (this.#database.run('DELETE FROM logged_model_tags WHERE model_id = :model_id AND key = :key', { model_id, key }) === 0) {
      throw missing(`No tag with key '${key}' found for model with ID '${model_id}'.`);
    }
  }

  /** Twice is as good as once. */
  delete(model_id: string): void {
    this.get(model_id, true);
    this.#database.run(`UPDATE logged_models SET lifecycle = 'deleted', updated = :now WHERE model_id = :model_id`, { model_id, now: Date.now() });
  }

  /** Keeps those of a run's metrics that name a model; exact duplicates once. */
  addMetrics(run_id: string, metrics: readonly (LoggedPoint & { model_id?: string | undefined; dataset_name?: string | undefined; dataset_digest?: string | undefined })[]): void {
    for (const { model_id, key, step, timestamp, value, dataset_name = '', dataset_digest = '' } of metrics) {
      if (model_id !== undefined && model_id !== '') {
        // A model that is not here is left out: the run keeps the metric all the same.
        this.#database.run(
          `INSERT INTO logged_model_metrics (model_id, key, dataset_name, dataset_digest, run_id, step, timestamp, value)
           SELECT model_id, :key, :dataset_name, :dataset_digest, :run_id, :step, :timestamp, :value FROM logged_models WHERE model_id = :model_id
           ON CONFLICT DO NOTHING`,
          { model_id, key, dataset_name, dataset_digest, run_id, step, timestamp, value: stored(value) },
        );
      }
    }
  }

  /** @throws Refusal for a filter, an order or a token that cannot be read. */
  search({ experiment_ids, filter, order_by, datasets, max, token }: ModelSearch): { models: LoggedModel[]; next: string } {
    const bindings = new Bindings();
    const ofDatasets = onDatasets(datasets, bindings);
    const vocabulary = vocabularyOf(ofDatasets);
    const clauses = parseFilter(filter);
    const conditions = clauses.map((clause) => condition(clause, vocabulary, bindings));
    if (ofDatasets !== '' && !clauses.some(({ name }) => /^metrics?$/i.test(name.prefix ?? ''))) {
      conditions.push(`EXISTS (SELECT 1 FROM logged_model_metrics AS each WHERE ${ofModel}${ofDatasets})`);
    }
    conditions.push(`logged_models.lifecycle = 'active'`, `logged_models.experiment_id IN ${bindings.list(experiment_ids.map(experimentNumber))}`);
    const orderings = order_by.map(({ field_name, ascending, ...dataset }) => {
      const dot = field_name.indexOf('.');
      return { name: dot === -1 ? { prefix: null, key: field_name } : { prefix: field_name.slice(0, dot), key: field_name.slice(dot + 1) }, ascending, among: onDatasets([dataset], bindings) };
    });
    const offset = readOffset(token);
    const rows = this.#database.all(pageSql({ columns: 'model_id, created', table: 'logged_models', conditions, orderings, ties: 'created DESC, model_id', max, offset }, vocabulary, bindings), bindings.values);
    const models = this.#load(rows.slice(0, max).map((row) => String(row['model_id'])), false);
    return { models, next: rows.length > max ? pageToken([offset + max]) : '' };
  }

  #set(table: 'logged_model_params' | 'logged_model_tags', model_id: string, pairs: readonly [string, string][]): void {
    for (const [key, value] of pairs) {
      this.#database.run(`INSERT INTO ${table} (model_id, key, value) VALUES (:model_id, :key, :value) ON CONFLICT DO UPDATE SET value = excluded.value`, { model_id, key, value });
    }
  }

  /** A fixed number of statements, however many models. */
  #load(ids: readonly string[], allowDeleted: boolean): LoggedModel[] {
    const values = { ids: JSON.stringify(ids) };
    const from = (what: string): Map<string, DatabaseRow[]> => {
      const groups = new Map<string, DatabaseRow[]>();
      for (const row of this.#database.all(`SELECT * FROM ${what} WHERE model_id IN (SELECT value FROM json_each(:ids))`, values)) {
        const id = String(row['model_id']);
        groups.set(id, [...(groups.get(id) ?? []), row]);
      }
      return groups;
    };
    const [rows, params, tags, metrics, versions] = [from('logged_models'), from('logged_model_params'), from('logged_model_tags'), from('logged_model_metrics'), from('registry_versions')];
    const pairs = (found: DatabaseRow[] = []): [string, string][] => found.map((row) => [String(row['key']), String(row['value'])]);
    return ids.flatMap((id): LoggedModel[] => {
      const row = rows.get(id)?.[0];
      if (row === undefined || (row['lifecycle'] === 'deleted' && !allowDeleted)) {
        return [];
      }
      return [
        {
          model_id: id,
          experiment_id: String(row['experiment_id']),
          name: String(row['name']),
          model_type: row['model_type'] === null ? null : String(row['model_type']),
          source_run_id: row['source_run_id'] === null ? null : String(row['source_run_id']),
          status: row['status'] as LoggedModel['status'],
          artifact_uri: String(row['artifact_uri']),
          created: Number(row['created']),
          updated: Number(row['updated']),
          params: pairs(params.get(id)),
          tags: pairs(tags.get(id)),
          metrics: (metrics.get(id) ?? []).map((each) => ({
            key: String(each['key']),
            step: Number(each['step']),
            timestamp: Number(each['timestamp']),
            value: numberOf(each['value']),
            run_id: String(each['run_id']),
            dataset_name: String(each['dataset_name']),
            dataset_digest: String(each['dataset_digest']),
          })),
          registrations: (versions.get(id) ?? []).map((each) => ({ name: String(each['name']), version: Number(each['version']) })),
        },
      ];
    });
  }
}
