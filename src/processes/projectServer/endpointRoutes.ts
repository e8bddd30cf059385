import type { FastifyInstance } from 'fastify';
import { DeployRequest, EndpointPredictRequest, LabelsRequest, TrafficRequest } from '../../contracts/endpoints.ts';
import type { Endpoints } from '../../core/deployment/api.ts';
import { read } from './read.ts';

interface Named {
  Params: { name: string };
}

/** Endpoints over HTTP, as windows and the command line ask for them. */
export function endpointRoutes(app: FastifyInstance, { endpoints }: { endpoints: Endpoints }): void {
  app.get('/api/endpoints', async () => ({ endpoints: endpoints.list() }));
  app.post('/api/endpoints', async (request) => endpoints.deploy(read(DeployRequest, request.body)));
  app.get<Named>('/api/endpoints/:name', async (request) => endpoints.detail(request.params.name));
  app.delete<Named>('/api/endpoints/:name', async (request) => {
    await endpoints.remove(request.params.name);
    return {};
  });
  app.put<Named>('/api/endpoints/:name/traffic', async (request) => {
    await endpoints.setTraffic(request.params.name, read(TrafficRequest, request.body));
    return endpoints.detail(request.params.name);
  });
  const actions = { rollback: endpoints.rollBack, start: endpoints.start, stop: endpoints.stop };
  for (const [action, perform] of Object.entries(actions)) {
    app.post<Named>(`/api/endpoints/:name/${action}`, async (request) => {
      await perform.call(endpoints, request.params.name);
      return endpoints.detail(request.params.name);
    });
  }
  app.post<Named>('/api/endpoints/:name/key', async (request) => endpoints.newKey(request.params.name));
  app.post<Named>('/api/endpoints/:name/predict', async (request) => endpoints.predict(request.params.name, read(EndpointPredictRequest, request.body).rows));
  app.post<Named>('/api/endpoints/:name/labels', async (request) => endpoints.addLabels(request.params.name, read(LabelsRequest, request.body)));
}
