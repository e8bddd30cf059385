import { invalid, missing } from '../../../core/tracking/api.ts';
import { artifactLocation, experimentName, key, longest, pageSize, upTo } from './limits.ts';
import { route, type Route, type Tracking } from './routes.ts';
import { choice, list, object, optional, required, text } from './validate.ts';
import { experiment, present } from './wire.ts';

const tag = { key: required(key), value: optional(upTo(20_000), '') };
const tags = list(object(tag));
const mostExperiments = 20;
export const views = choice(['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'] as const);
export const viewOf = { ACTIVE_ONLY: 'active', DELETED_ONLY: 'deleted', ALL: 'all' } as const;

export function experimentRoutes({ experiments, database, experimentsChanged }: Tracking): Route[] {
  const one = object({ experiment_id: required(text) });
  const search = object({ max_results: optional(pageSize(longest.results), 1000), page_token: optional(text, ''), filter: optional(text, ''), order_by: optional(list(text), []), view_type: optional(views, 'ACTIVE_ONLY') });
  const find = (input: ReturnType<typeof search>): unknown => {
    const { experiments: found, next } = experiments.search({ filter: input.filter, order_by: input.order_by, view: viewOf[input.view_type], max: input.max_results, token: input.page_token });
    return present({ experiments: found.map(experiment), next_page_token: next || undefined });
  };
  return [
    route('POST', '/mlflow/experiments/create', object({ name: required(experimentName), artifact_location: optional(artifactLocation, ''), tags: optional(tags, []) }), ({ name, artifact_location, tags: given }) => ({
      experiment_id: experiments.create(name, artifact_location, Object.fromEntries(given.map(({ key, value }) => [key, value]))),
    })),
    route('GET', '/mlflow/experiments/get', one, ({ experiment_id }) => ({ experiment: experiment(experiments.get(experiment_id)) })),
    route('GET', '/mlflow/experiments/get-by-name', object({ experiment_name: required(text) }), ({ experiment_name }) => {
      const found = experiments.byName(experiment_name);
      if (found === null) {
        throw missing(`Could not find experiment with name '${experiment_name}'`);
      }
      return { experiment: experiment(found) };
    }),
    route('POST', '/mlflow/experiments/search', search, find),
    route('GET', '/mlflow/experiments/search', search, find),
    route('POST', '/mlflow/experiments/update', object({ experiment_id: required(text), new_name: required(experimentName) }), ({ experiment_id, new_name }) => {
      experiments.rename(experiment_id, new_name);
      experimentsChanged(true);
      return {};
    }),
    route('POST', '/mlflow/experiments/delete', one, ({ experiment_id }) => {
      experiments.delete(experiment_id);
      experimentsChanged(true);
      return {};
    }),
    route('POST', '/mlflow/experiments/restore', one, ({ experiment_id }) => {
      experiments.restore(experiment_id);
      experimentsChanged(true);
      return {};
    }),
    route('POST', '/mlflow/experiments/set-experiment-tag', object({ experiment_id: required(text), ...tag }), ({ experiment_id, key, value }) => {
      experiments.setTag(experiment_id, key, value);
      experimentsChanged(false);
      return {};
    }),
    route('POST', '/mlflow/experiments/delete-experiment-tag', object({ experiment_id: required(text), key: required(text) }), ({ experiment_id, key }) => {
      experiments.deleteTag(experiment_id, key);
      experimentsChanged(false);
      return {};
    }),
    route('POST', '/mlflow/experiments/search-datasets', object({ experiment_ids: optional(list(text), []) }), ({ experiment_ids }) => {
      if (experiment_ids.length === 0) {
        throw invalid('SearchDatasets request must specify at least one experiment_id.');
      }
      if (experiment_ids.length > mostExperiments) {
        throw invalid(`SearchDatasets request cannot specify more than ${mostExperiments} experiment_ids. Received ${experiment_ids.length} experiment_ids.`);
      }
      const rows = database.all(
        `SELECT DISTINCT experiment_id, name, digest, context FROM datasets JOIN run_datasets USING (dataset_id)
         WHERE experiment_id IN (SELECT CAST(value AS INTEGER) FROM json_each(:ids)) LIMIT 1000`,
        { ids: JSON.stringify(experiment_ids) },
      );
      return present({ dataset_summaries: rows.map((row) => present({ experiment_id: String(row['experiment_id']), name: row['name'], digest: row['digest'], context: row['context'] })) });
    }),
  ];
}
