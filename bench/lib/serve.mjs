// Tracking servers for benchmarks: started, waited for, asked, ended.
import { spawn } from 'node:child_process';
import http from 'node:http';
import path from 'node:path';
import { freePort, root, ScriptError } from '../../scripts/lib/run.mjs';

/** What our servers are asked with here. */
export const token = 'benchmark';
/** A server is waited for this long, in milliseconds. */
const patience = 60_000;
const agent = new http.Agent({ keepAlive: true });

/** @typedef {{ port: number, stop(): Promise<void> }} Server */

/**
 * A bare client that keeps its connections. @throws ScriptError for any answer but 200.
 * @param {number} port @param {string} method @param {string} target @param {object} [body] @returns {Promise<{ answer: any, bytes: number }>}
 */
export function call(port, method, target, body) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = http.request(
      { agent, host: '127.0.0.1', port, method, path: target, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...(text === undefined ? {} : { 'content-length': Buffer.byteLength(text) }) } },
      (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const content = Buffer.concat(chunks);
          if (response.statusCode === 200) {
            resolve({ answer: JSON.parse(content.toString('utf8')), bytes: content.length });
          } else {
            reject(new ScriptError(`${method} ${target} answered ${response.statusCode}: ${content.toString('utf8').slice(0, 300)}`));
          }
        });
      },
    );
    request.on('error', reject);
    request.end(text);
  });
}

/** Starts any server that speaks MLflow's protocol. @param {string} program @param {string[]} args @param {string} folder @param {number} port @param {Record<string, string>} env @returns {Promise<Server>} */
export async function serve(program, args, folder, port, env) {
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, ...env }, stdio: 'ignore', detached: process.platform !== 'win32' });
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      await call(port, 'GET', '/api/2.0/mlflow/experiments/get?experiment_id=0');
      break;
    } catch (error) {
      if (Date.now() > deadline || child.exitCode !== null) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return {
    port,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      // Some servers start workers of their own.
      process.kill(process.platform === 'win32' ? (child.pid ?? 0) : -(child.pid ?? 0), 'SIGTERM');
      await ended;
    },
  };
}

/** Starts the project server of a folder, as it was built. @param {string} folder */
export async function serveProject(folder) {
  const port = await freePort();
  return serve(process.execPath, [path.join(root, 'dist', 'runtime', 'project-server.js'), '--project', folder, '--foreground', '--port', String(port)], folder, port, { ML_LIFECYCLE_TOKEN: token });
}
