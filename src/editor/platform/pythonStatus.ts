// Always says which Python runs a script, and lets a person choose another.
import path from 'node:path';
import * as vscode from 'vscode';
import { registerCommand } from './commands.ts';
import type { Editor } from './editor.ts';
import { interpreterLabel, type Interpreter } from './interpreters.ts';
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
      item.tooltip = interpreter === null ? vscode.l10n.t('No Python was found for experiments. Select one.') : vscode.l10n.t('Experiments run with {0} ({1})', interpreter.path, sourceWord(interpreter));
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
  registerCommand(editor, 'selectInterpreter', (target) => selectInterpreter(editor, target));
  refresh();
}

function sourceWord(interpreter: Interpreter): string {
  const words = {
    setting: vscode.l10n.t('from the setting mlLifecycle.python'),
    'python-extension': vscode.l10n.t('chosen in the Python extension'),
    workspace: vscode.l10n.t('found in the workspace'),
    path: vscode.l10n.t('found on the PATH'),
  };
  return words[interpreter.source];
}

async function selectInterpreter(editor: Editor, target: unknown): Promise<void> {
  const uri = target instanceof vscode.Uri ? target : vscode.window.activeTextEditor?.document.uri;
  const workspaceFolder = (uri === undefined ? undefined : vscode.workspace.getWorkspaceFolder(uri)) ?? vscode.workspace.workspaceFolders?.[0];
  const folder = workspaceFolder?.uri.fsPath ?? (uri === undefined ? process.cwd() : path.dirname(uri.fsPath));
  const automatic = { label: vscode.l10n.t('$(sparkle) Find it by itself'), description: vscode.l10n.t('the Python extension’s, the workspace’s .venv, then the PATH'), value: '' };
  const browse = { label: vscode.l10n.t('$(folder-opened) Browse…'), description: '', value: '' };
  const found = editor.interpreters.choices(folder).then((all) => [
    ...all.map((each) => ({ label: interpreterLabel(each), description: each.path, value: each.path })),
    automatic,
    browse,
  ]);
  const chosen = await vscode.window.showQuickPick(found, { placeHolder: vscode.l10n.t('Which Python should run experiments?'), matchOnDescription: true });
  if (chosen === undefined) {
    return;
  }
  const value = chosen === browse ? (await vscode.window.showOpenDialog({ title: vscode.l10n.t('Select a Python program') }))?.[0]?.fsPath : chosen.value;
  if (value === undefined) {
    return;
  }
  const scope = workspaceFolder === undefined ? vscode.ConfigurationTarget.Global : vscode.ConfigurationTarget.WorkspaceFolder;
  await vscode.workspace.getConfiguration('mlLifecycle', workspaceFolder).update('python', value === '' ? undefined : value, scope);
}
