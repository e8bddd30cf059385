import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { endpointFiles, type LabelLine, type LabelsRequest, type LabelsResult } from '../../contracts/endpoints.ts';
import { LineLog } from '../serving/api.ts';

/**
 * Appends labels to an endpoint's folder; resolves when they are on disk. Those of unknown ids are kept too, and
 * reported: they count once a prediction has the id.
 *
 * @param flush so long predictions may stay unwritten, in milliseconds; 0 where the endpoint does not run.
 */
export async function addLabels(folder: string, { labels }: LabelsRequest, flush: number, onError: (error: Error) => void): Promise<LabelsResult> {
  const [predictions, own] = [path.join(folder, endpointFiles.predictions), path.join(folder, endpointFiles.labels)];
  const ids = new Set(labels.map(({ id }) => id));
  const before = await idsIn(own, ids);
  const at = Date.now();
  const log = new LineLog({ folder: own, flush: 1000, durable: true, onError });
  try {
    await log.append(labels.map(({ id, value }) => JSON.stringify({ id, value: typeof value === 'boolean' ? String(value) : value, at } satisfies LabelLine)));
  } finally {
    await log.close();
  }
  let known = await idsIn(predictions, ids);
  if (known.size < ids.size && flush > 0) {
    await pause(Math.min(flush, longestWait) + 100);
    known = await idsIn(predictions, ids);
  }
  const unknown = [...ids].filter((id) => !known.has(id));
  return { accepted: labels.length, unknown: unknown.length, unknown_ids: unknown.slice(0, 20), repeated: before.size + labels.length - ids.size };
}

/** For predictions that are not written yet. In milliseconds. */
const longestWait = 2000;

/** Which of these ids stand in the lines of a folder of logs. Reads only as far as it must. */
async function idsIn(folder: string, wanted: ReadonlySet<string>): Promise<Set<string>> {
  const found = new Set<string>();
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.ndjson')).sort().reverse();
  for (const file of files) {
    const stream = createReadStream(path.join(folder, file), { encoding: 'utf8' });
    for await (const line of createInterface({ input: stream })) {
      // Every line begins with its id; the rest of it need not be read.
      const id = /^\{"id":("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
      if (id !== undefined) {
        const text = JSON.parse(id) as string;
        if (wanted.has(text)) {
          found.add(text);
        }
      }
      if (found.size === wanted.size) {
        break;
      }
    }
    stream.destroy();
    if (found.size === wanted.size) {
      break;
    }
  }
  return found;
}
