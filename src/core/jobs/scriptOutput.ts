// The output file of a script or of a live notebook, read on beside it.
import { open } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { LineReader, MetricLines } from '../tracking/api.ts';
import type { Recorder } from './recorder.ts';

/** How often the output file is read on. In milliseconds. */
const readEvery = 100;
const lastLines = 200;

/** Reads the output file as it grows, records what its lines say, and gives the last lines when `ended` aborts. */
export async function readOutput(recorder: Recorder, ended: AbortSignal): Promise<string[]> {
  const metrics = new MetricLines();
  const reader = new LineReader();
  const tail: string[] = [];
  const take = (lines: string[]): void => {
    const at = Date.now();
    recorder.write(
      ...lines
        .flatMap((line) => metrics.read(line))
        .map((finding) => (finding.type === 'metric' ? { ...finding, at } : finding)),
    );
    tail.push(...lines);
    tail.splice(0, Math.max(0, tail.length - lastLines));
  };
  const file = await open(recorder.outputFile, 'r');
  try {
    const buffer = Buffer.alloc(256 * 1024);
    for (let offset = 0, last = false; !last; ) {
      last = ended.aborted;
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
        if (bytesRead === 0) {
          break;
        }
        offset += bytesRead;
        take(reader.push(buffer.subarray(0, bytesRead)));
      }
      if (!last) {
        await pause(readEvery, undefined, { signal: ended }).catch(() => undefined);
      }
    }
    take(reader.end());
    return tail;
  } finally {
    await file.close();
  }
}
