// Makes a bare clone ready: packages, and Node 24 from among them where the running Node is too old.
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hashOf, npm, root, say, textOf } from './run.mjs';

const lock = path.join(root, 'package-lock.json');
const modules = path.join(root, 'node_modules');
const stamp = path.join(modules, '.ml-lifecycle-lock');
const ownNode = path.join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Installs the packages of the lock file where they are missing or older. */
async function installPackages() {
  const wanted = hashOf(lock);
  if (textOf(stamp) === wanted && existsSync(ownNode)) {
    return;
  }
  say('Installing packages (about a minute the first time) …');
  await npm(['ci', '--no-audit', '--no-fund']);
  writeFileSync(stamp, wanted);
}

function isCurrent() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 13);
}

/**
 * Call first. Resolves to true when the caller may go on; where the running Node is too old the script is run again on
 * the Node 24 that was installed, its status becomes ours, and the answer is false.
 * @returns {Promise<boolean>}
 */
export async function bootstrap() {
  await installPackages();
  process.env['PATH'] = path.join(modules, '.bin') + path.delimiter + (process.env['PATH'] ?? '');
  if (isCurrent()) {
    return true;
  }
  const child = spawn(ownNode, process.argv.slice(1), { stdio: 'inherit' });
  // Ctrl+C reaches the child as well, which then ends in its own time.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.exitCode = await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  return false;
}
