import type { FastifyInstance } from 'fastify';
import { UserError } from '../../contracts/errors.ts';
import type { LabelsResult } from '../../contracts/endpoints.ts';
import { AlertEdit, LabelsFileBody, type LabelsFileRequest } from '../../contracts/monitoring.ts';
import type { MonitoredEndpoints, Monitoring } from '../../core/monitoring/api.ts';
import { read } from './read.ts';

export interface MonitorParts {
  monitoring: Monitoring;
  endpoints: MonitoredEndpoints;
  /** Reads tables in another process. */
  queries: { labels(request: LabelsFileRequest): Promise<LabelsResult> };
}

/** Monitors, alerts, and labels from files. */
export function monitorRoutes(app: FastifyInstance, { monitoring, endpoints, queries }: MonitorParts): void {
  app.get<{ Params: { name: string }; Querystring: { windows?: string } }>('/api/monitors/:name', async (request) => {
    const windows = Number(request.query.windows);
    return monitoring.monitor(request.params.name, Number.isInteger(windows) && windows > 0 ? windows : undefined);
  });
  app.post<{ Params: { name: string } }>('/api/monitors/:name/look', async (request) => monitoring.look(request.params.name));
  app.get('/api/alerts', async () => ({ alerts: monitoring.alerts() }));
  app.patch<{ Params: { id: string } }>('/api/alerts/:id', async (request) => monitoring.editAlert(request.params.id, read(AlertEdit, request.body)));
  app.post<{ Params: { name: string } }>('/api/endpoints/:name/labels-file', async (request) => {
    const { name } = request.params;
    const body = read(LabelsFileBody, request.body);
    const endpoint = endpoints.list().find((each) => each.name === name);
    if (endpoint === undefined) {
      throw new UserError(`There is no endpoint "${name}".`, { field: 'endpoint' });
    }
    return queries.labels({ ...body, folder: endpoint.folder });
  });
}
