import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { RunSummary } from '../../../src/contracts/runs.ts';
import { eventually, inWorkspace, remove, run, write } from './support.ts';

describe('scripts as experiments', () => {
  after(() => remove('experiments'));

  const experiment = async (name: string, text: string, args: string[] = []): Promise<RunSummary> => {
    await write(`experiments/${name}`, text);
    const runId = await run<string>('runScript', { script: inWorkspace('experiments', name), arguments: args });
    return run<RunSummary>('waitForRun', { run_id: runId });
  };

  it('runs TypeScript and records its metrics and parameters', async function () {
    this.timeout(60_000);
    const ended = await experiment('curve.ts', 'for (let epoch = 1; epoch <= 3; epoch++) console.log(`epoch ${epoch} loss: ${1 / (epoch as number)}`);\n', ['--rate=0.1']);
    assert.equal(ended.status, 'finished', ended.error ?? '');
    assert.ok(Math.abs((ended.metrics['loss'] ?? 0) - 1 / 3) < 1e-6, JSON.stringify(ended.metrics));
    assert.equal(ended.params['rate'], '0.1');
  });

  it('runs Python with the interpreter that the CodeLens shows', async function () {
    this.timeout(60_000);
    const ended = await experiment('score.py', 'print("accuracy: 0.75")\n');
    assert.equal(ended.status, 'finished', ended.error ?? '');
    assert.equal(ended.metrics['accuracy'], 0.75);
  });

  it('keeps what a script logged before it crashed, and says why it failed', async function () {
    this.timeout(60_000);
    const ended = await experiment('crash.py', 'print("loss: 0.5", flush=True)\nraise ValueError("no such thing")\n');
    assert.equal(ended.status, 'failed');
    assert.equal(ended.metrics['loss'], 0.5);
    assert.match(ended.error ?? '', /no such thing/);
  });

  it('cancels a script that would not end', async function () {
    this.timeout(60_000);
    await write('experiments/endless.ts', "console.log('loss: 1');\nsetInterval(() => undefined, 1000);\n");
    const runId = await run<string>('runScript', { script: inWorkspace('experiments', 'endless.ts') });
    await run('cancelRun', { run_id: runId });
    const ended = await run<RunSummary>('waitForRun', { run_id: runId });
    assert.equal(ended.status, 'cancelled');
  });

  it('shows a run’s output in a terminal', async () => {
    const runId = await run<string>('runScript', { script: inWorkspace('experiments', 'curve.ts') });
    await run('showRunOutput', { run_id: runId });
    const terminal = await eventually(() => vscode.window.terminals.find((each) => each.name.startsWith('curve')));
    terminal.dispose();
    await run('waitForRun', { run_id: runId });
  });

  it('saves an edited script before it runs', async function () {
    this.timeout(60_000);
    const uri = await write('experiments/edited.ts', "console.log('loss: 1');\n");
    const document = await vscode.workspace.openTextDocument(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(0, 0, 1, 0), "console.log('loss: 2');\n");
    await vscode.workspace.applyEdit(edit);
    assert.ok(document.isDirty);
    const runId = await run<string>('runScript', { script: uri.fsPath });
    assert.ok(!document.isDirty);
    const ended = await run<RunSummary>('waitForRun', { run_id: runId });
    assert.equal(ended.metrics['loss'], 2);
  });

  it('refuses what it cannot run', async () => {
    await write('experiments/notes.txt', 'x');
    await assert.rejects(run('runScript', { script: inWorkspace('experiments', 'notes.txt') }), /notes\.txt/);
    await assert.rejects(run('runScript', { script: inWorkspace('experiments', 'none.py') }), /none\.py/);
  });

  it('says where to choose another interpreter when the setting names none', async () => {
    const settings = vscode.workspace.getConfiguration('mlLifecycle', vscode.Uri.file(inWorkspace('experiments')));
    await settings.update('python', inWorkspace('no-such-python'), vscode.ConfigurationTarget.WorkspaceFolder);
    try {
      await assert.rejects(run('runScript', { script: inWorkspace('experiments', 'score.py') }), /no-such-python[\s\S]*Select Python interpreter/);
    } finally {
      await settings.update('python', undefined, vscode.ConfigurationTarget.WorkspaceFolder);
    }
  });
});
