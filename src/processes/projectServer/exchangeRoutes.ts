import type { FastifyInstance } from 'fastify';
import { CredentialsRequest, ImportRequest, PublishRequest } from '../../contracts/exchange.ts';
import type { Exchange } from './exchangeParts.ts';
import { read } from './read.ts';

interface OfOne {
  Params: { id: string };
}

/** Imports, publications and the remote server, as windows and the command line ask for them. */
export function exchangeRoutes(app: FastifyInstance, { exchange }: { exchange: Exchange }): void {
  const { tasks, mirror } = exchange;
  app.post('/api/exchange/import', async (request) => tasks.import(read(ImportRequest, request.body)));
  app.post('/api/exchange/publish', async (request) => tasks.publish(read(PublishRequest, request.body)));
  app.get<OfOne>('/api/exchange/tasks/:id', async (request) => tasks.get(request.params.id));
  app.post<OfOne>('/api/exchange/tasks/:id/cancel', async (request) => {
    tasks.cancel(request.params.id);
    return {};
  });
  app.get('/api/exchange/remote', async () => mirror.state);
  app.post('/api/exchange/remote/synchronise', async () => {
    await mirror.synchronise(true);
    return mirror.state;
  });
  app.get('/api/exchange/remote/changes', async () => ({ changes: mirror.changes() }));
  app.post<OfOne>('/api/exchange/remote/changes/:id/retry', async (request) => {
    await mirror.retry(Number(request.params.id));
    return mirror.state;
  });
  app.delete<OfOne>('/api/exchange/remote/changes/:id', async (request) => {
    await mirror.discard(Number(request.params.id));
    return mirror.state;
  });
  app.put('/api/exchange/credentials', async (request) => {
    const { uri, credentials } = read(CredentialsRequest, request.body);
    exchange.signIn(uri, credentials);
    return {};
  });
}
