// Scripts as runs from the command line: what is captured, what a killed terminal loses (nothing), how code comes back.
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from '../../scripts/lib/run.mjs';
import { connect, connectRunning, type ProjectClient } from '../../src/core/client/api.ts';
import { findProgram } from '../../src/core/python/api.ts';
import { projectAt } from '../../src/core/project/api.ts';

/** What `run --json` and `runs restore --json` print, as far as it is looked at. */
interface Printed {
  run_id: string;
  status: string;
  metrics: Record<string, number>;
  python: { version: string; missing: string[] };
  branch: string;
}

const cli = path.join(root, 'dist', 'runtime', 'cli.js');

describe('scripts from the command line', function () {
  this.timeout(60_000);
  let folder: string;
  let client: ProjectClient | null = null;
  before(async function () {
    if ((await findProgram('python3')) === null) {
      this.skip();
    }
  });
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'scripts-')));
    await writeFile(path.join(folder, 'ml.yaml'), 'project: scripts\ndatasets:\n  loans: { path: loans.csv }\n');
    await writeFile(path.join(folder, 'loans.csv'), 'a,b\n1,2\n');
  });
  afterEach(async () => {
    client?.close();
    client = null;
    const running = await connectRunning(projectAt(folder)).catch(() => null);
    for (const job of (await running?.jobs()) ?? []) {
      await running?.cancel(job.job_id);
    }
    await running?.stop();
    running?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  const put = (name: string, text: string): Promise<void> => writeFile(path.join(folder, name), text);
  function start(...args: string[]): { child: ChildProcess; said: { out: string; err: string }; ended: Promise<number | null> } {
    const child = spawn(process.execPath, [cli, ...args], { cwd: folder });
    const said = { out: '', err: '' };
    child.stdout.on('data', (data: Buffer) => (said.out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (said.err += data.toString()));
    return { child, said, ended: new Promise((resolve) => child.on('close', resolve)) };
  }
  async function ran(...args: string[]): Promise<{ document: Printed; err: string; code: number | null }> {
    const { said, ended } = start(...args);
    const code = await ended;
    assert.notEqual(said.out, '', said.err);
    return { document: JSON.parse(said.out) as Printed, err: said.err, code };
  }
  async function open(): Promise<ProjectClient> {
    client ??= await connect(projectAt(folder), { folder: path.join(root, 'dist', 'runtime'), execPath: process.execPath, electron: false });
    return client;
  }

  it('say which Python runs them, why, and what it lacks', async () => {
    await put('train.py', 'import json\ntry:\n    import one_that_may_be_missing\nexcept ImportError:\n    pass\nif False:\n    import surely_not_there_either\nprint("loss: 1")\n');
    const { document, err } = await ran('run', 'train.py', '--json');
    assert.deepEqual(document.python.missing, ['surely_not_there_either']);
    assert.match(document.python.version, /^3\./);
    assert.match(err, /Python 3[\s\S]*It lacks surely_not_there_either\./);
  });

  it('do not start with a program that is not there', async () => {
    await put('train.py', 'print("loss: 1")\n');
    const { said, ended } = start('run', 'train.py', '--interpreter', './no/python');
    assert.equal(await ended, 2);
    assert.match(said.err, /no program \.\/no\/python/);
  });

  it('keep packages, host, data versions and what they cost', async () => {
    await put('train.py', 'import time\nopen("loans.csv").read()\nuntil = time.time() + 5\nwhile time.time() < until: pass\nprint("loss: 1")\n');
    const { document } = await ran('run', 'train.py', '--json');
    const { run, artifacts, artifact_folder } = await (await open()).run(document.run_id);
    assert.equal(run.status, 'finished');
    assert.match(readFileSync(path.join(artifact_folder, 'packages.txt'), 'utf8'), /^\S+==\S+$/m);
    assert.ok(artifacts.some((each) => each.path === 'source/train.py'));
    assert.deepEqual([run.tags['data/loans'], run.tags['data_sha256']], ['492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470', '492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470']);
    if (process.platform !== 'win32') {
      assert.ok((run.metrics['system/cpu_percent'] ?? 0) > 5, JSON.stringify(run.metrics));
      assert.ok((run.metrics['system/memory_mb'] ?? 0) > 3, JSON.stringify(run.metrics));
    }
  });

  it('log what they write for TensorBoard', async () => {
    await put('train.py', `import os, shutil, sys, time\nos.makedirs("runs/a")\nshutil.copyfile(sys.argv[1], f"runs/a/events.out.tfevents.{int(time.time())}.host.{os.getpid()}.0")\n`);
    const { document } = await ran('run', 'train.py', '--json', '--', path.join(root, 'test', 'unit', 'tracking', 'fixtures', 'tensorboardx.tfevents'));
    const { points } = await (await open()).history(document.run_id);
    assert.deepEqual(points.filter((each) => each.key === 'loss/train').map((each) => each.step), [0, 1, 2, 3, 4]);
  });

  it('go on when the terminal that started them is killed', async () => {
    await put('train.py', 'import time\nfor step in range(40):\n    print(f"step={step} loss={1 / (step + 1)}")\n    time.sleep(0.05)\n');
    const { child, said, ended } = start('run', 'train.py');
    while (!said.err.includes('step=3')) {
      await pause(20);
    }
    child.kill('SIGKILL');
    await ended;
    const one = await open();
    const [run] = await one.runs();
    assert.ok(run);
    assert.equal((await one.waitForJob(run.run_id)).status, 'finished');
    assert.equal((await one.history(run.run_id)).points.filter((each) => each.key === 'loss').length, 40);
  });

  it('run notebooks from top to bottom, and say which cell failed', async () => {
    const cells = (...sources: string[]): string => JSON.stringify({ cells: sources.map((source) => ({ cell_type: 'code', source })), metadata: {}, nbformat: 4, nbformat_minor: 5 });
    await put('good.ipynb', cells('import sys\nx = 4', 'print(f"accuracy: {1 / x}")\nprint("given", sys.argv[1:])'));
    const good = await ran('run', 'good.ipynb', '--json', '--', '--lr', '2');
    assert.deepEqual(good.document.metrics, { accuracy: 0.25 });
    assert.match(good.err, /given \['--lr', '2'\]/);
    await put('bad.ipynb', cells('print("loss: 1")', 'def f():\n    raise ValueError("no rows")\nf()'));
    const bad = await ran('run', 'bad.ipynb', '--json');
    assert.deepEqual([bad.code, bad.document.status], [1, 'failed']);
    assert.match(bad.err, /ValueError: no rows[\s\S]*code cell 2/);
  });

  it('say that autologging is off, and why', async () => {
    await put('train.py', 'print("loss: 1")\n');
    const { document, err } = await ran('run', 'train.py', '--autolog', '--json');
    assert.match(err, /Autologging is off: /);
    assert.match((await (await open()).run(document.run_id)).run.tags['autologging'] ?? '', /^off: /);
  });

  it('bring their exact code back', async () => {
    const git = (...args: string[]): string => execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], { cwd: folder, encoding: 'utf8' });
    await put('train.py', 'print("loss: 1")\n');
    git('init', '-q', '-b', 'main');
    git('add', 'train.py', 'ml.yaml', 'loans.csv');
    git('commit', '-q', '-m', 'first');
    await put('train.py', 'import helper\nprint("loss: 2")\n');
    await mkdir(path.join(folder, 'deep'));
    await put('helper.py', 'x = 1\n');
    const { document } = await ran('run', 'train.py', '--json');
    git('checkout', '-q', '.');
    await rm(path.join(folder, 'helper.py'));
    const worktree = path.join(folder, '..', `${path.basename(folder)}-restored`);
    try {
      const restored = await ran('runs', 'restore', document.run_id, '--worktree', worktree, '--json');
      assert.equal(restored.document.branch, `run/${document.run_id}`);
      assert.equal(readFileSync(path.join(worktree, 'train.py'), 'utf8'), 'import helper\nprint("loss: 2")\n');
      assert.ok(existsSync(path.join(worktree, 'helper.py')));
    } finally {
      await rm(worktree, { recursive: true, force: true });
    }
  });
});
