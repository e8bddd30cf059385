import type { ServerResponse } from 'node:http';
import type { ServerEvent } from '../../contracts/server.ts';

/** Keeps proxies and clients from taking a quiet connection for a dead one. In milliseconds. */
const heartbeat = 15_000;

/** The windows that listen, and what they are told. */
export class Events {
  readonly #listeners = new Set<ServerResponse>();
  readonly #timer = setInterval(() => this.#write(': still here\n\n'), heartbeat);

  get listeners(): number {
    return this.#listeners.size;
  }

  add(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': connected\n\n');
    this.#listeners.add(response);
    response.on('close', () => this.#listeners.delete(response));
  }

  send(event: ServerEvent): void {
    this.#write(`data: ${JSON.stringify(event)}\n\n`);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const response of this.#listeners) {
      response.end();
    }
  }

  #write(text: string): void {
    for (const response of this.#listeners) {
      response.write(text);
    }
  }
}
