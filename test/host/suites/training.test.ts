import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { RunSummary } from '../../../src/contracts/runs.ts';
import type { VersionFile } from '../../../src/contracts/registry.ts';
import type { Job } from '../../../src/contracts/jobs.ts';
import { closeEditors, eventually, inWorkspace, panelTab, remove, run, write } from './support.ts';

const form = { target: 'Class', trainers: ['linear'], folds: 2 };

describe('from data to a registered model', () => {
  let runId: string;
  let version: VersionFile;

  after(closeEditors);

  it('profiles a file in a panel', async () => {
    await run('profile', { file: inWorkspace('loans.csv') });
    await eventually(() => panelTab('profile'));
  });

  it('opens the training form', async () => {
    await run('train', { file: inWorkspace('loans.csv') });
    await eventually(() => panelTab('train'));
  });

  it('trains', async function () {
    this.timeout(180_000);
    runId = await run<string>('train', { file: inWorkspace('loans.csv'), form });
    const ended = await run<RunSummary>('waitForRun', { run_id: runId });
    assert.equal(ended.status, 'finished', ended.error ?? '');
    assert.ok((ended.metrics['roc_auc'] ?? 0) > 0.7, `ROC AUC ${ended.metrics['roc_auc']}`);
    await run('openRun', { run_id: runId });
    await eventually(() => panelTab('run'));
  });

  it('registers the run’s model, first as champion', async () => {
    version = await run<VersionFile>('registerModel', { run_id: runId, name: 'host-test' });
    assert.equal(version.version, 1);
    await access(inWorkspace('models', 'host-test', 'versions', `${version.ulid}.yaml`));
    assert.match(await readFile(inWorkspace('models', 'host-test', 'aliases.yaml'), 'utf8'), new RegExp(`^champion: .*${version.ulid}`, 'm'));
  });

  it('gives another alias', async () => {
    await run('promoteModel', { model: 'host-test', version: 1, alias: 'candidate' });
    assert.match(await readFile(inWorkspace('models', 'host-test', 'aliases.yaml'), 'utf8'), new RegExp(`^candidate: .*${version.ulid}`, 'm'));
  });

  it('opens the form to try it', async () => {
    await run('tryModel', { model: 'host-test' });
    await eventually(() => panelTab('model'));
  });

  it('scores a file into a new one', async function () {
    this.timeout(60_000);
    const lines = (await readFile(inWorkspace('loans.csv'), 'utf8')).split('\n');
    await write('few.csv', `${lines.slice(0, 6).join('\n')}\n`);
    const job = await run<Job>('scoreFile', { model: 'host-test', file: inWorkspace('few.csv'), out: inWorkspace('few-scored.csv') });
    assert.equal(job.status, 'finished');
    const scored = (await readFile(inWorkspace('few-scored.csv'), 'utf8')).trim().split('\n');
    assert.equal(scored.length, 6);
    assert.match(scored[0] ?? '', /prediction/);
    await remove('few.csv');
    await remove('few-scored.csv');
  });

  it('compares runs in a panel', async function () {
    this.timeout(180_000);
    const second = await run<string>('train', { file: inWorkspace('loans.csv'), form: { ...form, exclude: ['int_rate'] } });
    await run<RunSummary>('waitForRun', { run_id: second });
    await run('compareRuns', { run_ids: [runId, second] });
    await eventually(() => panelTab('compare'));
    await run('deleteRun', { run_id: second });
    await assert.rejects(run('openRun', { run_id: second }), /run/);
  });
});

describe('bad input is refused in words', () => {
  const refused = (command: string, argument: Record<string, unknown>, words: RegExp): Promise<void> => assert.rejects(run(command, argument), (error: Error) => words.test(error.message) || assert.fail(`said: ${error.message}`));

  after(() => remove('bad'));

  it('a file that is not there', () => refused('train', { file: inWorkspace('none.csv'), form }, /none\.csv/));

  it('an empty file', async () => {
    await write('bad/empty.csv', '');
    await refused('train', { file: inWorkspace('bad', 'empty.csv'), form }, /empty/i);
  });

  it('a file that is no table', async () => {
    const bytes = Uint8Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256);
    await vscode.workspace.fs.writeFile(vscode.Uri.file(inWorkspace('bad', 'picture.csv')), bytes);
    await refused('train', { file: inWorkspace('bad', 'picture.csv'), form }, /picture\.csv/);
  });

  it('a target that is not a column', () => refused('train', { file: inWorkspace('loans.csv'), form: { ...form, target: 'Clas' } }, /Clas/));

  it('a constant target', async () => {
    await write('bad/constant.csv', `x,y\n${Array.from({ length: 100 }, (_, index) => `${index},same`).join('\n')}\n`);
    await refused('train', { file: inWorkspace('bad', 'constant.csv'), form: { ...form, target: 'y' } }, /y/);
  });

  it('a form with a wrong field', () => refused('train', { file: inWorkspace('loans.csv'), form: { ...form, folds: 'many' } }, /folds/));

  it('a run and a model that there are not', async () => {
    await refused('openRun', { run_id: 'nothing' }, /nothing/);
    await refused('tryModel', { model: 'nobody' }, /nobody/);
  });
});
