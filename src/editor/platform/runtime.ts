// What outlives a window runs from a copy in global storage, so that an update of the extension does not
// take files from under a running job.
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RuntimeLocation } from '../../core/client/api.ts';
import { exists } from './files.ts';
import { findNode } from './node.ts';

const processes = ['project-server.js', 'table-worker.js', 'import-worker.js', 'checkpoint-worker.js', 'job-runner.js', 'query-worker.js', 'model-server.js', 'cli.js'];
const python = ['run_notebook.py', 'notebook_without_kernel.py', 'executed_notebook.py', 'live_kernel.py', 'kernel_bridge.py', 'live_tracking.py', 'hook/sitecustomize.py'];
const entries = [...processes, ...python.map((file) => `assets/python/${file}`)];
const stamp = '.used';
const keptFor = 30 * 24 * 60 * 60 * 1000;

/** Prepares the runtime: the built folder itself during development, else the versioned copy. */
export async function locateRuntime(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<RuntimeLocation> {
  const built = context.asAbsolutePath(path.join('dist', 'runtime'));
  const [node, folder, tensorflow] = await Promise.all([
    findNode(),
    context.extensionMode === vscode.ExtensionMode.Production ? copyOf(built, context, log) : built,
    nativeTensorflow(context),
  ]);
  log.info(`Processes run from ${folder} on ${node.path} (Node ${node.version.join('.')}${node.electron ? ', the editor’s own' : ''}).`);
  return { folder, execPath: node.path, electron: node.electron, ...(tensorflow === null ? {} : { tensorflowFolder: tensorflow }) };
}

/** Where *ML: Install native TensorFlow* installs to. */
export function tensorflowFolder(context: vscode.ExtensionContext): string {
  return path.join(context.globalStorageUri.fsPath, 'tensorflow');
}

async function nativeTensorflow(context: vscode.ExtensionContext): Promise<string | null> {
  const folder = tensorflowFolder(context);
  return (await exists(path.join(folder, 'node_modules', '@tensorflow', 'tfjs-node', 'package.json'))) ? folder : null;
}

async function copyOf(built: string, context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<string> {
  const packageJson = context.extension.packageJSON as { version?: unknown };
  const all = path.join(context.globalStorageUri.fsPath, 'runtime');
  const name = `${String(packageJson.version)}-${process.platform}-${process.arch}-${await fingerprint(built)}`;
  const folder = path.join(all, name);
  if (!(await exists(folder))) {
    await mkdir(all, { recursive: true });
    const partial = path.join(all, `.partial-${process.pid}-${Date.now()}`);
    await cp(built, partial, { recursive: true });
    await writeFile(path.join(partial, stamp), '');
    await rename(partial, folder).catch(async (error: unknown) => {
      // Another window was quicker: its copy is as good.
      await rm(partial, { recursive: true, force: true });
      if (!(await exists(folder))) {
        throw error;
      }
    });
  }
  const now = new Date();
  await utimes(path.join(folder, stamp), now, now).catch(() => undefined);
  void removeOld(all, name).catch((error: unknown) => log.warn(`Old runtimes could not be removed: ${String(error)}`));
  return folder;
}

/** Names the content: entry files name their chunks by hash, so two builds of one version do not mix. */
async function fingerprint(built: string): Promise<string> {
  const hash = createHash('sha256');
  for (const entry of entries) {
    hash.update(await readFile(path.join(built, entry)));
  }
  return hash.digest('hex').slice(0, 12);
}

/** A copy that no window used for a month serves no job any more. */
async function removeOld(all: string, current: string): Promise<void> {
  for (const name of await readdir(all)) {
    const folder = path.join(all, name);
    const used = await stat(path.join(folder, stamp)).catch(() => stat(folder));
    if (name !== current && Date.now() - used.mtimeMs > keptFor) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
