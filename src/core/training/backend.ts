// The TensorFlow.js backend: the native one where it is installed and loads, else WebAssembly, else plain JavaScript.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

export type Tensorflow = typeof tf;

export interface Backend {
  tf: Tensorflow;
  name: 'tfjs-node' | 'wasm' | 'cpu';
}

let ready: Promise<Backend> | undefined;

/** Loads once. @param folder holds an installed @tensorflow/tfjs-node, where there is one. */
export function backend(folder: string | undefined): Promise<Backend> {
  ready ??= load(folder);
  return ready;
}

async function load(folder: string | undefined): Promise<Backend> {
  const native = nativeFrom(folder);
  if (native !== null) {
    return { tf: native, name: 'tfjs-node' };
  }
  tf.enableProdMode();
  const files = wasmFolder();
  if (files !== null) {
    setWasmPaths(`${files}${path.sep}`);
    // A processor without SIMD, or a damaged file, leaves the plain backend.
    if (await tf.setBackend('wasm').catch(() => false)) {
      await tf.ready();
      return { tf, name: 'wasm' };
    }
  }
  await tf.setBackend('cpu');
  await tf.ready();
  return { tf, name: 'cpu' };
}

/** Beside the built file, or in the package when run from source. */
function wasmFolder(): string | null {
  const built = [path.join(import.meta.dirname, 'assets'), path.join(import.meta.dirname, '..', 'assets')].find((folder) => existsSync(path.join(folder, 'tfjs-backend-wasm.wasm')));
  if (built !== undefined) {
    return built;
  }
  try {
    return path.join(path.dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist');
  } catch {
    return null;
  }
}

function nativeFrom(folder: string | undefined): Tensorflow | null {
  const places = [...(folder === undefined ? [] : [path.join(folder, 'package.json')]), import.meta.url];
  for (const place of places) {
    try {
      const require = createRequire(place);
      restoreNodeUtilities(require);
      return require('@tensorflow/tfjs-node') as Tensorflow;
    } catch {
      // Not installed there, or its library does not load on this machine: the next is tried.
    }
  }
  return null;
}

/** tfjs-node 4.22 calls two functions that Node 23 removed (tensorflow/tfjs issue 8609). */
function restoreNodeUtilities(require: NodeJS.Require): void {
  const util = require('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}
