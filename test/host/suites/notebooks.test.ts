import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunSummary } from '../../../src/contracts/runs.ts';
import { externalRuns, notebookIn, opened, outputOf, runCellOf } from './notebookSupport.ts';
import { closeEditors, eventually, inWorkspace, note, remove, run } from './support.ts';

/** A picture of one pixel. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('notebooks in a live kernel', function () {
  this.timeout(120_000);
  const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('mlLifecycle', vscode.Uri.file(inWorkspace('any')));

  before(async function () {
    const python = process.env['ML_LIFECYCLE_TEST_JUPYTER'] ?? '';
    if (!path.isAbsolute(python)) {
      note(`ipykernel is ${python || 'not there'}`);
      this.skip();
    }
    await settings().update('python', python, vscode.ConfigurationTarget.WorkspaceFolder);
  });
  after(async () => {
    await settings().update('python', undefined, vscode.ConfigurationTarget.WorkspaceFolder);
    await closeEditors();
    await remove('notebooks').catch(() => undefined);
  });
  afterEach(closeEditors);

  const live = async (notebook: string): Promise<RunSummary> => run<RunSummary>('waitForRun', { run_id: await run<string>('runNotebookLive', { notebook }) });
  const artifactsOf = (run_id: string): string => inWorkspace('.ml', 'jobs', run_id, 'artifacts');

  it('run as an experiment: text becomes metrics, pictures and the notebook become artifacts, variables stay until a restart', async () => {
    const notebook = await notebookIn('good.ipynb', '%load_ext autoreload\nx = 2', 'import os\nfor epoch in range(3):\n    print(f"epoch {epoch} loss {1 / (epoch + 1)}")', `from IPython.display import display\ndisplay({"image/png": "${pixel}", "text/plain": "a pixel"}, raw=True)`, '{"accuracy": globals().get("x", 0) / 4}');
    const done = await live(notebook);
    assert.deepEqual([done.status, done.kind, done.source, done.metrics['accuracy'], done.metrics['loss']], ['finished', 'script', 'notebooks/good.ipynb', 0.5, 1 / 3], done.error ?? '');
    assert.match(done.tags['kernel'] ?? '', /Python 3\./);
    assert.deepEqual(readFileSync(path.join(artifactsOf(done.run_id), 'pictures', 'cell-3-1.png')), Buffer.from(pixel, 'base64'));
    const executed = JSON.parse(readFileSync(path.join(artifactsOf(done.run_id), 'executed.ipynb'), 'utf8')) as { cells: { outputs: { output_type: string }[]; execution_count: number }[] };
    assert.deepEqual(executed.cells.map((cell) => [cell.execution_count, cell.outputs.map((output) => output.output_type)]), [[1, []], [2, ['stream']], [3, ['display_data']], [4, ['execute_result']]]);
    assert.match(readFileSync(path.join(artifactsOf(done.run_id), 'packages.txt'), 'utf8'), /^ipykernel==/m);
    // The kernel goes on: a cell run by hand knows what the run left, until it is restarted.
    const document = opened(notebook);
    await runCellOf(document, 3);
    await eventually(() => document.cellAt(3).executionSummary?.executionOrder === 5);
    assert.match(outputOf(document.cellAt(3)), /0\.5/);
    await run('restartKernel', { notebook });
    await runCellOf(document, 3);
    await eventually(() => document.cellAt(3).executionSummary?.executionOrder === 1 && outputOf(document.cellAt(3)).includes('0.0'));
  });

  it('log with MLflow into the run, and each later run of the kernel is one of its own', async () => {
    const notebook = await notebookIn('mlflow.ipynb', 'import mlflow\nmlflow.log_metric("score", 0.75)\nmlflow.log_param("depth", 3)');
    const done = await live(notebook);
    assert.deepEqual([done.status, done.metrics['score'], done.params['depth']], ['finished', 0.75, '3'], done.error ?? '');
    await runCellOf(opened(notebook), 0);
    const found = await eventually(async () => (await externalRuns('mlflow.ipynb')).find((each) => each.run_id !== done.run_id && 'score' in each.metrics));
    assert.deepEqual(found.metrics, { score: 0.75 });
  });

  it('fail with the cell and the line of the error, and later cells do not run; cancelled, the kernel goes on', async () => {
    const notebook = await notebookIn('bad.ipynb', 'y = globals().get("y", 0) + 1', 'print("loss: 1")', 'def f():\n    if y == 1:\n        raise ValueError("no rows")\nf()', 'import time\nfor step in range(10_000 * (y - 1)):\n    print(f"step={step} loss={step}", flush=True)\n    time.sleep(0.05)');
    const document = (): vscode.NotebookDocument => opened(notebook);
    const done = await live(notebook);
    assert.deepEqual([done.status, done.error, done.metrics['loss']], ['failed', 'ValueError: no rows (bad.ipynb, code cell 3, line 3)', 1]);
    assert.equal(document().cellAt(3).outputs.length, 0);
    const run_id = await run<string>('runNotebookLive', { notebook });
    await eventually(() => outputOf(document().cellAt(3)).includes('step=3'));
    await run('cancelRun', { run_id });
    assert.equal((await run<RunSummary>('waitForRun', { run_id })).status, 'cancelled');
    await eventually(() => outputOf(document().cellAt(3)).includes('KeyboardInterrupt'));
    await runCellOf(document(), 1);
    await eventually(() => document().cellAt(1).executionSummary?.executionOrder === 8);
  });

  it('fail when the kernel is killed, and say so', async () => {
    const notebook = await notebookIn('killed.ipynb', 'import os, signal\nprint("loss: 3")', 'os.kill(os.getpid(), signal.SIGKILL)');
    const done = await live(notebook);
    assert.equal(done.status, 'failed');
    assert.match(done.error ?? '', /kernel/i);
    assert.equal(done.metrics['loss'], 3);
  });
});
