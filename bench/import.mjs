#!/usr/bin/env node
// Importing a folder of MLflow with thousands of runs: node bench/import.mjs [--runs 5000] [--points 100]
// How long it takes, again when nothing is new, and how long the project server ever keeps a question waiting meanwhile.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { buildIfChanged } from '../scripts/lib/build.mjs';
import { entry, freePort, root, say, ScriptError } from '../scripts/lib/run.mjs';

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '5000' }, points: { type: 'string', default: '100' } } });
const runs = Number(options.runs);
const points = Number(options.points);
const token = 'benchmark';

/** Ten parameters, ten metrics, five tags and one file for each run. @param {string} folder */
function writeFolder(folder) {
  for (let experiment = 0; experiment < 5; experiment += 1) {
    mkdirSync(path.join(folder, String(experiment)), { recursive: true });
    writeFileSync(path.join(folder, String(experiment), 'meta.yaml'), `experiment_id: '${experiment}'\nlifecycle_stage: active\nname: experiment ${experiment}\n`);
  }
  for (let index = 0; index < runs; index += 1) {
    const id = index.toString(16).padStart(32, '0');
    const place = path.join(folder, String(index % 5), id);
    for (const each of ['params', 'metrics', 'tags', 'artifacts']) {
      mkdirSync(path.join(place, each), { recursive: true });
    }
    writeFileSync(path.join(place, 'meta.yaml'), `artifact_uri: file://${place}/artifacts\nend_time: ${1000 + index}\nexperiment_id: '${index % 5}'\nlifecycle_stage: active\nrun_id: ${id}\nrun_name: run ${index}\nstart_time: ${index}\nstatus: 3\nuser_id: ada\n`);
    writeFileSync(path.join(place, 'artifacts', 'a.txt'), 'x'.repeat(1000));
    for (let each = 0; each < 10; each += 1) {
      writeFileSync(path.join(place, 'params', `p${each}`), String(index * each));
      writeFileSync(path.join(place, 'metrics', `m${each}`), Array.from({ length: points / 10 }, (_, step) => `${1_700_000_000_000 + step} ${Math.sin(index + step)} ${step}\n`).join(''));
    }
    for (let each = 0; each < 5; each += 1) {
      writeFileSync(path.join(place, 'tags', `t${each}`), `value ${each}`);
    }
  }
}

/** The same as an SQLite file. @param {string} file */
function writeDatabase(file) {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA synchronous = OFF;
    CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT, artifact_location TEXT, lifecycle_stage TEXT);
    CREATE TABLE runs (run_uuid VARCHAR(32) PRIMARY KEY, name TEXT, user_id TEXT, status TEXT, start_time BIGINT, end_time BIGINT, lifecycle_stage TEXT, artifact_uri TEXT, experiment_id INTEGER);
    CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT, PRIMARY KEY (key, run_uuid)); CREATE INDEX params_run ON params (run_uuid);
    CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT, PRIMARY KEY (key, run_uuid)); CREATE INDEX tags_run ON tags (run_uuid);
    CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT, is_nan BOOLEAN, PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan)); CREATE INDEX metrics_run ON metrics (run_uuid);
    INSERT INTO experiments VALUES (1, 'from a database', '', 'active'); BEGIN`);
  const [run, param, tag, metric] = [
    database.prepare(`INSERT INTO runs VALUES (?, ?, 'ada', 'FINISHED', ?, ?, 'active', '', 1)`),
    database.prepare('INSERT INTO params VALUES (?, ?, ?)'),
    database.prepare('INSERT INTO tags VALUES (?, ?, ?)'),
    database.prepare('INSERT INTO metrics VALUES (?, ?, ?, ?, ?, 0)'),
  ];
  for (let index = 0; index < runs; index += 1) {
    const id = (index + 1_000_000).toString(16).padStart(32, '0');
    run.run(id, `run ${index}`, index, 1000 + index);
    for (let each = 0; each < 10; each += 1) {
      param.run(`p${each}`, String(index * each), id);
      for (let step = 0; step < points / 10; step += 1) {
        metric.run(`m${each}`, Math.sin(index + step), 1_700_000_000_000 + step, id, step);
      }
    }
    for (let each = 0; each < 5; each += 1) {
      tag.run(`t${each}`, `value ${each}`, id);
    }
  }
  database.exec('COMMIT');
  database.close();
}

/** @param {number} port @param {string} method @param {string} target @param {object} [body] @returns {Promise<any>} */
async function ask(port, method, target, body) {
  const answer = await fetch(`http://127.0.0.1:${port}/api/${target}`, { method, headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (!answer.ok) {
    throw new ScriptError(`${method} ${target} answered ${answer.status}: ${await answer.text()}`);
  }
  return answer.json();
}

/** @param {number} port @param {string} from @param {string} words */
async function measure(port, from, words) {
  const began = performance.now();
  const { task_id } = await ask(port, 'POST', 'exchange/import', { from });
  /** @type {number[]} */
  const waits = [];
  for (;;) {
    const asked = performance.now();
    const task = await ask(port, 'GET', `exchange/tasks/${task_id}`);
    waits.push(performance.now() - asked);
    if (task.status === 'finished') {
      waits.sort((a, b) => a - b);
      const { added, unchanged, files } = task.result;
      say(`${words.padEnd(28)} ${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s   ${added} new, ${unchanged} as before, ${files} files; a question waits ${(waits[Math.floor(waits.length / 2)] ?? 0).toFixed(1)} ms in the median, ${(waits[Math.floor(waits.length * 0.99)] ?? 0).toFixed(1)} ms in 99 of 100, ${(waits.at(-1) ?? 0).toFixed(1)} ms at most`);
      return;
    }
    if (task.status !== 'running' && task.status !== 'queued') {
      throw new ScriptError(task.error);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

await entry(async () => {
  await buildIfChanged();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-import-'));
  const project = path.join(folder, 'project');
  mkdirSync(project);
  writeFileSync(path.join(project, 'ml.yaml'), 'project: bench\n');
  say(`${runs} runs with ${points} points each`);
  writeFolder(path.join(folder, 'mlruns'));
  writeDatabase(path.join(folder, 'mlflow.db'));
  const port = await freePort();
  const server = spawn(process.execPath, [path.join(root, 'dist', 'runtime', 'project-server.js'), '--project', project, '--foreground', '--port', String(port)], { env: { ...process.env, ML_LIFECYCLE_TOKEN: token }, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await new Promise((resolve) => server.stdout.once('data', resolve));
    await measure(port, path.join(folder, 'mlruns'), 'mlruns');
    await measure(port, path.join(folder, 'mlruns'), 'mlruns, again');
    await measure(port, path.join(folder, 'mlflow.db'), 'mlflow.db');
    await measure(port, path.join(folder, 'mlflow.db'), 'mlflow.db, again');
  } finally {
    server.kill('SIGTERM');
    await new Promise((resolve) => server.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
  return 0;
});
