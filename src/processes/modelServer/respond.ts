import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Predictions, Row } from '../../contracts/model.ts';
import { checkId, type PinnedModel } from '../../core/serving/api.ts';
import type { Question } from './messages.ts';
import type { Metrics } from './metrics.ts';
import type { Predictor } from './predictor.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** When it came; performance.now(). */
    began: number;
  }
}

export interface AppParts {
  predictor: Predictor;
  metrics: Metrics;
  /** True from the first answer that can be given until the server drains. */
  isReady(): boolean;
  /** Asks the primary. @throws Error with its words. */
  ask(question: Question): Promise<string>;
  /** Ends the whole server. */
  stop(): void;
}

/** The request's id: the client's, else a new one. */
export function requestId(request: FastifyRequest, own?: string | null): string {
  const header = request.headers['x-request-id'];
  return own ?? (typeof header === 'string' ? checkId(header, 'X-Request-Id') : randomUUID());
}

/** Predicts, sends what `body` makes of it, then logs. */
export async function respond({ predictor }: AppParts, request: FastifyRequest, reply: FastifyReply, asked: { pinned: PinnedModel; rows: Row[]; id: string; ids?: string[] | null }, body: (predictions: Predictions, ids: string[]) => object): Promise<FastifyReply> {
  const { pinned, rows, id } = asked;
  const ids = asked.ids ?? (rows.length === 1 ? [id] : rows.map((_, index) => `${id}-${index}`));
  const whole = { pinned, rows, request: id, ids, began: request.began };
  const predictions = await predictor.predict(whole);
  await reply.header('x-request-id', id).header('x-model-version', pinned.label).type('application/json; charset=utf-8').send(JSON.stringify(body(predictions, ids)));
  predictor.answered(whole, predictions);
  return reply;
}
