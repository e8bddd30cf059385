import http from 'node:http';
import * as z from 'zod/mini';
import { EndpointPredictions, EndpointStats } from '../../contracts/endpoints.ts';
import { UserError } from '../../contracts/errors.ts';
import type { Row } from '../../contracts/model.ts';

const Health = z.object({ endpoint: z.string(), process: z.int(), revision: z.int(), status: z.string() });
export type Health = z.infer<typeof Health>;

/** How long a model server may take to answer the project server. In milliseconds. */
const patience = 60_000;

/** What the project server asks a model server. */
export class ModelServerClient {
  readonly #port: number;
  readonly #key: string;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

  constructor(port: number, key: string) {
    this.#port = port;
    this.#key = key;
  }

  /** Who answers on the port, and whether it is ready; null where nobody of ours does. Sent without the key. */
  async health(): Promise<Health | null> {
    try {
      const { status, body } = await this.#send('GET', '/health', undefined, 2000, false);
      const health = Health.parse(JSON.parse(body));
      return status === 200 ? health : null;
    } catch {
      return null;
    }
  }

  /** @throws Error where it does not answer or does not know the key. */
  async stats(): Promise<EndpointStats> {
    return EndpointStats.parse(await this.#call('GET', '/-/stats'));
  }

  /** It serves what endpoint.json says now. @throws UserError where it cannot; then it serves what it did. */
  async reload(): Promise<void> {
    await this.#call('POST', '/-/reload');
  }

  /** Asks it to finish what is in flight and to end. */
  async stop(): Promise<void> {
    await this.#call('POST', '/-/stop');
  }

  async predict(rows: readonly Row[]): Promise<EndpointPredictions> {
    return EndpointPredictions.parse(await this.#call('POST', '/invocations', { dataframe_records: rows }));
  }

  close(): void {
    this.#agent.destroy();
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const { status, body: text } = await this.#send(method, path, body, patience, true);
    const parsed: unknown = JSON.parse(text);
    if (status < 400) {
      return parsed;
    }
    const { message, field } = z.object({ message: z.string(), field: z.optional(z.string()) }).parse(parsed);
    throw status < 500 && status !== 401 ? new UserError(message, field === undefined ? {} : { field }) : new Error(message);
  }

  #send(method: string, path: string, body: unknown, timeout: number, authorized: boolean): Promise<{ status: number; body: string }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
    const content = body === undefined ? undefined : JSON.stringify(body);
    const request = http.request({
      host: '127.0.0.1',
      port: this.#port,
      method,
      path,
      agent: this.#agent,
      signal: AbortSignal.timeout(timeout),
      headers: { ...(authorized ? { authorization: `Bearer ${this.#key}` } : {}), ...(content === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }) },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 500, body: Buffer.concat(chunks).toString('utf8') }));
    });
    request.end(content);
    return promise;
  }
}
