import { invalid, missing, statusOf, type ClientMetric, type RunRecord } from '../../../core/tracking/api.ts';
import { viewOf, views } from './experiments.ts';
import { key, longest, pageSize, paramValue, tagValue, upTo } from './limits.ts';
import { route, type Route, type Tracking } from './routes.ts';
import { choice, double, given, int64, list, object, optional, required, text, type Reader } from './validate.ts';
import { present, run, runInfo } from './wire.ts';

const timestamp: Reader<number> = (value, path) => {
  const time = int64(value, path);
  if (time < 0) {
    throw invalid(`Invalid value ${time} for parameter '${path}' supplied: it must be at least 0, in milliseconds since 1970.`);
  }
  return time;
};
const metricFields = { key: required(key), value: required(double), timestamp: required(timestamp), step: optional(int64, 0), model_id: optional(text), dataset_name: optional(text), dataset_digest: optional(text) };
const metric = object(metricFields);
const param = object({ key: required(key), value: optional(paramValue, '') });
const tag = object({ key: required(key), value: optional(tagValue, '') });
/** MLflow takes any name for a tag that a run is created with. */
const firstTag = object({ key: given(text), value: optional(tagValue, '') });
const dataset = object({ name: given(upTo(500)), digest: given(upTo(36)), source_type: given(text), source: given(upTo(65_535)), schema: optional(upTo(1_048_575)), profile: optional(upTo(16_777_215)) });
const datasetInput = object({ dataset: required(dataset), tags: optional(list(object({ key: required(upTo(255)), value: optional(upTo(500), '') })), []) });
const statuses = choice(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const);

/** A run by its id; old clients send it as `run_uuid` only. */
const ofRun = { run_id: optional(text), run_uuid: optional(text) };
export function runId(input: { run_id: string | undefined; run_uuid: string | undefined }): string {
  const id = input.run_id || input.run_uuid;
  if (id === undefined || id === '') {
    throw invalid(`Missing value for required parameter 'run_id'. See the API docs for more information about request parameters.`);
  }
  return id;
}

function pair({ key: name, value }: { key: string; value: string }): [string, string] {
  return [name, value];
}

export function runRoutes(tracking: Tracking): Route[] {
  return [...lifeRoutes(tracking), ...loggingRoutes(tracking)];
}

function record({ search }: Tracking, run_id: string): RunRecord {
  const [found] = search.records([run_id]);
  if (found === undefined) {
    throw missing(`Run with id=${run_id} not found`);
  }
  return found;
}

function lifeRoutes(tracking: Tracking): Route[] {
  const { tracked, search } = tracking;
  return [
    route(
      'POST',
      '/mlflow/runs/create',
      object({ experiment_id: optional(text, '0'), user_id: optional(text, ''), run_name: optional(text, ''), start_time: optional(int64), tags: optional(list(firstTag), []) }),
      ({ experiment_id, user_id, run_name, start_time, tags }) => {
        const run_id = tracked.create({ experiment_id, user: user_id, name: run_name, started: start_time ?? Date.now(), tags: tags.map(pair) });
        tracking.touched(run_id);
        return { run: run(record(tracking, run_id)) };
      },
    ),
    route('POST', '/mlflow/runs/update', object({ ...ofRun, status: optional(statuses), end_time: optional(int64), run_name: optional(text) }), (input) => {
      const run_id = runId(input);
      tracked.update(run_id, { status: input.status === undefined ? undefined : statusOf(input.status), ended: input.end_time, name: input.run_name });
      tracking.touched(run_id);
      return { run_info: runInfo(record(tracking, run_id)) };
    }),
    route('GET', '/mlflow/runs/get', object(ofRun), (input) => ({ run: run(record(tracking, runId(input))) })),
    route('POST', '/mlflow/runs/delete', object(ofRun), (input) => {
      tracked.setLifecycle(runId(input), 'deleted');
      tracking.removed(runId(input));
      return {};
    }),
    route('POST', '/mlflow/runs/restore', object(ofRun), (input) => {
      tracked.setLifecycle(runId(input), 'active');
      tracking.touched(runId(input));
      return {};
    }),
    route(
      'POST',
      '/mlflow/runs/search',
      object({ experiment_ids: optional(list(text), []), filter: optional(text, ''), run_view_type: optional(views, 'ACTIVE_ONLY'), max_results: optional(pageSize(longest.results), 1000), order_by: optional(list(text), []), page_token: optional(text, '') }),
      ({ experiment_ids, filter, run_view_type, max_results, order_by, page_token }) => {
        const { ids, next } = search.ids({ experiment_ids, filter, order_by, view: viewOf[run_view_type], max: max_results, token: page_token });
        return present({ runs: search.records(ids).map(run), next_page_token: next || undefined });
      },
    ),
  ];
}

function loggingRoutes(tracking: Tracking): Route[] {
  const { tracked } = tracking;
  const log = (run_id: string, batch: { metrics?: ClientMetric[]; params?: [string, string][]; tags?: [string, string][] }): object => {
    tracked.log(run_id, { metrics: batch.metrics ?? [], params: batch.params ?? [], tags: batch.tags ?? [] });
    tracking.touched(run_id);
    return {};
  };
  return [
    route('POST', '/mlflow/runs/log-metric', object({ ...ofRun, ...metricFields }), (input) => log(runId(input), { metrics: [onDataset(input)] })),
    route('POST', '/mlflow/runs/log-parameter', object({ ...ofRun, key: required(key), value: optional(paramValue, '') }), (input) => log(runId(input), { params: [pair(input)] })),
    route('POST', '/mlflow/runs/set-tag', object({ ...ofRun, key: required(key), value: optional(tagValue, '') }), (input) => log(runId(input), { tags: [pair(input)] })),
    route('POST', '/mlflow/runs/delete-tag', object({ ...ofRun, key: required(text) }), (input) => {
      tracked.deleteTag(runId(input), input.key);
      tracking.touched(runId(input));
      return {};
    }),
    route('POST', '/mlflow/runs/log-batch', object({ ...ofRun, metrics: optional(list(metric), []), params: optional(list(param), []), tags: optional(list(tag), []) }), (input) => {
      const { metrics, params, tags } = input;
      atMost('metrics', metrics.length, longest.batch);
      atMost('params', params.length, longest.batchParams);
      atMost('tags', tags.length, longest.batchTags);
      atMost('metrics, params, and tags', metrics.length + params.length + tags.length, longest.batch);
      onlyOnce(params.map((each) => each.key));
      return log(runId(input), { metrics: metrics.map(onDataset), params: params.map(pair), tags: tags.map(pair) });
    }),
    route('POST', '/mlflow/runs/log-inputs', object({ ...ofRun, datasets: optional(list(datasetInput), []), models: optional(list(object({ model_id: required(text) })), []) }), (input) => {
      const datasets = input.datasets.map(({ dataset: given, tags }) => ({ ...given, schema: given.schema ?? null, profile: given.profile ?? null, tags: Object.fromEntries(tags.map(pair)) }));
      tracked.addInputs(runId(input), datasets, input.models.map(({ model_id }) => model_id));
      tracking.touched(runId(input));
      return {};
    }),
    route('POST', '/mlflow/runs/outputs', object({ ...ofRun, models: required(list(object({ model_id: required(text), step: optional(int64, 0) }))) }), (input) => {
      tracked.addOutputs(runId(input), input.models);
      tracking.touched(runId(input));
      return {};
    }),
    route('POST', '/mlflow/runs/log-model', object({ ...ofRun, model_json: required(text) }), (input) => {
      const before = record(tracking, runId(input)).tags.find(([name]) => name === historyTag)?.[1] ?? '[]';
      const history = [...(JSON.parse(before) as unknown[]), modelOf(input.model_json)];
      return log(runId(input), { tags: [[historyTag, JSON.stringify(history)]] });
    }),
  ];
}

/** Where clients before MLflow 3 keep what models a run logged. */
const historyTag = 'mlflow.log-model.history';

function modelOf(json: string): unknown {
  try {
    const model: unknown = JSON.parse(json);
    if (typeof model === 'object' && model !== null && ['artifact_path', 'flavors', 'utc_time_created', 'run_id'].every((name) => name in model)) {
      return model;
    }
  } catch {
    // Said below.
  }
  throw invalid(`Malformed model info in model_json: it must be JSON with artifact_path, flavors, utc_time_created and run_id.`);
}

/** A metric's data set is named by both of its fields or by none. */
function onDataset(metric: ClientMetric): ClientMetric {
  if ((metric.dataset_name === undefined) !== (metric.dataset_digest === undefined)) {
    throw invalid('Both dataset_name and dataset_digest must be provided if one is provided');
  }
  return metric;
}

function onlyOnce(keys: readonly string[]): void {
  const repeated = keys.filter((each, index) => keys.indexOf(each) < index);
  if (repeated.length > 0) {
    throw invalid(`Duplicate parameter keys have been submitted: ['${repeated.join("', '")}']. Please ensure the request contains only one param value per param key.`);
  }
}

function atMost(what: string, count: number, most: number): void {
  if (count > most) {
    throw invalid(`A batch logging request can contain at most ${most} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`);
  }
}
