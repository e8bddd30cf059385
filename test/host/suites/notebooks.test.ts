import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunSummary } from '../../../src/contracts/runs.ts';
import { closeEditors, eventually, inWorkspace, note, remove, run, write } from './support.ts';

/** A picture of one pixel. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** The text of a cell's outputs. */
function outputOf(cell: vscode.NotebookCell): string {
  return cell.outputs.flatMap((output) => output.items).map((item) => Buffer.from(item.data).toString('utf8')).join('');
}

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

  /** Writes a notebook of these code cells. */
  async function book(name: string, ...cells: string[]): Promise<string> {
    const content = { cells: cells.map((source) => ({ cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null })), metadata: { language_info: { name: 'python' } }, nbformat: 4, nbformat_minor: 5 };
    return (await write(`notebooks/${name}`, JSON.stringify(content))).fsPath;
  }
  const opened = (notebook: string): vscode.NotebookDocument => {
    const found = vscode.workspace.notebookDocuments.find((each) => each.uri.fsPath === notebook);
    assert.ok(found);
    return found;
  };
  const live = async (notebook: string): Promise<RunSummary> => run<RunSummary>('waitForRun', { run_id: await run<string>('runNotebookLive', { notebook }) });
  /** The runs of a notebook, as any MLflow client finds them. */
  async function externalRuns(name: string): Promise<{ run_id: string; status: string; metrics: Record<string, number> }[]> {
    const variables = Object.fromEntries((await run<string>('copyTrackingEnvironment', { form: 'env' })).trim().split('\n').map((line) => line.split(/=(.*)/).slice(0, 2) as [string, string]));
    const answer = await fetch(`${variables['MLFLOW_TRACKING_URI']}/api/2.0/mlflow/runs/search`, { method: 'POST', headers: { authorization: `Bearer ${variables['MLFLOW_TRACKING_TOKEN']}`, 'content-type': 'application/json' }, body: JSON.stringify({ experiment_ids: ['0'], filter: `tags.mlflow.source.name LIKE '%${name}'` }) });
    const { runs = [] } = (await answer.json()) as { runs?: { info: { run_id: string; status: string }; data: { metrics?: { key: string; value: number }[] } }[] };
    return runs.map(({ info, data }) => ({ run_id: info.run_id, status: info.status, metrics: Object.fromEntries((data.metrics ?? []).map(({ key, value }) => [key, value])) }));
  }
  const artifactsOf = (run_id: string): string => inWorkspace('.ml', 'jobs', run_id, 'artifacts');

  it('run as an experiment: text becomes metrics, pictures and the notebook become artifacts, variables stay', async () => {
    const notebook = await book('good.ipynb', '%load_ext autoreload\nx = 2', 'import os\nfor epoch in range(3):\n    print(f"epoch {epoch} loss {1 / (epoch + 1)}")', `from IPython.display import display\nimport base64\ndisplay({"image/png": "${pixel}", "text/plain": "a pixel"}, raw=True)`, '{"accuracy": x / 4}');
    const done = await live(notebook);
    assert.deepEqual([done.status, done.kind, done.source, done.metrics['accuracy'], done.metrics['loss']], ['finished', 'script', 'notebooks/good.ipynb', 0.5, 1 / 3], done.error ?? '');
    assert.match(done.tags['kernel'] ?? '', /Python 3\./);
    assert.deepEqual(readFileSync(path.join(artifactsOf(done.run_id), 'pictures', 'cell-3-1.png')), Buffer.from(pixel, 'base64'));
    const executed = JSON.parse(readFileSync(path.join(artifactsOf(done.run_id), 'executed.ipynb'), 'utf8')) as { cells: { outputs: { output_type: string }[]; execution_count: number }[] };
    assert.deepEqual(executed.cells.map((cell) => [cell.execution_count, cell.outputs.map((output) => output.output_type)]), [[1, []], [2, ['stream']], [3, ['display_data']], [4, ['execute_result']]]);
    assert.match(readFileSync(path.join(artifactsOf(done.run_id), 'packages.txt'), 'utf8'), /^ipykernel==/m);
    // The kernel goes on: a cell run by hand knows what the run left.
    const document = opened(notebook);
    await vscode.commands.executeCommand('notebook.cell.execute', { ranges: [{ start: 3, end: 4 }], document: document.uri });
    await eventually(() => document.cellAt(3).executionSummary?.executionOrder === 5);
  });

  it('log with MLflow into the run, and each later run of the kernel is one of its own', async () => {
    const notebook = await book('mlflow.ipynb', 'import mlflow\nmlflow.log_metric("score", 0.75)\nmlflow.log_param("depth", 3)', 'print("end")');
    const done = await live(notebook);
    assert.deepEqual([done.status, done.metrics['score'], done.params['depth']], ['finished', 0.75, '3'], done.error ?? '');
    const document = opened(notebook);
    await vscode.commands.executeCommand('notebook.cell.execute', { ranges: [{ start: 0, end: 1 }], document: document.uri });
    const found = await eventually(async () => (await externalRuns('mlflow.ipynb')).find((each) => each.run_id !== done.run_id && 'score' in each.metrics));
    assert.deepEqual(found.metrics, { score: 0.75 });
  });

  it('fail with the cell and the line of the error, and later cells do not run', async () => {
    const notebook = await book('bad.ipynb', 'print("loss: 1")', 'def f():\n    raise ValueError("no rows")\nf()', 'print("never")');
    const done = await live(notebook);
    assert.deepEqual([done.status, done.error, done.metrics['loss']], ['failed', 'ValueError: no rows (bad.ipynb, code cell 2, line 2)', 1]);
    assert.equal(opened(notebook).cellAt(2).outputs.length, 0);
  });

  it('are cancelled: the cell stops, and the kernel goes on', async () => {
    const notebook = await book('long.ipynb', 'y = 5\nprint("loss: 1")', 'import time\nfor step in range(10_000):\n    print(f"step={step} loss={step}", flush=True)\n    time.sleep(0.05)');
    const run_id = await run<string>('runNotebookLive', { notebook });
    await eventually(() => outputOf(opened(notebook).cellAt(1)).includes('step=3'));
    await run('cancelRun', { run_id });
    assert.equal((await run<RunSummary>('waitForRun', { run_id })).status, 'cancelled');
    await eventually(() => outputOf(opened(notebook).cellAt(1)).includes('KeyboardInterrupt'));
    const edit = new vscode.WorkspaceEdit();
    const cell = opened(notebook).cellAt(1).document;
    edit.replace(cell.uri, new vscode.Range(0, 0, cell.lineCount, 0), 'print(y)');
    await vscode.workspace.applyEdit(edit);
    await vscode.commands.executeCommand('notebook.cell.execute', { ranges: [{ start: 1, end: 2 }], document: opened(notebook).uri });
    await eventually(() => outputOf(opened(notebook).cellAt(1)).includes('5\n'));
  });

  it('fail when the kernel is killed, and say so', async () => {
    const notebook = await book('killed.ipynb', 'import os, signal\nprint("loss: 3")', 'os.kill(os.getpid(), signal.SIGKILL)');
    const done = await live(notebook);
    assert.equal(done.status, 'failed');
    assert.match(done.error ?? '', /kernel/i);
    assert.equal(done.metrics['loss'], 3);
  });

  it('begin anew when their kernel is restarted', async () => {
    const notebook = await book('anew.ipynb', 'z = 1', 'print("z" in globals())');
    await live(notebook);
    assert.match(outputOf(opened(notebook).cellAt(1)), /True/);
    await run('restartKernel', { notebook });
    await vscode.commands.executeCommand('notebook.cell.execute', { ranges: [{ start: 1, end: 2 }], document: opened(notebook).uri });
    await eventually(() => outputOf(opened(notebook).cellAt(1)).includes('False'));
  });
});
