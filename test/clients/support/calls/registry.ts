// Logged models and the registry: names, versions, aliases, stages, sources.
import type { Call, Json } from '../twoServers.ts';
import { del, get, long, over, patch, post } from './prepared.ts';

export const loggedModels: Call[] = [
  ...over(post, 'mlflow/logged-models', [
    {}, { experiment_id: '99', name: 'x' }, { experiment_id: '{gone}', name: 'x' }, { experiment_id: 'abc', name: 'x' }, { experiment_id: '{e}', name: 'a/b' },
    { experiment_id: '{e}', name: 'a.b' }, { experiment_id: '{e}', name: 5 }, { experiment_id: '{e}', name: 'src', source_run_id: 'nope' },
    { experiment_id: '{e}', name: 'p', params: [{ key: 'a', value: '1' }], tags: [{ key: 't', value: '2' }], model_type: 'tree' },
    { experiment_id: '{e}', name: 'p2', params: [{ key: 'a', value: long(6001) }] }, { experiment_id: '{e}', name: 'p3', params: [{ key: 'a!b', value: '1' }] },
    { experiment_id: '{e}', name: 'p4', tags: [{ key: 'a!b', value: '1' }] }, { experiment_id: '{e}', name: 'é😀 x' },
  ]),
  get('mlflow/logged-models/m-none'),
  get('mlflow/logged-models/{m}'),
  get('mlflow/logged-models/{gonemodel}'),
  get('mlflow/logged-models/{gonemodel}', { allow_deleted: 'true' }),

  ...[
    {}, { status: 'LOGGED_MODEL_READY' }, { status: 'LOGGED_MODEL_UPLOAD_FAILED' }, { status: 2 },
  ].map((body) => patch('mlflow/logged-models/{m}', { model_id: '{m}', ...body })),
  patch('mlflow/logged-models/m-none', { model_id: 'm-none', status: 'LOGGED_MODEL_READY' }),
  patch('mlflow/logged-models/{m}/tags', { tags: [{ key: 'a', value: '1' }, { key: 'b', value: '2' }] }),
  patch('mlflow/logged-models/{m}/tags', { tags: [{ key: 'a', value: '3' }] }),
  patch('mlflow/logged-models/{m}/tags', {}),
  patch('mlflow/logged-models/{m}/tags', { tags: 'x' }),

  patch('mlflow/logged-models/m-none/tags', { tags: [{ key: 'a', value: '1' }] }),
  del('mlflow/logged-models/{m}/tags/b', {}),
  del('mlflow/logged-models/{m}/tags/none', {}),
  del('mlflow/logged-models/m-none/tags/a', {}),
  post('mlflow/logged-models/{m}/params', { model_id: '{m}', params: [{ key: 'a', value: '1' }] }),
  post('mlflow/logged-models/{m}/params', { model_id: '{m}', params: [{ key: 'a', value: '2' }] }),
  post('mlflow/logged-models/{m}/params', { model_id: '{m}',}),
  post('mlflow/logged-models/m-none/params', { model_id: 'm-none', params: [{ key: 'a', value: '1' }] }),
  get('mlflow/logged-models/{m}'),
  del('mlflow/logged-models/m-none', {}),
  del('mlflow/logged-models/{gonemodel}', {}),
  ...over(post, 'mlflow/logged-models/search', [
    {}, { experiment_ids: [] }, { experiment_ids: ['99'] }, { experiment_ids: ['abc'] }, { experiment_ids: ['{e}'], max_results: 0 },
    { experiment_ids: ['{e}'], max_results: 5000 }, { experiment_ids: ['{e}'], page_token: 'garbage' }, { experiment_ids: ['{e}'], filter: 'x' }, { experiment_ids: ['{e}'], filter: "name = 'net'" },
    { experiment_ids: ['{e}'], order_by: [{ field_name: 'name' }] }, { experiment_ids: ['{e}'], order_by: [{}] }, { experiment_ids: ['{e}'], order_by: [{ field_name: 'foo' }] },
    { experiment_ids: ['{e}'], order_by: ['name'] }, { experiment_ids: ['{e}'], datasets: [{}] }, { experiment_ids: ['{e}'], datasets: [{ dataset_digest: 'x' }] },
  ]),
];

const versioned = (more: Record<string, Json>): Json => ({ name: 'reg', source: 's3://bucket/x', ...more });

export const registry: Call[] = [
  ...over(post, 'mlflow/registered-models/create', [
    {}, { name: '' }, { name: ' ' }, { name: 5 }, { name: 'reg' }, { name: 'a/b' }, { name: 'a:b' }, { name: 'é 😀' }, { name: 'a.b c' }, { name: long(257) }, { name: 't1', tags: 'x' },
    { name: 't2', tags: [{ value: 'x' }] }, { name: 't3', tags: [{ key: 'a!', value: 'x' }] }, { name: 't4', tags: [{ key: 'a' }] }, { name: 't5', tags: [{ key: long(251), value: 'x' }] },
    { name: 't6', description: 5 }, { name: 't7', description: 'd', tags: [{ key: 'k', value: 'v' }] }, { name: 'tab\t' },
  ]),
  ...['mlflow/registered-models/get'].flatMap((path) => [get(path), get(path, { name: 'nope' }), get(path, { name: 'reg' }), get(path, { name: '' })]),
  ...over(post, 'mlflow/registered-models/rename', [
    {}, { name: 'reg' }, { name: 'reg', new_name: '' }, { name: 'reg', new_name: 'other' }, { name: 'reg', new_name: 'a/b' }, { name: 'nope', new_name: 'x' }, { name: 'other', new_name: 'other' },
    { name: 't7', new_name: 'renamed' },
  ]),
  ...over(patch, 'mlflow/registered-models/update', [
    {}, { name: 'reg' }, { name: 'reg', description: 'words' }, { name: 'reg', description: '' }, { name: 'nope', description: 'x' },
  ]),
  ...over(del, 'mlflow/registered-models/delete', [
    {}, { name: 'nope' }, { name: 'renamed' },
  ]),
  ...over(post, 'mlflow/registered-models/set-tag', [
    {}, { name: 'nope', key: 'a', value: 'b' }, { name: 'reg', key: 'a' }, { name: 'reg', value: 'b' }, { name: 'reg', key: '', value: 'b' }, { name: 'reg', key: 'a!', value: 'b' },
    { name: 'reg', key: '../a', value: 'b' }, { name: 'reg', key: long(251), value: 'b' }, { name: 'reg', key: 'a', value: long(100_001) }, { name: 'reg', key: 'a', value: 'b' },
  ]),
  ...over(del, 'mlflow/registered-models/delete-tag', [
    {}, { name: 'reg' }, { name: 'reg', key: 'none' }, { name: 'nope', key: 'a' }, { name: 'reg', key: 'a' },
  ]),
  ...over(post, 'mlflow/registered-models/alias', [
    {}, { name: 'nope', alias: 'a', version: '1' }, { name: 'reg', alias: 'a', version: '9' }, { name: 'reg', alias: 'a', version: 'x' }, { name: 'reg', alias: 'a' }, { name: 'reg', version: '1' },
    { name: 'reg', alias: 'latest', version: '1' }, { name: 'reg', alias: 'Latest', version: '1' }, { name: 'reg', alias: 'v1', version: '1' }, { name: 'reg', alias: 'V12', version: '1' },
    { name: 'reg', alias: 'v', version: '1' }, { name: 'reg', alias: 'a b', version: '1' }, { name: 'reg', alias: 'a.b', version: '1' }, { name: 'reg', alias: '', version: '1' },
    { name: 'reg', alias: 'é', version: '1' }, { name: 'reg', alias: long(256), version: '1' }, { name: 'reg', alias: long(255), version: '1' },
    { name: 'reg', alias: 'champion', version: '2' }, { name: 'reg', alias: 'Champion', version: '1' },
  ]),
  ...over(get, 'mlflow/registered-models/alias', [
    {}, { name: 'reg' }, { name: 'reg', alias: 'none' }, { name: 'nope', alias: 'a' }, { name: 'reg', alias: 'champion' }, { name: 'reg', alias: 'Champion' }, { name: 'reg', alias: 'latest' },
  ]),
  ...over(del, 'mlflow/registered-models/alias', [
    {}, { name: 'reg' }, { name: 'reg', alias: 'none' }, { name: 'nope', alias: 'a' }, { name: 'reg', alias: long(255) }, { name: 'reg', alias: 'latest' }, { name: 'reg', alias: 'a b' },
  ]),
  get('mlflow/registered-models/get', { name: 'reg' }),
  ...over(post, 'mlflow/model-versions/create', [
    {}, { name: 'reg' }, versioned({ name: '' }), versioned({ source: '' }), versioned({ run_id: 'nope' }), versioned({ source: '/tmp' }),
    versioned({ source: '/tmp', run_id: '{r}' }), versioned({ source: 'file:///tmp' }), versioned({ source: 'file:///tmp', run_id: '{r}' }), versioned({ source: 'relative/path' }),
    versioned({ source: './x' }), versioned({ source: '../x' }),

    versioned({ source: 'mlflow-artifacts://host:9000/models/../../../' }), versioned({ source: 'http://host:9000/models/../../../' }),
    versioned({ source: 'https://host/api/2.0/mlflow-artifacts/artifacts/../../../' }), versioned({ source: 's3a://my_bucket/x/../../../' }), versioned({ source: 'ftp://host:8888/x/../../../' }),
    versioned({ source: 'mlflow-artifacts://host:9000/models/..%2f..%2fartifacts' }), versioned({ source: 'mlflow-artifacts://host:9000/models/artifact%00' }),
    versioned({ source: 'mlflow-artifacts://host:9000/models/%252e%252e/x' }), versioned({ source: 'file://123.456.789.123/path/to/source', run_id: '{r}' }),
    versioned({ source: 'models:/reg/1' }), versioned({ source: 'models:/reg/99' }),
    versioned({ source: 'models:/nope/1' }),
    versioned({ model_id: 'm-none' }), versioned({ tags: 'x' }), versioned({ tags: [{ key: 'a!', value: 'x' }] }), versioned({ tags: [{ key: 'a' }] }),
    versioned({ tags: [{ key: 'k', value: 'v' }], description: 'd', run_link: 'http://l' }), versioned({ description: 5 }), versioned({ source: 'S3://bucket/x' }), versioned({ source: 'C:\\x' }),
    versioned({ source: '\\\\host\\x' }),
  ]),
  ...['mlflow/model-versions/get', 'mlflow/model-versions/get-download-uri'].flatMap((path) => [get(path), get(path, { name: 'reg' }), get(path, { name: 'reg', version: '99' }), get(path, { name: 'reg', version: 'x' }), get(path, { name: 'reg', version: '-1' }), get(path, { name: 'reg', version: '1' }), get(path, { name: 'nope', version: '1' }), get(path, { name: 'reg', version: '01' })]),
  ...over(patch, 'mlflow/model-versions/update', [
    {}, { name: 'reg', version: '99', description: 'x' }, { name: 'reg', version: 'x', description: 'x' },
    { name: 'reg', version: '1', description: 'words' }, { name: 'reg', version: '1' },
  ]),
  ...over(post, 'mlflow/model-versions/set-tag', [
    {}, { name: 'reg', version: '99', key: 'a', value: 'x' }, { name: 'reg', version: 'x', key: 'a', value: 'x' }, { name: 'reg', version: '1', key: '', value: 'x' },
    { name: 'reg', version: '1', key: 'a!', value: 'x' }, { name: 'reg', version: '1', key: 'a' }, { name: 'reg', version: '1', key: 'a', value: 'x' },
    { name: 'reg', version: '1', key: long(251), value: 'x' }, { name: 'reg', version: '1', key: 'a', value: long(100_001) },
  ]),
  ...over(del, 'mlflow/model-versions/delete-tag', [
    {}, { name: 'reg', version: '1' }, { name: 'reg', version: '1', key: 'none' }, { name: 'reg', version: '99', key: 'a' }, { name: 'reg', version: '1', key: 'a' },
  ]),
  ...over(post, 'mlflow/model-versions/transition-stage', [
    {}, { name: 'reg', version: '1' }, { name: 'reg', version: '1', stage: 'Nowhere' }, { name: 'reg', version: '99', stage: 'Staging' }, { name: 'reg', version: '1', stage: 'staging' },
    { name: 'reg', version: '2', stage: 'Staging', archive_existing_versions: true }, { name: 'reg', version: '2', stage: 'Archived', archive_existing_versions: true },
    { name: 'reg', version: '2', stage: 'None', archive_existing_versions: 'x' }, { name: 'reg', version: '2', stage: 'PRODUCTION', archive_existing_versions: false },
  ]),
  ...over(post, 'mlflow/registered-models/get-latest-versions', [
    {}, { name: 'reg' }, { name: 'nope' }, { name: 'reg', stages: ['Production'] }, { name: 'reg', stages: ['production'] }, { name: 'reg', stages: ['Nowhere'] }, { name: 'reg', stages: 'Production' },
    { name: 'reg', stages: [] }, { name: 'other' },
  ]),
  get('mlflow/registered-models/get-latest-versions', { name: 'reg', stages: ['Production', 'Archived'] }),
  ...over(del, 'mlflow/model-versions/delete', [
    {}, { name: 'reg', version: '99' }, { name: 'reg', version: 'x' }, { name: 'nope', version: '1' }, { name: 'reg', version: '2' }, { name: 'reg', version: '2' },
  ]),
  get('mlflow/registered-models/get', { name: 'reg' }),
  { ...post('mlflow/model-versions/create', versioned({ source: 's3://bucket/after' })) },
  ...['mlflow/registered-models/search', 'mlflow/model-versions/search'].flatMap((path) => [get(path, { max_results: '1001' }), get(path, { max_results: '200001' }), get(path, { max_results: 'x' }), get(path, { page_token: 'garbage' }), get(path, { filter: "name = 'reg'" }), get(path, { filter: 'name' }), get(path, { order_by: 'name DESC', filter: "name LIKE '%e%'" }), get(path, { order_by: ['name', 'last_updated_timestamp DESC'], filter: "name = 'other'" }), get(path, { order_by: 'foo' }), get(path, { filter: "name ILIKE 'RE%'" }), get(path, { filter: "name != 'reg' AND name != 'other'" })]),
];
