// Importing and publishing from outside: two at once, a kill in the middle, and whose secrets go where.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/lib/run.mjs';
import type { ExchangeTask, RemoteState } from '../../src/contracts/exchange.ts';
import type { RunSummary } from '../../src/contracts/runs.ts';
import { token, TrackingServer } from './trackingServer.ts';

describe('imports and publications of the packaged server', function () {
  this.timeout(120_000);
  const server = new TrackingServer();
  const store = mkdtempSync(path.join(os.tmpdir(), 'mlruns-'));
  const count = 300;
  const idOf = (each: number): string => each.toString(16).padStart(32, '0');
  before(async () => {
    mkdirSync(path.join(store, '5'));
    writeFileSync(path.join(store, '5', 'meta.yaml'), `experiment_id: '5'\nlifecycle_stage: active\nname: churn\n`);
    for (let each = 0; each < count; each += 1) {
      const folder = path.join(store, '5', idOf(each));
      mkdirSync(path.join(folder, 'metrics'), { recursive: true });
      writeFileSync(path.join(folder, 'meta.yaml'), `run_id: ${idOf(each)}\nrun_name: run ${each}\nstatus: 3\nstart_time: 1000\nend_time: 2000\nlifecycle_stage: active\n`);
      writeFileSync(path.join(folder, 'metrics', 'loss'), '1000 1.0 0\n1001 0.5 1\n1002 nan 2\n');
    }
    await server.start();
  });
  after(async () => {
    await server.dispose();
    rmSync(store, { recursive: true, force: true });
  });

  const begin = (): Promise<ExchangeTask> => server.post<ExchangeTask>('exchange/import', { from: store });
  async function until(task_id: string, done: (task: ExchangeTask) => boolean): Promise<ExchangeTask> {
    for (;;) {
      const task = await server.own<ExchangeTask>(`exchange/tasks/${task_id}`);
      if (done(task)) {
        return task;
      }
    }
  }
  const ended = ({ status }: ExchangeTask): boolean => status !== 'queued' && status !== 'running';

  /** Runs the command line; resolves however it ends. */
  function cli(args: string[], env: Record<string, string>): Promise<{ status: number; out: string }> {
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), ...args], { cwd: server.folder, env: { ...process.env, ...env } }, (_error, stdout, stderr) => resolve({ status: child.exitCode ?? -1, out: stdout + stderr }));
    });
  }

  it('survive a kill in the middle: the next one completes what the last one left', async () => {
    const { task_id } = await begin();
    await until(task_id, ({ result, status }) => result.added > 10 || status === 'finished');
    await server.end('SIGKILL');
    await server.start();
    const { result } = await until((await begin()).task_id, ended);
    assert.deepEqual([result.added + result.changed + result.unchanged, result.problem_count], [count, 0]);
    assert.equal((await server.runs()).length, count);
    assert.equal((await server.history(idOf(count - 1))).points.length, 3);
  });

  it('of two windows at once come once, and one that is cancelled says so', async () => {
    const [first, second, third] = await Promise.all([begin(), begin(), begin()]);
    await server.post(`exchange/tasks/${third.task_id}/cancel`, {});
    const results = await Promise.all([until(first.task_id, ended), until(second.task_id, ended), until(third.task_id, ended)]);
    assert.deepEqual(results.map(({ status }) => status), ['finished', 'finished', 'cancelled']);
    assert.deepEqual(results.slice(0, 2).map(({ result }) => result.unchanged), [count, count]);
    assert.equal((await server.runs()).length, count);
  });

  it('send a token only to the server it is for, and show none', async () => {
    const seen: (string | undefined)[] = [];
    const stranger = http.createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"error_code":"UNAUTHENTICATED","message":"no"}');
    });
    stranger.listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const uri = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    try {
      const publish = ['runs', 'publish', '--to', uri, '--experiment', 'churn'];
      // As in a terminal of this project.
      const own = await cli(publish, { MLFLOW_TRACKING_URI: server.uri, MLFLOW_TRACKING_TOKEN: token });
      assert.equal(own.status, 2);
      assert.match(own.out, /refuses access \(401: no\)\. Sign in/);
      assert.deepEqual(new Set(seen), new Set([undefined]));
      seen.length = 0;
      const meant = await cli(publish, { MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_TOKEN: 'meant-for-it' });
      assert.deepEqual(new Set(seen), new Set(['Bearer meant-for-it']));
      assert.ok(!meant.out.includes('meant-for-it'));
    } finally {
      stranger.close();
    }
  });
});

describe('a packaged server that follows another one', function () {
  this.timeout(120_000);
  const [remote, follower] = [new TrackingServer(), new TrackingServer()];
  before(async () => {
    await Promise.all([remote.start(), follower.start()]);
  });
  after(async () => {
    await Promise.all([remote.dispose(), follower.dispose()]);
  });

  async function until<T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> {
    for (;;) {
      const answer = await ask();
      if (done(answer)) {
        return answer;
      }
    }
  }
  const state = (): Promise<RemoteState> => follower.own<RemoteState>('exchange/remote');
  async function follow(password: string): Promise<void> {
    writeFileSync(path.join(follower.folder, 'ml.yaml'), `project: follower\ntracking:\n  uri: ${remote.uri}\n  every: 1s\n`);
    await until(state, ({ uri }) => uri === remote.uri);
    await fetch(`${follower.uri}/api/exchange/credentials`, { method: 'PUT', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ uri: remote.uri, credentials: { token: password } }) });
  }
  const runOf = async (server: TrackingServer, run_id: string): Promise<RunSummary | undefined> => (await server.runs()).find((run) => run.run_id === run_id);

  it('keeps what a client writes while that is away, over a kill of its own, and says what a wrong token does', async () => {
    const made = await remote.ask('POST', 'runs/create', { experiment_id: '0', run_name: 'there', start_time: 1 });
    const { run_id } = (made.body as { run: { info: { run_id: string } } }).run.info;
    await follow('wrong');
    await until(state, ({ needs_credentials }) => needs_credentials);
    await follow(token);
    await until(() => runOf(follower, run_id), (run) => run !== undefined);
    assert.equal((await follower.ask('POST', 'runs/log-parameter', { run_id, key: 'a', value: '1' })).status, 200);
    assert.deepEqual((await runOf(remote, run_id))?.params, { a: '1' });

    await remote.end('SIGKILL');
    for (let step = 0; step < 50; step += 1) {
      assert.equal((await follower.ask('POST', 'runs/log-metric', { run_id, key: 'loss', value: step, timestamp: step, step })).status, 200);
    }
    assert.equal((await follower.ask('POST', 'runs/set-tag', { run_id, key: 'who', value: 'ada' })).status, 200);
    await until(state, ({ changes, problem }) => changes === 51 && problem !== null);
    await follower.end('SIGKILL');
    await remote.start();
    await follower.start();
    await follow(token);
    await until(state, ({ changes, synchronised }) => changes === 0 && synchronised !== null);
    assert.equal((await remote.history(run_id)).points.length, 50);
    const [there, here] = [await runOf(remote, run_id), await runOf(follower, run_id)];
    assert.deepEqual([there?.metrics, there?.params, there?.tags['who']], [here?.metrics, here?.params, here?.tags['who']]);
    assert.equal(there?.tags['who'], 'ada');
  });
});
