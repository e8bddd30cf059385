// The commands about projects and data. Program forms, each a plain object as the only argument:
//   mlLifecycle.initialiseProject  {folder}  → the project's root
//   mlLifecycle.profile            {file}
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import { addDataset } from './datasets.ts';
import { fileFrom } from './files.ts';

const FolderArgument = z.object({ folder: z.string() });

export function handlers(editor: Editor): Handlers {
  return {
    profile: async (target) => editor.panels.open('profile', { file: await fileFrom(target, vscode.l10n.t('Profile which file?')) }),
    addDataset: async (target) => addDataset(editor, await fileFrom(target, vscode.l10n.t('Add which file to ml.yaml?'))),
    initialiseProject: async (target) => {
      const session = await editor.projects.initialise(await folderFrom(target));
      if (!isProgramCall(target)) {
        await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(session.project.file));
      }
      return session.project.root;
    },
  };
}

async function folderFrom(target: unknown): Promise<string> {
  if (isProgramCall(target)) {
    return parseArgument(FolderArgument, target).folder;
  }
  if (target instanceof vscode.Uri) {
    return target.fsPath;
  }
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  const folder = folders.length > 1 ? await vscode.window.showWorkspaceFolderPick({ placeHolder: vscode.l10n.t('Initialise a project in which folder?') }) : folders[0];
  if (folder === undefined) {
    if (folders.length > 1) {
      throw new vscode.CancellationError();
    }
    throw new UserError(vscode.l10n.t('Open a folder first: a project lives in one.'));
  }
  return folder.uri.fsPath;
}
