import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { JournalEntry, type RunnerTask, type ScriptJob } from '../../../src/contracts/jobs.ts';
import { processStart } from '../../../src/core/discovery/api.ts';
import { errorIn } from '../../../src/core/jobs/scriptErrors.ts';
import { runTask } from '../../../src/core/jobs/runTask.ts';

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
