import type { FastifyInstance } from 'fastify';
import { LabelsRequest } from '../../contracts/endpoints.ts';
import { UserError } from '../../contracts/errors.ts';
import { openApiOf } from '../../core/serving/api.ts';
import type { AppParts } from './respond.ts';
import { Refusal } from './refusal.ts';

/** What people and the project server need around the predictions. */
export function operationRoutes(app: FastifyInstance, { predictor, ask, stop }: AppParts): void {
  app.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(await ask('metrics')));
  app.get('/openapi.json', async () => {
    const { config, pinned } = predictor.loaded;
    const main = pinned.toSorted((a, b) => b.version.weight - a.version.weight)[0];
    if (main === undefined) {
      throw new Refusal(503, 'This endpoint serves nothing.');
    }
    return openApiOf({ endpoint: config.name, model: main.version.model, version: main.label, url: `http://127.0.0.1:${config.port}`, needsKey: config.keys !== null, signature: main.model.file.signature });
  });
  app.post('/labels', async (request, reply) => {
    const parsed = LabelsRequest.safeParse(request.body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const field = issue?.path.join('.') ?? '';
      throw new UserError(`${field === '' ? 'The request' : field}: ${issue?.message ?? 'is not valid'}. Send {"labels": [{"id": "…", "value": …}]}.`, { field });
    }
    const at = Date.now();
    await predictor.addLabels(parsed.data.labels.map(({ id, value }) => ({ id, value: typeof value === 'boolean' ? String(value) : value, at })));
    return reply.status(202).send({ accepted: parsed.data.labels.length });
  });
  app.get('/-/stats', async (_request, reply) => reply.type('application/json; charset=utf-8').send(await ask('stats')));
  app.post('/-/reload', async (_request, reply) => {
    const answer = await ask('reload').catch((error: Error) => {
      throw new UserError(error.message);
    });
    return reply.type('application/json; charset=utf-8').send(answer);
  });
  app.post('/-/stop', async (_request, reply) => {
    reply.raw.on('finish', stop);
    return {};
  });
}
