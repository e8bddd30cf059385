import type { FastifyInstance } from 'fastify';
import { checkRowCount, parseScoringRequest, rowsOfCsv, type ScoringRequest } from '../../core/serving/api.ts';
import { version } from '../../../package.json';
import { requestId, respond, type AppParts } from './respond.ts';

/** MLflow's scoring protocol. */
export function scoringRoutes(app: FastifyInstance, parts: AppParts): void {
  app.post('/invocations', async (request, reply) => {
    const pinned = parts.predictor.choose(routingKeyOf(request.headers));
    const { inputs } = pinned.model.file.signature;
    const { rows, ids } = typeof request.body === 'string' ? csv(request.body, inputs) : parseScoringRequest(request.body, inputs);
    const { ulid, version: number } = pinned.version;
    return respond(parts, request, reply, { pinned, rows, ids, id: requestId(request) }, (predictions, rowIds) => ({ ...predictions, ids: rowIds, ulid, version: number }));
  });
  app.get('/version', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(version));
  for (const path of ['/ping', '/health']) {
    app.get(path, async (_request, reply) => {
      const { config, pinned, problems } = parts.predictor.loaded;
      const ready = parts.isReady();
      return reply.status(ready ? 200 : 503).send({ status: ready ? 'ready' : 'stopping', endpoint: config.name, revision: config.revision, process: process.ppid, versions: pinned.map((each) => each.label), problems });
    });
  }
}

function csv(text: string, inputs: Parameters<typeof rowsOfCsv>[1]): ScoringRequest {
  const rows = rowsOfCsv(text, inputs);
  checkRowCount(rows.length);
  return { rows, ids: null };
}

/** Requests with the same key are answered by the same version. */
export function routingKeyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
  const key = headers['x-routing-key'];
  return typeof key === 'string' && key !== '' ? key : undefined;
}
