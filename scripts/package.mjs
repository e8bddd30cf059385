#!/usr/bin/env node
// Builds a VSIX for one platform, with that platform's binaries and no others.
// npm run package -- [--target linux-x64] [--out FILE] [--development]
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bootstrap } from './lib/bootstrap.mjs';
import { buildIfChanged } from './lib/build.mjs';
import { cache, entry, npm, root, run, say, ScriptError } from './lib/run.mjs';

/** VS Code's name of a platform → the end of DuckDB's package name. */
export const targets = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'alpine-x64': 'linux-x64-musl',
  'alpine-arm64': 'linux-arm64-musl',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'win32-x64',
  'win32-arm64': 'win32-arm64',
};

/** The platform that this runs on. */
export const ownTarget = `${process.platform}-${process.arch}`;

const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);

/** Folder of DuckDB's binary package for a platform: installed with the others, or fetched from npm into the cache. @param {string} name */
async function binding(name) {
  const installed = path.join(root, 'node_modules', '@duckdb', name);
  if (existsSync(installed)) {
    return installed;
  }
  const { version } = JSON.parse(readFileSync(path.join(root, 'node_modules', '@duckdb', 'node-bindings', 'package.json'), 'utf8'));
  const folder = path.join(cache, 'duckdb', `${name}-${version}`);
  if (!existsSync(path.join(folder, 'package'))) {
    say(`Fetching @duckdb/${name} ${version} …`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const printed = await npm(['pack', '--silent', `@duckdb/${name}@${version}`, '--pack-destination', folder], { cwd: folder });
    const archive = readdirSync(folder).find((file) => file.endsWith('.tgz'));
    if (archive === undefined) {
      throw new ScriptError(`npm pack gave no archive of @duckdb/${name}:\n${printed}`);
    }
    await run('tar', ['-xzf', archive], { cwd: folder });
  }
  return path.join(folder, 'package');
}

/**
 * Packages the extension and gives back the VSIX's path.
 * @param {{ target?: string, out?: string, production?: boolean }} [options]
 */
export async function packageExtension({ target = ownTarget, out, production = true } = {}) {
  const duckdb = targets[/** @type {keyof typeof targets} */ (target)];
  if (duckdb === undefined) {
    throw new ScriptError(`There is no target "${target}". Choose one of ${Object.keys(targets).join(', ')}.`);
  }
  await buildIfChanged({ production });
  const stage = path.join(cache, 'package', target);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  for (const item of readdirSync(root).filter((file) => /^(package\.json|package\.nls.*\.json|l10n|README\.md|CHANGELOG\.md|LICENSE|media|dist|\.vscodeignore)$/.test(file))) {
    cpSync(path.join(root, item), path.join(stage, item), { recursive: true });
  }
  const packages = path.join(stage, 'dist', 'runtime', 'node_modules', '@duckdb');
  cpSync(path.join(root, 'node_modules', '@duckdb', 'node-api'), path.join(packages, 'node-api'), { recursive: true });
  cpSync(path.join(root, 'node_modules', '@duckdb', 'node-bindings'), path.join(packages, 'node-bindings'), { recursive: true });
  const name = `node-bindings-${duckdb}`;
  cpSync(await binding(name), path.join(packages, name), { recursive: true });
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const packagePath = out ?? path.join(root, `ml-lifecycle-${target}-${version}.vsix`);
  const { createVSIX } = await import('@vscode/vsce');
  // Pictures in the README are relative; they need no repository to resolve against in a local package.
  await createVSIX({ cwd: stage, packagePath, target, dependencies: false, allowMissingRepository: true, rewriteRelativeLinks: false });
  return packagePath;
}

/**
 * The same in a process of its own: the packager takes the signals of its process to itself and never gives them back.
 * @param {{ out: string, production: boolean }} options
 */
export async function packageApart({ out, production }) {
  await run(process.execPath, [fileURLToPath(import.meta.url), '--out', out, ...(production ? [] : ['--development'])]);
  return out;
}

if (path.resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  await entry(async () => {
    const { values } = parseArgs({ options: { target: { type: 'string' }, out: { type: 'string' }, development: { type: 'boolean' } } });
    if (await bootstrap()) {
      const file = await packageExtension({
        ...(values.target === undefined ? {} : { target: values.target }),
        ...(values.out === undefined ? {} : { out: path.resolve(values.out) }),
        production: values.development !== true,
      });
      say(`Wrote ${file} (${megabytes(statSync(file).size)} MB).`);
    }
  });
}
