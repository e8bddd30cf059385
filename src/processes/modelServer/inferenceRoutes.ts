import type { FastifyInstance } from 'fastify';
import { inferenceResponse, parseInferenceRequest, tensorsOf, type PinnedModel } from '../../core/serving/api.ts';
import { version } from '../../../package.json';
import { requestId, respond, type AppParts } from './respond.ts';
import { Refusal } from './refusal.ts';
import { routingKeyOf } from './scoringRoutes.ts';

interface Named {
  Params: { model: string; version?: string };
}

/** The Open Inference Protocol, version 2. */
export function inferenceRoutes(app: FastifyInstance, parts: AppParts): void {
  const { predictor } = parts;
  /** A model goes by its registered name; the endpoint's name stands for it too. */
  const find = ({ model, version: label }: Named['Params'], routingKey?: string): PinnedModel => {
    const { config, pinned } = predictor.loaded;
    const names = new Set(pinned.map((each) => each.version.model));
    if (model !== config.name && !names.has(model)) {
      throw new Refusal(404, `There is no model "${model.slice(0, 60)}" here. This endpoint serves ${[...names].join(', ')}.`);
    }
    return predictor.choose(routingKey, label);
  };
  app.get('/v2/health/live', async () => ({ live: true }));
  app.get('/v2/health/ready', async (_request, reply) => reply.status(parts.isReady() ? 200 : 503).send({ ready: parts.isReady() }));
  app.get('/v2', async () => ({ name: 'ml-lifecycle', version, extensions: [] }));
  app.get('/v2/models', async () => ({ models: [...new Set(predictor.loaded.pinned.map((each) => each.version.model))] }));
  for (const base of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    app.get<Named>(base, async (request) => {
      const chosen = find(request.params);
      const { signature } = chosen.model.file;
      return { name: request.params.model, versions: predictor.loaded.pinned.map((each) => each.label), platform: 'ml-lifecycle_model', ...tensorsOf(signature) };
    });
    app.get<Named>(`${base}/ready`, async (request) => {
      find(request.params);
      return { name: request.params.model, ready: parts.isReady() };
    });
    app.post<Named>(`${base}/infer`, async (request, reply) => {
      const pinned = find(request.params, routingKeyOf(request.headers));
      const { signature } = pinned.model.file;
      const { id: own, rows, outputs } = parseInferenceRequest(request.body, signature);
      const id = requestId(request, own);
      return respond(parts, request, reply, { pinned, rows, id }, (predictions) => inferenceResponse({ name: request.params.model, version: pinned.label }, id, predictions, signature, outputs));
    });
  }
}
