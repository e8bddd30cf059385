import { copyFile, mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const require = createRequire(import.meta.url);

/** A folder as the build lays it out: the parser's runtime and the grammars. */
export async function makeGrammars(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'grammars-'));
  const grammars = path.join(path.dirname(require.resolve('@vscode/tree-sitter-wasm/package.json')), 'wasm');
  for (const language of ['python', 'typescript', 'tsx', 'javascript']) {
    await copyFile(path.join(grammars, `tree-sitter-${language}.wasm`), path.join(folder, `tree-sitter-${language}.wasm`));
  }
  await copyFile(path.join(path.dirname(require.resolve('web-tree-sitter')), 'web-tree-sitter.wasm'), path.join(folder, 'web-tree-sitter.wasm'));
  return folder;
}
