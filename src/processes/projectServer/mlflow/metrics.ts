import { invalid } from '../../../core/tracking/api.ts';
import { longest, pageSize } from './limits.ts';
import { route, type Route, type Tracking } from './routes.ts';
import { runId } from './runs.ts';
import { int64, list, object, optional, required, text } from './validate.ts';
import { metric, present } from './wire.ts';

const mostRuns = 100;
const mostSampled = 2500;

export function metricRoutes({ metrics, search, mirrored }: Tracking): Route[] {
  const known = async (ids: readonly string[]): Promise<string[]> => {
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
        await mirrored.fetchHistory(run_id);
        const { points, next } = metrics.page(run_id, input.metric_key, Math.min(input.max_results, longest.historyPage), input.page_token);
        return present({ metrics: points.map(metric), next_page_token: next || undefined });
      },
    ),
    route('GET', '/mlflow/metrics/get-history-bulk', object({ run_id: optional(list(text), []), metric_key: optional(text, ''), max_results: optional(int64, longest.historyPage) }), async ({ run_id, metric_key, max_results }) => {
      if (run_id.length === 0) {
        throw invalid('GetMetricHistoryBulk request must specify at least one run_id.');
      }
      if (run_id.length > mostRuns) {
        throw invalid(`GetMetricHistoryBulk request cannot specify more than ${mostRuns} run_ids. Received ${run_id.length} run_ids.`);
      }
      if (metric_key === '') {
        throw invalid('GetMetricHistoryBulk request must specify a metric_key.');
      }
      const most = Math.max(0, Math.min(max_results, longest.historyPage));
      const found = (await known([...run_id].sort())).flatMap((id) => metrics.page(id, metric_key, Math.max(1, most), '').points.map((point) => ({ ...metric(point), run_id: id })));
      return { metrics: found.slice(0, most) };
    }),
    route(
      'GET',
      '/mlflow/metrics/get-history-bulk-interval',
      object({ run_ids: required(list(text)), metric_key: required(text), start_step: optional(int64), end_step: optional(int64), max_results: optional(int64, 320) }),
      async ({ run_ids, metric_key, start_step, end_step, max_results }) => {
        if (run_ids.length > mostRuns) {
          throw invalid(`GetMetricHistoryBulkInterval request must specify at most ${mostRuns} run_ids. Received ${run_ids.length} run_ids.`);
        }
        if (max_results < 1 || max_results > mostSampled) {
          throw invalid(`max_results must be between 1 and ${mostSampled}. Received max_results=${max_results}.`);
        }
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
