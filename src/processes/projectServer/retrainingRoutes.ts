import type { FastifyInstance } from 'fastify';
import { DecisionAnswer, RetrainRequest } from '../../contracts/retraining.ts';
import type { Retraining } from '../../core/retraining/api.ts';
import { read } from './read.ts';

/** What windows and the command line ask about retraining. */
export function retrainingRoutes(app: FastifyInstance, { retraining }: { retraining: Retraining }): void {
  app.get('/api/retrainings', async () => ({ retrainings: await retraining.states() }));
  app.get('/api/decisions', async () => ({ decisions: retraining.decisions() }));
  app.post('/api/decisions', async (request) => retraining.start(read(RetrainRequest, request.body)));
  app.get<{ Params: { id: string } }>('/api/decisions/:id', async (request) => retraining.decision(request.params.id));
  app.post<{ Params: { id: string } }>('/api/decisions/:id/answer', async (request) => retraining.answer(request.params.id, read(DecisionAnswer, request.body)));
}
