// Builds everything that ships into dist/ and, with --only-tests, nothing but the host tests into out/.
//   dist/extension.js   the extension, ESM, its heavy parts in chunks that load on demand
//   dist/runtime/       the processes and the CLI: self-contained but for native packages
//   dist/webview/       one script per panel
import { context, build } from 'esbuild';
import { cp, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const flags = new Set(process.argv.slice(2));
const production = flags.has('--production');
const native = ['@duckdb/node-api', '@tensorflow/tfjs-node'];

// Bundled CommonJS packages ask for require() and their own place; an ESM file has neither.
const requireBanner = {
  js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;",
};

const common = {
  bundle: true,
  format: 'esm',
  minify: production,
  sourcemap: production ? false : 'linked',
  logLevel: 'warning',
  legalComments: 'none',
};

const node = { ...common, platform: 'node', target: 'node22', splitting: true, banner: requireBanner };

const builds = [
  {
    ...node,
    entryPoints: { extension: 'src/extension.ts' },
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    external: ['vscode'],
    metafile: true,
  },
  {
    ...node,
    entryPoints: {
      'project-server': 'src/processes/projectServer.ts',
      'job-runner': 'src/processes/jobRunner.ts',
      'table-worker': 'src/processes/tableWorker.ts',
      'import-worker': 'src/processes/importWorker.ts',
      'checkpoint-worker': 'src/processes/checkpointWorker.ts',
      'query-worker': 'src/processes/queryWorker.ts',
      'model-server': 'src/processes/modelServer.ts',
      cli: 'src/cli/main.ts',
    },
    outdir: 'dist/runtime',
    chunkNames: 'chunks/[name]-[hash]',
    external: native,
    metafile: true,
  },
  {
    ...common,
    platform: 'browser',
    target: 'chrome130',
    splitting: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryPoints: Object.fromEntries(
      ['profile', 'train', 'tune', 'run', 'compare', 'model', 'endpoint', 'monitor', 'decision'].map((panel) => [panel, `webview-ui/${panel}/main.tsx`]),
    ),
    outdir: 'dist/webview',
    chunkNames: 'chunks/[name]-[hash]',
    define: { 'process.env.NODE_ENV': '"production"' },
    metafile: true,
  },
];

/** The host tests, as the extension host loads them. */
const hostTests = {
  ...node,
  sourcemap: 'inline',
  entryPoints: { index: 'test/host/index.ts', withJupyter: 'test/host/withJupyter.ts' },
  outdir: 'out/test/host',
  external: ['vscode', 'mocha', ...native],
};

/** What stands under the Jupyter extension's id in those tests. */
const fixtureJupyter = { ...hostTests, entryPoints: { main: 'test/host/fixture-jupyter/main.ts' }, outdir: 'out/test/host/fixture-jupyter', splitting: false };

/** Files that are read at run time rather than bundled. */
async function copyAssets() {
  const assets = 'dist/runtime/assets';
  await mkdir(assets, { recursive: true });
  const wasm = path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  for (const file of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']) {
    await cp(path.join(wasm, 'dist', file), path.join(assets, file));
  }
  const runtime = require.resolve('web-tree-sitter');
  const parser = path.join(path.dirname(runtime), 'web-tree-sitter.wasm');
  await cp('python', path.join(assets, 'python'), { recursive: true, filter: (file) => !file.includes('__pycache__') });
  await mkdir('dist/grammars', { recursive: true });
  const grammars = path.dirname(require.resolve('@vscode/tree-sitter-wasm/package.json'));
  for (const language of ['python', 'typescript', 'tsx', 'javascript']) {
    await cp(path.join(grammars, 'wasm', `tree-sitter-${language}.wasm`), `dist/grammars/tree-sitter-${language}.wasm`);
  }
  await cp(parser, 'dist/grammars/web-tree-sitter.wasm');
  // The command line reads Python too, and runs from a copy of dist/runtime alone.
  await cp(parser, path.join(assets, 'web-tree-sitter.wasm'));
  await cp(path.join(grammars, 'wasm', 'tree-sitter-python.wasm'), path.join(assets, 'tree-sitter-python.wasm'));
}

if (flags.has('--only-tests')) {
  await Promise.all([build(hostTests), build(fixtureJupyter)]);
  await cp('test/host/fixture-jupyter/package.json', 'out/test/host/fixture-jupyter/package.json');
} else if (flags.has('--watch')) {
  await copyAssets();
  const contexts = await Promise.all(builds.map((options) => context(options)));
  await Promise.all(contexts.map((each) => each.watch()));
  console.log('Watching for changes. Press Ctrl+C to stop.');
} else {
  await rm('dist', { recursive: true, force: true });
  await Promise.all(builds.map((options) => build(options)));
  await copyAssets();
}
