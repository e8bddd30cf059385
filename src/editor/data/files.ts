// Which data file a command is about.
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall } from '../platform/commands.ts';
import { findDataFiles, isDataFile, shownPath } from '../platform/files.ts';

const FileArgument = z.object({ file: z.string() });

/** The absolute path that a menu's Uri, a view's item, a program's `{file}`, the active editor or the person names. */
export async function fileFrom(target: unknown, placeholder: string): Promise<string> {
  if (target instanceof vscode.Uri) {
    return localFile(target);
  }
  if (isProgramCall(target)) {
    return parseArgument(FileArgument, target).file;
  }
  if (typeof target === 'object' && target !== null && 'file' in target && typeof target.file === 'string') {
    return target.file;
  }
  const active = activeFile();
  if (active !== undefined && isDataFile(active.fsPath)) {
    return localFile(active);
  }
  return pickDataFile(placeholder);
}

/** Lets a person choose among the workspace's data files, or browse for another. */
export async function pickDataFile(placeholder: string): Promise<string> {
  const browse = { label: vscode.l10n.t('$(folder-opened) Browse…'), file: '' };
  const files = (await findDataFiles()).map((uri) => ({ label: shownPath(uri.fsPath), file: uri.fsPath }));
  const chosen = await vscode.window.showQuickPick([...files, browse], { placeHolder: placeholder });
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  if (chosen !== browse) {
    return chosen.file;
  }
  const [uri] = (await vscode.window.showOpenDialog({ filters: { [vscode.l10n.t('Data')]: ['csv', 'tsv', 'parquet', 'json', 'jsonl', 'ndjson', 'gz'] } })) ?? [];
  if (uri === undefined) {
    throw new vscode.CancellationError();
  }
  return localFile(uri);
}

/** The file of the active tab, a text editor or not (a Parquet file opens in none). */
function activeFile(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? input.uri : undefined;
}

function localFile(uri: vscode.Uri): string {
  if (uri.scheme !== 'file') {
    throw new UserError(vscode.l10n.t('{0} is not a file on this machine. Save it to a folder first.', uri.toString()));
  }
  return uri.fsPath;
}
