import type { ServerResponse } from 'node:http';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { jobFiles, type OutputPiece } from '../../contracts/jobs.ts';
import type { JobQueue } from '../../core/jobs/api.ts';
import type { JobStore } from '../../core/tracking/api.ts';

/** How often the file is read on. In milliseconds. */
const readEvery = 100;

/**
 * Sends a job's output from byte `from` as lines of JSON (OutputPiece) until the job has ended and its end is
 * stored, then the line `end`. Characters are never cut.
 */
export async function streamOutput(response: ServerResponse, jobs: JobStore, queue: JobQueue, job_id: string, from: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  response.flushHeaders();
  const closed = new AbortController();
  response.on('close', () => closed.abort());
  const send = async (line: string): Promise<void> => {
    if (!response.write(`${line}\n`)) {
      await new Promise<void>((resolve) => {
        response.once('drain', resolve);
        response.once('close', resolve);
      });
    }
  };
  try {
    const file = await open(path.join(queue.folder(job_id), jobFiles.output), 'r').catch(() => null);
    const buffer = Buffer.alloc(64 * 1024);
    for (let offset = from, last = false; !last && !closed.signal.aborted; ) {
      const status = jobs.find(job_id)?.job.status;
      // Looked at before reading: what was written before the end is then sent before `end`.
      last = file === null || !(status === 'running' || status === 'queued');
      for (let whole = file === null ? 0 : 1; whole > 0 && !closed.signal.aborted; ) {
        const read = (await file?.read(buffer, 0, buffer.length, offset))?.bytesRead ?? 0;
        whole = wholeCharacters(buffer, read);
        offset += whole;
        if (whole > 0) {
          await send(JSON.stringify({ offset, text: buffer.toString('utf8', 0, whole) } satisfies OutputPiece));
        }
      }
      if (!last) {
        await pause(readEvery, undefined, { signal: closed.signal }).catch(() => undefined);
      }
    }
    await file?.close();
    response.end('end\n');
  } catch {
    response.destroy();
  }
}

/** How many of the first `length` bytes end with a whole UTF-8 character; a character that is still being written waits. */
function wholeCharacters(bytes: Uint8Array, length: number): number {
  for (let back = 1; back <= Math.min(3, length); back += 1) {
    const byte = bytes[length - back] ?? 0;
    if (byte >= 0xc0) {
      const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return wanted > back ? length - back : length;
    }
    if (byte < 0x80) {
      return length;
    }
  }
  return length;
}
