import { setTimeout as pause } from 'node:timers/promises';
import { ServerEvent } from '../../contracts/server.ts';
import { lines, open, type Address } from './http.ts';

/** Waits between attempts to reach the server again. In milliseconds. */
const waits = [100, 250, 500, 1000, 2000, 5000];

/**
 * Follows the server's events until `signal` aborts. When the connection breaks it is made again (`reach` may start
 * the server anew); `onReconnect` then says that events may have been missed.
 */
export async function followEvents(reach: () => Promise<Address>, signal: AbortSignal, onEvent: (event: ServerEvent) => void, onReconnect: () => void): Promise<void> {
  for (let failures = 0, first = true; !signal.aborted; ) {
    try {
      const response = await open(await reach(), 'GET', '/api/events', { signal, stream: true });
      if (!first) {
        onReconnect();
      }
      first = false;
      failures = 0;
      for await (const line of lines(response)) {
        if (line.startsWith('data: ')) {
          const parsed = ServerEvent.safeParse(JSON.parse(line.slice('data: '.length)));
          if (parsed.success) {
            onEvent(parsed.data);
          }
        }
      }
    } catch {
      // Whatever broke, the answer is to connect again.
    }
    failures += 1;
    await pause(waits[Math.min(failures, waits.length) - 1], undefined, { signal }).catch(() => undefined);
  }
}
