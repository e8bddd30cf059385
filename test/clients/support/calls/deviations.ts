// Where we answer otherwise than MLflow, on purpose.
import type { Call } from '../twoServers.ts';
import { get, over, patch, post } from './prepared.ts';

/** What we refuse with 400 and MLflow takes: it stores something else than was said, or says nothing. */
export const stricter: Call[] = [
  ...over(post, 'mlflow/experiments/create', [{ name: '  ' }, { name: 'n6', artifact_location: 's3://b/../c' }]),
  ...over(post, 'mlflow/experiments/search', [{ max_results: 10, view_type: 'NONE' }, { max_results: 10, view_type: 9 }]),
  ...over(post, 'mlflow/runs/create', [{ experiment_id: '{e}', start_time: 1.5 }, { experiment_id: '{e}', tags: 'x' }]),
  post('mlflow/runs/update', { run_id: '{r}', status: 'DONE' }),
  ...[{ key: 'a\n' }, { value: 'inf' }, { value: 'nan' }, { value: true }, { timestamp: 1.5 }, { timestamp: true }, { step: 1.5 }, { step: true }].map((more) =>
    post('mlflow/runs/log-metric', { run_id: '{r}', key: 'm', value: 1, timestamp: 1, step: 0, ...more }),
  ),
  ...[{ timestamp: 'x' }, { value: 'x' }].map((more) => post('mlflow/runs/log-batch', { run_id: '{r}', metrics: [{ key: 'm', value: 1, timestamp: 1, ...more }] })),
  ...[{ name: null }, { digest: null }, { source_type: null }, { source: null }, { name: 5 }].map((more) => post('mlflow/runs/log-inputs', { run_id: '{r}', datasets: [{ dataset: { name: 'a', digest: 'b', source_type: 'c', source: 'd', ...more } }] })),
  ...over(post, 'mlflow/runs/log-inputs', [{ run_id: '{r}', datasets: [{}] }, { run_id: '{r}', models: [{}] }]),
  post('mlflow/runs/outputs', { run_id: '{r}', models: [{ step: 1 }] }),
  get('mlflow/metrics/get-history', { run_id: '{r}', metric_key: 'm', max_results: 'x' }),
  ...['READY', 'LOGGED_MODEL_STATUS_UNSPECIFIED'].map((status) => patch('mlflow/logged-models/{m}', { model_id: '{m}', status })),
  patch('mlflow/logged-models/{m}/tags', { tags: [{ value: 'x' }] }),
  post('mlflow/logged-models/search', { experiment_ids: ['{e}'], max_results: -1 }),
  ...over(get, 'mlflow/registered-models/search', [{ max_results: '0' }, { max_results: '-1' }]),
  // A path of Windows and a character that ends strings, wherever they stand.
  ...['a%5cb', '..%5cx', 'a%00b'].flatMap((path) => [get(`/api/2.0/mlflow-artifacts/artifacts/${path}`), get('mlflow/artifacts/list', { run_id: '{r}', path: decodeURIComponent(path) }), get('/get-artifact', { run_id: '{r}', path: decodeURIComponent(path) })]),
];

/** What we do and MLflow 3.17 refuses; older servers do it too, and their clients ask for it. */
export const looser: Call[] = [
  post('mlflow/experiments/search', {}),
  get('mlflow/experiments/search'),
  post('mlflow/registered-models/alias', { name: 'reg', alias: 'other', version: 1 }),
  ...['mlflow-artifacts:/models', 'mlflow-artifacts:/models///', 'mlflow-artifacts:/models/foo///bar', 'mlflow-artifacts://host:9000/models/artifact/..../', 'http://host/a', 'runs:/{r}/model', 'models:/{m}'].map((source) =>
    post('mlflow/model-versions/create', { name: 'reg', source }),
  ),
];

/** What is not kept here: clients must be told so at once. */
export const absent: Call[] = [
  get('mlflow/traces'), get('/api/3.0/mlflow/traces/tr-1'), post('/api/3.0/mlflow/traces', {}), post('/api/3.0/mlflow/traces/search', {}), post('/v1/traces', {}), post('/api/3.0/mlflow/datasets/create', {}),
  get('/api/3.0/mlflow/scorers/list'), post('/api/2.0/mlflow/webhooks', {}), get('/ajax-api/2.0/mlflow/gateway-proxy'), post('/api/3.0/mlflow/workspaces', {}), post('/api/2.0/mlflow/users/create', {}), get('/api/3.0/mlflow/issues'),
];
