// Runs in and out of a project, with MLflow's own servers and the files that its own clients write.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pythonOf } from '../../scripts/lib/python.mjs';
import { freePort, root, run } from '../../scripts/lib/run.mjs';
import type { ExchangeTask, RemoteState } from '../../src/contracts/exchange.ts';
import type { RunDetail } from '../../src/contracts/runs.ts';
import { token, TrackingServer } from '../package/trackingServer.ts';

/** MLflow's own server on a database of its own. */
class MlflowServer {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'mlflow-server-'));
  readonly #python: string;
  #child: ChildProcess | null = null;
  port = 0;

  constructor(python: string) {
    this.#python = python;
  }

  get uri(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.port ||= await freePort();
    const args = ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(this.port), '--backend-store-uri', `sqlite:///${path.join(this.folder, 'mlflow.db')}`, '--artifacts-destination', path.join(this.folder, 'artifacts'), '--workers', '1'];
    // A group of its own: it starts workers.
    const child = spawn(this.#python, args, { cwd: this.folder, env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' }, stdio: 'ignore', detached: true });
    this.#child = child;
    while (!(await fetch(`${this.uri}/health`).then((answer) => answer.ok, () => false))) {
      assert.equal(child.exitCode, null, 'mlflow server ended');
      await pause(200);
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child?.pid !== undefined && child.exitCode === null) {
      const ended = once(child, 'exit');
      process.kill(-child.pid, 'SIGTERM');
      await ended;
    }
    this.#child = null;
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Runs a script of test/clients/scripts against this server, or against another place; gives the JSON of its last line. */
  async client(script: string, args: string[] = [], env: Record<string, string> = {}): Promise<Record<string, unknown>> {
    const printed = await run(this.#python, [path.join(root, 'test', 'clients', 'scripts', script), ...args], { cwd: this.folder, env: { ...process.env, MLFLOW_TRACKING_URI: this.uri, MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_ALLOW_FILE_STORE: 'true', ...env } });
    return JSON.parse(printed.trimEnd().split('\n').findLast((line) => line.startsWith('{')) ?? '') as Record<string, unknown>;
  }
}

async function cli<T>(folder: string, args: string[]): Promise<T> {
  const printed = await run(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), ...args, '--json'], { cwd: folder });
  return JSON.parse(printed.trimEnd().split('\n').findLast((line) => line.startsWith('{')) ?? '') as T;
}

async function until<T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (done(answer)) {
      return answer;
    }
    await pause(100);
  }
}

const told = (loss: readonly (readonly [number, unknown])[]): [number, string][] => loss.map(([step, value]) => [step, Number(value).toFixed(6)]);
const losses = [0, 1, 2, 3, 4].map((step): [number, number] => [step, 1 / (step + 1)]);

for (const major of ['3', '2'] as const) {
  describe(`runs in and out, with MLflow ${major}`, function () {
    this.timeout(600_000);
    let mlflow: MlflowServer;
    const project = new TrackingServer();
    before(async function () {
      let python: string;
      try {
        python = await pythonOf(`mlflow-${major}`);
      } catch (error) {
        this.test?.parent?.tests.forEach((test) => (test.title += ` (${error instanceof Error ? error.message : String(error)})`));
        return this.skip();
      }
      mlflow = new MlflowServer(python);
      await mlflow.start();
      await project.start();
    });
    after(async () => {
      await project.dispose();
      await (mlflow as MlflowServer | undefined)?.dispose();
    });

    for (const place of ['mlruns', 'mlflow.db'] as const) {
      it(`imports ${place}, and publishes it to a server whose clients find the same`, async () => {
        const source = mkdtempSync(path.join(os.tmpdir(), 'source-'));
        const folder = mkdtempSync(path.join(os.tmpdir(), 'project-'));
        try {
          writeFileSync(path.join(folder, 'ml.yaml'), 'project: imported\n');
          const written = await mlflow.client('exchange_write.py', [], { MLFLOW_TRACKING_URI: place === 'mlruns' ? `file://${source}/mlruns` : `sqlite:///${source}/mlflow.db`, ...(place === 'mlruns' ? {} : { PWD: source }) });
          if (place === 'mlflow.db') {
            // A client on a database keeps files in the folder it was started in.
            cpSync(path.join(mlflow.folder, 'mlruns'), path.join(source, 'mlruns'), { recursive: true });
          }
          const imported = await cli<ExchangeTask>(folder, ['runs', 'import', path.join(source, place)]);
          assert.deepEqual([imported.result.added, imported.result.versions, imported.result.problems], [2, 1, []]);
          assert.deepEqual((await cli<ExchangeTask>(folder, ['runs', 'import', path.join(source, place)])).result.unchanged, 2);
          const detail = await cli<RunDetail>(folder, ['runs', 'show', String(written['run_id'])]);
          assert.deepEqual([detail.run.params, detail.run.metrics['odd'], detail.run.metrics['val/acc']], [{ lr: '0.1', note: 'a: b\nc' }, null, 0.5]);
          assert.ok(detail.artifacts.some((artifact) => artifact.path === 'notes/a.txt'));

          // The other server has a registry of its own, so each place publishes under its own experiment.
          const published = await cli<ExchangeTask>(folder, ['runs', 'publish', '--to', mlflow.uri, '--experiment', 'churn', '--with-artifacts', '--with-versions']);
          assert.deepEqual([published.result.added, published.result.versions, published.result.problems], [1, 1, []]);
          const again = await cli<ExchangeTask>(folder, ['runs', 'publish', '--to', mlflow.uri, '--experiment', 'churn', '--with-artifacts', '--with-versions']);
          assert.deepEqual([again.result.unchanged, again.result.files, again.result.versions], [1, 0, 0]);
          const found = await mlflow.client('exchange_read.py', ['churn']);
          const run_ = (found['runs'] as { name: string; status: string; params: Record<string, string>; history: Record<string, [number, string][]>; text: string; note: string }[]).at(-1) ?? assert.fail();
          assert.deepEqual([run_.name, run_.status, run_.params, run_.text, run_.note], ['first', 'FINISHED', { lr: '0.1', note: 'a: b\nc' }, 'hello', 'a note\nof two lines']);
          assert.deepEqual(told(run_.history['loss'] ?? []), told(losses));
          assert.deepEqual([run_.history['odd'], run_.history['val/acc']], [[[0, 'nan']], [[3, '0.5']]]);
          assert.deepEqual(found['predicted'], [0, 1]);
        } finally {
          await cli(folder, ['server', '--stop']).catch(() => undefined);
          rmSync(source, { recursive: true, force: true });
          rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
        }
      });
    }

    it('follows a server: its runs are shown, runs of here are sent, edits go there, and a pause of it does no harm', async () => {
      const written = await mlflow.client('exchange_write.py');
      writeFileSync(path.join(project.folder, 'ml.yaml'), `project: follower\ntracking:\n  uri: ${mlflow.uri}\n  every: 1s\n`);
      const state = (): Promise<RemoteState> => project.own<RemoteState>('exchange/remote');
      await until(state, (each) => each.synchronised !== null);
      const id = String(written['run_id']);
      const shown = await until(() => project.runs(), (runs) => runs.some((each) => each.run_id === id));
      assert.equal(shown.find((each) => each.run_id === id)?.metrics['val/acc'], 0.5);
      assert.ok(!shown.some((each) => each.run_id === written['gone']));
      const { points } = await project.history(id);
      assert.deepEqual(told(points.filter(({ key }) => key === 'loss').map(({ step, value }): [number, unknown] => [step, value]).sort(([a], [b]) => a - b)), told(losses));
      const detail = await until(() => project.own<RunDetail>(`runs/${id}`), (each) => each.artifacts.some(({ path: file }) => file === 'notes/a.txt'));
      assert.equal(detail.run.tags['mlflow.note.content'], 'a note\nof two lines');

      await mlflow.stop();
      const made = await project.ask('POST', 'runs/create', { experiment_id: '0', run_name: 'made here', start_time: 1 });
      const run_id = (made.body as { run: { info: { run_id: string } } }).run.info.run_id;
      await project.ask('POST', 'runs/log-batch', { run_id, metrics: [{ key: 'loss', value: 0.25, timestamp: 5, step: 1 }] });
      await until(state, (each) => each.problem !== null && each.waiting === 1);
      await mlflow.start();
      await until(state, (each) => each.problem === null && each.waiting === 0);
      await project.ask('POST', 'runs/update', { run_id, status: 'FINISHED', end_time: 9 });
      const search = async (): Promise<{ info: { status: string; run_name: string } }[]> =>
        ((await (await fetch(`${mlflow.uri}/api/2.0/mlflow/runs/search`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ experiment_ids: ['0'], filter: "attributes.run_name = 'made here'" }) })).json()) as { runs?: { info: { status: string; run_name: string } }[] }).runs ?? [];
      assert.equal((await until(search, (runs) => runs[0]?.info.status === 'FINISHED')).length, 1);

      const edited = await project.change(`runs/${id}`, { name: 'renamed', note: 'changed' });
      assert.equal(edited, 200);
      const there = (await (await fetch(`${mlflow.uri}/api/2.0/mlflow/runs/get?run_id=${id}`)).json()) as { run: { info: { run_name: string }; data: { tags: { key: string; value: string }[] } } };
      assert.deepEqual([there.run.info.run_name, there.run.data.tags.find(({ key }) => key === 'mlflow.note.content')?.value], ['renamed', 'changed']);
      writeFileSync(path.join(project.folder, 'ml.yaml'), 'project: follower\n');
      await until(state, (each) => each.uri === null);
    });

    it('sends on what a client writes into its runs: at once, or after a pause of it and a kill of ours, and tells what it refuses', async () => {
      const { run_id: id } = (await mlflow.client('exchange_write.py')) as { run_id: string };
      const follow = (): void => writeFileSync(path.join(project.folder, 'ml.yaml'), `project: follower\ntracking:\n  uri: ${mlflow.uri}\n  every: 1s\n`);
      follow();
      const state = (): Promise<RemoteState> => project.own<RemoteState>('exchange/remote');
      await until(() => project.runs(), (runs) => runs.some((each) => each.run_id === id));
      const change = (name: string): Promise<Record<string, unknown>> => mlflow.client('exchange_change.py', ['change', id, name], { MLFLOW_TRACKING_URI: project.uri, MLFLOW_TRACKING_TOKEN: token });
      const look = (): Promise<Record<string, unknown>> => mlflow.client('exchange_change.py', ['look', id, '']);
      const wanted = (name: string): unknown[] => [name, 'KILLED', name, name, null, name];
      const seen = (found: Record<string, unknown>, name: string): unknown[] => [found['name'], found['status'], (found['params'] as Record<string, string>)[name], (found['tags'] as Record<string, string>)['changed'], (found['tags'] as Record<string, string>)['extra'] ?? null, found['text']];

      const online = await change('online');
      assert.deepEqual([online['history'], online['text']], [5, 'hello']);
      const first = await look();
      assert.deepEqual(seen(first, 'online'), wanted('online'));
      assert.deepEqual([first['history'], first['goal']], [6, 'online']);

      await mlflow.stop();
      await change('offline');
      assert.ok((await until(state, (each) => each.problem !== null)).changes > 0);
      await project.end('SIGKILL');
      await project.start();
      follow();
      await until(state, (each) => each.changes > 0);
      await mlflow.start();
      await until(state, (each) => each.problem === null && each.changes === 0 && each.synchronised !== null);
      const second = await look();
      assert.deepEqual(seen(second, 'offline'), wanted('offline'));
      assert.deepEqual([second['history'], second['goal'], (await state()).refused], [7, 'offline', 0]);

      // What it refuses gets its own words.
      const refused = await project.ask('POST', 'runs/log-parameter', { run_id: id, key: 'lr', value: '7' });
      assert.deepEqual([refused.status, refused.body['error_code']], [400, 'INVALID_PARAMETER_VALUE']);
      assert.match(String(refused.body['message']), /^Changing param values is not allowed/);
    });
  });
}
