import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** Which of these ids stand in the lines of a folder of logs. Reads only as far as it must. */
export async function idsIn(folder: string, wanted: ReadonlySet<string>): Promise<Set<string>> {
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
