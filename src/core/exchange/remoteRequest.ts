// What a request changes: the values that it sets, by which a change that somebody made there meanwhile is seen.
import { baselineTag, noteTag } from '../../contracts/tags.ts';
import type { ExperimentEdit } from '../../contracts/experiments.ts';
import type { RunEdit } from '../../contracts/server.ts';
import { nameTag } from '../tracking/api.ts';
import type { RemoteRequest } from './remoteChanges.ts';

/** Values by what they are of: `name`, `status`, `archived`, or `tag <key>`; null: none. */
export type ValuesOf = Record<string, string | null>;

interface Pair {
  key: string;
  value: string;
}

/** What of a run or an experiment is another one after a request. Parameters and points are not: they are only ever added. */
export function wantedBy({ path, body }: RemoteRequest): ValuesOf {
  const [, verb = ''] = path.split('/');
  const text = (name: string): string => String(body[name] ?? '');
  switch (verb) {
    case 'set-tag':
    case 'set-experiment-tag':
      return tagged(text('key'), text('value'));
    case 'delete-tag':
    case 'delete-experiment-tag':
      return tagged(text('key'), null);
    case 'log-batch':
      return Object.assign({}, ...pairsIn(body['tags']).map(({ key, value }) => tagged(key, value))) as ValuesOf;
    case 'update':
      return {
        ...(body['run_name'] ? { name: text('run_name') } : {}),
        ...(body['new_name'] ? { name: text('new_name') } : {}),
        ...(body['status'] === undefined || body['status'] === null ? {} : { status: statusName(body['status']) }),
      };
    case 'delete':
    case 'restore':
      return path.startsWith('artifacts/') ? {} : { archived: String(verb === 'delete') };
    default:
      return {};
  }
}

/** The requests that make an edit of a run, but for its baseline, which is a tag of the experiment. An archived run takes no other edit. */
export function requestsOfRun(edit: RunEdit): RemoteRequest[] {
  const tags = { ...(edit.note === undefined ? {} : { [noteTag]: edit.note === '' ? null : edit.note }), ...edit.tags };
  return [
    ...(edit.archived === false ? [{ path: 'runs/restore', body: {} }] : []),
    ...(edit.name === undefined ? [] : [{ path: 'runs/update', body: { run_name: edit.name } }]),
    ...Object.entries(tags).map(([key, value]) => (value === null ? { path: 'runs/delete-tag', body: { key } } : { path: 'runs/set-tag', body: { key, value } })),
    ...(edit.archived === true ? [{ path: 'runs/delete', body: {} }] : []),
  ];
}

/** The requests that make an edit of an experiment. */
export function requestsOfExperiment(edit: ExperimentEdit): RemoteRequest[] {
  return [
    ...(edit.archived === false ? [{ path: 'experiments/restore', body: {} }] : []),
    ...(edit.name === undefined ? [] : [{ path: 'experiments/update', body: { new_name: edit.name } }]),
    ...Object.entries(edit.tags ?? {}).map(([key, value]) => (value === null ? { path: 'experiments/delete-experiment-tag', body: { key } } : { path: 'experiments/set-experiment-tag', body: { key, value } })),
    ...(edit.archived === true ? [{ path: 'experiments/delete', body: {} }] : []),
  ];
}

/** Pins or unpins the baseline of an experiment. @param run_id of the run here; null: none. */
export function requestOfBaseline(run_id: string | null): RemoteRequest {
  return run_id === null ? { path: 'experiments/delete-experiment-tag', body: { key: baselineTag } } : { path: 'experiments/set-experiment-tag', body: { key: baselineTag, value: run_id } };
}

/** A request in words. */
export function describe({ path, body }: RemoteRequest): string {
  const text = (name: string): string => short(String(body[name] ?? ''));
  const count = (one: string, many: string, name: string): string[] => {
    const items = pairsIn(body[name]);
    return items.length === 0 ? [] : [items.length === 1 ? `${one} ${items[0]?.key ?? ''}` : `${items.length} ${many}`];
  };
  switch (path.slice(path.indexOf('/') + 1)) {
    case 'set-tag':
    case 'set-experiment-tag':
      return body['key'] === noteTag ? `note: ${text('value')}` : body['key'] === baselineTag ? 'another baseline' : `tag ${text('key')}: ${text('value')}`;
    case 'delete-tag':
    case 'delete-experiment-tag':
      return body['key'] === noteTag ? 'no note any more' : body['key'] === baselineTag ? 'no baseline any more' : `tag ${text('key')} removed`;
    case 'log-metric':
      return `metric ${text('key')}: ${text('value')}`;
    case 'log-parameter':
      return `parameter ${text('key')}: ${text('value')}`;
    case 'log-batch':
      return [...count('metric', 'points of metrics', 'metrics'), ...count('parameter', 'parameters', 'params'), ...count('tag', 'tags', 'tags')].join(', ');
    case 'update':
      return body['run_name'] || body['new_name'] ? `name: ${text(body['run_name'] ? 'run_name' : 'new_name')}` : `state: ${statusName(body['status']).toLowerCase()}`;
    case 'put':
      return `file ${text('path')}`;
    case 'delete':
      return path === 'artifacts/delete' ? `file ${text('path')} deleted` : 'archived';
    case 'restore':
      return 'restored from the archive';
    case 'log-inputs':
      return 'data sets';
    default:
      return 'logged models';
  }
}

function tagged(key: string, value: string | null): ValuesOf {
  return key === nameTag ? { name: value } : { [`tag ${key}`]: value };
}

export function pairsIn(list: unknown): Pair[] {
  return Array.isArray(list) ? (list as Partial<Pair>[]).map(({ key, value }) => ({ key: String(key ?? ''), value: String(value ?? '') })) : [];
}

const statuses = ['', 'RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'];

/** MLflow's name of a state, by that name or its number. */
function statusName(status: unknown): string {
  return statuses[Number(status)] ?? String(status);
}

export function short(value: string): string {
  return value.length > 40 ? `${value.slice(0, 39)}…` : value;
}
