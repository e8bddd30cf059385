// Logging and reading back: keys, values, numbers that are none, limits.
import type { Call, Json } from '../twoServers.ts';
import { get, long, many, over, post } from './prepared.ts';

const metric = (more: Record<string, Json>): Json => ({ key: 'm', value: 1, timestamp: 1, step: 0, ...more });

export const logging: Call[] = [
  ...[
    { run_id: 31 }, { run_id: null }, { run_id: 'nope' }, { run_id: '{dead}' }, { run_id: '{lost}' }, { key: 31 }, { key: null }, { key: '' }, { key: '.' }, { key: '..' }, { key: '/a' }, { key: 'a//b' },
    { key: 'a/../b' }, { key: './a' }, { key: 'a/' }, { key: 'a/b c.d-e_f:g' }, { key: 'é' }, { key: '😀' }, { key: 'a!b' }, { key: 'a\nb' }, { key: 'a\tb' }, { key: long(250) },
    { key: long(251) }, { value: 'abc' }, { value: null }, { value: 'NaN' }, { value: 'Infinity' }, { value: '-Infinity' }, { value: '1.5' }, { value: '' },
    { value: [1] }, { value: {} }, { value: 1e308 }, { timestamp: 'foo' }, { timestamp: null }, { timestamp: -1 }, { timestamp: '12' }, { timestamp: 2.0 },
    { step: 'foo' }, { step: null }, { step: -3 }, { step: '7' }, { step: 1e3 }, { step: '' }, { unknown: 5 }, { dataset_name: 'd' },
    { model_id: 'm-none' }, { model_id: '{m}' },
  ].map((more) => post('mlflow/runs/log-metric', { run_id: '{r}', key: 'm', value: 1, timestamp: 1, step: 0, ...more })),
  post('mlflow/runs/log-metric', { run_uuid: '{r}', key: 'u', value: 1, timestamp: 1 }),
  post('mlflow/runs/log-metric', { run_id: '{r}', value: 31, timestamp: 59, step: 41 }),
  post('mlflow/runs/log-metric', { run_id: '{r}', key: 'a', timestamp: 59 }),
  post('mlflow/runs/log-metric', { run_id: '{r}', key: 'a', value: 1 }),
  ...[
    { run_id: 31 }, { run_id: 'nope' }, { run_id: '{dead}' }, { key: 31 }, { key: null }, { key: 'a!b' }, { key: '../x' }, { key: long(251) }, { value: 41 }, { value: null }, { value: '' },
    { value: long(6001) }, { value: '2' }, { key: 'x y/z', value: 'é😀' }, { key: 'é', value: '1' },
  ].map((more) => post('mlflow/runs/log-parameter', { run_id: '{r}', key: 'p', value: '1', ...more })),
  post('mlflow/runs/log-parameter', { run_id: '{r}', key: 'p', value: '1' }),
  post('mlflow/runs/log-parameter', { run_id: '{r}', key: 'novalue' }),
  ...[
    { run_id: 31 }, { run_id: 'nope' }, { run_id: '{dead}' }, { key: 31 }, { key: 'a!b' }, { key: '../x' }, { key: long(251) }, { value: 41 }, { value: null }, { value: '' }, { value: long(8001) },
    { value: 'line\nline' }, { key: 'mlflow.runName', value: 'one' }, { key: 'mlflow.runName', value: '' }, { key: 'mlflow.user', value: 'bob' },
  ].map((more) => post('mlflow/runs/set-tag', { run_id: '{r}', key: 't', value: '1', ...more })),
  post('mlflow/runs/set-tag', { run_id: '{r}', value: 'x' }),
  post('mlflow/runs/set-tag', { run_uuid: '{r}', key: 'by uuid', value: 'x' }),
  post('mlflow/runs/set-tag', { run_id: '{r}', key: 'novalue' }),
  ...over(post, 'mlflow/runs/log-batch', [
    {}, { run_id: 'nope' }, { run_id: '{dead}', params: [{ key: 'z', value: '1' }] }, { run_id: '{dead}' }, { run_id: '{r}' },
    ...['metrics', 'params', 'tags'].flatMap((what) => [{ run_id: '{r}', [what]: 'foo' }, { run_id: '{r}', [what]: {} }, { run_id: '{r}', [what]: ['foo'] }, { run_id: '{r}', [what]: [{}] }, { run_id: '{r}', [what]: [null] }, { run_id: '{r}', [what]: null }, { run_id: '{r}', [what]: [{ key: 'a!b', value: '1', timestamp: 1 }] }]),
    { run_id: '{r}', metrics: [{ key: 'mae', value: 2.5 }] }, { run_id: '{r}', metrics: [{ key: 'mae', value: 2.5, timestamp: 5 }] },
    { run_id: '{r}', metrics: [metric({ step: '3' })] },
    { run_id: '{r}', metrics: [metric({ value: 'NaN', key: 'nan' }), metric({ value: 'Infinity', key: 'inf' }), metric({ value: '-Infinity', key: 'ninf' })] },
    { run_id: '{r}', metrics: [metric({ value: null })] }, { run_id: '{r}', metrics: [metric({ timestamp: -1 })] },
    { run_id: '{r}', metrics: many(1001, (step) => metric({ key: 'big', step })) }, { run_id: '{r}', metrics: many(1000, (step) => metric({ key: 'big', step })) },
    { run_id: '{r}', params: many(101, (index) => ({ key: `p${index}`, value: '1' })) }, { run_id: '{r}', tags: many(101, (index) => ({ key: `t${index}`, value: '1' })) },
    { run_id: '{r}', metrics: many(901, (step) => metric({ key: 'b2', step })), params: many(100, (index) => ({ key: `q${index}`, value: '1' })) },
    { run_id: '{r}', params: [{ key: 'p', value: 'changed' }] }, { run_id: '{r}', params: [{ key: 'twice', value: '1' }, { key: 'twice', value: '2' }] },
    { run_id: '{r}', params: [{ key: 'twice2', value: '1' }, { key: 'twice2', value: '1' }] }, { run_id: '{r}', params: [{ key: 'long', value: long(6001) }], tags: [{ key: 'long', value: long(8001) }] },
    { run_id: '{r}', params: [{ key: 'e', value: '' }], tags: [{ key: 'e', value: '' }] }, { run_id: '{r}', params: [{ key: 'nv' }], tags: [{ key: 'nv' }] },
    { run_id: '{r}', tags: [{ key: 'd', value: '1' }, { key: 'd', value: '2' }] },
    { run_id: '{r}', params: [{ key: 'whole', value: '1' }, { key: 'p', value: 'other' }], metrics: [metric({ key: 'whole' })] },
  ]),
  ...over(post, 'mlflow/runs/log-inputs', [
    {}, { run_id: '{r}' }, { run_id: '{r}', datasets: [] }, { run_id: 'nope', datasets: [{ dataset: { name: 'a', digest: 'b', source_type: 'c', source: 'd' } }] },
    { run_id: '{dead}', datasets: [{ dataset: { name: 'a', digest: 'b', source_type: 'c', source: 'd' } }] }, { run_id: '{r}', datasets: 'x' },
    ...[{}, { name: '' }, { digest: '' }, { name: long(501) }, { digest: long(37) }, { schema: '{}', profile: '{}' }].map((more) => ({ run_id: '{r}', datasets: [{ tags: [{ key: 'mlflow.data.context', value: 'train' }], dataset: { name: 'a', digest: 'b', source_type: 'c', source: 'd', ...more } }] })),

    { run_id: '{r}', datasets: [{ tags: [{ key: 'x' }], dataset: { name: 'a', digest: 'b', source_type: 'c', source: 'd' } }] },
    { run_id: '{r}', datasets: [{ tags: [{ key: long(256), value: 'y' }], dataset: { name: 'a', digest: 'b', source_type: 'c', source: 'd' } }] },
    { run_id: '{r}', datasets: [{ tags: [{ key: 'z', value: long(501) }], dataset: { name: 'a', digest: 'b', source_type: 'c', source: 'd' } }] }, { run_id: '{r}', models: [{ model_id: '{m}' }] },
    { run_id: '{r}', models: [{ model_id: 'm-none' }] },
  ]),
  ...over(post, 'mlflow/runs/outputs', [
    {}, { run_id: '{r}' }, { run_id: '{r}', models: [] }, { run_id: '{r}', models: [{ model_id: '{m}', step: 1 }] }, { run_id: '{r}', models: [{ model_id: '{m}' }] },
    { run_id: 'nope', models: [{ model_id: '{m}', step: 1 }] },
  ]),
  ...over(post, 'mlflow/runs/log-model', [
    {}, { run_id: '{r}' }, { run_id: '{r}', model_json: 'x' }, { run_id: '{r}', model_json: '{}' }, { run_id: '{r}', model_json: '[]' },
    { run_id: 'nope', model_json: JSON.stringify({ artifact_path: 'a', flavors: {}, utc_time_created: 'x', run_id: 'r' }) },
    { run_id: '{r}', model_json: JSON.stringify({ artifact_path: 'a', flavors: { f: 1 }, utc_time_created: 'x', run_id: 'r' }) }, { run_id: '{r}', model_json: 5 },
  ]),
  get('mlflow/runs/get', { run_id: '{r}' }),
  ...over(get, 'mlflow/metrics/get-history', [
    {}, { run_id: '{r}' }, { run_id: 'nope', metric_key: 'm', max_results: '10' }, { run_id: '{r}', metric_key: 'none', max_results: '10' }, { run_id: '{r}', metric_key: 'm', max_results: '10' },
    { run_id: '{r}', metric_key: 'm', max_results: '0' }, { run_id: '{r}', metric_key: 'm', max_results: '-1' },
    { run_id: '{r}', metric_key: 'm', max_results: '2', page_token: 'garbage' }, { run_id: '{dead}', metric_key: 'm', max_results: '3' }, { run_uuid: '{r}', metric_key: 'm', max_results: '100' },
  ]),
  ...over(get, '/ajax-api/2.0/mlflow/metrics/get-history-bulk', [
    { metric_key: 'm' }, { run_id: '{r}' }, { run_id: many(101, (index) => `r${index}`) as string[], metric_key: 'm' }, { run_id: ['{r}', 'nope'], metric_key: 'm' },
    { run_id: ['{r}'], metric_key: 'm', max_results: '2' }, { run_id: ['{r}'], metric_key: 'm', max_results: '0' }, { run_id: ['{r}'], metric_key: 'm', max_results: '99999' },
    { run_id: ['{r}'], metric_key: 'm', max_results: 'x' },
  ]),
  ...over(get, 'mlflow/metrics/get-history-bulk-interval', [
    { metric_key: 'm' }, { run_ids: '{r}' }, { run_ids: '{r}', metric_key: '' }, { run_ids: many(101, (index) => `r${index}`) as string[], metric_key: 'm' },
    { run_ids: ['{r}'], metric_key: 'big', max_results: '0' }, { run_ids: ['{r}'], metric_key: 'big', max_results: '2501' }, { run_ids: ['{r}'], metric_key: 'big', start_step: '1' },
    { run_ids: ['{r}'], metric_key: 'big', start_step: '5', end_step: '1', max_results: '5' }, { run_ids: ['nope'], metric_key: 'big', max_results: '5' },
    { run_ids: ['{r}'], metric_key: 'none', max_results: '5' },
  ]),
];
