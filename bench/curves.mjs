#!/usr/bin/env node
// A run with a million points in one metric: opening its curve, following it live, zooming in; beside sending its whole
// history, as a panel without thinning does: node bench/curves.mjs [--points 1000000]
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfChanged } from '../scripts/lib/build.mjs';
import { entry, say } from '../scripts/lib/run.mjs';
import { call, serveProject } from './lib/serve.mjs';

const { values: options } = parseArgs({ options: { points: { type: 'string', default: '1000000' } } });
const many = Number(options.points);

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
  let server = await serveProject(folder);
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
    server = await serveProject(folder);
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
