import { invalid } from '../../../core/tracking/api.ts';
import { longest, pageSize } from './limits.ts';
import { route, type Route, type Tracking } from './routes.ts';
import { runId } from './runs.ts';
import { int64, list, object, optional, required, text } from './validate.ts';
import { metric, present } from './wire.ts';

const mostRuns = 100;

export function metricRoutes({ metrics, runs, search, mirrored }: Tracking): Route[] {
  const known = async (ids: readonly string[]): Promise<string[]> => {
    if (ids.length === 0 || ids.length > mostRuns) {
      throw invalid(`GetMetricHistoryBulk request must specify at least one and at most ${mostRuns} run_ids. Got ${ids.length}.`);
    }
    for (const id of ids) {
      await mirrored.fetchHistory(id);
    }
    return search.records(ids).map(({ run_id }) => run_id);
  };
  return [
    route(
      'GET',
      '/mlflow/metrics/get-history',
      object({ run_id: optional(text), run_uuid: optional(text), metric_key: required(text), max_results: optional(pageSize(1_000_000_000), longest.historyPage), page_token: optional(text, '') }),
      async (input) => {
        const run_id = runId(input);
        runs.get(run_id);
        await mirrored.fetchHistory(run_id);
        const { points, next } = metrics.page(run_id, input.metric_key, Math.min(input.max_results, longest.historyPage), input.page_token);
        return present({ metrics: points.map(metric), next_page_token: next || undefined });
      },
    ),
    route('GET', '/mlflow/metrics/get-history-bulk', object({ run_id: required(list(text)), metric_key: required(text), max_results: optional(pageSize(longest.historyPage), longest.historyPage) }), async ({ run_id, metric_key, max_results }) => {
      const found = (await known(run_id)).flatMap((id) => metrics.page(id, metric_key, max_results, '').points.map((point) => ({ ...metric(point), run_id: id })));
      return { metrics: found.slice(0, max_results) };
    }),
    route(
      'GET',
      '/mlflow/metrics/get-history-bulk-interval',
      object({ run_ids: required(list(text)), metric_key: required(text), start_step: optional(int64), end_step: optional(int64), max_results: optional(pageSize(2500), 320) }),
      async ({ run_ids, metric_key, start_step, end_step, max_results }) => {
        if ((start_step === undefined) !== (end_step === undefined)) {
          throw invalid('If either start step or end step are specified, both must be specified.');
        }
        if (start_step !== undefined && end_step !== undefined && start_step > end_step) {
          throw invalid(`end_step must be greater than start_step. Found start_step=${start_step} and end_step=${end_step}.`);
        }
        const steps: [number, number] | null = start_step === undefined || end_step === undefined ? null : [start_step, end_step];
        return present({ metrics: (await known(run_ids)).flatMap((id) => metrics.sample(id, metric_key, max_results, steps).map((point) => ({ ...metric(point), run_id: id }))) });
      },
    ),
  ];
}
