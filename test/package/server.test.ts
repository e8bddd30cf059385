// The packaged processes from outside: who wins a race, what a kill loses (nothing), who is let in.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import http from 'node:http';
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root, run as runProgram } from '../../scripts/lib/run.mjs';
import type { JobSpec } from '../../src/contracts/jobs.ts';
import type { ServerEvent } from '../../src/contracts/server.ts';
import { connect, connectRunning, type ProjectClient, type RuntimeLocation } from '../../src/core/client/api.ts';
import { QueryWorker } from '../../src/core/client/queryWorker.ts';
import { processStart } from '../../src/core/discovery/api.ts';
import { projectAt, type Project } from '../../src/core/project/api.ts';

const runtime: RuntimeLocation = { folder: path.join(root, 'dist', 'runtime'), execPath: process.execPath, electron: false };

describe('the project server', function () {
  this.timeout(60_000);
  let project: Project;
  const clients: ProjectClient[] = [];

  beforeEach(async () => {
    project = projectAt(await mkdtemp(path.join(os.tmpdir(), 'server-')));
  });
  afterEach(async () => {
    const running = await connectRunning(project).catch(() => null);
    for (const job of (await running?.jobs()) ?? []) {
      await running?.cancel(job.job_id);
    }
    await running?.stop();
    running?.close();
    for (const client of clients.splice(0)) {
      client.close();
    }
    await rm(project.root, { recursive: true, force: true, maxRetries: 10 });
  });

  async function client(): Promise<ProjectClient> {
    const made = await connect(project, runtime);
    clients.push(made);
    return made;
  }
  async function script(source: string, args: string[] = []): Promise<JobSpec> {
    const file = path.join(project.root, 'train.mjs');
    await writeFile(file, source);
    return { kind: 'script', interpreter: process.execPath, interpreter_arguments: [], script: file, arguments: args, cwd: project.root };
  }
  const serverPid = async (): Promise<number> => (JSON.parse(await readFile(path.join(project.stateFolder, 'server.json'), 'utf8')) as { pid: number }).pid;
  const gone = async (pid: number): Promise<void> => {
    while ((await processStart(pid)) !== null) {
      await pause(20);
    }
  };
  const steps = 'for (let step = 0; step < 60; step += 1) { console.log(`step=${step} loss=${1 / (step + 1)}`); await new Promise((resolve) => setTimeout(resolve, 50)); }';

  it('is one, however many start it at once', async () => {
    const five = await Promise.all(Array.from({ length: 5 }, () => client()));
    const pids = new Set((await Promise.all(five.map((each) => each.status()))).map(({ pid }) => pid));
    assert.equal(pids.size, 1);
  });

  it('is one where two windows and the command line start it at once', async () => {
    await writeFile(path.join(project.root, 'ml.yaml'), 'project: begun at once\n');
    await script('console.log("loss: 1");');
    const [one, other, printed] = await Promise.all([client(), client(), runProgram(process.execPath, [path.join(runtime.folder, 'cli.js'), 'run', '--json', '--interpreter', process.execPath, 'train.mjs'], { cwd: project.root })]);
    const { run_id } = JSON.parse(printed.slice(printed.indexOf('{"run_id"'))) as { run_id: string };
    for (const window of [one, other]) {
      assert.deepEqual((await window.runs()).map((run) => [run.run_id, run.status]), [[run_id, 'finished']]);
      assert.equal((await window.status()).pid, await serverPid());
    }
  });

  it('keeps its port and its token over a restart, and its key from others', async () => {
    await (await client()).status();
    const facts = async (): Promise<unknown> => [(JSON.parse(await readFile(path.join(project.stateFolder, 'server.json'), 'utf8')) as { port: number }).port, await readFile(path.join(project.stateFolder, 'server.key'), 'utf8')];
    const before = await facts();
    const pid = await serverPid();
    await (await client()).stop();
    await gone(pid);
    await (await client()).status();
    assert.deepEqual(await facts(), before);
    if (process.platform !== 'win32') {
      assert.equal((await stat(path.join(project.stateFolder, 'server.key'))).mode & 0o077, 0);
    }
  });

  it('takes another port where its own is taken by now', async () => {
    await (await client()).status();
    const pid = await serverPid();
    const { port } = JSON.parse(await readFile(path.join(project.stateFolder, 'server.json'), 'utf8')) as { port: number };
    await (await client()).stop();
    await gone(pid);
    const stranger = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
    try {
      assert.equal((await (await client()).status()).project, project.root);
    } finally {
      stranger.close();
    }
  });

  it('loses nothing of a run when it is killed in its midst', async () => {
    const one = await client();
    const events: ServerEvent[] = [];
    one.onEvent((event) => events.push(event));
    const job = await one.submit(await script(steps));
    const pieces: string[] = [];
    const reading = (async () => {
      for await (const piece of one.output(job.job_id, 0, new AbortController().signal)) {
        pieces.push(piece.text);
      }
    })();
    while ((await one.history(job.job_id)).points.length < 5) {
      await pause(20);
    }
    const pid = await serverPid();
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    const ended = await one.waitForJob(job.job_id);
    assert.equal(ended.status, 'finished');
    assert.notEqual(await serverPid(), pid);
    const { points } = await one.history(job.job_id);
    assert.deepEqual(points.filter(({ key }) => key === 'loss').map(({ step }) => step), Array.from({ length: 60 }, (_, step) => step));
    await reading;
    assert.equal(pieces.join('').split('\n').filter(Boolean).length, 60);
    while (!events.some((event) => event.type === 'run' && event.run.status === 'finished')) {
      await pause(20);
    }
  });

  it('marks a run whose processes were killed as failed, and keeps what it had logged', async () => {
    const one = await client();
    const job = await one.submit(await script(`${steps}\nsetInterval(() => {}, 1000);`));
    while ((await one.history(job.job_id)).points.length < 3) {
      await pause(20);
    }
    const journal = (await readFile(path.join(project.jobsFolder, job.job_id, 'journal.ndjson'), 'utf8')).split('\n');
    const { pid: scriptPid } = JSON.parse(journal.find((line) => line.includes('"process"')) ?? '') as { pid: number };
    const runner = Number((await readFile(`/proc/${scriptPid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[1]);
    process.kill(runner, 'SIGKILL');
    const ended = await one.waitForJob(job.job_id);
    assert.equal(ended.status, 'failed');
    assert.match(ended.error ?? '', /ended from outside/);
    assert.ok((await one.history(job.job_id)).points.length >= 3);
    await gone(scriptPid);
  });

  it('cancels, queues, deletes and compares', async () => {
    const one = await client();
    const endless = await one.submit(await script('console.log("loss: 1"); setInterval(() => {}, 1000);'));
    await one.cancel(endless.job_id);
    assert.equal((await one.waitForJob(endless.job_id)).status, 'cancelled');
    const second = await one.submit(await script('console.log("loss: 2");', ['--lr', '0.1']));
    await one.waitForJob(second.job_id);
    const comparison = await one.compare([endless.job_id, second.job_id]);
    assert.equal(comparison.columns.find((column) => column.key === 'lr')?.values[1], '0.1');
    await one.editRun(second.job_id, { name: 'renamed', note: 'good' });
    assert.equal((await one.run(second.job_id)).run.name, 'renamed');
    await one.deleteRun(endless.job_id);
    assert.deepEqual((await one.runs()).map((run) => run.run_id), [second.job_id]);
    await assert.rejects(one.run(endless.job_id), /There is no run/);
    await assert.rejects(one.register({ run_id: second.job_id, name: 'x' }), /is a script; it kept no model/);
  });

  it('takes the same job twice as one', async () => {
    const one = await client();
    const spec = await script('console.log("loss: 1")');
    const body = { job_id: '01J00000000000000000000000', spec };
    const first = await request(project, 'POST', '/api/jobs', { body });
    const again = await request(project, 'POST', '/api/jobs', { body });
    assert.deepEqual([first.status, again.status], [200, 200]);
    await one.waitForJob('01J00000000000000000000000');
    assert.equal((await one.jobs()).length, 1);
  });

  it('lets nobody in but who knows the token, and no web page', async () => {
    await (await client()).status();
    assert.equal((await request(project, 'GET', '/api/status', { token: 'wrong' })).status, 401);
    assert.equal((await request(project, 'GET', '/api/status', { headers: { host: 'evil.example' } })).status, 403);
    assert.equal((await request(project, 'GET', '/api/status', { headers: { origin: 'http://evil.example' } })).status, 403);
    assert.equal((await request(project, 'POST', '/api/jobs', { body: { spec: { kind: 'train' } } })).status, 400);
    assert.equal((await request(project, 'POST', '/api/jobs', { raw: '{' })).status, 400);
    assert.equal((await request(project, 'GET', '/api/nothing')).status, 404);
    assert.equal((await request(project, 'GET', '/api/runs/..%2F..%2Fetc')).status, 400);
    assert.equal((await request(project, 'GET', '/api/status')).status, 200);
  });

  it('ends when nothing needs it', async () => {
    process.env['ML_LIFECYCLE_IDLE_SECONDS'] = '1';
    try {
      const one = await client();
      const { pid } = await one.status();
      one.close();
      await gone(pid);
      await assert.rejects(stat(path.join(project.stateFolder, 'server.json')));
    } finally {
      delete process.env['ML_LIFECYCLE_IDLE_SECONDS'];
    }
  });

  it('refuses a state folder that leads elsewhere, and a database that is none', async () => {
    const elsewhere = await mkdtemp(path.join(os.tmpdir(), 'elsewhere-'));
    await symlink(elsewhere, project.stateFolder);
    await assert.rejects(client(), /link to another place/);
    await rm(project.stateFolder);
    await rm(elsewhere, { recursive: true });
    const started = await client();
    const pid = await serverPid();
    await started.stop();
    await gone(pid);
    await rm(`${project.databaseFile}-wal`, { force: true });
    await rm(`${project.databaseFile}-shm`, { force: true });
    await writeFile(project.databaseFile, 'no database, but some text that is long enough. '.repeat(100));
    await assert.rejects(client(), /damaged/);
    assert.match(await readFile(project.databaseFile, 'utf8'), /^no database/);
    await rm(project.databaseFile);
  });

  it('never trusts the server of another machine', async () => {
    const own = await client();
    const pid = await serverPid();
    await own.stop();
    await gone(pid);
    await writeFile(path.join(project.stateFolder, 'server.json'), JSON.stringify({ port: 1, pid: 1, process_start: 'x', host_name: 'another (linux)', boot_id: 'x', version: '1' }));
    await assert.rejects(client(), /runs on another machine or container, another \(linux\)/);
    await rm(path.join(project.stateFolder, 'server.json'));
  });
});

describe('the query worker', function () {
  this.timeout(30_000);
  it('answers, cancels, and comes back after a crash', async () => {
    const worker = new QueryWorker(runtime);
    const loans = path.join(root, 'examples', 'loans', 'loans.csv');
    try {
      assert.equal((await worker.summary(loans)).rows, 9857);
      const stop = new AbortController();
      const cancelled = worker.profile(loans, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
      await assert.rejects(cancelled, /enough/);
      assert.deepEqual(Object.keys(await worker.charts(['curves'])), ['curves']);
      await assert.rejects(worker.profile('/nowhere.csv'), /There is no file/);
      const lost = worker.profile(loans, { onProgress: () => worker.dispose() });
      await assert.rejects(lost, /ended/);
      assert.equal((await worker.profile(loans)).rows, 9857);
    } finally {
      worker.dispose();
    }
  });
});

describe('the command line', function () {
  this.timeout(60_000);
  const run = (args: string[], cwd: string): Promise<{ code: number | null; out: string; err: string }> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), ...args], { cwd });
      const said = { out: '', err: '' };
      child.stdout.on('data', (data: Buffer) => (said.out += data.toString()));
      child.stderr.on('data', (data: Buffer) => (said.err += data.toString()));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, ...said }));
    });
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'cli-'));
    await writeFile(path.join(folder, 'empty.csv'), '');
  });
  after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

  it('gives one JSON document and exit code 0', async () => {
    const { code, out } = await run(['profile', path.join(root, 'examples', 'loans', 'loans.csv'), '--json'], folder);
    assert.equal(code, 0);
    assert.equal((JSON.parse(out) as { rows: number }).rows, 9857);
  });

  it('gives exit code 2 and one sentence for bad use and bad input', async () => {
    for (const [args, sentence] of [
      [['profile', 'empty.csv'], /empty\.csv is empty/],
      [['profile', 'none.csv'], /none\.csv/],
      [['profil'], /profil/],
      [['train', 'empty.csv'], /target/],
      [['train', 'empty.csv', '--target', 'y', '--folds', 'many'], /folds/],
      [['predict', 'nothing', 'empty.csv'], /nothing/],
      [['train', 'empty.csv', '--target', 'y'], /is empty/],
    ] as [string[], RegExp][]) {
      const { code, err, out } = await run(args, folder);
      assert.equal(code, 2, `${args.join(' ')}: ${err}`);
      assert.match(err, sentence);
      assert.equal(out, '');
    }
    await run(['server', '--stop'], folder);
  });

  it('serves until it is asked to stop', async () => {
    const child = spawn(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), 'server', '--token', 'secret', '--json'], { cwd: folder });
    const line = await new Promise<string>((resolve) => child.stdout.once('data', (data: Buffer) => resolve(data.toString())));
    assert.match((JSON.parse(line) as { tracking_uri: string }).tracking_uri, /^http:\/\/127\.0\.0\.1:\d+$/);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
  });
});

/** A request as a stranger or a foreign client makes it. */
async function request(project: Project, method: string, target: string, options: { body?: unknown; raw?: string; token?: string; headers?: Record<string, string> } = {}): Promise<{ status: number; text: string }> {
  const { port } = JSON.parse(await readFile(path.join(project.stateFolder, 'server.json'), 'utf8')) as { port: number };
  const token = options.token ?? (await readFile(path.join(project.stateFolder, 'server.key'), 'utf8')).trim();
  const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  return new Promise((resolve, reject) => {
    const asked = http.request({ host: '127.0.0.1', port, method, path: target, headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers } }, (response) => {
      let text = '';
      response.on('data', (data: Buffer) => (text += data.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
