#!/usr/bin/env node
// Our tracking server beside `mlflow server` on SQLite, the same calls in one run: node bench/tracking.mjs [--only ours] [--runs 10000] [--points 1000000]
// "HTTP" is a bare keep-alive client, so mostly the server; "client" is MLflow's own in Python, with all that it does itself.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfChanged } from '../scripts/lib/build.mjs';
import { pythonOf } from '../scripts/lib/python.mjs';
import { entry, freePort, root, run, say } from '../scripts/lib/run.mjs';
import { call as ask, serve, serveProject, token } from './lib/serve.mjs';

const { values: options } = parseArgs({ options: { only: { type: 'string' }, runs: { type: 'string', default: '10000' }, points: { type: 'string', default: '1000000' } } });
const manyRuns = Number(options.runs);
const manyPoints = Number(options.points);

/** @typedef {import('./lib/serve.mjs').Server} Server */

/** @param {number} port @param {string} method @param {string} target @param {object} [body] @returns {Promise<any>} */
async function call(port, method, target, body) {
  return (await ask(port, method, `/api/2.0/mlflow/${target}`, body)).answer;
}

/** The median time of `count` calls, in milliseconds. @param {number} count @param {(index: number) => Promise<unknown>} work */
async function median(count, work) {
  const times = [];
  for (let index = 0; index < count; index += 1) {
    const began = performance.now();
    await work(index);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[Math.floor(count / 2)] ?? 0;
}

/** @param {string} folder @param {string} python */
async function theirs(folder, python) {
  const port = await freePort();
  const args = ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--backend-store-uri', `sqlite:///${path.join(folder, 'mlflow.db')}`, '--artifacts-destination', path.join(folder, 'artifacts'), '--workers', '1'];
  return serve(python, args, folder, port, { MLFLOW_DISABLE_TELEMETRY: 'true' });
}

/** @param {Server} server @param {string} experiment_id @param {number} index */
async function fullRun({ port }, experiment_id, index) {
  const { run: made } = await call(port, 'POST', 'runs/create', { experiment_id, start_time: 1_700_000_000_000 + index });
  const { run_id } = made.info;
  const metrics = Array.from({ length: 10 }, (_, each) => ({ key: each === 0 ? 'accuracy' : `metric_${each}`, value: ((index * 7919 + each * 104729) % 1000) / 1000, timestamp: 1, step: 0 }));
  const params = Array.from({ length: 10 }, (_, each) => ({ key: each === 0 ? 'model' : `param_${each}`, value: each === 0 ? (index % 3 === 0 ? 'tree' : 'linear') : String(index % (each + 2)) }));
  await call(port, 'POST', 'runs/log-batch', { run_id, metrics, params });
  return run_id;
}

/** @param {Server} server @param {string} run_id @param {number} points */
async function fill({ port }, run_id, points) {
  for (let first = 0; first < points; first += 1000) {
    await call(port, 'POST', 'runs/log-batch', { run_id, metrics: Array.from({ length: Math.min(1000, points - first) }, (_, each) => ({ key: 'long', value: Math.sin(first + each), timestamp: 1_700_000_000_000 + first + each, step: first + each })) });
  }
}

/** Pages as clients ask for them. @param {Server} server @param {string} run_id */
async function history({ port }, run_id) {
  let [token_, count] = ['', 0];
  do {
    const page = await call(port, 'GET', `metrics/get-history?run_id=${run_id}&metric_key=long&max_results=25000${token_ === '' ? '' : `&page_token=${encodeURIComponent(token_)}`}`);
    count += page.metrics?.length ?? 0;
    token_ = page.next_page_token ?? '';
  } while (token_ !== '');
  return count;
}

/** @param {Server} server @param {string} name @param {string} python @returns {Promise<Record<string, number>>} */
async function measure(server, name, python) {
  const { port } = server;
  const experiment = async (/** @type {string} */ title) => (await call(port, 'POST', 'experiments/create', { name: title })).experiment_id;
  const create = async (/** @type {string} */ experiment_id) => (await call(port, 'POST', 'runs/create', { experiment_id, start_time: 1 })).run.info.run_id;
  const [few, many, other] = [await experiment('few'), await experiment('many'), await experiment('other')];
  /** @type {Record<string, number>} */
  const figures = {};
  const note = async (/** @type {string} */ what, /** @type {Promise<number>} */ figure) => {
    figures[what] = await figure;
    say(`  ${name}: ${what} ${figures[what]?.toFixed(2)} ms`);
  };
  const one = await create(other);
  await note('HTTP: log one metric', median(500, (step) => call(port, 'POST', 'runs/log-metric', { run_id: one, key: 'loss', value: 0.5, timestamp: 1_700_000_000_000 + step, step })));
  await note('HTTP: log a batch of 1,000', median(20, (index) => call(port, 'POST', 'runs/log-batch', { run_id: one, metrics: Array.from({ length: 1000 }, (_, each) => ({ key: 'batch', value: each / 7, timestamp: 1_700_000_000_000 + each, step: index * 1000 + each })) })));
  await note('HTTP: create a run with 20 fields', median(100, (index) => fullRun(server, other, index)));
  const long = await create(other);
  await fill(server, long, 20_000);
  await note('HTTP: history of 20,000 points', median(5, () => history(server, long)));
  for (let index = 0; index < 500; index += 1) {
    await fullRun(server, few, index);
  }
  const search = (/** @type {string} */ id) => call(port, 'POST', 'runs/search', { experiment_ids: [id], filter: "metrics.accuracy > 0.9 and params.model = 'tree'", order_by: ['metrics.accuracy DESC'], max_results: 100 });
  await note('HTTP: search 500 runs', median(20, () => search(few)));
  const env = { ...process.env, MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}`, MLFLOW_TRACKING_TOKEN: token, MLFLOW_DISABLE_TELEMETRY: 'true' };
  const printed = await run(python, [path.join(root, 'bench', 'tracking.py'), few, long], { env });
  for (const [what, figure] of Object.entries(/** @type {Record<string, number>} */ (JSON.parse(printed.slice(printed.lastIndexOf('{')))))) {
    await note(`client: ${what}`, Promise.resolve(figure));
  }
  for (let index = 0; index < manyRuns; index += 1) {
    await fullRun(server, many, index);
  }
  await note(`HTTP: search ${manyRuns.toLocaleString('en')} runs`, median(20, () => search(many)));
  const longest = await create(other);
  await fill(server, longest, manyPoints);
  await note(`HTTP: history of ${manyPoints.toLocaleString('en')} points`, median(1, () => history(server, longest)));
  await note(`HTTP: log one metric beside ${manyPoints.toLocaleString('en')}`, median(200, (step) => call(port, 'POST', 'runs/log-metric', { run_id: longest, key: 'long', value: 0.5, timestamp: 1_800_000_000_000 + step, step: manyPoints + step })));
  return figures;
}

await entry(async () => {
  await buildIfChanged();
  const python = await pythonOf('mlflow-3');
  /** @type {Record<string, Record<string, number>>} */
  const all = {};
  for (const name of ['ours', 'mlflow']) {
    if (options.only !== undefined && options.only !== name) {
      continue;
    }
    const folder = mkdtempSync(path.join(os.tmpdir(), `bench-${name}-`));
    const server = name === 'ours' ? await serveProject(folder) : await theirs(folder, python);
    try {
      all[name] = await measure(server, name, python);
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  }
  const rows = Object.keys(Object.values(all)[0] ?? {});
  say(`\n${'milliseconds, median'.padEnd(44)}${Object.keys(all).map((name) => name.padStart(12)).join('')}${'ratio'.padStart(8)}`);
  for (const row of rows) {
    const figures = Object.values(all).map((each) => each[row] ?? NaN);
    const ratio = figures.length === 2 ? ((figures[1] ?? NaN) / (figures[0] ?? NaN)).toFixed(1) : '';
    say(`${row.padEnd(44)}${figures.map((figure) => figure.toFixed(2).padStart(12)).join('')}${ratio.padStart(8)}`);
  }
});
