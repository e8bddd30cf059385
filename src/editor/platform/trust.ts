import * as vscode from 'vscode';

/** Resolves in a trusted workspace; otherwise says so, offers to manage trust, and throws a CancellationError. */
export async function requireTrust(): Promise<void> {
  if (vscode.workspace.isTrusted) {
    return;
  }
  const manage = vscode.l10n.t('Manage workspace trust');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('This folder is not trusted, so nothing is run from it and its stored state is not read. Profiling a file works without trust.'),
    manage,
  );
  if (answer === manage) {
    await vscode.commands.executeCommand('workbench.trust.manage');
  }
  throw new vscode.CancellationError();
}
