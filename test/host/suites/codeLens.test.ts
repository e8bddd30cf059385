import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeEditors, eventually, inWorkspace, remove, write } from './support.ts';

describe('Run as experiment above fit calls', () => {
  before(async () => {
    await write('scripts/fit.py', '# model.fit(X)\nimport math\n\nmodel = object()\nif math.pi > 4:\n    model.fit([1])\n');
    await write('scripts/fit.ts', "const text = 'model.fit(a, b)';\nawait model.fit(xs, ys);\n");
    await write('scripts/main.py', 'import argparse\nimport os, no_such_module_anywhere, sklearn_is_not_here.deep\n\nparser = argparse.ArgumentParser()\nif __name__ == "__main__":\n    pass\n');
    await write('scripts/cells.ipynb', JSON.stringify({ cells: [{ cell_type: 'code', source: ['model = 1\n', 'model.fit([1])\n'], metadata: {}, outputs: [], execution_count: null }], metadata: { language_info: { name: 'python' } }, nbformat: 4, nbformat_minor: 5 }));
    await write('scripts/none.py', 'print("model.fit(X)")\n');
  });
  after(async () => {
    await closeEditors();
    await remove('scripts');
  });

  const lenses = async (name: string): Promise<vscode.CodeLens[]> => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const uri = vscode.Uri.joinPath(folder.uri, name);
    await vscode.window.showTextDocument(uri);
    const all = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 50);
    return all.filter((lens) => lens.command?.command.startsWith('mlLifecycle.'));
  };

  it('stands above the Python statement, with the interpreter beside it', async () => {
    const [first, second, tune, third, ...more] = await lenses('scripts/fit.py');
    assert.equal(first?.command?.command, 'mlLifecycle.runScript');
    assert.match(first.command.title, /Run as experiment/);
    assert.equal(first.range.start.line, 5);
    assert.equal(second?.command?.command, 'mlLifecycle.debugScript');
    assert.equal(tune?.command?.command, 'mlLifecycle.tuneScript');
    assert.equal(third?.command?.command, 'mlLifecycle.selectInterpreter');
    assert.match(third.command.title, /Python/);
    assert.match(third.command.tooltip ?? '', /PATH|environment|setting/);
    assert.deepEqual(more, []);
  });

  it('stands at the parser and the main guard, with what the interpreter lacks', async () => {
    const found = await eventually(async () => {
      const all = await lenses('scripts/main.py');
      return all.some((lens) => lens.command?.command === 'mlLifecycle.createEnvironment') ? all : null;
    });
    assert.deepEqual([...new Set(found.map((lens) => lens.range.start.line))], [3, 4]);
    assert.match(found.find((lens) => lens.command?.command === 'mlLifecycle.createEnvironment')?.command?.title ?? '', /lacks no_such_module_anywhere, sklearn_is_not_here$/);
  });

  it('stands above a notebook’s cell, and runs the notebook', async () => {
    const notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.file(inWorkspace('scripts', 'cells.ipynb')));
    await vscode.window.showNotebookDocument(notebook);
    const cell = notebook.cellAt(0).document;
    const found = await eventually(async () => {
      const all = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', cell.uri, 50);
      return all.find((lens) => lens.command?.command === 'mlLifecycle.runScript');
    });
    assert.equal(found.range.start.line, 1);
    assert.equal((found.command?.arguments?.[0] as vscode.Uri).fsPath, notebook.uri.fsPath);
  });

  it('stands above the TypeScript statement', async () => {
    const found = await lenses('scripts/fit.ts');
    assert.deepEqual(
      found.map((lens) => [lens.command?.command, lens.range.start.line]),
      [['mlLifecycle.runScript', 1], ['mlLifecycle.tuneScript', 1]],
    );
  });

  it('is not there without a fit call, or when it is switched off', async () => {
    assert.deepEqual(await lenses('scripts/none.py'), []);
    const settings = vscode.workspace.getConfiguration('mlLifecycle');
    await settings.update('codeLens', false, vscode.ConfigurationTarget.Workspace);
    try {
      assert.deepEqual(await lenses('scripts/fit.py'), []);
    } finally {
      await settings.update('codeLens', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });
});
