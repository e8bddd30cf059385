// What clients write into runs and experiments that a followed server keeps goes there first.
import type { Route, Tracking } from './routes.ts';

const ofRuns = ['update', 'delete', 'restore', 'log-metric', 'log-parameter', 'set-tag', 'delete-tag', 'log-batch', 'log-inputs', 'outputs', 'log-model'].map((verb) => `/mlflow/runs/${verb}`);
const ofExperiments = ['update', 'delete', 'restore', 'set-experiment-tag', 'delete-experiment-tag'].map((verb) => `/mlflow/experiments/${verb}`);

/** The same routes, of which those that write ask the followed server first. */
export function forwarding(routes: readonly Route[], { mirrored }: Tracking): Route[] {
  return routes.map((route) => {
    const kind = ofRuns.includes(route.path) ? 'run' : ofExperiments.includes(route.path) ? 'experiment' : null;
    return kind === null
      ? route
      : {
          ...route,
          handle(input) {
            const { run_id, run_uuid, experiment_id, ...body } = input as Record<string, unknown>;
            const id = kind === 'run' ? run_id || run_uuid : experiment_id;
            const request = { path: route.path.slice('/mlflow/'.length), body };
            return typeof id === 'string' ? mirrored.write({ kind, id }, [request], () => route.handle(input)) : route.handle(input);
          },
        };
  });
}
