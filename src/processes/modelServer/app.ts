import { performance } from 'node:perf_hooks';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { opens, parseJsonBody } from '../../core/serving/api.ts';
import { inferenceRoutes } from './inferenceRoutes.ts';
import { operationRoutes } from './operationRoutes.ts';
import { errorBody, Refusal, statusOf } from './refusal.ts';
import type { AppParts } from './respond.ts';
import { scoringRoutes } from './scoringRoutes.ts';

/** In bytes. */
const largestBody = 50_000_000;
/** What needs no key: probes, scrapers, and what a client is written from. */
const open = new Set(['/health', '/ping', '/v2/health/live', '/v2/health/ready', '/openapi.json', '/metrics']);

/** The HTTP interface of an endpoint. Loopback only; no web page of another origin; a key where one is set. */
export function createApp(parts: AppParts): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: largestBody, forceCloseConnections: 'idle', routerOptions: { maxParamLength: 300 } });
  app.decorateRequest('began', 0);
  guard(app, parts);
  bodies(app);
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const { status, message } = statusOf(error);
    if (status >= 500 && !(error instanceof Refusal)) {
      console.error(`${new Date().toISOString()} ${request.method} ${request.url}:`, error);
    } else if (status < 500) {
      parts.metrics.refused(status);
    }
    return reply.status(status).send(errorBody(request.url, status, message, error));
  });
  app.setNotFoundHandler((request) => {
    throw new Refusal(404, `There is no ${request.method} ${request.url.slice(0, 100)} here. /openapi.json says what there is.`);
  });
  scoringRoutes(app, parts);
  inferenceRoutes(app, parts);
  operationRoutes(app, parts);
  return app;
}

function guard(app: FastifyInstance, { predictor, metrics }: AppParts): void {
  app.addHook('onRequest', (request, reply, done) => {
    request.began = performance.now();
    metrics.inProgress.inc();
    const { config } = predictor.loaded;
    reply.header('x-endpoint-revision', config.revision);
    const { host = '', origin, authorization, 'x-api-key': given } = request.headers;
    const [path = ''] = request.url.split('?', 1);
    if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)) {
      throw new Refusal(403, 'This endpoint answers on 127.0.0.1 and localhost only.');
    }
    if (origin !== undefined && !sameHost(origin, host)) {
      throw new Refusal(403, 'This endpoint does not answer web pages of other sites.');
    }
    const operation = path.startsWith('/-/');
    if (!open.has(path) && (config.keys !== null || operation)) {
      const key = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? (typeof given === 'string' ? given : undefined);
      const allowed = operation ? [config.server_key] : [...(config.keys ?? []), config.server_key];
      if (key === undefined || !opens(key, allowed)) {
        throw new Refusal(401, `${key === undefined ? 'The key is missing' : 'The key is wrong'}. Send it as the header "Authorization: Bearer <key>" or "X-API-Key: <key>".`);
      }
    }
    done();
  });
  app.addHook('onResponse', (_request, _reply, done) => {
    metrics.inProgress.dec();
    done();
  });
}

function sameHost(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

function bodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = (request: FastifyRequest, text: string): unknown => {
    checkCharset(request);
    return parseJsonBody(text);
  };
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (request: FastifyRequest, text: string) => parse(request, text));
  app.addContentTypeParser('text/csv', { parseAs: 'string' }, async (request: FastifyRequest, text: string) => {
    checkCharset(request);
    return text;
  });
  app.addContentTypeParser('*', { parseAs: 'string' }, async (request: FastifyRequest, text: string) => {
    if (request.headers['inference-header-content-length'] !== undefined) {
      throw new Refusal(400, 'The request holds binary tensors, which this server does not take. Send JSON (in Triton’s client: binary_data=False).');
    }
    // Some clients of the inference protocol send JSON without saying so.
    if (request.headers['content-type'] === undefined) {
      return text === '' ? undefined : parse(request, text);
    }
    throw new Refusal(415, `The content type "${request.headers['content-type'].slice(0, 100)}" is not taken. Send application/json or text/csv.`);
  });
}

function checkCharset(request: FastifyRequest): void {
  const charset = /;\s*charset="?([^";\s]+)/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new Refusal(415, `The charset "${charset}" is not taken. Send UTF-8.`);
  }
}
