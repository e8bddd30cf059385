import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { RunSummary } from '../../../src/contracts/runs.ts';
import type { FixtureApi } from '../fixture-jupyter/main.ts';
import { externalRuns, notebookIn, openNotebook, outputOf, runCellOf } from './notebookSupport.ts';
import { closeEditors, eventually, remove, run } from './support.ts';

describe('notebooks where the Jupyter extension is installed', function () {
  this.timeout(120_000);
  let api: FixtureApi;
  before(async () => {
    const extension = vscode.extensions.getExtension<FixtureApi>('ms-toolsai.jupyter');
    assert.ok(extension);
    api = await extension.activate();
  });
  after(async () => {
    await closeEditors();
    await remove('notebooks').catch(() => undefined);
  });
  afterEach(closeEditors);

  /** A notebook whose kernel is chosen; it starts with the first cell. */
  async function chosen(name: string, ...cells: string[]): Promise<vscode.NotebookDocument> {
    const document = await openNotebook(await notebookIn(name, ...cells));
    await vscode.commands.executeCommand('notebook.selectKernel', { id: 'fixture', extension: 'ms-toolsai.jupyter' });
    return document;
  }

  it('run live in its kernel, which is started where it was not, and put its environment back', async () => {
    const environment = 'import os\nprint("tracked:", "MLFLOW_TRACKING_URI" in os.environ)';
    const document = await chosen('theirs.ipynb', environment, 'import mlflow\nmlflow.log_metric("score", 0.5)', 'print("accuracy: 0.25")');
    const run_id = await run<string>('runNotebookLive', { notebook: document.uri.fsPath });
    const done = await run<RunSummary>('waitForRun', { run_id });
    assert.deepEqual([done.status, done.metrics['score'], done.metrics['accuracy']], ['finished', 0.5, 0.25], done.error ?? '');
    assert.match(done.tags['kernel'] ?? '', /Jupyter.*Python 3\./);
    assert.equal(document.cellCount, 3, 'the cell that started the kernel is gone');
    assert.match(outputOf(document.cellAt(0)), /tracked: True/);
    await runCellOf(document, 0);
    await eventually(() => outputOf(document.cellAt(0)).includes('tracked: False'));
  });

  it('fail with the cell of the error', async () => {
    const document = await chosen('wrong.ipynb', 'print("loss: 1")', '1 / 0');
    const done = await run<RunSummary>('waitForRun', { run_id: await run<string>('runNotebookLive', { notebook: document.uri.fsPath }) });
    assert.deepEqual([done.status, done.error, done.metrics['loss']], ['failed', 'ZeroDivisionError: division by zero (wrong.ipynb, code cell 2, line 1)', 1]);
  });

  it('fail when the kernel is killed', async () => {
    const document = await chosen('gone.ipynb', 'print("loss: 2")', 'import time\nprint("waits", flush=True)\ntime.sleep(1000)');
    const run_id = await run<string>('runNotebookLive', { notebook: document.uri.fsPath });
    await eventually(() => outputOf(document.cellAt(1)).includes('waits'));
    api.kill(document.uri);
    const done = await run<RunSummary>('waitForRun', { run_id });
    assert.equal(done.status, 'failed');
    assert.match(done.error ?? '', /kernel|cell 2/i);
  });

  it('have a kernel tracked for what is run by hand, over its restart, until that is switched off', async () => {
    const document = await chosen('byHand.ipynb', 'import mlflow\nwith mlflow.start_run():\n    mlflow.log_metric("hand", 1)');
    assert.equal(await run<boolean>('trackKernel', { notebook: document.uri.fsPath }), true);
    await runCellOf(document, 0);
    await eventually(async () => (await externalRuns('byHand.ipynb')).length === 1);
    await api.restart(document.uri);
    await eventually(async () => {
      await runCellOf(document, 0);
      return (await externalRuns('byHand.ipynb')).length > 1;
    });
    assert.equal(await run<boolean>('trackKernel', { notebook: document.uri.fsPath }), false);
  });
});
