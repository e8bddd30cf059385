import type { Call, Json } from './twoServers.ts';

// Data and questions made up from a seed: the search language in its whole width.

/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  some<T>(values: readonly T[], share: number): T[] {
    return values.filter(() => this.next() < share);
  }

  many<T>(from: number, to: number, make: () => T): T[] {
    return Array.from({ length: from + this.below(to - from + 1) }, make);
  }
}

const metricKeys = ['acc', 'loss', 'val/loss', 'a metric', 'x.y'];
const paramKeys = ['lr', 'opt', 'a key', 'x.y'];
const tagKeys = ['team', 'Stage', 'a tag'];
const numbers: readonly (number | string)[] = [0, -1, 1, 1.5, 0.1, -0.5, 1e-9, 1e6, 'Infinity', '-Infinity'];
/** A metric to sort by: in filters MLflow takes what is not a number for 0, and we leave it out. */
const oddKey = 'odd';
const texts = ['adam', 'Adam', 'ADAM', 'sgd', 'a%b', 'a_b', 'axb', '', '0.1', '10', 'é', 'É', '😀', '[x]', 'a*b', 'a?b', 'a\\b', 'two words', 'NULL'];
const names = ['alpha', 'Alpha', 'al_pha', 'beta', 'be%ta', 'γάμμα'];
const statuses = ['RUNNING', 'FINISHED', 'FAILED', 'KILLED', 'SCHEDULED'];
const contexts = ['train', 'test', 'Train'];
const experimentNames = ['{e0}', '{e1}', '{e2}'];

const post = (path: string, body: Json, save?: Record<string, string>): Call => ({ method: 'POST', path, body, ...(save === undefined ? {} : { save }) });
const pairs = (chance: Chance, keys: readonly string[]): Json[] => chance.some(keys, 0.6).map((key) => ({ key, value: chance.of(texts) }));

/** The calls that make experiments, runs, logged models and the registry. */
export function madeUpData(chance: Chance, runs: number): Call[] {
  const calls: Call[] = experimentNames.map((_, index) => post('mlflow/experiments/create', { name: names[index] ?? '', tags: pairs(chance, tagKeys) }, { [`e${index}`]: 'experiment_id' }));
  for (let index = 0; index < runs; index += 1) {
    const run_id = `{r${index}}`;
    calls.push(post('mlflow/runs/create', { experiment_id: chance.of(experimentNames), run_name: chance.of(names), user_id: chance.of(['ada', 'Bob']), start_time: 1000 + ((index * 7919) % 1000), tags: pairs(chance, tagKeys) }, { [`r${index}`]: 'run.info.run_id' }));
    const metrics = chance.some(metricKeys, 0.6).flatMap((key) => chance.many(1, 3, (): Json => ({ key, value: chance.of(numbers), timestamp: chance.below(4), step: chance.below(4) - 1 })));
    metrics.push(...chance.many(0, 1, (): Json => ({ key: oddKey, value: chance.of([...numbers, 'NaN', 'NaN']), timestamp: 1, step: 1 })));
    calls.push(post('mlflow/runs/log-batch', { run_id, metrics, params: pairs(chance, paramKeys) }));
    const datasets = chance.many(0, 2, (): Json => ({ dataset: { name: chance.of(names), digest: chance.of(['d1', 'd2']), source_type: 'local', source: 's' }, tags: [{ key: 'mlflow.data.context', value: chance.of(contexts) }] }));
    if (datasets.length > 0) {
      calls.push(post('mlflow/runs/log-inputs', { run_id, datasets: datasets.slice(0, 1) }));
    }
    const status = chance.of(statuses);
    calls.push(post('mlflow/runs/update', { run_id, status, ...(status === 'RUNNING' || status === 'SCHEDULED' ? {} : { end_time: 2000 + index }) }));
    if (chance.next() < 0.1) {
      calls.push(post('mlflow/runs/delete', { run_id }));
    }
  }
  return [...calls, ...madeUpModels(chance, runs), ...madeUpRegistry(chance)];
}

function madeUpModels(chance: Chance, runs: number): Call[] {
  const calls: Call[] = [];
  for (let index = 0; index < runs / 2; index += 1) {
    const run = chance.below(runs);
    const model_id = `{m${index}}`;
    // A name of its own, to sort by where times are the same.
    calls.push(post('mlflow/logged-models', { experiment_id: chance.of(experimentNames), name: `${chance.of(['net', 'Net', 'tree'])}${index}`, model_type: chance.of(['tree', 'net']), source_run_id: `{r${run}}`, params: pairs(chance, paramKeys), tags: pairs(chance, tagKeys) }, { [`m${index}`]: 'model.info.model_id' }));
    calls.push({ method: 'PATCH', path: `mlflow/logged-models/${model_id}`, body: { model_id, status: chance.of(['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED']) } });
    const metrics = chance.some(metricKeys, 0.5).map((key): Json => ({ key, value: chance.of(numbers), timestamp: 1, step: 1, model_id }));
    calls.push(post('mlflow/runs/create', { experiment_id: '{e0}', run_name: 'of a model', start_time: 5000 + index }, { of: 'run.info.run_id' }), post('mlflow/runs/log-batch', { run_id: '{of}', metrics }));
  }
  return calls;
}

function madeUpRegistry(chance: Chance): Call[] {
  const models = ['alpha', 'Alpha', 'al_pha', 'alxpha', 'be%ta', 'two words', 'γάμμα'];
  const calls: Call[] = models.map((name) => post('mlflow/registered-models/create', { name, tags: pairs(chance, tagKeys) }));
  for (let index = 0; index < 25; index += 1) {
    calls.push(post('mlflow/model-versions/create', { name: chance.of(models), source: chance.of(['s3://a/x', 's3://a/X', 's3://b/y']), run_id: chance.of(['{r1}', '{r2}', '']), tags: pairs(chance, tagKeys) }));
  }
  return calls;
}

const quoted = (text: string): string => (text.includes("'") ? `"${text}"` : `'${text}'`);
const pattern = (chance: Chance): string => chance.of(['%', 'a%', '%a%', 'A%', '%m', '_dam', 'a_b', 'al_pha', '%\\%%', 'é', '%x%', '', 'adam', '[%', '*', 'a?b', '%😀', 'γ%']);
const keyOf = (chance: Chance, key: string): string => (/^[\w/.]+$/.test(key) && !key.includes('/') ? key : chance.of([`\`${key}\``, `"${key}"`]));
/** The only quotes that the search for logged models knows. */
const backticked = (key: string): string => (/[ /]/.test(key) ? `\`${key}\`` : key);
const number = (chance: Chance): string => chance.of(['0', '1', '-1', '0.1', '1.5', '-0.5', '1e-9', '1000000', '1.0', '2']);
const numeric = ['=', '!=', '>', '>=', '<', '<='];
const cased = (chance: Chance, word: string): string => chance.of([word, word.toLowerCase()]);

function textual(chance: Chance, name: string, values: readonly string[], more: readonly string[] = []): string {
  const operator = chance.of(['=', '!=', 'LIKE', 'ILIKE', ...more]);
  switch (operator) {
    case 'IN':
    case 'NOT IN':
      return `${name} ${operator} (${chance.many(1, 3, () => quoted(chance.of(values))).join(chance.of([', ', ',']))})`;
    case 'IS NULL':
    case 'IS NOT NULL':
      return `${name} ${operator}`;
    case 'LIKE':
    case 'ILIKE':
      return `${name} ${operator} ${quoted(pattern(chance))}`;
    default:
      return `${name}${chance.of([' ', ''])}${operator} ${quoted(chance.of(values))}`;
  }
}

function joined(chance: Chance, clause: () => string): string {
  return chance.many(0, 3, clause).join(` ${cased(chance, 'AND')} `);
}

const nulls = ['IS NULL', 'IS NOT NULL'];

function runClause(chance: Chance): string {
  switch (chance.below(8)) {
    case 0:
    case 1:
      return `${chance.of(['metrics', 'metric'])}.${keyOf(chance, chance.of(metricKeys))} ${chance.of(numeric)} ${number(chance)}`;
    case 2:
      return textual(chance, `${chance.of(['params', 'param', 'parameter', 'parameters'])}.${keyOf(chance, chance.of(paramKeys))}`, texts, nulls);
    case 3:
      return textual(chance, `${chance.of(['tags', 'tag'])}.${keyOf(chance, chance.of([...tagKeys, 'mlflow.runName']))}`, [...texts, ...names], nulls);
    case 4:
      return textual(chance, chance.of(['attributes.status', 'status', 'attr.status']), statuses);
    case 5:
      return textual(chance, chance.of(['attributes.run_name', 'run_name', 'run.run_name', 'attributes.`run name`', 'attributes."Run name"', 'user_id', 'artifact_uri']), [...names, 'ada']);
    case 6:
      return `${chance.of(['start_time', 'attributes.start_time', 'attributes.created', 'end_time'])} ${chance.of(numeric)} ${chance.of(['1500', '1200', '2010', '0'])}`;
    default:
      return textual(chance, `${chance.of(['datasets', 'dataset'])}.${chance.of(['name', 'digest', 'context'])}`, [...names, ...contexts, 'd1'], ['IN', 'NOT IN']);
  }
}

const direction = (chance: Chance): string => chance.of(['', ' ASC', ' DESC', ' asc', ' desc']);

/** Up to so many orderings, none by the same key as another: MLflow breaks on that. */
function sorted(chance: Chance, keys: readonly string[], most: number): string[] {
  const chosen = new Map(chance.many(0, most, () => chance.of(keys)).map((key) => [key.replaceAll(/[`"]/g, ''), key]));
  return [...chosen.values()].map((key) => `${key}${direction(chance)}`);
}

export interface Question {
  path: string;
  method: 'GET' | 'POST';
  filter: string;
  order_by: Json[];
  max_results: number;
  /** Beside filter, order and size of the page. */
  more: Record<string, Json>;
}

export function runQuestion(chance: Chance): Question {
  const keys = ['metrics.odd', ...metricKeys.map((key) => `metrics.${keyOf(chance, key)}`), ...paramKeys.map((key) => `params.${keyOf(chance, key)}`), ...tagKeys.map((key) => `tags.${keyOf(chance, key)}`), 'start_time', 'attributes.end_time', 'status', 'attributes.run_name', 'attributes.user_id'];
  return {
    path: 'mlflow/runs/search',
    method: 'POST',
    filter: joined(chance, () => runClause(chance)),
    order_by: sorted(chance, keys, 3),
    max_results: chance.of([1000, 7, 3]),
    more: { experiment_ids: chance.some(experimentNames, 0.7), run_view_type: chance.of(['ACTIVE_ONLY', 'ACTIVE_ONLY', 'DELETED_ONLY', 'ALL']) },
  };
}

export function experimentQuestion(chance: Chance): Question {
  const clause = (): string => chance.of([textual(chance, chance.of(['name', 'attribute.name']), names), textual(chance, `${chance.of(['tags', 'tag'])}.${keyOf(chance, chance.of(tagKeys))}`, texts, nulls), `${chance.of(['creation_time', 'last_update_time'])} ${chance.of(['>', '<'])} ${chance.of(['0', '9999999999999'])}`]);
  return { path: 'mlflow/experiments/search', method: 'POST', filter: joined(chance, clause), order_by: [`${chance.of(['name', 'experiment_id', 'attribute.name'])}${direction(chance)}`], max_results: chance.of([100, 2]), more: { view_type: chance.of(['ACTIVE_ONLY', 'ALL']) } };
}

export function modelQuestion(chance: Chance): Question {
  const clause = (): string => chance.of([textual(chance, 'name', names), textual(chance, `tags.${keyOf(chance, chance.of(tagKeys))}`, texts)]);
  return { path: 'mlflow/registered-models/search', method: 'GET', filter: joined(chance, clause), order_by: chance.many(0, 1, () => `name${direction(chance)}`), max_results: chance.of([100, 2]), more: {} };
}

export function versionQuestion(chance: Chance): Question {
  const clause = (): string =>
    chance.of([textual(chance, 'name', names, ['IN']), textual(chance, `tags.${keyOf(chance, chance.of(tagKeys))}`, texts), `run_id ${chance.of(["= '{r1}'", "!= '{r2}'", "IN ('{r1}', 'none')"])}`, textual(chance, 'source_path', ['s3://a/x', 's3://b/y']), `version_number ${chance.of(numeric)} ${chance.of(['1', '2', '3'])}`]);
  return { path: 'mlflow/model-versions/search', method: 'GET', filter: joined(chance, clause), order_by: chance.of([[`name${direction(chance)}`, `version_number${direction(chance)}`], [`version_number${direction(chance)}`, `name${direction(chance)}`]]), max_results: chance.of([100, 4]), more: {} };
}

export function loggedModelQuestion(chance: Chance): Question {
  const clause = (): string =>
    chance.of([
      textual(chance, chance.of(['name', 'attributes.name']), ['net1', 'tree2'], ['IN', 'NOT IN']),
      // Not by the status: MLflow compares its number with the text, so that none is equal.
      textual(chance, 'model_type', ['tree', 'net']),
      textual(chance, `params.${backticked(chance.of(paramKeys))}`, texts),
      textual(chance, `tags.${backticked(chance.of(tagKeys))}`, texts),
      `metrics.${backticked(chance.of(metricKeys))} ${chance.of(numeric)} ${number(chance)}`,
    ]);
  const field = (): Json => ({ field_name: chance.of(['name', 'creation_timestamp', ...metricKeys.map((key) => `metrics.${key}`)]), ascending: chance.of([true, false]) });
  return { path: 'mlflow/logged-models/search', method: 'POST', filter: joined(chance, clause), order_by: chance.many(0, 2, field), max_results: chance.of([100, 3]), more: { experiment_ids: [...experimentNames] } };
}
