// Where the artifacts of runs lie on this machine, also where their folder was moved with its database or its mlruns.
import { createReadStream, existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report, SourceArtifact } from './source.ts';

/** The path of a URI that names a folder of this machine; null for a bucket or a server. */
export function localPath(uri: string): string | null {
  try {
    return uri.startsWith('file:') ? fileURLToPath(new URL(uri)) : /^[a-zA-Z][a-zA-Z0-9+.-]+:/.test(uri) ? null : uri;
  } catch {
    return null;
  }
}

/**
 * The files under the artifacts of a run or a logged model, and what is said where they are not here.
 *
 * @param id of the run or model: a folder that does not bear it is not taken, so that no file can name any folder of this machine.
 * @param beside folders that hold `<experiment>/<run>/artifacts` where the one that the source names is gone.
 */
export async function* localArtifacts(owner: { id: string; artifact_uri: string }, beside: readonly string[], report: Report): AsyncGenerator<SourceArtifact> {
  const { id, artifact_uri } = owner;
  const named = localPath(artifact_uri);
  const proxied = artifact_uri.startsWith('mlflow-artifacts:');
  if (named === null && !proxied) {
    report({ message: `The files of runs under ${topOf(artifact_uri)} are kept elsewhere and were not copied.` });
    return;
  }
  const steps = artifact_uri.split(/[\\/]/).filter((step) => step !== '');
  const at = steps.indexOf(id);
  if (at < 1) {
    return;
  }
  // The experiment's folder and all below it; with one more above the run for logged models.
  const inner = [steps.slice(Math.max(0, at - 1)), steps.slice(Math.max(0, at - 2))];
  const candidates = [...(named === null ? [] : [named]), ...beside.flatMap((folder) => inner.map((each) => path.join(folder, ...each)))];
  const folder = candidates.find((each) => existsSync(each));
  if (folder !== undefined) {
    yield* filesUnder(folder, '');
  } else if (named !== null && !existsSync(path.resolve(named, '..', '..'))) {
    report({ message: `The files of runs under ${path.resolve(named, '..', '..')} were not copied: that folder is not here.` });
  }
}

/** Links are not followed: they may lead anywhere. */
async function* filesUnder(folder: string, prefix: string): AsyncGenerator<SourceArtifact> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name);
    const inside = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) {
      yield* filesUnder(file, inside);
    } else if (entry.isFile()) {
      yield { path: inside, bytes: (await stat(file)).size, file, read: async () => createReadStream(file) };
    }
  }
}

/** `s3://bucket` of a longer address, so that a thousand runs in one bucket are one sentence. */
function topOf(uri: string): string {
  return /^[^:]+:\/*[^/]*/.exec(uri)?.[0] ?? uri;
}
