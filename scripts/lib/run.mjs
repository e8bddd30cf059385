// Child processes and files for the scripts. Plain JavaScript that runs on Node 20 before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
/** Everything that scripts download or build, apart from node_modules and dist. */
export const cache = path.join(root, '.cache');

/** Says on a line of its own what is being done. @param {string} line */
export function say(line) {
  console.log(line);
}

/** A problem that stands by itself; the script ends with it and no stack. */
export class ScriptError extends Error {}

/**
 * Runs a program to its end and gives back what it printed. Throws a ScriptError with the output's end when it fails.
 * @param {string} program @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean }} [options] `show` passes the output through.
 * @returns {Promise<string>}
 */
export function run(program, args, { cwd = root, env = process.env, show = false } = {}) {
  return new Promise((resolve, reject) => {
    // npm is a batch file on Windows, which only a shell starts; the arguments are ours alone.
    const shell = process.platform === 'win32' && /^(npm|npx|code)$/.test(program);
    const child = spawn(program, args, { cwd, env, shell, stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('error', (error) => reject(new ScriptError(`Could not start ${program}: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) {
        resolve(output);
      } else {
        reject(new ScriptError(`${program} ${args.join(' ')} ended with ${signal ?? `status ${code}`}.\n${output.slice(-4000)}`));
      }
    });
  });
}

/** npm with arguments, wherever it is. @param {string[]} args @param {Parameters<typeof run>[2]} [options] */
export function npm(args, options) {
  const cli = process.env['npm_execpath'];
  return cli?.endsWith('.js') ? run(process.execPath, [cli, ...args], options) : run('npm', args, options);
}

/** SHA-256 of files, in hex. @param {...string} files */
export function hashOf(...files) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** The text of a file, or '' where there is none. @param {string} file */
export function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/**
 * A port on 127.0.0.1 that is free now: `wanted` if it can be had, else any.
 * @param {number} [wanted] @returns {Promise<number>}
 */
export function freePort(wanted = 0) {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', (error) => (wanted === 0 ? reject(error) : resolve(freePort())));
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/** The environment without what an editor or npm puts there for its own children. */
export function cleanEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$|npm_)/.test(name)),
  );
}

/**
 * Ends a child that leads a process group, and the group with it.
 * @param {import('node:child_process').ChildProcess} child
 */
export async function endTree(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
    return;
  }
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (process.platform === 'win32') {
    await run('taskkill', ['/pid', String(child.pid), '/T', '/F']).catch(() => undefined);
  } else {
    const signal = (/** @type {NodeJS.Signals} */ name) => {
      try {
        process.kill(-(/** @type {number} */ (child.pid)), name);
      } catch {
        // The group has ended already.
      }
    };
    signal('SIGTERM');
    const force = setTimeout(() => signal('SIGKILL'), 5_000);
    await ended;
    clearTimeout(force);
  }
  await ended;
}

/** Runs a script's main function; a ScriptError is shown without a stack. @param {() => Promise<number | void>} main */
export async function entry(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    console.error(error instanceof ScriptError ? error.message : error);
    process.exitCode = 1;
  }
}
