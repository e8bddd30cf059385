// Always says which Python runs a script, and lets a person choose another.
import * as vscode from 'vscode';
import { interpreterLabel, reasonFor } from '../../core/python/labels.ts';
import type { Editor } from './editor.ts';
import { sentenceOf } from './problems.ts';

export function registerPythonStatus(editor: Editor): void {
  const item = vscode.window.createStatusBarItem('mlLifecycle.python', vscode.StatusBarAlignment.Right, 98);
  item.name = vscode.l10n.t('ML Lifecycle: Python for experiments');
  item.command = 'mlLifecycle.selectInterpreter';

  const update = async (): Promise<void> => {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId !== 'python' || document.uri.scheme !== 'file' || !vscode.workspace.isTrusted) {
      item.hide();
      return;
    }
    try {
      const interpreter = await editor.interpreters.forFile(document.uri);
      item.text = interpreter === null ? vscode.l10n.t('$(warning) ML: no Python') : `$(beaker) ${interpreterLabel(interpreter)}`;
      item.tooltip = interpreter === null ? vscode.l10n.t('No Python was found for experiments. Select one.') : vscode.l10n.t('Experiments run with {0}: {1}', interpreter.path, reasonFor(interpreter));
    } catch (error) {
      item.text = vscode.l10n.t('$(warning) ML: no Python');
      item.tooltip = sentenceOf(error);
    }
    item.show();
  };
  const refresh = (): void => void update();
  editor.context.subscriptions.push(
    item,
    vscode.window.onDidChangeActiveTextEditor(refresh),
    vscode.workspace.onDidGrantWorkspaceTrust(refresh),
    editor.interpreters.onDidChange(refresh),
  );
  refresh();
}
