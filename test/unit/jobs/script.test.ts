import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { JournalEntry, type RunnerTask, type ScriptJob } from '../../../src/contracts/jobs.ts';
import { processStart } from '../../../src/core/discovery/api.ts';
import { dataVersions } from '../../../src/core/jobs/dataVersions.ts';
import { ProcessTree, recordSystemMetrics, secondsOf, type SystemMetric } from '../../../src/core/jobs/systemMetrics.ts';
import { errorIn } from '../../../src/core/jobs/scriptErrors.ts';
import { scriptParameters } from '../../../src/core/jobs/scriptParameters.ts';
import { runTask } from '../../../src/core/jobs/runTask.ts';
import { makeGrammars } from '../scripts/grammars.ts';

describe('a script as a job', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'job-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function task(source: string, change: Partial<ScriptJob> = {}): Promise<RunnerTask> {
    const script = path.join(folder, 'train.mjs');
    await writeFile(script, source);
    await writeFile(path.join(folder, 'output.log'), '');
    return { job_id: 'j', folder, project: folder, spec: { kind: 'script', interpreter: process.execPath, interpreter_arguments: [], script, arguments: [], cwd: folder, ...change } };
  }
  async function journal(): Promise<JournalEntry[]> {
    const text = await readFile(path.join(folder, 'journal.ndjson'), 'utf8');
    return text.split('\n').filter(Boolean).map((line) => JournalEntry.parse(JSON.parse(line)));
  }
  const never = new AbortController().signal;

  it('records parameters, metrics and output, to the last line without a break', async () => {
    await runTask(await task(`for (const epoch of [1, 2]) console.log('epoch ' + epoch + ' loss ' + 1 / epoch); process.stdout.write('auc: 0.9');`, { arguments: ['--lr', '0.1'] }), never);
    const entries = await journal();
    assert.deepEqual(entries.filter((entry) => entry.type === 'metric').map(({ key, value, step }) => [key, value, step]), [['loss', 1, 1], ['loss', 0.5, 2], ['auc', 0.9, 0]]);
    assert.deepEqual(entries.filter((entry) => entry.type === 'param').map(({ key, value }) => [key, value]), [['lr', '0.1']]);
    const last = entries.at(-1);
    assert.equal(last?.type === 'ended' && last.status, 'finished');
    assert.equal(await readFile(path.join(folder, 'artifacts/source/train.mjs'), 'utf8'), await readFile(path.join(folder, 'train.mjs'), 'utf8'));
  });

  it('keeps what a script said before it crashed, and says where it did', async () => {
    await runTask(await task(`console.log('loss: 3');\nthrow new Error('the data are gone');`), never);
    const last = (await journal()).at(-1);
    assert.ok(last?.type === 'ended' && last.status === 'failed');
    assert.equal(last.exit_code, 1);
    assert.match(last.failure?.message ?? '', /the data are gone \(train\.mjs, line 2\)/);
    assert.equal((await journal()).filter((entry) => entry.type === 'metric').length, 1);
  });

  it('says that a script was killed', async () => {
    await runTask(await task(`process.kill(process.pid, 'SIGKILL')`), never);
    const last = (await journal()).at(-1);
    assert.match(last?.type === 'ended' ? (last.failure?.message ?? '') : '', /ended from outside \(SIGKILL\)/);
  });

  it('names an interpreter that is not there', async () => {
    await runTask(await task('', { interpreter: path.join(folder, 'no-python') }), never);
    const last = (await journal()).at(-1);
    assert.match(last?.type === 'ended' ? (last.failure?.message ?? '') : '', /no-python was not found.*Select Python interpreter/);
  });

  it('ends a cancelled script with everything that it started', async () => {
    const started = runTask(
      await task(`import { spawn } from 'node:child_process'; const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']); console.log('child ' + child.pid); setInterval(() => {}, 1000);`),
      never,
    );
    let child: RegExpExecArray | null = null;
    while (child === null) {
      child = /child (\d+)/.exec(await readFile(path.join(folder, 'output.log'), 'utf8'));
      await pause(20);
    }
    await writeFile(path.join(folder, 'cancel'), '');
    await started;
    const last = (await journal()).at(-1);
    assert.equal(last?.type === 'ended' && last.status, 'cancelled');
    const pid = Number(child[1]);
    while ((await processStart(pid)) !== null) {
      await pause(20);
    }
  });

  it('gives the script neither the editor’s variables nor our own', async () => {
    process.env['VSCODE_TEST_VARIABLE'] = '1';
    await runTask(await task(`console.log(Object.keys(process.env).filter((key) => /^(VSCODE_|ELECTRON_|ML_LIFECYCLE_)/.test(key)).length + ' left')`), never);
    delete process.env['VSCODE_TEST_VARIABLE'];
    assert.match(await readFile(path.join(folder, 'output.log'), 'utf8'), /^0 left/);
  });
});

describe('the parameters of a script', () => {
  let folder: string;
  let grammars: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'defaults-'));
    grammars = await makeGrammars();
  });
  after(() => Promise.all([folder, grammars].map((each) => rm(each, { recursive: true, force: true }))));
  const parser = `import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", "-l", type=float, default=0.1)
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--fast", action="store_true")
parser.add_argument("--augment", action=argparse.BooleanOptionalAction, default=True)
parser.add_argument("--data")
`;
  const parametersOf = async (text: string, ...given: string[]): Promise<Record<string, string>> => {
    const script = path.join(folder, 'train.py');
    await writeFile(script, text);
    return scriptParameters(script, given, grammars);
  };
  const defaults = { lr: '0.1', 'batch-size': '32', fast: 'false', augment: 'true' };

  it('are the defaults of its parser where nothing was given', async () => {
    assert.deepEqual(await parametersOf(parser), defaults);
  });

  it('are what was given, by its full name: short, shortened, switched off, or not of the parser', async () => {
    assert.deepEqual(await parametersOf(parser, '-l', '1', '--batch', '8', '--no-augment', '--fast', '--data', 'a.csv'), { lr: '1', 'batch-size': '8', fast: 'true', augment: 'false', data: 'a.csv' });
    assert.deepEqual(await parametersOf(parser, '-l5', '--other=x'), { ...defaults, lr: '5', other: 'x' });
  });

  it('are only what was given where the text does not decide the rest', async () => {
    assert.deepEqual(await parametersOf(`${parser}commands = parser.add_subparsers()\n`, '-l', '1'), { l: '1' });
    assert.deepEqual(await parametersOf(`${parser}parser.set_defaults(lr=1)\n`), {});
    assert.deepEqual(await parametersOf('parser.add_argument("--lr", default=rate())'), {});
  });
});

describe('what a run of a script captures', function () {
  this.timeout(30_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'job-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const signal = new AbortController().signal;

  it('are the versions of the data that it names, and no others', async () => {
    const write = (name: string, text: string): Promise<void> => mkdir(path.dirname(path.join(folder, name)), { recursive: true }).then(() => writeFile(path.join(folder, name), text));
    await write('ml.yaml', 'project: p\ndatasets:\n  loans: { path: data/loans.csv }\n  trips: { path: trips.parquet }\n  gone: { path: gone.csv }\n');
    await write('data/loans.csv', 'a\n1\n');
    await write('trips.parquet', 'x');
    const loans = { dataset: 'loans', sha256: createHash('sha256').update('a\n1\n').digest('hex') };
    const named = async (source: string, ...args: string[]): Promise<string[]> => {
      await write('train.py', source);
      const found = await dataVersions(folder, path.join(folder, 'train.py'), args, signal);
      assert.deepEqual(found.filter((each) => each.dataset === 'loans'), found.some((each) => each.dataset === 'loans') ? [loans] : []);
      return found.map((each) => each.dataset);
    };
    assert.deepEqual(await named('pd.read_csv("data/loans.csv")'), ['loans']);
    assert.deepEqual(await named("Path(__file__).with_name('loans.csv')"), ['loans']);
    assert.deepEqual(await named('load(args.file)', '--file', 'data/loans.csv'), ['loans']);
    assert.deepEqual(await named('load(args.file)', '--file=trips.parquet'), ['trips']);
    assert.deepEqual(await named('load("trips"); load("gone")'), ['trips']);
    assert.deepEqual(await named('print("other loans.csv here")'), []);
  });

  it('is what it and its children use, as percent of a core and megabytes', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    const busy = 'const until = Date.now() + 1e5; const held = Buffer.alloc(60e6, 1); while (Date.now() < until) held[0]++;';
    const child = spawn(process.execPath, ['-e', `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(busy)}], { stdio: 'inherit' }); setInterval(() => {}, 1000)`], { stdio: 'ignore', detached: true });
    const ended = new AbortController();
    const tree = new ProcessTree(child.pid ?? 0);
    const seen: SystemMetric[] = [];
    try {
      await recordSystemMetrics(
        tree,
        (metrics) => {
          seen.push(...metrics);
          if (Math.max(...seen.filter((each) => each.key === 'system/memory_mb').map((each) => each.value)) > 100 && seen.some((each) => each.key === 'system/cpu_percent' && each.value > 5)) {
            ended.abort();
          }
        },
        ended.signal,
        300,
      );
    } finally {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    }
    assert.ok(seen.every((each) => Number.isFinite(each.value) && each.value >= 0 && Number.isInteger(each.step)), JSON.stringify(seen));
    assert.equal(tree.has(process.pid), false);
  });

  it('reads times as ps prints them', () => assert.deepEqual(['00:01', '1:02:03', '2-01:00:00', '0:01.50'].map(secondsOf), [1, 3723, 176_400, 1.5]));
});

describe('errors in a script’s output', () => {
  it('finds the message and the script’s own line in a traceback', () => {
    const lines = ['loss: 1', 'Traceback (most recent call last):', '  File "/a/train.py", line 12, in <module>', '    main()', '  File "/lib/pandas/io.py", line 99, in read', '    raise', "FileNotFoundError: [Errno 2] No such file or directory: 'x.csv'"];
    assert.deepEqual(errorIn(lines, '/a/train.py'), { message: "FileNotFoundError: [Errno 2] No such file or directory: 'x.csv'", line: 12 });
  });
  it('takes the last of a chain', () => {
    const lines = ['Traceback (most recent call last):', '  File "/a/train.py", line 1, in f', 'KeyError: 1', '', 'During handling of the above exception, another exception occurred:', '', 'Traceback (most recent call last):', '  File "/a/train.py", line 5, in g', 'ValueError: two'];
    assert.deepEqual(errorIn(lines, '/a/train.py'), { message: 'ValueError: two', line: 5 });
  });
  it('finds none where there is none', () => assert.equal(errorIn(['all good'], '/a/train.py'), null));
});
