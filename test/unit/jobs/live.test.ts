import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { JournalEntry, type LiveEntry, type RunnerTask } from '../../../src/contracts/jobs.ts';
import { runTask } from '../../../src/core/jobs/runTask.ts';

describe('a live notebook as a job', () => {
  let folder: string;
  const processes: ChildProcess[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'live-'));
    await writeFile(path.join(folder, 'book.ipynb'), '{"cells":[]}');
    await writeFile(path.join(folder, 'output.log'), '');
  });
  afterEach(async () => {
    processes.splice(0).forEach((each) => each.kill('SIGKILL'));
    await rm(folder, { recursive: true, force: true });
  });

  /** A process that lives until it is killed, in the place of a window or a kernel. */
  async function lives(): Promise<ChildProcess & { pid: number }> {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
    processes.push(child);
    await once(child, 'spawn');
    return child as ChildProcess & { pid: number };
  }
  const task = (window_pid: number, kernel_pid: number | null): RunnerTask => ({ job_id: 'j', folder, project: folder, spec: { kind: 'live', notebook: path.join(folder, 'book.ipynb'), cwd: folder, kernel: 'Python 3', interpreter: null, window_pid, kernel_pid } });
  const tell = (first: number, ...entries: LiveEntry[]): void => appendFileSync(path.join(folder, 'live.ndjson'), entries.map((entry, index) => `${JSON.stringify({ number: first + index, entry })}\n`).join(''));
  async function journal(): Promise<JournalEntry[]> {
    const text = await readFile(path.join(folder, 'journal.ndjson'), 'utf8');
    return text.split('\n').filter(Boolean).map((line) => JournalEntry.parse(JSON.parse(line)));
  }
  const end = async (): Promise<[string, string]> => {
    const last = (await journal()).at(-1);
    assert.ok(last?.type === 'ended');
    return [last.status, last.failure?.message ?? ''];
  };
  const never = new AbortController().signal;

  it('records what its window tells, each thing once', async () => {
    const big = Buffer.alloc(300_000, 7);
    tell(0, { type: 'text', text: 'epoch 1 loss 0.5\n' }, { type: 'file', path: 'pictures/cell-1-1.png', base64: big.toString('base64') });
    // The same again, as a client repeats what it is not sure of.
    tell(0, { type: 'text', text: 'epoch 1 loss 0.5\n' }, { type: 'file', path: 'pictures/cell-1-1.png', base64: 'AA==' });
    tell(2, { type: 'progress', fraction: 0.5, message: 'cell 1 of 2' }, { type: 'ended', status: 'finished', error: null });
    await runTask(task(process.pid, null), never);
    assert.deepEqual((await end())[0], 'finished');
    const entries = await journal();
    assert.deepEqual(entries.filter((entry) => entry.type === 'metric').map(({ key, value, step }) => [key, value, step]), [['loss', 0.5, 1]]);
    assert.ok(entries.some((entry) => entry.type === 'progress' && entry.message === 'cell 1 of 2'));
    assert.equal(await readFile(path.join(folder, 'output.log'), 'utf8'), 'epoch 1 loss 0.5\n');
    assert.ok((await readFile(path.join(folder, 'artifacts', 'pictures', 'cell-1-1.png'))).equals(big));
    assert.ok(entries.some((entry) => entry.type === 'artifact' && entry.path === 'source/book.ipynb'));
  });

  it('fails with what the window says went wrong', async () => {
    tell(0, { type: 'ended', status: 'failed', error: 'ValueError: no rows (book.ipynb, code cell 2, line 1)' });
    await runTask(task(process.pid, null), never);
    assert.deepEqual(await end(), ['failed', 'ValueError: no rows (book.ipynb, code cell 2, line 1)']);
  });

  it('fails when its window is gone, and keeps what was told', async () => {
    const window = await lives();
    tell(0, { type: 'text', text: 'loss: 2\n' });
    const done = runTask(task(window.pid, null), never);
    window.kill('SIGKILL');
    await done;
    const [status, error] = await end();
    assert.equal(status, 'failed');
    assert.match(error, /window that ran book\.ipynb live was closed/);
    assert.ok((await journal()).some((entry) => entry.type === 'metric' && entry.key === 'loss'));
  });

  it('fails when its kernel is gone and the window says nothing', async () => {
    const kernel = await lives();
    const done = runTask(task(process.pid, kernel.pid), never);
    kernel.kill('SIGKILL');
    await done;
    assert.match((await end())[1], /kernel of book\.ipynb ended before the notebook did/);
  });

  it('is cancelled like any other', async () => {
    const stop = new AbortController();
    const done = runTask(task(process.pid, null), stop.signal);
    stop.abort(new Error('cancelled'));
    await done;
    assert.equal((await end())[0], 'cancelled');
  });

  it('takes no path outside of what a notebook makes', async () => {
    tell(0, { type: 'file', path: '../escaped.txt', base64: 'AA==' });
    await runTask(task(process.pid, null), never);
    assert.equal((await end())[0], 'failed');
  });
});
