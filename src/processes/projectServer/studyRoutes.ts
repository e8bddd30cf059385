import type { FastifyInstance } from 'fastify';
import { ContinueRequest, StudySpec } from '../../contracts/tuning.ts';
import type { Studies } from '../../core/tuning/api.ts';
import { read } from './read.ts';

/** What windows and the command line ask about tuning. */
export function studyRoutes(app: FastifyInstance, { studies }: { studies: Studies }): void {
  app.get('/api/studies', async () => ({ studies: studies.list() }));
  app.post('/api/studies', async (request) => studies.start(read(StudySpec, request.body)));
  app.get<{ Params: { id: string } }>('/api/studies/:id', async (request) => studies.get(request.params.id));
  app.post<{ Params: { id: string } }>('/api/studies/:id/stop', async (request) => studies.stop(request.params.id));
  app.post<{ Params: { id: string } }>('/api/studies/:id/continue', async (request) => studies.continue(request.params.id, read(ContinueRequest, request.body)));
}
