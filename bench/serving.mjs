#!/usr/bin/env node
// One row at a time by logistic regression on loans: our endpoint beside MLflow's scoring server and MLServer:
//   node bench/serving.mjs [seconds] [rounds]
// All servers run, with two workers each; they are asked in turns, and the median of the rounds counts, so that what
// else the machine does meets them alike. Ours keeps its prediction log on, which the others do not have.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import autocannon from 'autocannon';
import { buildIfChanged } from '../scripts/lib/build.mjs';
import { cache, entry, root, run, say } from '../scripts/lib/run.mjs';

const seconds = Number(process.argv[2] ?? 4);
const rounds = Number(process.argv[3] ?? 3);
const workers = 2;
const loans = path.join(root, 'examples', 'loans');
const folder = path.join(cache, 'bench');
const cli = path.join(root, 'dist', 'runtime', 'cli.js');

/** A venv with these packages, made once. @param {string} name @param {string[]} packages */
async function venv(name, packages) {
  const python = path.join(folder, name, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const stamp = path.join(folder, `${name}.packages`);
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== packages.join(' ')) {
    say(`Installing ${packages.join(' ')} …`);
    await run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', path.join(folder, name)]);
    await run(python, ['-m', 'pip', 'install', '--quiet', ...packages]);
    writeFileSync(stamp, packages.join(' '));
  }
  return python;
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Starts a server of somebody else and waits until it answers. @param {string} program @param {string[]} args @param {string} url @param {NodeJS.ProcessEnv} [env] */
async function serve(program, args, url, env = process.env) {
  const child = spawn(program, args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));
  for (let waited = 0; ; waited += 200) {
    if ((await fetch(url).catch(() => null))?.ok) {
      return () => {
        if (child.pid !== undefined) {
          process.kill(-child.pid, 'SIGKILL');
        }
      };
    }
    if (child.exitCode !== null || waited > 120_000) {
      throw new Error(`${program} does not serve.\n${output.slice(-2000)}`);
    }
    await pause(200);
  }
}

/**
 * @typedef {{ name: string, url: string, body: unknown, headers?: Record<string, string>, end: () => Promise<void> | void }} Contestant
 * @typedef {{ rate: number, p50: number, p99: number }} Result
 */

/** @param {Contestant} contestant @param {number} duration @returns {Promise<Result>} */
async function measure({ url, body, headers, name }, duration) {
  const { requests, latency, errors, non2xx } = await autocannon({ url, method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body), connections: 10, duration });
  if (errors + non2xx > 0) {
    throw new Error(`${name}: ${errors + non2xx} requests failed.`);
  }
  return { rate: requests.average, p50: latency.p50, p99: latency.p99 };
}

/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** The first loan, as JSON. */
function loan() {
  const [header = '', first = ''] = readFileSync(path.join(loans, 'loans.csv'), 'utf8').replaceAll('"', '').split('\n');
  const values = first.split(',');
  return Object.fromEntries(header.trim().split(',').map((name, index) => [name, Number.isNaN(Number(values[index])) ? (values[index] ?? '').trim() : Number(values[index])]).filter(([name]) => name !== 'Class'));
}

/** @param {Record<string, unknown>} row @returns {Promise<Contestant>} */
async function ours(row) {
  const project = path.join(folder, 'serving-project');
  // What goes on is said before the document.
  const call = async (/** @type {string[]} */ ...args) => JSON.parse((await run(process.execPath, [cli, ...args, '--json'], { cwd: project })).trim().split('\n').at(-1) ?? '');
  if (!existsSync(path.join(project, 'models', 'loans'))) {
    mkdirSync(project, { recursive: true });
    cpSync(loans, project, { recursive: true, filter: (file) => !/[\\/](\.ml|models)([\\/]|$)/.test(file) });
    await call('train', 'loans', '--trainer', 'linear', '--as', 'loans');
  }
  const { url, key, endpoint } = await call('deploy', 'loans', '--workers', String(workers), '--name', `bench-${process.pid}`);
  return {
    name: 'ours, log on',
    url: `${url}/invocations`,
    body: { dataframe_records: [row] },
    headers: { authorization: `Bearer ${key}` },
    async end() {
      const text = await (await fetch(`${url}/metrics`)).text();
      const mean = (/** @type {string} */ name) => {
        const [sum, count] = ['sum', 'count'].map((part) => Number(new RegExp(`^${name}_${part}\\{.*\\} ([\\d.e-]+)$`, 'm').exec(text)?.[1]));
        return (((sum ?? 0) / (count ?? 1)) * 1000).toFixed(3);
      };
      say(`inside our server: ${mean('mlserve_inference_duration_seconds')} ms a prediction, ${mean('mlserve_request_duration_seconds')} ms a request, on average`);
      await call('endpoints', 'remove', endpoint);
      await run(process.execPath, [cli, 'server', '--stop'], { cwd: project });
    },
  };
}

/** Logistic regression over one-hot categories and scaled numbers, saved in both forms. */
const fit = `
import sys, joblib, pandas as pd
from sklearn.compose import make_column_transformer, make_column_selector as of
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
frame = pd.read_csv(sys.argv[1])
y, x = frame['Class'], frame.drop(columns='Class')
x = x.astype({name: 'float64' for name in x.select_dtypes('number').columns})
model = make_pipeline(make_column_transformer((StandardScaler(), of(dtype_include='number')), (OneHotEncoder(handle_unknown='ignore'), of(dtype_exclude='number'))), LogisticRegression(max_iter=1000)).fit(x, y)
if sys.argv[2] == 'mlflow':
    import mlflow, shutil
    from mlflow.models import infer_signature
    shutil.rmtree(sys.argv[3], ignore_errors=True)
    mlflow.sklearn.save_model(model, sys.argv[3], signature=infer_signature(x, model.predict(x)), serialization_format='cloudpickle')
else:
    joblib.dump(model, sys.argv[3])
`;

/** @param {Record<string, unknown>} row @returns {Promise<Contestant>} */
async function mlflow(row) {
  const python = await venv('mlflow', ['mlflow==3.17.2', 'scikit-learn==1.9.1', 'pandas==3.1.1']);
  const model = path.join(folder, 'mlflow-model');
  await run(python, ['-c', fit, path.join(loans, 'loans.csv'), 'mlflow', model]);
  const port = await freePort();
  // Its own scripts start python by its name.
  const env = { ...process.env, PATH: `${path.dirname(python)}${path.delimiter}${process.env['PATH']}`, MLFLOW_DISABLE_TELEMETRY: 'true' };
  const end = await serve(python, ['-m', 'mlflow', 'models', 'serve', '-m', model, '--env-manager', 'local', '-p', String(port), '-h', '127.0.0.1', '-w', String(workers)], `http://127.0.0.1:${port}/ping`, env);
  return { name: 'MLflow scoring server', url: `http://127.0.0.1:${port}/invocations`, body: { dataframe_records: [row] }, end };
}

/** @param {Record<string, unknown>} row @returns {Promise<Contestant>} */
async function mlserver(row) {
  const python = await venv('mlserver', ['mlserver==1.7.1', 'mlserver-sklearn==1.7.1', 'uvloop==0.21.0', 'pandas<3']);
  const models = path.join(folder, 'mlserver-model');
  mkdirSync(models, { recursive: true });
  await run(python, ['-c', fit, path.join(loans, 'loans.csv'), 'joblib', path.join(models, 'model.joblib')]);
  const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
  writeFileSync(path.join(models, 'model-settings.json'), JSON.stringify({ name: 'loans', implementation: 'mlserver_sklearn.SKLearnModel', parameters: { uri: './model.joblib' } }));
  writeFileSync(path.join(models, 'settings.json'), JSON.stringify({ host: '127.0.0.1', http_port: http, grpc_port: grpc, metrics_port: metrics, parallel_workers: workers }));
  const end = await serve(path.join(path.dirname(python), 'mlserver'), ['start', models], `http://127.0.0.1:${http}/v2/models/loans/ready`);
  const inputs = Object.entries(row).map(([name, value]) => ({ name, shape: [1, 1], ...(typeof value === 'number' ? { datatype: 'FP64', data: [value] } : { datatype: 'BYTES', data: [value], parameters: { content_type: 'str' } }) }));
  return { name: 'MLServer', url: `http://127.0.0.1:${http}/v2/models/loans/infer`, body: { parameters: { content_type: 'pd' }, inputs }, end };
}

await entry(async () => {
  await buildIfChanged({ production: true });
  const row = loan();
  /** @type {Contestant[]} */
  const contestants = [];
  try {
    for (const start of [ours, mlflow, mlserver]) {
      const contestant = await start(row).catch((error) => say(`${start.name} is left out: ${error instanceof Error ? error.message : error}`));
      if (contestant) {
        contestants.push(contestant);
        await measure(contestant, 2);
      }
    }
    say(`One row a request, ${workers} workers, 10 connections, the median of ${rounds} rounds of ${seconds} s`);
    /** @type {Map<Contestant, Result[]>} */
    const results = new Map(contestants.map((each) => [each, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [contestant, own] of results) {
        own.push(await measure(contestant, seconds));
      }
    }
    /** @type {Result | undefined} */
    let first;
    for (const [{ name }, own] of results) {
      const [rate, p50, p99] = [median(own.map((each) => each.rate)), median(own.map((each) => each.p50)), median(own.map((each) => each.p99))];
      const ratio = first === undefined ? '' : `   ours: ${(first.rate / rate).toFixed(1)} times the requests, p99 ${(p99 / first.p99).toFixed(1)} times lower`;
      say(`${name.padEnd(24)}${rate.toFixed(0).padStart(7)} requests/s   p50 ${p50.toFixed(0).padStart(5)} ms   p99 ${p99.toFixed(0).padStart(5)} ms${ratio}`);
      first ??= { rate, p50, p99 };
    }
  } finally {
    for (const contestant of contestants) {
      await contestant.end();
    }
  }
});
