// Experiments and runs: what is missing, of another kind, unknown, deleted, too long.
import type { Call } from '../twoServers.ts';
import { get, long, many, over, post } from './prepared.ts';

export const experiments: Call[] = [
  ...over(post, 'mlflow/experiments/create', [
    {}, { name: null }, { name: '' }, { name: 123 }, { name: 'first' }, { name: 'gone' }, { name: 'Default' }, { name: long(501) }, { name: long(500) }, { name: 'é 😀/x' }, { name: ['a'] },
    { name: 'n1', tags: '5' }, { name: 'n2', tags: [{ value: 'x' }] }, { name: 'n3', tags: [{ key: 'k' }] }, { name: 'n3b', tags: {} }, { name: 'n4', artifact_location: 9.0 },
    { name: 'n5', artifact_location: long(2049) }, { name: 'n7', artifact_location: 's3://b/c?x#y' }, { name: 'n8', artifact_location: 's3://b/c' },
    { name: 'n8b', artifact_location: 's3://b/c/' }, { name: 'n9', unknown: 1 }, { name: 'n10', tags: [{ key: long(251), value: 'x' }] }, { name: 'n11', tags: [{ key: 'a', value: long(5001) }] },
    { name: 'n12', tags: [{ key: 'bad!key', value: 'x' }] }, { name: 'n13', tags: [{ key: '😀', value: 'x' }] },
  ]),
  get('mlflow/experiments/get'),
  get('mlflow/experiments/get', { experiment_id: '' }),
  get('mlflow/experiments/get', { experiment_id: '99' }),
  get('mlflow/experiments/get', { experiment_id: 'abc' }),
  get('mlflow/experiments/get', { experiment_id: '{gone}' }),
  get('mlflow/experiments/get', { experiment_id: '0' }),
  get('mlflow/experiments/get', { experiment_id: '00' }),
  get('mlflow/experiments/get', { experiment_id: ['0', '{e}'] }),
  get('mlflow/experiments/get-by-name'),
  get('mlflow/experiments/get-by-name', { experiment_name: 'nope' }),
  get('mlflow/experiments/get-by-name', { experiment_name: 'gone' }),
  get('mlflow/experiments/get-by-name', { experiment_name: '' }),
  ...[{ experiment_id: '{gone}' }, { experiment_id: '99' }, {}, { experiment_id: 5 }].flatMap((body) => [post('mlflow/experiments/delete', body), post('mlflow/experiments/set-experiment-tag', { ...body, key: 'a', value: 'b' }), post('mlflow/experiments/update', { ...body, new_name: 'renamed' }), post('mlflow/experiments/delete-experiment-tag', { ...body, key: 'a' })]),
  post('mlflow/experiments/restore', { experiment_id: '{e}' }),
  post('mlflow/experiments/restore', { experiment_id: '99' }),
  post('mlflow/experiments/restore', {}),
  post('mlflow/experiments/update', { experiment_id: '{e}' }),
  post('mlflow/experiments/update', { experiment_id: '{e}', new_name: '' }),
  post('mlflow/experiments/update', { experiment_id: '{e}', new_name: 'Default' }),
  post('mlflow/experiments/update', { experiment_id: '{e}', new_name: 'gone' }),
  post('mlflow/experiments/update', { experiment_id: '{e}', new_name: 'first' }),
  post('mlflow/experiments/update', { experiment_id: '{e}', new_name: long(501) }),
  ...[
    { key: 'a' }, { key: 'a', value: '' }, { value: 'x' }, { key: '', value: 'x' }, { key: long(251), value: 'x' }, { key: 'a', value: long(5001) }, { key: 'a', value: long(5000) },
    { key: 'a', value: 5 }, { key: 'a/b', value: 'x' }, { key: '../a', value: 'x' }, { key: 'é', value: '😀' }, { key: 'a!', value: 'x' },
  ].map((body) => post('mlflow/experiments/set-experiment-tag', { experiment_id: '{e}', ...body })),
  post('mlflow/experiments/delete-experiment-tag', { experiment_id: '{e}', key: 'none' }),
  post('mlflow/experiments/delete-experiment-tag', { experiment_id: '{e}' }),
  post('mlflow/experiments/delete-experiment-tag', { experiment_id: '{e}', key: 'a' }),
  ...[
    0, -1, 50_000, 50_001, '3', 'x', 1.5,
  ].map((max_results) => post('mlflow/experiments/search', { max_results, filter: "name = 'first'" })),
  ...[
    'ACTIVE_ONLY', 'DELETED_ONLY', 'ALL', 1, 2, '3',
  ].map((view_type) => post('mlflow/experiments/search', { max_results: 10, view_type, filter: "name IN_X 'a'".replace("IN_X 'a'", "LIKE '%o%'") })),
  post('mlflow/experiments/search', { max_results: 10, page_token: 'garbage' }),
  post('mlflow/experiments/search', { max_results: 10, page_token: 5 }),
  post('mlflow/experiments/search', { max_results: 10, order_by: 'name' }),

  get('mlflow/experiments/search', { max_results: '2', order_by: ['name DESC', 'creation_time'] }),

  ...over(post, '/ajax-api/2.0/mlflow/experiments/search-datasets', [
    {}, { experiment_ids: [] }, { experiment_ids: many(21, (index) => `${index}`) }, { experiment_ids: '0' },
  ]),
];

export const runs: Call[] = [
  ...over(post, 'mlflow/runs/create', [
    { experiment_id: '99' }, { experiment_id: '{gone}' }, { experiment_id: 5 }, { experiment_id: '{e}', start_time: 'abc' }, { experiment_id: '{e}', start_time: -1, run_name: 'neg' },
    { experiment_id: '{e}', start_time: '12', run_name: 'text' },
    { experiment_id: '{e}', run_name: 'x', start_time: 1, tags: [{ key: 'mlflow.runName', value: 'y' }] },
    { experiment_id: '{e}', run_name: 'x', start_time: 1, tags: [{ key: 'mlflow.runName', value: 'x' }] }, { experiment_id: '{e}', start_time: 1, tags: [{ key: 'mlflow.runName', value: 'tagged' }] },
    { experiment_id: '{e}', run_name: 'u', start_time: 1, tags: [{ key: 'mlflow.user', value: 'eve' }] }, { experiment_id: '{e}', run_name: 5, start_time: 1 },
    { experiment_id: '{e}', run_name: 'u3', start_time: 1, tags: [{ key: 'bad!', value: 'x' }] },
    { experiment_id: '{e}', run_name: long(300), start_time: 1 },
    { experiment_id: '{e}', run_name: '', start_time: 1, tags: [{ key: 'mlflow.runName', value: 'given' }] },

  ]),
  ...['mlflow/runs/get'].flatMap((path) => [get(path), get(path, { run_id: 'nope' }), get(path, { run_uuid: '{r}' }), get(path, { run_id: '{dead}' }), get(path, { run_id: '{lost}' }), get(path, { run_id: '../x' }), get(path, { run_id: '' })]),
  ...over(post, 'mlflow/runs/update', [
    {}, { run_id: 'nope' }, { run_id: '{r}' }, { run_id: '{r}', status: 3 }, { run_id: '{r}', status: '3' }, { run_id: '{r}', status: 'RUNNING' },
    { run_id: '{r}', status: 'FAILED', end_time: 99 }, { run_id: '{r}', end_time: 'x' }, { run_id: '{r}', run_name: 'renamed' },
    { run_id: '{r}', run_name: '' }, { run_id: '{r}', run_name: 5 }, { run_id: '{dead}', run_name: 'x' }, { run_uuid: '{r}', run_name: 'one' }, { run_id: '{r}', status: 'KILLED' },
    { run_id: '{r}', status: 'RUNNING' },
  ]),
  ...[
    'delete', 'restore'].flatMap((verb) => [{}, { run_id: 'nope' }, { run_id: verb === 'delete' ? '{dead}' : '{r}' }, { run_id: 5 },
  ].map((body) => post(`mlflow/runs/${verb}`, body))),
  ...over(post, 'mlflow/runs/delete-tag', [
    {}, { run_id: 'nope', key: 'a' }, { run_id: '{r}' }, { run_id: '{r}', key: 'none' }, { run_id: '{dead}', key: 'a' }, { run_id: '{r}', key: 'a' }, { run_id: '{r}', key: 'a' },
  ]),
  get('mlflow/runs/get', { run_id: '{r}' }),
];
