// What a run's panel draws: its curves, and the data and models that belong to it.
import type { FastifyInstance } from 'fastify';
import { CurvesRequest } from '../../contracts/curves.ts';
import type { RunLinks } from '../../contracts/runs.ts';
import type { ArtifactStore, LoggedModelStore, RunSearch, RunStore } from '../../core/tracking/api.ts';
import { read } from './read.ts';

interface CurveParts {
  runs: RunStore;
  search: RunSearch;
  models: LoggedModelStore;
  artifacts: ArtifactStore;
  /** Brings what a remote server has of a run, where it comes from one. */
  open(run_id: string): Promise<void>;
}

/** A run has at most so many logged models in its panel. */
const mostModels = 200;

export function curveRoutes(app: FastifyInstance, { runs, search, models, artifacts, open }: CurveParts): void {
  // A request for many metrics with long names is too long for an address.
  app.post<{ Params: { id: string } }>('/api/runs/:id/curves', async (request) => {
    const { run_id } = runs.get(request.params.id);
    await open(run_id);
    return runs.metrics.curves.curves(run_id, read(CurvesRequest, request.body));
  });

  app.get<{ Params: { id: string } }>('/api/runs/:id/links', async (request): Promise<RunLinks> => {
    const [record] = search.records([runs.get(request.params.id).run_id]);
    if (record === undefined) {
      return { datasets: [], models: [] };
    }
    const found = models.search({ experiment_ids: [record.experiment_id], filter: `source_run_id = '${record.run_id}'`, order_by: [], datasets: [], max: mostModels, token: '' });
    return {
      datasets: record.datasets.map(({ name, digest, source_type, tags }) => ({ name, digest, source_type, context: tags['mlflow.data.context'] ?? null })),
      models: found.models.map(({ model_id, name, status, artifact_uri, registrations }) => ({
        model_id,
        name,
        ready: status === 'LOGGED_MODEL_READY',
        folder: artifacts.folderOf(artifact_uri) ?? '',
        registered: registrations.map((each) => ({ model: each.name, version: each.version })),
      })),
    };
  });
}
