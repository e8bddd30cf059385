// The bridge to a real kernel, and notebooks that run as a whole, in a kernel and without one.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pythonOf } from '../../scripts/lib/python.mjs';
import { root } from '../../scripts/lib/run.mjs';
import type { KernelOutput } from '../../src/contracts/kernels.ts';
import { KernelBridge } from '../../src/core/notebooks/api.ts';

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
/** What is shipped in Python. */
const shipped = path.join(root, 'dist', 'runtime', 'assets', 'python');
const runner = path.join(shipped, 'run_notebook.py');

interface Ran {
  code: number;
  said: string;
  /** What was kept of it. */
  folder: string;
}

describe('notebooks as a whole, and the bridge to a live kernel', function () {
  this.timeout(180_000);
  let folder: string;
  let withKernel: string | null = null;
  let bridge: KernelBridge | null = null;
  before(async () => {
    withKernel = await pythonOf('jupyter').catch(() => null);
  });
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'notebook-'));
  });
  afterEach(async () => {
    bridge?.dispose();
    bridge = null;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** A Python that has nothing but itself. */
  function bare(): string {
    execFileSync('python3', ['-m', 'venv', '--without-pip', path.join(folder, 'bare')]);
    return path.join(folder, 'bare', 'bin', 'python');
  }

  async function ran(python: string, cells: (string | { source: string; tags: string[] })[], metadata: object = {}): Promise<Ran> {
    const file = path.join(folder, 'book.ipynb');
    const kept = path.join(folder, 'kept');
    await rm(kept, { recursive: true, force: true });
    execFileSync('mkdir', [kept]);
    const whole = cells.map((cell) => ({ cell_type: 'code', outputs: [], execution_count: null, ...(typeof cell === 'string' ? { source: cell, metadata: {} } : { source: cell.source, metadata: { tags: cell.tags } }) }));
    await writeFile(file, JSON.stringify({ cells: whole, metadata, nbformat: 4, nbformat_minor: 5 }));
    return new Promise((resolve) => {
      const child = execFile(python, [runner, file, '--lr', '2'], { cwd: folder, env: { ...process.env, ML_LIFECYCLE_NOTEBOOK_FOLDER: kept, MPLBACKEND: 'Agg' } }, (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr, folder: kept }));
      child.stdin?.end();
    });
  }
  const executed = (kept: string): { cells: { outputs: { output_type: string }[]; execution_count: number | null }[] } => JSON.parse(readFileSync(path.join(kept, 'executed.ipynb'), 'utf8')) as ReturnType<typeof executed>;

  it('runs in a fresh kernel with magics, shell lines, display, await and arguments, and keeps outputs and pictures', async function () {
    if (withKernel === null) {
      this.skip();
    }
    const { code, said, folder: kept } = await ran(withKernel, ['%load_ext autoreload\nimport sys\nprint("given", sys.argv[1:])', '%%time\nx = 1', '!echo from the shell', 'import asyncio\nawait asyncio.sleep(0)\n{"accuracy": 0.75}', `display({"image/png": "${pixel}"}, raw=True)`, { source: '1 / 0', tags: ['raises-exception'] }, 'print("after")']);
    assert.equal(code, 0, said);
    for (const wanted of ["given ['--lr', '2']", 'Wall time', 'from the shell', "{'accuracy': 0.75}", '[pictures/cell-5-1.png]', 'after']) {
      assert.ok(said.includes(wanted), `${wanted} is missing in ${said}`);
    }
    assert.deepEqual(readFileSync(path.join(kept, 'pictures', 'cell-5-1.png')), Buffer.from(pixel, 'base64'));
    assert.deepEqual(executed(kept).cells.map((cell) => [cell.execution_count, cell.outputs.map((output) => output.output_type)]), [[1, ['stream']], [2, ['stream']], [3, ['stream']], [4, ['execute_result']], [5, ['display_data']], [6, ['error']], [7, ['stream']]]);
    assert.ok(!existsSync(path.join(shipped, '__pycache__')), 'nothing is written beside what is shipped');
  });

  it('says which cell and line failed, what input() needs, and that a kernel died', async function () {
    if (withKernel === null) {
      this.skip();
    }
    const failed = await ran(withKernel, ['def f():\n    raise ValueError("no rows")', 'f()', 'print("never")']);
    assert.equal(failed.code, 1);
    assert.match(failed.said, /^The error is in code cell 2, line 2: ValueError: no rows$/m);
    assert.doesNotMatch(failed.said, /never$/m);
    assert.match((await ran(withKernel, ['input("who? ")'])).said, /^The error is in code cell 1, line 1: input\(\) cannot be answered/m);
    assert.match((await ran(withKernel, ['x = 1', 'import os\nos._exit(3)'])).said, /^The error is in code cell 2: The kernel ended/m);
    assert.equal((await ran(withKernel, ['import sys\nsys.exit(4)', 'print("never")'])).code, 4);
  });

  it('runs as plain Python where nothing else is there, and says what it left out', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    const python = bare();
    const good = await ran(python, ['def say(): pass\ndef fail(): pass\nx = 4', '%matplotlib inline\n!pip list\nprint("accuracy:", 1 / x)', 'import asyncio\nawait asyncio.sleep(0)\nprint(__name__)']);
    assert.equal(good.code, 0, good.said);
    assert.match(good.said, /plain Python, since neither ipykernel nor IPython/);
    assert.match(good.said, /Cell 2: left out without IPython: %matplotlib inline; !pip list/);
    assert.match(good.said, /accuracy: 0\.25[\s\S]*__main__/);
    const failed = await ran(python, ['x = 1', 'def f():\n    raise ValueError("no rows")\nf()']);
    assert.match(failed.said, /^The error is in code cell 2, line 2: ValueError: no rows$/m);
    assert.deepEqual(executed(failed.folder).cells[1]?.outputs.map((output) => output.output_type), ['error']);
    assert.match((await ran(python, ['x <- 1'], { kernelspec: { name: 'ir', display_name: 'R', language: 'R' } })).said, /^This notebook does not run: its cells are R/m);
  });

  it('executes in a live kernel: outputs in order, questions, interrupts, restarts, a killed kernel, and its end', async function () {
    if (withKernel === null) {
      this.skip();
    }
    let ready = 0;
    const ended = Promise.withResolvers<null>();
    const kernel = (bridge = new KernelBridge({ python: withKernel, file: path.join(shipped, 'kernel_bridge.py'), cwd: folder, env: process.env, onLog: () => undefined, onReady: () => (ready += 1), onEnd: () => ended.resolve(null) }));
    const execute = async (code: string, answer: string | null = null): Promise<{ outputs: KernelOutput[]; count: number | null; error: string | null }> => {
      const outputs: KernelOutput[] = [];
      const { execution_count, error } = await kernel.execute(code, { onOutput: (output) => outputs.push(output), onQuestion: async () => answer });
      return { outputs, count: execution_count, error: error?.ename ?? null };
    };
    await kernel.started;
    const first = await execute('import os\nprint(os.getcwd())\n1 + 1');
    assert.deepEqual(first.outputs.map((output) => output.kind), ['stream', 'execute_result']);
    assert.deepEqual([first.count, first.error], [1, null]);
    const asked = await execute('print("it is", input("who? "))', 'Ada');
    assert.ok(asked.outputs.some((output) => output.kind === 'stream' && output.content.text.includes('it is Ada')));
    // No answer interrupts.
    assert.equal((await execute('input("who? ")')).error, 'KeyboardInterrupt');
    const long = kernel.execute('print("begun", flush=True)\nimport time\ntime.sleep(1000)', { onOutput: ({ kind }) => (kind === 'stream' ? kernel.interrupt() : undefined) });
    assert.equal((await long).error?.ename, 'KeyboardInterrupt');
    await execute('x = 1');
    await kernel.restart();
    assert.equal((await execute('x')).error, 'NameError');
    const died = new Promise<void>((resolve) => {
      const before = ready;
      const timer = setInterval(() => {
        if (ready > before) {
          clearInterval(timer);
          resolve();
        }
      }, 50);
    });
    await assert.rejects(execute('import os; os._exit(1)'), /kernel ended by itself/);
    await died;
    assert.equal((await execute('print(1)')).count, 1, 'a fresh kernel took its place');
    const pid = kernel.pid ?? 0;
    kernel.dispose();
    await ended.promise;
    await assert.rejects(execute('1'), /has ended/);
    assert.throws(() => process.kill(pid, 0), 'the kernel ends with its bridge');
  });

  it('says why a kernel cannot be started', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    const python = bare();
    bridge = new KernelBridge({ python, file: path.join(shipped, 'kernel_bridge.py'), cwd: folder, env: process.env, onLog: () => undefined, onReady: () => undefined, onEnd: () => undefined });
    await assert.rejects(bridge.started, /could not be started: ModuleNotFoundError.*jupyter_client/);
    assert.ok(readdirSync(folder).length > 0);
  });
});
