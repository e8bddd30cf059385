#!/usr/bin/env node
// npm start: opens VS Code on examples/loans with the extension running.
// npm start -- [--folder DIR] [--port N] [--server]   (--server: the VS Code server even where `code` exists)
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap } from './lib/bootstrap.mjs';
import { buildIfChanged, sourceHash } from './lib/build.mjs';
import { calmSettings, installCodeServer, installExtension, startCodeServer, writeMachineSettings } from './lib/codeServer.mjs';
import { cache, entry, root, run, say, ScriptError, textOf } from './lib/run.mjs';
import { packageApart } from './package.mjs';

const dataFolder = path.join(cache, 'start');

/** The desktop editor, where its command works. */
async function hasDesktop() {
  return run('code', ['--version']).then(
    () => true,
    () => false,
  );
}

/** Packages and installs the extension where a source changed since the last time. */
async function ensureInstalled() {
  const stamp = path.join(dataFolder, 'installed');
  const wanted = sourceHash();
  if (textOf(stamp) === wanted) {
    return;
  }
  say('Packaging the extension and installing it into the server …');
  const vsix = await packageApart({ out: path.join(cache, 'start.vsix'), production: false });
  await installExtension(vsix, dataFolder);
  writeFileSync(stamp, wanted);
}

/** Ends the project server that windows on this folder started, and its jobs. @param {string} folder */
async function stopProjectServer(folder) {
  if (existsSync(path.join(folder, '.ml', 'server.json'))) {
    await run(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), 'server', '--stop', '--cancel-jobs', '--project', folder]).catch((error) => say(error.message));
  }
}

/** Resolves on the first Ctrl+C or SIGTERM. */
function interrupted() {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve(undefined));
    process.once('SIGTERM', () => resolve(undefined));
  });
}

await entry(async () => {
  const { values } = parseArgs({ options: { folder: { type: 'string' }, port: { type: 'string' }, server: { type: 'boolean' } } });
  const folder = path.resolve(values.folder ?? path.join(root, 'examples', 'loans'));
  const port = Number(values.port ?? 8765);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new ScriptError(`--port takes a number from 1 to 65535, not "${values.port}".`);
  }
  if (!existsSync(folder)) {
    throw new ScriptError(`There is no folder ${folder}.`);
  }
  if (!(await bootstrap())) {
    return;
  }
  const stop = interrupted();
  await buildIfChanged();
  if (values.server !== true && (await hasDesktop())) {
    say(`Opening VS Code on ${folder} …`);
    const editor = run('code', ['--new-window', '--wait', `--extensionDevelopmentPath=${root}`, folder], { show: true });
    await Promise.race([editor, stop]);
    await stopProjectServer(folder);
    return;
  }
  await installCodeServer();
  await ensureInstalled();
  writeMachineSettings(dataFolder, calmSettings);
  say('Starting the VS Code server …');
  const token = textOf(path.join(dataFolder, 'token')) || undefined;
  // Who runs this script trusts this repository already; another folder asks first.
  const server = await startCodeServer({ dataFolder, port, trust: values.folder === undefined, ...(token ? { token } : {}) });
  writeFileSync(path.join(dataFolder, 'token'), server.token, { mode: 0o600 });
  if (server.port !== port) {
    say(`Port ${port} is taken; using ${server.port}.`);
  }
  say('VS Code is ready. Open this address; press Ctrl+C here to end it:');
  say(server.url(folder));
  await Promise.race([stop, server.ended]);
  say('Ending VS Code and what it started …');
  await server.stop();
  await stopProjectServer(folder);
});
