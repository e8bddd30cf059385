// Which versions of the project's data a script read, as far as it names them.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { projectAt, readProjectFile } from '../project/api.ts';

export interface DataVersion {
  /** The data set's name in ml.yaml. */
  dataset: string;
  sha256: string;
}

/**
 * The content of the data sets of ml.yaml that a script names, in its arguments or as a literal in its source: by their
 * path, by their file's name or by their name in ml.yaml. Files that are not there are left out.
 *
 * @param root the project's folder.
 */
export async function dataVersions(root: string, script: string, args: readonly string[], signal: AbortSignal): Promise<DataVersion[]> {
  const file = await readProjectFile(projectAt(root)).catch(() => null);
  const source = await readFile(script, 'utf8').catch(() => '');
  const found: DataVersion[] = [];
  for (const [dataset, entry] of Object.entries(file?.datasets ?? {})) {
    const data = path.resolve(root, entry.path);
    const words = [entry.path, path.basename(entry.path), data, dataset];
    // As a notebook keeps it, a quote inside a string of JSON has a backslash.
    const literal = (word: string): boolean => ['"', "'", '`'].some((quote) => source.includes(`${quote}${word}${quote}`) || source.includes(`\\${quote}${word}\\${quote}`));
    const named = words.some((word) => literal(word) || args.some((each) => each === word || each.endsWith(`=${word}`) || path.resolve(path.dirname(script), each) === data));
    if (named || source.includes(`/${entry.path}"`) || source.includes(`/${entry.path}'`)) {
      const sha256 = await hashOf(data, signal);
      if (sha256 !== null) {
        found.push({ dataset, sha256 });
      }
    }
  }
  return found;
}

async function hashOf(file: string, signal: AbortSignal): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash, { signal });
    return hash.digest('hex');
  } catch {
    return null;
  }
}
