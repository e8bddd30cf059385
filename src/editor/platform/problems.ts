// How a failure reaches a person: one sentence in a notification, the rest in the output channel.
import path from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../../contracts/userError.ts';

/** The sentence that a person is shown for anything thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether a person closed a question, which needs no words. */
export function isCancelled(error: unknown): boolean {
  return error instanceof vscode.CancellationError || (error instanceof Error && error.name === 'AbortError');
}

/** Shows a failure. Never throws and does not wait for the notification to be closed. */
export function showProblem(log: vscode.LogOutputChannel, error: unknown): void {
  if (isCancelled(error)) {
    return;
  }
  log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  void offer(log, error);
}

async function offer(log: vscode.LogOutputChannel, error: unknown): Promise<void> {
  const message = sentenceOf(error);
  if (!(error instanceof UserError)) {
    const showLog = vscode.l10n.t('Show log');
    if ((await vscode.window.showErrorMessage(vscode.l10n.t('That did not work: {0}', message), showLog)) === showLog) {
      log.show();
    }
    return;
  }
  const { file, line } = error.place;
  if (file === undefined || line === undefined) {
    await vscode.window.showErrorMessage(message);
    return;
  }
  const openFile = vscode.l10n.t('Open {0}', path.basename(file));
  if ((await vscode.window.showErrorMessage(message, openFile)) === openFile) {
    await openAt(file, line, error.place.column ?? 1);
  }
}

/** Opens a file with the cursor at a line and column, both counted from 1. */
export async function openAt(file: string, line: number, column: number): Promise<void> {
  const position = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
  await vscode.window.showTextDocument(vscode.Uri.file(file), { selection: new vscode.Range(position, position) });
}
