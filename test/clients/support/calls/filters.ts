// Filters, orders and pages as people mistype them, and as the language allows them at its edges.
import type { Call } from '../twoServers.ts';
import { over, post, get } from './prepared.ts';

const ofRuns = [
  'x', 'metrics', 'metrics.', 'metrics.m', 'metrics.m >', 'metrics.m > ', 'metrics.m 1', '> 1', 'metrics.m > 1 OR metrics.m > 2', 'metrics.m > 1, metrics.m > 2',
  '(metrics.m > 1)', 'NOT metrics.m > 1', "metrics.m = 'x'", 'metrics.m LIKE 1', "metrics.m LIKE '%'", 'metrics.m > 1.', 'metrics.m > .5', 'metrics.m > -1', 'metrics.m > 1e3', 'metrics.m IS NULL', 'metrics.m IN (1)',
  'params.p = 1', 'params.p = x', "params.p > '1'", "params.p = '1'", 'params.p = "1"', "params.p = '1", "params.p = 1'", "params.p != '1'", "params.p IN ('1')", "params.p LIKE '1%'", "params.p like '1%'", "params.p iLiKe '1%'", "params.p RLIKE '1'", 'params.p IS NULL', 'params.p is not null', 'params.p IS NOT', 'params.p NULL', "params.p = ''",
  "params.`p` = '1'", "params.\"p\" = '1'", "params.'p' = '1'", "`params`.p = '1'", "params.p='1'", "params.p='1'AND params.p='1'", "  params.p   =   '1'  ", "params.p = '1' and params.p = '1'", "params.p = '1' And tags.t = '1'", "parameter.p = '1'", "param .p = '1'", 
  "tags.t = '1'", "tag.t != 'x'", "tags.`mlflow.runName` = 'one'", "tags.mlflow.runName = 'one'", "tags.t IN ('1')", "tags.t = '1' AND tags.t = '1'", "tags.none != '1'",
  "attributes.status = 'RUNNING'", "status = 'running'", "attribute.status = 'RUNNING'", "status IN 'RUNNING'", 'status IN ()', "status IN ('RUNNING',)", "status IN ('RUNNING' 'FAILED')", 'status IN (RUNNING)', 'status = RUNNING', 'status > 1', 'status IS NULL',
  "run_name = 'one'", "attributes.run_name LIKE 'o%'", "`run name` = 'one'", '"run name" = \'one\'', "attributes.`Run name` = 'one'", "run_id = '{found}'", "run_id IN ('{found}', 'x')", "run_id NOT IN ('{found}')", "attributes.run_id LIKE '%'", "run_uuid = '{found}'", "experiment_id = '1'", "lifecycle_stage = 'active'", "user_id = 'ada'", "artifact_uri LIKE '%artifacts'", "attributes.foo = 'x'", "foo.bar = 'x'", "source_name = 'x'",
  'start_time > 1', 'attributes.start_time = 7', 'start_time LIKE 1', 'created > 1', 'Created > 1', 'end_time > 0', 'start_time > 1.5', 'start_time IN (1)',
  "datasets.name = 'a'", "dataset.digest LIKE 'b%'", "datasets.context = 'train'", "datasets.name IN ('a', 'z')", "datasets.foo = 'x'", 'datasets.name = 1', "datasets.name > 'a'", 'datasets.name IS NULL',
  "params.p = '1'; DROP TABLE runs", "params.p = '1' -- x", "params.p = '1' /* x */", "params.p = 'it''s'", '', "params.p = '1'\nAND params.p = '1'", "params.p = '\u0000'",
];

const orders = ['', ' ', 'x', 'metrics.m', 'metrics.m ASC', 'metrics.m desc', 'metrics.m up', 'metrics.m DESC ASC', 'metrics.m DESC, params.p', 'params.p', 'tags.t DESC', 'attributes.start_time', 'start_time', 'attribute.start_time DESC', 'status', 'run_name', 'attributes.`run_name`', 'foo.bar', '`metrics`.m', 'metrics.`m` DESC', 'metrics."m"', "metrics.'m'", 'datasets.name', 'user_id', 'end_time DESC', 'created', 'attributes.Created DESC', 'metrics.a key', 'metrics.none'];

const ofExperiments = ["name = 'searched'", "attribute.name = 'searched'", "name IN ('searched')", "name > 'first'", 'name = 1', "experiment_id = '1'", "experiment_id IN ('1', '2')", 'creation_time > 0', "creation_time > 'x'", "tags.a = 'b'", "tag.a IS NULL AND name = 'searched'", "tags.a IN ('b')", "params.p = 'x'", "foo = 'x'", "name LIKE 'fir%' AND name ILIKE 'FIR%'", "lifecycle_stage = 'active'", "name = 'searched' OR name = 'x'"];
const ofModels = ["name = 'reg'", "attribute.name = 'reg'", "name IN ('reg')", "name > 'reg'", 'name = 1', "name NOT LIKE 'x'", "tags.a = 'b'", "tag.a != 'b'", "tags.a IS NULL", "tags.`mlflow.prompt.is_prompt` != 'true' AND name = 'reg'", "foo = 'x'", "run_id = 'x'", "name = 'reg' AND tags.a = 'b'", "aliases = 'x'"];
const ofVersions = ["name = 'reg'", "name IN ('reg')", "run_id = '{found}'", "run_id IN ('{found}', 'x')", 'run_id IN ()', "run_id IN ('')", "run_id = ''", "source_path = 's3://bucket/z'", "source_path LIKE 's3%'", "version_number = 1", "version_number = '1'", "version_number > 1", "version = 1", "version_number LIKE '1'", "tags.a = 'b'", "tag.`mlflow.prompt.is_prompt` != 'true'", "current_stage = 'None'", "name = 'reg' AND version_number < 2", "name = 'reg' OR name = 'x'", "aliases = 'champion'"];

/** Two runs to be found, one with everything. */
const searched: Call[] = [
  { ...post('mlflow/experiments/create', { name: 'searched' }), save: { s: 'experiment_id' } },
  { ...post('mlflow/runs/create', { experiment_id: '{s}', run_name: 'one', user_id: 'ada', start_time: 7 }), save: { found: 'run.info.run_id' } },
  { ...post('mlflow/runs/create', { experiment_id: '{s}', run_name: 'other', start_time: 20 }), save: { other: 'run.info.run_id' } },
  post('mlflow/runs/log-batch', { run_id: '{found}', metrics: [{ key: 'm', value: 2, timestamp: 1 }], params: [{ key: 'p', value: '1' }], tags: [{ key: 't', value: '1' }] }),
  post('mlflow/runs/log-inputs', { run_id: '{found}', datasets: [{ dataset: { name: 'a', digest: 'b', source_type: 'c', source: 'd' }, tags: [{ key: 'mlflow.data.context', value: 'train' }] }] }),
];

export const filters: Call[] = [
  ...searched,
  ...over(post, 'mlflow/runs/search', ofRuns.map((filter) => ({ experiment_ids: ['{s}'], filter, max_results: 50 }))),
  ...over(post, 'mlflow/runs/search', orders.map((order) => ({ experiment_ids: ['{s}'], order_by: [order, 'start_time'].slice(0, /start_time|reated/.test(order) ? 1 : 2), max_results: 50 }))),
  ...over(post, 'mlflow/experiments/search', ofExperiments.map((filter) => ({ filter, max_results: 50 }))),
  ...over(get, 'mlflow/registered-models/search', ofModels.map((filter) => ({ filter }))),
  ...over(get, 'mlflow/model-versions/search', ofVersions.map((filter) => ({ filter }))),
  ...over(post, 'mlflow/runs/search', [{}, { experiment_ids: [] }, { experiment_ids: ['99'] }, { experiment_ids: ['abc'] }, { experiment_ids: '{s}' }, { experiment_ids: ['{s}'], max_results: 0 }, { experiment_ids: ['{s}'], max_results: -1 }, { experiment_ids: ['{s}'], max_results: 50_001 }, { experiment_ids: ['{s}'], max_results: '2' }, { experiment_ids: ['{s}'], max_results: 'x' }, { experiment_ids: ['{s}'], page_token: 'garbage' }, { experiment_ids: ['{s}'], page_token: 'Z2FyYmFnZQ==' }, { experiment_ids: ['{s}'], order_by: 'x' }, { experiment_ids: ['{s}'], order_by: [5] }, { experiment_ids: ['{s}'], filter: 5 }, { experiment_ids: ['{s}'], run_view_type: 2 }, { experiment_ids: ['{gone}'], run_view_type: 'ALL' }]),
];

/** Filters that we read and MLflow does not. */
export const widerFilters: Call[] = over(
  post,
  'mlflow/runs/search',
  ["metrics.m > '1'", 'metrics.m == 1', 'metrics.m <> 1', "PARAMS.p = '1'", "Params.p = '1'", "attr.status IN ('RUNNING', 'FINISHED')", "status NOT IN ('RUNNING')", "Run_Name = 'one'", "start_time > '1'", ' '].map((filter) => ({ experiment_ids: ['{s}'], filter })),
);

/** Filters that MLflow reads over: a slip, more likely than not. */
export const narrowerFilters: Call[] = over(post, 'mlflow/runs/search', ['metrics.m > 1 AND', 'AND metrics.m > 1', 'metrics.m > 1 AND AND metrics.m > 1', 'params.p IS NULL AND', "params. p = '1'"].map((filter) => ({ experiment_ids: ['{s}'], filter })));
