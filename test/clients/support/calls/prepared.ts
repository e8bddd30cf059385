import type { Call, Json } from '../twoServers.ts';

type Maker<T> = (path: string, of: T) => Call;

const withBody = (method: Call['method']) => (path: string, body: Json): Call => ({ method, path, body });
export const post: Maker<Json> = withBody('POST');
export const patch: Maker<Json> = withBody('PATCH');
export const del: Maker<Json> = withBody('DELETE');

export function get(path: string, query: Record<string, string | string[]> = {}): Call {
  return { method: 'GET', path, query: Object.entries(query).flatMap(([key, value]) => [value].flat().map((each): [string, string] => [key, each])) };
}

/** The same call with one thing after another. */
export function over<T>(make: Maker<T>, path: string, variants: readonly T[]): Call[] {
  return variants.map((variant) => make(path, variant));
}

/** A text of so many characters. */
export function long(length: number): string {
  return 'k'.repeat(length);
}

export function many<T>(count: number, of: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => of(index));
}

/** What the other calls speak of. */
export const prepared: Call[] = [
  { ...post('mlflow/experiments/create', { name: 'first' }), save: { e: 'experiment_id' } },
  { ...post('mlflow/experiments/create', { name: 'gone' }), save: { gone: 'experiment_id' } },
  { ...post('mlflow/runs/create', { experiment_id: '{gone}', run_name: 'lost', start_time: 5 }), save: { lost: 'run.info.run_id' } },
  post('mlflow/experiments/delete', { experiment_id: '{gone}' }),
  { ...post('mlflow/runs/create', { experiment_id: '{e}', run_name: 'one', start_time: 7, user_id: 'ada', tags: [{ key: 'a', value: 'b' }] }), save: { r: 'run.info.run_id' } },
  { ...post('mlflow/runs/create', { experiment_id: '{e}', run_name: 'two', start_time: 8, user_id: 'ada' }), save: { dead: 'run.info.run_id' } },
  post('mlflow/runs/log-parameter', { run_id: '{dead}', key: 'p', value: '1' }),
  post('mlflow/runs/delete', { run_id: '{dead}' }),
  { ...post('mlflow/logged-models', { experiment_id: '{e}', name: 'net', source_run_id: '{r}' }), save: { m: 'model.info.model_id' } },
  { ...post('mlflow/logged-models', { experiment_id: '{e}', name: 'net2' }), save: { gonemodel: 'model.info.model_id' } },
  del('mlflow/logged-models/{gonemodel}', {}),
  post('mlflow/registered-models/create', { name: 'reg' }),
  post('mlflow/registered-models/create', { name: 'other' }),
  post('mlflow/model-versions/create', { name: 'reg', source: 'mlflow-artifacts:/{e}/{r}/artifacts/y', run_id: '{r}' }),
  post('mlflow/model-versions/create', { name: 'reg', source: 's3://bucket/z' }),
  post('mlflow/registered-models/alias', { name: 'reg', alias: 'champion', version: '1' }),
];
