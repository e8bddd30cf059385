import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { isProtocolPath, openPaths, sendRefusal } from './mlflow/server.ts';
import { partsOfToken, tokenIn } from './signIn.ts';

/**
 * A page in a browser must not reach this server: no other Host (DNS rebinding), no Origin, and the token, as a bearer's
 * or as the password of any user.
 */
export function guard(app: FastifyInstance, { token, activity }: { token: string; activity: { last: number } }): void {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(token);
  const isToken = (given: string): boolean => timingSafeEqual(digest(given), expected);
  app.addHook('onRequest', async (request, reply) => {
    activity.last = Date.now();
    const refuse = (status: 401 | 403, message: string): unknown =>
      isProtocolPath(request.url) ? sendRefusal(reply, status === 401 ? 'UNAUTHENTICATED' : 'PERMISSION_DENIED', message) : reply.status(status).send({ error: { message, user: true } });
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    if (host !== '127.0.0.1' && host !== 'localhost') {
      return refuse(403, 'This server answers on 127.0.0.1 only.');
    }
    if (request.headers.origin !== undefined) {
      return refuse(403, 'This server does not answer web pages.');
    }
    const open = request.url === '/api/proof' || (request.method === 'GET' && openPaths.has(request.url));
    const given = tokenIn(request.headers.authorization ?? '');
    if (!open && !isToken(given) && !isToken(partsOfToken(given).token)) {
      return refuse(401, 'The token is missing or wrong. MLflow clients send the one in MLFLOW_TRACKING_TOKEN.');
    }
    return undefined;
  });
}
