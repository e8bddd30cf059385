// Tuning of scripts from the command line: what is found, what a killed server loses (nothing), what failures come to.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from '../../scripts/lib/run.mjs';
import type { StudySpec, Trial } from '../../src/contracts/tuning.ts';
import { connect, connectRunning, type ProjectClient } from '../../src/core/client/api.ts';
import { findProgram } from '../../src/core/python/api.ts';
import { projectAt } from '../../src/core/project/api.ts';

interface Printed {
  run_id: string;
  status: string;
  sentence: string;
  direction: string;
  best: { run_id: string; value: number; params: Record<string, unknown> } | null;
  trials: Trial[];
}

const cli = path.join(root, 'dist', 'runtime', 'cli.js');

/** Needs nothing but Python itself. It fails for one value, and waits for a file where it is told to. */
const script = `import argparse, math, os, time
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.01)
parser.add_argument("--layers", type=int, default=2)
parser.add_argument("--opt", choices=["adam", "sgd", "broken", "nan"], default="adam")
parser.add_argument("--amp", action="store_true")
parser.add_argument("--wait")
args = parser.parse_args()
if args.opt == "broken":
    raise ValueError("no such optimizer")
while args.wait and not os.path.exists(args.wait):
    time.sleep(0.02)
loss = (math.log10(args.lr) + 2) ** 2 + abs(args.layers - 3) + (0 if args.amp else 0.5)
print(f"epoch=1 loss={loss / 2}")
print(f"epoch=2 loss={'nan' if args.opt == 'nan' else loss}")
`;

describe('tuning from the command line', function () {
  this.timeout(120_000);
  let folder: string;
  let client: ProjectClient | null = null;
  before(async function () {
    if ((await findProgram('python3')) === null) {
      this.skip();
    }
  });
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'tuning-')));
    await writeFile(path.join(folder, 'ml.yaml'), 'project: tuning\n');
    await writeFile(path.join(folder, 'train.py'), script);
  });
  afterEach(async () => {
    client?.close();
    client = null;
    const running = await connectRunning(projectAt(folder)).catch(() => null);
    for (const study of (await running?.studies()) ?? []) {
      await running?.stopStudy(study.study_id);
    }
    await running?.stop();
    running?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  async function tune(...args: string[]): Promise<{ document: Printed; err: string; code: number | null }> {
    const child = spawn(process.execPath, [cli, 'tune', 'train.py', '--json', ...args], { cwd: folder });
    const said = { out: '', err: '' };
    child.stdout.on('data', (data: Buffer) => (said.out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (said.err += data.toString()));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { document: (said.out === '' ? null : JSON.parse(said.out)) as Printed, err: said.err, code };
  }
  async function open(): Promise<ProjectClient> {
    client ??= await connect(projectAt(folder), { folder: path.join(root, 'dist', 'runtime'), execPath: process.execPath, electron: false });
    return client;
  }
  /** @throws where nothing came of it for a minute. */
  async function until<T>(work: () => Promise<T | null | false>): Promise<T> {
    for (let tries = 0; tries < 600; tries += 1) {
      const found = await work();
      if (found !== null && found !== false) {
        return found;
      }
      await pause(100);
    }
    throw new Error('it never came');
  }
  const space = ['--param', 'lr=log:1e-4..1e-1', '--param', 'layers=1..4', '--param', 'amp'];
  async function specOf(change: Partial<StudySpec>, args: string[] = []): Promise<StudySpec> {
    const interpreter = (await findProgram('python3')) ?? '';
    return {
      job: { kind: 'script', interpreter, interpreter_arguments: [], script: path.join(folder, 'train.py'), arguments: args, cwd: folder },
      space: [{ kind: 'float', name: 'lr', option: '--lr', low: 1e-4, high: 0.1, log: true }],
      metric: 'loss',
      direction: 'minimize',
      objective: 'last',
      sampler: 'tpe',
      trials: 6,
      seconds: null,
      parallel: 1,
      seed: 0,
      ...change,
    };
  }

  it('finds the best, keeps it with its parent run, and finds the same again', async () => {
    const { document, code, err } = await tune('--metric', 'loss', ...space, '--trials', '6');
    assert.equal(code, 0, err);
    assert.equal(document.status, 'finished');
    assert.equal(document.direction, 'minimize');
    assert.equal(document.trials.length, 6);
    assert.ok(document.best);
    assert.equal(document.best.value, Math.min(...document.trials.map(({ value }) => value ?? Infinity)));
    const asked = await open();
    const { run } = await asked.run(document.run_id);
    assert.equal(run.status, 'finished');
    assert.equal(run.metrics['loss'], document.best.value);
    assert.equal(run.params['lr'], String(document.best.params['lr']));
    assert.equal(run.tags['ml_lifecycle.best_trial'], document.best.run_id);
    assert.equal(run.tags['ml_lifecycle.trials'], '6 of 6');
    const best = (await asked.run(document.best.run_id)).run;
    assert.equal(best.tags['mlflow.parentRunId'], document.run_id);
    assert.equal(best.params['lr'], run.params['lr']);
    const again = await tune('--metric', 'loss', ...space, '--trials', '6');
    assert.deepEqual(again.document.trials.map(({ params, value }) => [params, value]), document.trials.map(({ params, value }) => [params, value]));
  });

  it('judges by the best value where that is asked for', async () => {
    const { document } = await tune('--metric', 'loss', '--param', 'lr=0.01,0.1', '--sampler', 'grid', '--objective', 'best', '--seed', '3', '--', '--layers', '3', '--amp');
    assert.deepEqual(document.trials.map(({ params, value }) => [params['lr'], value]), [['0.01', 0], ['0.1', 0.5]]);
  });

  it('counts what fails as failed, and what is no number, and goes on', async () => {
    const { document, code } = await tune('--metric', 'loss', '--param', 'opt=broken,nan,adam,sgd', '--sampler', 'grid');
    assert.equal(code, 0);
    assert.deepEqual(document.trials.map(({ state }) => state), ['failed', 'failed', 'finished', 'finished']);
    assert.match(document.trials[0]?.reason ?? '', /no such optimizer/);
    assert.match(document.trials[1]?.reason ?? '', /loss was not a finite number/);
  });

  it('stops where all fail, and says why', async () => {
    const { document, code } = await tune('--metric', 'loss', '--param', 'lr=0.1..1.0', '--', '--opt', 'broken');
    assert.equal(code, 1);
    assert.equal(document.status, 'failed');
    assert.equal(document.trials.length, 5);
    assert.match(document.sentence, /The first 5 trials all failed\. The last: ValueError: no such optimizer/);
  });

  it('stops where the metric never appears, and says what did', async () => {
    const { document, code } = await tune('--metric', 'accuracy', '--param', 'lr=0.1..1.0');
    assert.equal(code, 1);
    assert.equal(document.trials.length, 2);
    assert.equal(document.direction, 'maximize');
    assert.match(document.sentence, /logged no accuracy\. It logged loss: choose one of these/);
  });

  it('refuses bad input by its field', async () => {
    for (const [args, sentence] of [
      [['--param', 'lr=0.1..1'], /--metric is missing/],
      [['--metric', 'loss'], /--param is missing.*lr, layers, opt, amp/],
      [['--metric', 'loss', '--param', 'layer=1..3'], /no option --layer\. Did you mean layers/],
      [['--metric', 'loss', '--param', 'lr=1..0.1'], /begins at 1 and ends at 0\.1/],
      [['--metric', 'loss', ...space, '--budget', 'soon'], /--budget takes a time/],
      [['--metric', 'loss', ...space, '--sampler', 'grid'], /lr is a range of numbers without end/],
    ] as const) {
      const { err, code } = await tune(...args);
      assert.equal(code, 2, err);
      assert.match(err, sentence);
    }
  });

  it('goes on after its server was killed, and runs each trial once', async () => {
    const asked = await open();
    const { study_id } = await asked.startStudy(await specOf({}, ['--wait', 'go']));
    await until(async () => (await asked.study(study_id)).trials.some(({ state }) => state === 'running'));
    process.kill((await asked.status()).pid, 'SIGKILL');
    await writeFile(path.join(folder, 'go'), '');
    const study = await until(async () => {
      const now = await asked.study(study_id);
      return now.status === 'running' ? null : now;
    });
    assert.equal(study.status, 'finished', study.sentence);
    assert.equal(study.trials.length, 6);
    assert.ok(study.trials.every(({ state }) => state === 'finished'));
    assert.equal((await asked.runs()).filter(({ kind }) => kind === 'script').length, 6);
  });

  it('is stopped with what runs and waits, and goes on when more is asked for', async () => {
    const asked = await open();
    const { study_id } = await asked.startStudy(await specOf({ parallel: 3 }, ['--wait', 'go']));
    await until(async () => (await asked.study(study_id)).trials.some(({ state }) => state === 'running'));
    // As a person cancels it like any run.
    await asked.cancel(study_id);
    const stopped = await until(async () => {
      const now = await asked.study(study_id);
      return now.trials.every(({ ended }) => ended !== null) ? now : null;
    });
    assert.equal(stopped.status, 'stopped');
    assert.deepEqual(stopped.trials.map(({ state }) => state), ['cancelled', 'cancelled', 'cancelled']);
    assert.equal((await asked.run(study_id)).run.status, 'cancelled');
    await writeFile(path.join(folder, 'go'), '');
    await asked.continueStudy(study_id, { trials: 2 });
    const more = await until(async () => {
      const now = await asked.study(study_id);
      return now.status === 'running' ? null : now;
    });
    assert.equal(more.status, 'finished');
    assert.equal(more.trials.length, 5);
    assert.equal((await asked.run(study_id)).run.status, 'finished');
  });

  it('starts no trial after its time', async () => {
    const asked = await open();
    const { study_id } = await asked.startStudy(await specOf({ trials: null, seconds: 1 }));
    const study = await until(async () => {
      const now = await asked.study(study_id);
      return now.status === 'running' ? null : now;
    });
    assert.equal(study.status, 'finished');
    assert.equal(study.sentence, 'The time was over.');
    assert.ok(study.until !== null && study.trials.every(({ started }) => started !== null));
  });
});
