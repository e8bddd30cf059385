// A real VS Code server on this machine, from the npm package code-server: no download from anywhere else.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cache, cleanEnvironment, endTree, freePort, npm, run, say, ScriptError, textOf } from './run.mjs';

const version = '4.139.1';
const home = path.join(cache, `code-server-${version}`);
const server = path.join(home, 'node_modules', 'code-server', 'lib', 'vscode');
const stamp = path.join(home, 'complete');
/** Only what the server needs is compiled; the plain install would want Kerberos headers. */
const compiled = ['node-pty', '@vscode/spdlog', '@parcel/watcher', '@vscode/native-watchdog'];

/** Where Node's headers are: node-gyp would download them. */
async function headers() {
  if (existsSync('/usr/include/node/node_api.h')) {
    return '/usr';
  }
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = path.join(cache, 'node-headers');
  const found = path.join(folder, 'node_modules', name);
  if (!existsSync(path.join(found, 'include'))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
    await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@24.21.0`], { cwd: folder });
  }
  return found;
}

/** Installs the server into the cache where it is missing or half there. */
export async function installCodeServer() {
  if (textOf(stamp) === version) {
    return;
  }
  say(`Installing the VS Code server (code-server ${version} from npm, half a minute) …`);
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(path.join(home, 'package.json'), '{ "private": true }\n');
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund'];
  await npm(['install', ...quiet, `code-server@${version}`], { cwd: home });
  await npm(['install', '--omit=dev', ...quiet], { cwd: server });
  await npm(['rebuild', ...compiled], { cwd: server, env: { ...process.env, npm_config_nodedir: await headers() } });
  writeFileSync(stamp, version);
}

const entryPoint = path.join(server, 'out', 'server-main.js');

/** Installs a VSIX for servers with this data folder. @param {string} vsix @param {string} dataFolder */
export async function installExtension(vsix, dataFolder) {
  await run(process.execPath, [entryPoint, '--install-extension', vsix, '--force', '--server-data-dir', dataFolder, '--accept-server-license-terms'], {
    env: cleanEnvironment(),
  });
}

/** Settings for every window of servers with this data folder. @param {string} dataFolder @param {Record<string, unknown>} settings */
export function writeMachineSettings(dataFolder, settings) {
  const folder = path.join(dataFolder, 'data', 'Machine');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'settings.json'), `${JSON.stringify(settings, null, 2)}\n`);
}

/** Settings that keep the first look on the work: no chat, no welcome page of the editor itself. */
export const calmSettings = {
  'workbench.startupEditor': 'none',
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
};

/**
 * @typedef {{ pid: number, port: number, token: string, url(folder: string, query?: string): string, stop(): Promise<void>, ended: Promise<void> }} CodeServer
 */

/**
 * Starts the server and waits until it answers.
 * @param {{ dataFolder: string, port?: number, token?: string, trust?: boolean, extensionTests?: boolean, env?: Record<string, string> }} options
 *   `trust: false` opens folders in Restricted Mode until the person trusts them; `extensionTests` lets a page's payload
 *   run an extension from its folder and tests in the extension host.
 * @returns {Promise<CodeServer>}
 */
export async function startCodeServer({ dataFolder, port, token = randomBytes(16).toString('hex'), trust = true, extensionTests = false, env = {} }) {
  const chosen = await freePort(port);
  mkdirSync(dataFolder, { recursive: true });
  const child = spawn(
    process.execPath,
    [
      entryPoint,
      ...['--host', '127.0.0.1', '--port', String(chosen), '--connection-token', token],
      ...['--accept-server-license-terms', '--server-data-dir', dataFolder, '--disable-telemetry'],
      ...(trust ? ['--disable-workspace-trust'] : []),
      ...(extensionTests ? ['--enable-smoke-test-driver'] : []),
    ],
    { env: { ...cleanEnvironment(), ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32' },
  );
  const log = path.join(dataFolder, 'server-output.log');
  const file = createWriteStream(log);
  child.stdout.pipe(file);
  child.stderr.pipe(file);
  const ended = new Promise((resolve) => child.once('exit', () => resolve(undefined)));
  await answers(`http://127.0.0.1:${chosen}/version`, child, log);
  return {
    pid: child.pid ?? 0,
    port: chosen,
    token,
    url: (folder, query = '') => `http://127.0.0.1:${chosen}/?tkn=${token}&folder=${encodeURI(folder)}${query}`,
    stop: () => endTree(child),
    ended,
  };
}

/** @param {string} url @param {import('node:child_process').ChildProcess} child @param {string} log */
async function answers(url, child, log) {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) {
      throw new ScriptError(`The VS Code server ended with status ${child.exitCode}.\n${textOf(log).slice(-2000)}`);
    }
    const response = await fetch(url).catch(() => undefined);
    if (response !== undefined && response.status < 500) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await endTree(child);
  throw new ScriptError(`The VS Code server did not answer within a minute. Its output is in ${log}.`);
}
