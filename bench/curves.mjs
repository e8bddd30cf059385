#!/usr/bin/env node
// A run with a million points in one metric: opening its curve, following it live, zooming in; beside sending its whole
// history, as a panel without thinning does: node bench/curves.mjs [--points 1000000]
import { spawn } from 'node:child_process';
import http from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfChanged } from '../scripts/lib/build.mjs';
import { entry, freePort, root, say, ScriptError } from '../scripts/lib/run.mjs';

const { values: options } = parseArgs({ options: { points: { type: 'string', default: '1000000' } } });
const many = Number(options.points);
const token = 'benchmark';

/** @param {number} port @param {string} method @param {string} target @param {object} [body] @returns {Promise<{ answer: any, bytes: number }>} */
function call(port, method, target, body) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port, method, path: target, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...(text === undefined ? {} : { 'content-length': Buffer.byteLength(text) }) } },
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

/** @param {string} folder @returns {Promise<{ port: number, stop(): Promise<void> }>} */
async function serve(folder) {
  const port = await freePort();
  const child = spawn(process.execPath, [path.join(root, 'dist', 'runtime', 'project-server.js'), '--project', folder, '--foreground', '--port', String(port)], { cwd: folder, env: { ...process.env, ML_LIFECYCLE_TOKEN: token }, stdio: 'ignore' });
  for (let attempt = 0; ; attempt += 1) {
    try {
      await call(port, 'GET', '/api/2.0/mlflow/experiments/get?experiment_id=0');
      break;
    } catch (error) {
      if (attempt > 600 || child.exitCode !== null) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}

/** @param {() => Promise<{ bytes: number }>} work */
async function timed(work) {
  const began = performance.now();
  const { bytes } = await work();
  return { time: performance.now() - began, bytes };
}

/** The median of `count` times. @param {number} count @param {(index: number) => Promise<{ bytes: number }>} work */
async function median(count, work) {
  const all = [];
  for (let index = 0; index < count; index += 1) {
    all.push(await timed(() => work(index)));
  }
  return all.sort((a, b) => a.time - b.time)[Math.floor(count / 2)] ?? { time: 0, bytes: 0 };
}

await entry(async () => {
  await buildIfChanged();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-curves-'));
  let server = await serve(folder);
  try {
    const { answer } = await call(server.port, 'POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0', start_time: 1 });
    const { run_id } = answer.run.info;
    const log = (/** @type {number} */ from, /** @type {number} */ count) =>
      call(server.port, 'POST', '/api/2.0/mlflow/runs/log-batch', { run_id, metrics: Array.from({ length: count }, (_, each) => ({ key: 'loss', value: from + each === 777_777 ? 1e6 : Math.sin((from + each) / 1000) + Math.random(), timestamp: 1_700_000_000_000 + from + each, step: from + each })) });
    for (let first = 0; first < many; first += 1000) {
      await log(first, 1000);
    }
    // Nothing of it is in memory, as after a restart.
    await server.stop();
    server = await serve(folder);
    const ask = (/** @type {object} */ change) => call(server.port, 'POST', `/api/runs/${run_id}/curves`, { keys: ['loss'], axis: 'step', from: null, to: null, buckets: 250, after: null, ...change });

    // While it is read for the first time, another client logs.
    const longest = { time: 0 };
    const opening = timed(() => ask({}));
    let opened = false;
    void opening.then(() => (opened = true));
    for (let step = 0; !opened; step += 1) {
      const { time } = await timed(() => call(server.port, 'POST', '/api/2.0/mlflow/runs/log-metric', { run_id, key: 'other', value: 1, timestamp: 1_700_000_000_000 + step, step }));
      longest.time = Math.max(longest.time, time);
    }
    const first = await opening;
    const again = await median(20, () => ask({}));
    let mark = (await ask({})).answer.last;
    const quiet = await median(50, async () => ask({ after: mark }));
    /** @type {{ time: number, bytes: number }[]} */
    const news = [];
    for (let index = 0; index < 50; index += 1) {
      await log(many + index * 10, 10);
      news.push(await timed(async () => {
        const polled = await ask({ after: mark });
        mark = polled.answer.last;
        return polled;
      }));
    }
    const poll = news.sort((a, b) => a.time - b.time)[25] ?? { time: 0, bytes: 0 };
    const zoom = await median(20, (index) => ask({ from: index * 1000, to: index * 1000 + 500 }));
    const wide = await median(20, (index) => ask({ from: index * 1000, to: many / 2 + index * 1000 }));
    const { curves } = (await ask({})).answer;
    const whole = await median(3, () => call(server.port, 'GET', `/api/runs/${run_id}/history`));

    say(`\n${`${many.toLocaleString('en')} points`.padEnd(56)}${'ms'.padStart(10)}${'kB'.padStart(12)}`);
    for (const [what, { time, bytes = 0 }] of Object.entries({
      'open, for the first time since the server started': first,
      '  the longest that another client waited meanwhile': { time: longest.time, bytes: 0 },
      'open again': again,
      'poll, nothing new': quiet,
      'poll, 10 new points': poll,
      'zoom into 500 steps': zoom,
      'zoom into half': wide,
      'the whole history, as without thinning': whole,
    })) {
      say(`${what.padEnd(56)}${time.toFixed(2).padStart(10)}${(bytes / 1000).toFixed(1).padStart(12)}`);
    }
    say(`The one spike is ${curves[0].points.values.includes(1e6) || many <= 777_777 ? 'among' : 'NOT AMONG'} the ${curves[0].points.values.length} points that are drawn.`);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
});
