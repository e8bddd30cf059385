// Lets a person choose the Python that runs experiments.
import path from 'node:path';
import * as vscode from 'vscode';
import { interpreterLabel, reasonFor } from '../../core/python/api.ts';
import type { Handlers } from './commands.ts';
import type { Editor } from './editor.ts';

export function handlers(editor: Editor): Handlers {
  return { selectInterpreter: (target) => selectInterpreter(editor, target) };
}

async function selectInterpreter(editor: Editor, target: unknown): Promise<void> {
  const uri = target instanceof vscode.Uri ? target : vscode.window.activeTextEditor?.document.uri;
  const workspaceFolder = (uri === undefined ? undefined : vscode.workspace.getWorkspaceFolder(uri)) ?? vscode.workspace.workspaceFolders?.[0];
  const folder = uri?.scheme === 'file' ? path.dirname(uri.fsPath) : (workspaceFolder?.uri.fsPath ?? process.cwd());
  const automatic = { label: vscode.l10n.t('$(sparkle) Find it by itself'), description: vscode.l10n.t('the Python extension’s, the environment beside the script, then the PATH'), detail: '', value: '' };
  const browse = { label: vscode.l10n.t('$(folder-opened) Browse…'), description: '', detail: '', value: '' };
  const found = editor.interpreters.choices(folder).then((all) => [
    ...all.map((each) => ({ label: interpreterLabel(each), description: each.path, detail: reasonFor(each), value: each.path })),
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
