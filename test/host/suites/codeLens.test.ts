import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeEditors, remove, write } from './support.ts';

describe('Run as experiment above fit calls', () => {
  before(async () => {
    await write('scripts/fit.py', '# model.fit(X)\nimport math\n\nmodel = object()\nif math.pi > 4:\n    model.fit([1])\n');
    await write('scripts/fit.ts', "const text = 'model.fit(a, b)';\nawait model.fit(xs, ys);\n");
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
    const [first, second, ...more] = await lenses('scripts/fit.py');
    assert.equal(first?.command?.command, 'mlLifecycle.runScript');
    assert.match(first.command.title, /Run as experiment/);
    assert.equal(first.range.start.line, 5);
    assert.equal(second?.command?.command, 'mlLifecycle.selectInterpreter');
    assert.match(second.command.title, /Python/);
    assert.deepEqual(more, []);
  });

  it('stands above the TypeScript statement', async () => {
    const found = await lenses('scripts/fit.ts');
    assert.deepEqual(
      found.map((lens) => [lens.command?.command, lens.range.start.line]),
      [['mlLifecycle.runScript', 1]],
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
