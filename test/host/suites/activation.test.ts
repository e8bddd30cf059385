import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { closeEditors, eventually, extensionId, note } from './support.ts';

/** What activation may load. In bytes. */
const budget = 300_000;

describe('activation', () => {
  it('starts the installed package, and says how long VS Code took for it', async () => {
    const extension = vscode.extensions.getExtension(extensionId);
    assert.ok(extension, 'the package is not installed');
    assert.ok(!extension.extensionPath.includes('fixture-extension'));
    await extension.activate();
    assert.ok(extension.isActive);
    // VS Code's own figure (loading, and the call of activate) stands in no API, only in its list of running
    // extensions; where a launcher drives the window, it reads it there.
    const figure = process.env['ML_LIFECYCLE_TEST_ACTIVATION'];
    if (figure === undefined) {
      note('activation: not read, no launcher drives this window');
      return;
    }
    await vscode.commands.executeCommand('workbench.action.showRuntimeExtensions');
    note(await eventually(() => readFile(figure, 'utf8').catch(() => null)));
    await closeEditors();
  });

  it('loads less than 300 KB', async () => {
    const { extensionPath } = vscode.extensions.getExtension(extensionId)!;
    const seen = new Map<string, number>();
    const load = async (file: string): Promise<void> => {
      if (seen.has(file)) {
        return;
      }
      const text = await readFile(file, 'utf8');
      seen.set(file, Buffer.byteLength(text));
      const imports = text.matchAll(/(?:^|[;}\n])\s*(?:import|export)\s*(?:[\w$*{][^;'"()]*?\bfrom\s*)?["'](\.[^"']+)["']/g);
      for (const [, target = ''] of imports) {
        await load(path.resolve(path.dirname(file), target));
      }
    };
    await load(path.join(extensionPath, 'dist', 'extension.js'));
    const bytes = [...seen.values()].reduce((sum, size) => sum + size, 0);
    note(`activation loads ${(bytes / 1000).toFixed(0)} kB in ${seen.size} files`);
    assert.ok(seen.size > 1, 'no chunk was found: the imports are read wrongly');
    assert.ok(bytes < budget, `${bytes} bytes`);
  });
});
