import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { pino } from 'pino';
import { UserError } from '../../../contracts/errors.ts';
import { RemoteRefusal, RemoteUnreachable, SignInNeeded } from '../../../core/exchange/api.ts';
import { isDiskFull } from '../../../core/store/api.ts';
import { Refusal, type ArtifactStore, type RefusalCode } from '../../../core/tracking/api.ts';
import { artifactPages, artifactRoutes, artifactStreams } from './artifacts.ts';
import { experimentRoutes } from './experiments.ts';
import { forwarding } from './forwarding.ts';
import { loggedModelRoutes } from './loggedModels.ts';
import { metricRoutes } from './metrics.ts';
import { registryRoutes } from './registry.ts';
import { inOwnExperiment } from './ownExperiment.ts';
import { route, type Route, type Tracking } from './routes.ts';
import { partsOfToken, tokenIn } from '../signIn.ts';
import { runRoutes } from './runs.ts';
import { object, QueryValue } from './validate.ts';

/** From 3.4 on a client would export traces, which are not kept here. */
const spokenVersion = '3.3.2';

const statuses: Record<RefusalCode, number> = {
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  NOT_IMPLEMENTED: 501,
  INSUFFICIENT_STORAGE: 507,
};

/** What clients of MLflow's protocol ask for begins so; everything else is our own. */
export function isProtocolPath(url: string): boolean {
  return /^\/(ajax-)?api\/\d\.0\/|^\/v1\/|^\/(model-versions\/)?get-artifact\b/.test(url);
}

/** A refusal as clients of the protocol read it. */
export function sendRefusal(reply: FastifyReply, code: RefusalCode, message: string): FastifyReply {
  return reply.status(statuses[code]).send({ error_code: code, message });
}

/** What answers without a token: it says nothing about the project. */
export const openPaths: ReadonlySet<string> = new Set(['/', '/health', '/version']);

/** MLflow's REST API: experiments, runs, logged models, artifacts and the registry, over this project's own database. */
export function mlflowRoutes(app: FastifyInstance, tracking: Tracking, artifacts: ArtifactStore, log: pino.Logger): void {
  const routes = [...forwarding([...experimentRoutes(tracking), ...runRoutes(tracking)], tracking), ...metricRoutes(tracking), ...loggedModelRoutes(tracking), ...registryRoutes(tracking), ...artifactRoutes(tracking, artifacts)];
  const since3 = [route('GET', '/mlflow/server-info', object({}), () => ({ store_type: 'SqlStore', workspaces_enabled: false }))];
  for (const api of ['api', 'ajax-api']) {
    app.register(async (scope) => group(scope, routes, tracking, log), { prefix: `/${api}/2.0` });
    app.register(async (scope) => {
      refusals(scope, log);
      artifactStreams(scope, tracking, artifacts);
    }, { prefix: `/${api}/2.0` });
    app.register(async (scope) => group(scope, since3, tracking, log), { prefix: `/${api}/3.0` });
  }
  app.register(async (scope) => group(scope, [], tracking, log), { prefix: '/v1' });
  app.register(async (scope) => {
    refusals(scope, log);
    artifactPages(scope, tracking, artifacts);
  });
  app.get('/health', (_request, reply) => reply.type('text/plain').send('OK'));
  app.get('/version', (_request, reply) => reply.type('text/plain').send(spokenVersion));
  app.get('/', (_request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .send('This is the tracking server of a project in ML Lifecycle. Its runs are in VS Code, in the Experiments view of the ML Lifecycle sidebar,\nand on the command line: ml-lifecycle runs list\n'),
  );
}

function group(scope: FastifyInstance, routes: readonly Route[], { asked, database }: Tracking, log: pino.Logger): void {
  refusals(scope, log);
  scope.setNotFoundHandler((request, reply) => sendRefusal(reply, 'ENDPOINT_NOT_FOUND', `There is no ${request.method} ${request.url.split('?')[0] ?? ''} here. Traces, evaluation and the gateway are not kept by this server.`));
  scope.removeAllContentTypeParsers();
  // Clients send JSON with DELETE too, some under another type, and very old ones JSON within a JSON string.
  scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      const parsed: unknown = body === '' ? {} : JSON.parse(String(body));
      done(null, typeof parsed === 'string' ? JSON.parse(parsed) : parsed);
    } catch {
      done(new Refusal('INVALID_PARAMETER_VALUE', 'The body of the request is not valid JSON.'));
    }
  });
  for (const { method, path, handle } of routes) {
    scope.route({
      method,
      url: path,
      handler: async (request) => {
        const input = { ...queryOf(request), ...(request.body as object | undefined), ...(request.params as object) };
        const { job_id } = partsOfToken(tokenIn(request.headers.authorization ?? ''));
        return asked(request.raw.socket, () => handle(inOwnExperiment(database, path, job_id, input)));
      },
    });
  }
}

function queryOf({ query }: FastifyRequest): Record<string, QueryValue> {
  return Object.fromEntries(Object.entries(query as Record<string, string | string[]>).map(([name, value]) => [name, new QueryValue(value)]));
}

/** Never 5xx for what a caller can mend: clients repeat those for minutes. */
function refusals(scope: FastifyInstance, log: pino.Logger): void {
  scope.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof Refusal) {
      return sendRefusal(reply, error.code, error.message);
    }
    if (error instanceof RemoteRefusal) {
      return reply.status(error.status).send({ error_code: error.code, message: error.said });
    }
    if (error instanceof RemoteUnreachable || error instanceof SignInNeeded) {
      // A caller may want to go on without it, instead of asking again for minutes.
      return reply.status(400).send({ error_code: 'TEMPORARILY_UNAVAILABLE', message: error.message });
    }
    if (isDiskFull(error)) {
      return sendRefusal(reply, 'INSUFFICIENT_STORAGE', 'There is no space left on the disk for the project’s database. Nothing of this request was kept; make room and log it again.');
    }
    if (error instanceof UserError || (error.statusCode !== undefined && error.statusCode < 500)) {
      return reply.status(error.statusCode ?? 400).send({ error_code: 'INVALID_PARAMETER_VALUE', message: error.message });
    }
    log.error(error, 'tracking request');
    return reply.status(500).send({ error_code: 'INTERNAL_ERROR', message: `The tracking server failed: ${error.message}. Its log (.ml/logs/server.log) says more.` });
  });
}
