// Bodies that are no JSON, addresses that are not there, paths that lead elsewhere.
import type { Call } from '../twoServers.ts';
import { get, over, post } from './prepared.ts';

export const odd: Call[] = [
  ...over(post, 'mlflow/experiments/create', [
    '', 'no json', '[]', '5', 'null', '"{\\"name\\": \\"within text\\"}"', '{"name": "cut', '\u0000',
  ]),
  post('mlflow/runs/log-metric', 'x'),
  post('mlflow/runs/log-batch', '[]'),
  post('mlflow/runs/log-batch', 'null'),
  post('mlflow/nothing', {}),
  get('mlflow/experiments/create'),
  post('mlflow/experiments/get', {}),
  get('/api/3.0/mlflow/nothing'),
  get('/ajax-api/2.0/mlflow/experiments/get', { experiment_id: '0' }),
  post('/api/2.0/mlflow/experiments/get-by-name', { experiment_name: 'first' }),
  ...['x/', '../x', '..', 'a/../b', '/etc', '%2e%2e/x', '%252e%252e/x', 'C:%5cx', 'a%23b', 'a//b', 'é 😀.txt', 'a b.txt', '%2fetc%2fpasswd', 'a/%2e%2e/%2e%2e/b'].flatMap((path) => [{ method: 'GET', path: `/api/2.0/mlflow-artifacts/artifacts/${path}` } as Call, get('/api/2.0/mlflow-artifacts/artifacts', { path: decodeURIComponent(path) }), get('mlflow/artifacts/list', { run_id: '{r}', path: decodeURIComponent(path) }), get('/get-artifact', { run_id: '{r}', path: decodeURIComponent(path) })]),
  { method: 'PUT', path: '/api/2.0/mlflow-artifacts/artifacts/1/{r}/artifacts/f/a.txt', body: 'hello' },
  get('mlflow/artifacts/list', { run_id: '{r}' }),
  get('mlflow/artifacts/list', { run_id: '{r}', path: 'f' }),
  get('mlflow/artifacts/list', { run_id: '{r}', path: 'f/a.txt' }),
  get('mlflow/artifacts/list', { run_id: '{r}', path: 'none' }),
  get('mlflow/artifacts/list', { run_id: 'nope' }),
  get('mlflow/artifacts/list'),
  get('/get-artifact', { run_id: '{r}', path: 'f/a.txt' }),
  get('/get-artifact', { run_uuid: '{r}', path: 'f' }),
  get('/get-artifact', { run_id: 'nope', path: 'x' }),
  get('/api/2.0/mlflow-artifacts/artifacts', { path: '1/{r}/artifacts/f' }),
  get('/api/2.0/mlflow-artifacts/artifacts', { path: '1/{r}/artifacts/f/a.txt' }),
  ...[
    'create', 'complete', 'abort',
  ].map((step) => post(`/api/2.0/mlflow-artifacts/mpu/${step}/1/x`, { path: '1/x/y', num_parts: 2, upload_id: 'u', parts: [{ part_number: 1, etag: 'e', url: 'u' }] })),
  ...[
    {}, { run_uuid: '{r}' }, { run_uuid: '{r}', path: '' }, { run_uuid: '{r}', path: 'test.txt' },
  ].map((query) => ({ ...get('/ajax-api/2.0/mlflow/upload-artifact', query as Record<string, string>), method: 'POST' }) as Call),
  { method: 'POST', path: '/ajax-api/2.0/mlflow/upload-artifact', query: [['run_uuid', '{r}'], ['path', 'up/test.txt']], body: 'hello world' },
  get('/get-artifact', { run_uuid: '{r}', path: 'up/test.txt' }),
  get('/model-versions/get-artifact', { name: 'reg', version: '1', path: '../path' }),
  get('/model-versions/get-artifact', { name: 'reg', version: '1', path: 'x' }),
];
