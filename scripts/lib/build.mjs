// Builds dist/ when a source is newer than the last build.
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hashOf, root, run, say, textOf } from './run.mjs';

const inputs = ['src', 'webview-ui', 'python', 'media'];
const single = ['esbuild.js', 'package-lock.json', 'package.json'];

/** The hash of everything that a build reads. */
export function sourceHash() {
  const files = inputs
    .flatMap((folder) => {
      try {
        return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => path.join(root, folder, file));
      } catch {
        return [];
      }
    })
    .filter((file) => statSync(file).isFile())
    .sort();
  return hashOf(...files, ...single.map((file) => path.join(root, file)));
}

/** @param {{ production?: boolean }} [options] */
export async function buildIfChanged({ production = false } = {}) {
  const stamp = path.join(root, 'dist', '.built');
  const wanted = `${sourceHash()} ${production ? 'production' : 'development'}`;
  if (textOf(stamp) === wanted) {
    return;
  }
  say('Building …');
  await run(process.execPath, ['esbuild.js', ...(production ? ['--production'] : [])]);
  writeFileSync(stamp, wanted);
}
