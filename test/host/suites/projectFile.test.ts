import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { closeEditors, eventually, inWorkspace, remove, run, write } from './support.ts';

const sound = `project: nested

datasets:
  rows:
    path: rows.csv
    target: y

models:
  first:
    dataset: rows
`;

describe('ml.yaml', () => {
  let uri: vscode.Uri;
  let document: vscode.TextDocument;

  before(async () => {
    await write('nested/rows.csv', 'x,y\n1,0\n2,1\n');
    uri = await write('nested/ml.yaml', sound);
    document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await closeEditors();
    await remove('nested');
  });

  const replace = async (text: string): Promise<void> => {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(0, 0, document.lineCount, 0), text);
    assert.ok(await vscode.workspace.applyEdit(edit));
  };
  const problems = (): vscode.Diagnostic[] => vscode.languages.getDiagnostics(uri);

  it('shows an unknown key where it stands, and takes it back', async () => {
    await replace(`${sound}colour: red\n`);
    const [problem] = await eventually(() => problems().length > 0 && problems());
    assert.match(problem?.message ?? '', /colour/);
    assert.equal(problem?.range.start.line, 10);
    assert.equal(problem.severity, vscode.DiagnosticSeverity.Error);
    await replace(sound);
    await eventually(() => problems().length === 0);
  });

  it('shows a wrong value, broken YAML and a model without its data set', async () => {
    await replace(sound.replace('dataset: rows', 'dataset: rows\n    folds: many'));
    await eventually(() => problems().some((each) => each.range.start.line === 10 && each.message.includes('folds')));
    await replace(`${sound}  - [`);
    await eventually(() => problems().length > 0);
    await replace(sound.replace('dataset: rows', 'dataset: others'));
    await eventually(() => problems().some((each) => each.range.start.line === 9 && each.message.includes('others')));
    await replace(sound);
    await eventually(() => problems().length === 0);
  });

  it('warns at a data file that is not there', async () => {
    await replace(sound.replace('rows.csv', 'gone.csv'));
    const [problem] = await eventually(() => problems().length > 0 && problems());
    assert.equal(problem?.severity, vscode.DiagnosticSeverity.Warning);
    assert.match(problem.message, /gone\.csv/);
    assert.equal(document.getText(problem.range), 'gone.csv');
    await replace(sound);
    await eventually(() => problems().length === 0);
  });

  it('completes keys and the names of data sets', async () => {
    const labels = async (text: string): Promise<string[]> => {
      await replace(text);
      const end = document.positionAt(text.length);
      const list = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', uri, end);
      return list.items.map((item) => (typeof item.label === 'string' ? item.label : item.label.label));
    };
    const keys = await labels(`${sound}    `);
    assert.ok(keys.includes('metric') && keys.includes('positive'), keys.join(', '));
    assert.ok(!keys.includes('dataset'), 'a key that is there already is not offered again');
    const names = await labels(`${sound}  second:\n    dataset: `);
    assert.ok(names.includes('rows'), names.join(', '));
    await replace(sound);
  });

  it('says what a key means', async () => {
    const [hover] = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, new vscode.Position(5, 5));
    const text = (hover?.contents ?? []).map((each) => (typeof each === 'string' ? each : each.value)).join('\n');
    assert.match(text, /learn to predict/);
  });
});

describe('Initialise project', () => {
  after(() => remove('fresh'));

  it('writes ml.yaml with the data that lie there, and .ml, and keeps what is there already', async () => {
    await write('fresh/sales.csv', 'day,amount\n2024-01-01,3\n');
    const root = await run<string>('initialiseProject', { folder: inWorkspace('fresh') });
    assert.equal(root, inWorkspace('fresh'));
    const text = await readFile(inWorkspace('fresh', 'ml.yaml'), 'utf8');
    assert.match(text, /^project: fresh$/m);
    assert.match(text, /path: sales\.csv/);
    assert.equal((await readFile(inWorkspace('fresh', '.ml', '.gitignore'), 'utf8')).trim(), '*');

    await write('fresh/ml.yaml', '# mine\nproject: fresh\n');
    await run('initialiseProject', { folder: inWorkspace('fresh') });
    assert.equal(await readFile(inWorkspace('fresh', 'ml.yaml'), 'utf8'), '# mine\nproject: fresh\n');
  });

  it('says which argument is wrong', async () => {
    await assert.rejects(run('initialiseProject', { folder: 3 }), /folder/);
  });
});
