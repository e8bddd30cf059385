import { modelStatuses } from '../../../core/tracking/api.ts';
import { pageSize } from './limits.ts';
import { route, type Route, type Tracking } from './routes.ts';
import { choice, flag, int64, list, object, optional, required, text } from './validate.ts';
import { loggedModel, present } from './wire.ts';

const pair = object({ key: required(text), value: optional(text, '') });
const ordering = object({ field_name: required(text), ascending: optional(flag, true), dataset_name: optional(text), dataset_digest: optional(text) });
const dataset = object({ dataset_name: required(text), dataset_digest: optional(text) });

function entries(list_: { key: string; value: string }[]): [string, string][] {
  return list_.map(({ key, value }) => [key, value]);
}

export function loggedModelRoutes({ models }: Tracking): Route[] {
  const one = { model_id: required(text) };
  const answer = (model_id: string): object => ({ model: loggedModel(models.get(model_id)) });
  return [
    route(
      'POST',
      '/mlflow/logged-models',
      object({ experiment_id: required(text), name: optional(text, ''), model_type: optional(text), source_run_id: optional(text), params: optional(list(pair), []), tags: optional(list(pair), []) }),
      ({ experiment_id, name, model_type, source_run_id, params, tags }) => ({
        model: loggedModel(models.create({ experiment_id, name, model_type: model_type ?? null, source_run_id: source_run_id ?? null, params: entries(params), tags: entries(tags) })),
      }),
    ),
    route(
      'POST',
      '/mlflow/logged-models/search',
      object({ experiment_ids: required(list(text)), filter: optional(text, ''), datasets: optional(list(dataset), []), max_results: optional(int64, 100), order_by: optional(list(ordering), []), page_token: optional(text, '') }),
      ({ experiment_ids, filter, datasets, max_results, order_by, page_token }) => {
        // MLflow sets no bound here; 0 stands for its default.
        const max = pageSize(Number.MAX_SAFE_INTEGER)(max_results === 0 ? 100 : max_results, 'max_results');
        const found = models.search({ experiment_ids, filter, datasets: datasets.map((each) => ({ dataset_name: each.dataset_name, dataset_digest: each.dataset_digest })), order_by, max, token: page_token });
        return present({ models: found.models.map(loggedModel), next_page_token: found.next || undefined });
      },
    ),
    route('GET', '/mlflow/logged-models/:model_id', object({ ...one, allow_deleted: optional(flag, false) }), ({ model_id, allow_deleted }) => ({ model: loggedModel(models.get(model_id, allow_deleted)) })),
    route('PATCH', '/mlflow/logged-models/:model_id', object({ ...one, status: required(choice(modelStatuses)) }), ({ model_id, status }) => {
      models.setStatus(model_id, status);
      return answer(model_id);
    }),
    route('DELETE', '/mlflow/logged-models/:model_id', object(one), ({ model_id }) => {
      models.delete(model_id);
      return {};
    }),
    route('PATCH', '/mlflow/logged-models/:model_id/tags', object({ ...one, tags: optional(list(pair), []) }), ({ model_id, tags }) => {
      models.setTags(model_id, entries(tags));
      return {};
    }),
    route('DELETE', '/mlflow/logged-models/:model_id/tags/:tag_key', object({ ...one, tag_key: required(text) }), ({ model_id, tag_key }) => {
      models.deleteTag(model_id, tag_key);
      return {};
    }),
    route('POST', '/mlflow/logged-models/:model_id/params', object({ ...one, params: optional(list(pair), []) }), ({ model_id, params }) => {
      models.addParams(model_id, entries(params));
      return {};
    }),
  ];
}
