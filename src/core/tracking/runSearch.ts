import type { RunStatus } from '../../contracts/runs.ts';
import type { Database, DatabaseRow } from '../store/api.ts';
import { experimentNumber, type Lifecycle, type Search } from './experimentStore.ts';
import { parseFilter, parseOrdering, type Name } from './filter.ts';
import { Bindings, condition, keyed, listed, nullable, numeric, pageSql, valueOf, type Vocabulary } from './filterSql.ts';
import type { LoggedPoint } from './metricStore.ts';
import { pageToken, readOffset } from './pageToken.ts';
import { invalid } from './refusal.ts';

export interface DatasetInput {
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
  tags: Record<string, string>;
}

/** A run with everything that a tracking client asks for. Times in milliseconds since 1970. */
export interface RunRecord {
  run_id: string;
  name: string;
  experiment_id: string;
  user: string;
  /** True for a run that a client made, false for one of ours. */
  external: boolean;
  status: RunStatus;
  started: number;
  ended: number | null;
  lifecycle: Lifecycle;
  artifact_uri: string;
  source: string;
  commit: string | null;
  /** The latest point of each. */
  metrics: LoggedPoint[];
  params: [string, string][];
  tags: [string, string][];
  datasets: DatasetInput[];
  /** Ids of logged models. */
  inputs: string[];
  outputs: { model_id: string; step: number }[];
}

export interface RunQuery extends Search {
  experiment_ids: readonly string[] | null;
}

/** The tag that is the run's name. */
export const nameTag = 'mlflow.runName';

/** Our states by the protocol's names. */
export const protocolStatus = { queued: 'SCHEDULED', running: 'RUNNING', finished: 'FINISHED', failed: 'FAILED', cancelled: 'KILLED' } as const satisfies Record<RunStatus, string>;

const statusSql = `CASE runs.status ${Object.entries(protocolStatus).map(([ours, theirs]) => `WHEN '${ours}' THEN '${theirs}'`).join(' ')} END`;
const startSql = 'coalesce(runs.started, runs.created)';
// As a tag, the name may be asked whether it is there: it always is.
const name = { sql: 'runs.name', type: 'text', operators: [...listed, ...nullable] } as const;
const start = { sql: startSql, type: 'number' } as const;
const attribute = 'attribute';
const ofRun = 'each.run_id = runs.run_id';

const vocabulary: Vocabulary = {
  what: 'runs',
  prefixes: { attribute, attributes: attribute, attr: attribute, run: attribute, metric: 'metric', metrics: 'metric', param: 'param', params: 'param', parameter: 'param', parameters: 'param', tag: 'tag', tags: 'tag', dataset: 'dataset', datasets: 'dataset' },
  attributes: {
    run_id: { sql: 'runs.run_id', type: 'text', operators: listed },
    run_name: name,
    'run name': name,
    status: { sql: statusSql, type: 'text', operators: listed },
    user_id: { sql: 'runs.user', type: 'text', operators: listed },
    artifact_uri: { sql: 'runs.artifact_uri', type: 'text', operators: listed },
    experiment_id: { sql: 'runs.experiment_id', type: 'number', filter: false },
    lifecycle_stage: { sql: 'runs.lifecycle', type: 'text', filter: false },
    start_time: start,
    created: start,
    end_time: { sql: 'runs.ended', type: 'number' },
  },
  keyed: {
    metric: {
      type: 'number',
      operators: numeric,
      sql: keyed('series', ofRun),
      value: valueOf('series', ofRun, "coalesce(each.value, 'NaN')"),
    },
    param: { type: 'text', operators: nullable, sql: keyed('params', ofRun), value: valueOf('params', ofRun) },
    tag: { type: 'text', operators: nullable, sql: keyed('tags', ofRun), value: valueOf('tags', ofRun) },
    dataset: {
      type: 'text',
      operators: listed,
      sql(key, value) {
        if (!['name', 'digest', 'context'].includes(key)) {
          throw invalid(`Invalid dataset key '${key}' specified. Valid keys are 'name', 'digest', 'context'.`);
        }
        return `EXISTS (SELECT 1 FROM run_datasets AS each JOIN datasets USING (dataset_id) WHERE ${ofRun} AND ${value.of(key)})`;
      },
      value: null,
    },
  },
};

/** The run's name is no tag of the tables, though clients ask for it as one. */
function renamed<T extends { name: Name }>(each: T): T {
  return each.name.key === nameTag && /^tags?$/i.test(each.name.prefix ?? '') ? { ...each, name: { prefix: null, key: 'run_name' } } : each;
}

/** Finds runs by the search language, and reads them. */
export class RunSearch {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The ids of the runs found, in their order, one page of them. @throws Refusal for what cannot be read. */
  ids({ filter, order_by, experiment_ids, view, max, token }: RunQuery): { ids: string[]; next: string } {
    const bindings = new Bindings();
    const conditions = parseFilter(filter).map((clause) => condition(renamed(clause), vocabulary, bindings));
    if (experiment_ids !== null) {
      const ids = experiment_ids.map(experimentNumber);
      // One id lets the index give the rows in the order of their start.
      conditions.unshift(ids.length === 1 ? `runs.experiment_id = ${bindings.add(Number(ids[0]))}` : `runs.experiment_id IN ${bindings.list(ids.map(Number))}`);
    }
    if (view !== 'all') {
      conditions.push(`runs.lifecycle = ${bindings.add(view)}`);
    }
    const orderings = order_by.map((text) => renamed(parseOrdering(text)));
    const offset = readOffset(token);
    const rows = this.#database.all(
      pageSql({ columns: `runs.run_id AS run_id, ${startSql} AS start`, table: 'runs', conditions, orderings, ties: 'start DESC, run_id', max, offset }, vocabulary, bindings),
      bindings.values,
    );
    return { ids: rows.slice(0, max).map((row) => String(row['run_id'])), next: rows.length > max ? pageToken([offset + max]) : '' };
  }

  /** The runs with these ids, in their order; ids that are none are left out. */
  records(ids: readonly string[]): RunRecord[] {
    const values = { ids: JSON.stringify(ids) };
    const from = (columns: string, table: string, rest = ''): Map<string, DatabaseRow[]> =>
      grouped(this.#database.all(`SELECT run_id, ${columns} FROM ${table} WHERE run_id IN (SELECT value FROM json_each(:ids)) ${rest}`, values));
    const runs = from(`name, kind, experiment_id, user, status, started, created, ended, lifecycle, artifact_uri, source, git`, 'runs');
    const metrics = from('key, step, timestamp, value', 'series');
    const params = from('key, value', 'params');
    const tags = from('key, value', 'tags');
    const datasets = from('name, digest, source_type, source, schema, profile, tags', 'run_datasets JOIN datasets USING (dataset_id)', 'ORDER BY dataset_id');
    const models = from('role, model_id, step', 'run_models', 'ORDER BY step, model_id');
    return ids.flatMap((id): RunRecord[] => {
      const row = runs.get(id)?.[0];
      if (row === undefined) {
        return [];
      }
      const ofRole = (role: string): DatabaseRow[] => (models.get(id) ?? []).filter((each) => each['role'] === role);
      return [
        {
          run_id: id,
          name: String(row['name']),
          experiment_id: String(row['experiment_id']),
          user: String(row['user']),
          external: row['kind'] === 'external',
          status: row['status'] as RunStatus,
          started: Number(row['started'] ?? row['created']),
          ended: row['ended'] === null ? null : Number(row['ended']),
          lifecycle: row['lifecycle'] === 'deleted' ? 'deleted' : 'active',
          artifact_uri: String(row['artifact_uri']),
          source: String(row['source']),
          commit: row['git'] === null ? null : (JSON.parse(String(row['git'])) as { commit: string }).commit,
          metrics: (metrics.get(id) ?? []).map((each) => ({ key: String(each['key']), step: Number(each['step']), timestamp: Number(each['timestamp']), value: each['value'] === null ? NaN : Number(each['value']) })),
          params: pairs(params.get(id)),
          tags: pairs(tags.get(id)),
          datasets: (datasets.get(id) ?? []).map(datasetOf),
          inputs: ofRole('input').map((each) => String(each['model_id'])),
          outputs: ofRole('output').map((each) => ({ model_id: String(each['model_id']), step: Number(each['step']) })),
        },
      ];
    });
  }
}

function grouped(rows: DatabaseRow[]): Map<string, DatabaseRow[]> {
  const groups = new Map<string, DatabaseRow[]>();
  for (const row of rows) {
    const list = groups.get(row['run_id'] as string);
    if (list === undefined) {
      groups.set(row['run_id'] as string, [row]);
    } else {
      list.push(row);
    }
  }
  return groups;
}

function pairs(rows: DatabaseRow[] = []): [string, string][] {
  return rows.map((row) => [String(row['key']), String(row['value'])]);
}

function datasetOf(row: DatabaseRow): DatasetInput {
  const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return {
    name: String(row['name']),
    digest: String(row['digest']),
    source_type: String(row['source_type']),
    source: String(row['source']),
    schema: textOrNull(row['schema']),
    profile: textOrNull(row['profile']),
    tags: JSON.parse(String(row['tags'])) as Record<string, string>,
  };
}
