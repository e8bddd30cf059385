// What is in the package that people install.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import path from 'node:path';
import { open as openZip } from 'yauzl';
import { testPackage } from '../../scripts/lib/vscodeUnderTest.mjs';

const largest = 80_000_000;

function listing(file: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    openZip(file, { lazyEntries: false }, (error, zip) => {
      if (error) {
        reject(error);
        return;
      }
      const names: string[] = [];
      zip.on('entry', (entry: { fileName: string }) => names.push(entry.fileName.replace(/^extension\//, '')));
      zip.on('end', () => resolve(names));
      zip.on('error', reject);
    });
  });
}

describe('the package', () => {
  let names: string[];
  before(async () => {
    names = await listing(testPackage);
  });

  it('holds everything that runs', () => {
    for (const needed of ['package.json', 'dist/extension.js', ...['project-server', 'job-runner', 'table-worker', 'import-worker', 'checkpoint-worker', 'query-worker', 'model-server', 'cli'].map((name) => `dist/runtime/${name}.js`), ...['profile', 'train', 'run', 'compare', 'model'].map((name) => `dist/webview/${name}.js`), 'dist/runtime/assets/tfjs-backend-wasm-simd.wasm', 'dist/runtime/assets/tree-sitter-python.wasm', 'dist/runtime/assets/python/run_notebook.py', 'dist/runtime/assets/python/hook/sitecustomize.py', 'dist/grammars/tree-sitter-python.wasm', 'media/icon.png', 'LICENSE.txt']) {
      assert.ok(names.includes(needed), `${needed} is missing`);
    }
  });

  it('holds the binaries of this platform and of no other', () => {
    const binaries = names.filter((name) => /\.(node|so|dylib|dll)$/.test(name));
    assert.ok(binaries.length > 0);
    for (const name of binaries) {
      assert.ok(name.includes(`node-bindings-${process.platform}-${process.arch}/`), name);
    }
  });

  it('holds no sources, tests, maps or tools', () => {
    const wrong = names.filter((name) => /^(src|test|webview-ui|scripts|bench|docs|examples|node_modules|\.)/.test(name) || /^dist\/(?!runtime\/node_modules).*\.(map|ts)$/.test(name));
    assert.deepEqual(wrong, []);
  });

  it('is small enough', () => {
    const { size } = statSync(testPackage);
    console.log(`${path.basename(testPackage)}: ${(size / 1e6).toFixed(1)} MB`);
    assert.ok(size <= largest);
  });
});
