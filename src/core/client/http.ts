import http from 'node:http';
import { fromFailure } from '../../contracts/errors.ts';
import { ErrorBody } from '../../contracts/server.ts';

export interface Address {
  port: number;
  token: string;
}

/** No server of ours answered, so nothing was done: asking again is safe. */
export class Unreachable extends Error {}

/** The connection broke while the answer was awaited: whether the server acted is unknown. */
export class Interrupted extends Error {}

const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });

/** Opens a request; resolves with the response when its head has come and its status is good. */
export function open(address: Address, method: string, path: string, options: { body?: unknown; signal?: AbortSignal; stream?: boolean } = {}): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  const request = http.request({
    host: '127.0.0.1',
    port: address.port,
    method,
    path,
    agent: options.stream ? false : agent,
    headers: { authorization: `Bearer ${address.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }) },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  request.on('error', (error: NodeJS.ErrnoException) => {
    if (options.signal?.aborted) {
      reject(options.signal.reason as Error);
    } else if (error.code === 'ECONNREFUSED') {
      reject(new Unreachable(error.message));
    } else {
      reject(new Interrupted(error.message));
    }
  });
  request.on('response', (response) => {
    if ((response.statusCode ?? 500) < 400) {
      resolve(response);
      return;
    }
    if (response.statusCode === 401) {
      response.resume();
      reject(new Unreachable('The token was refused.'));
      return;
    }
    text(response).then((content) => reject(failureIn(content, response.statusCode)), reject);
  });
  request.end(body);
  return promise;
}

function failureIn(content: string, status: number | undefined): Error {
  try {
    return fromFailure(ErrorBody.parse(JSON.parse(content)).error);
  } catch {
    return new Error(`The project server answered ${String(status)}: ${content.slice(0, 200)}`);
  }
}

/** The whole body. @throws Interrupted where the connection breaks. */
export async function text(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
    }
  } catch (error) {
    throw new Interrupted((error as Error).message);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The lines of a body as they arrive, without their breaks. @throws Interrupted where the connection breaks. */
export async function* lines(response: http.IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
  } catch (error) {
    throw new Interrupted((error as Error).message);
  }
  if (rest !== '') {
    throw new Interrupted('The answer ended in the middle of a line.');
  }
}
