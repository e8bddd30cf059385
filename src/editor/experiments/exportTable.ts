// Writes what a comparison shows into a file that a person names.
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunColumn, RunTableQuery } from '../../contracts/runTable.ts';
import type { ProjectSession } from '../platform/session.ts';

/** Asks where to, and offers to open what was written. */
export async function exportTable(session: ProjectSession, title: string, query: RunTableQuery, columns: RunColumn[]): Promise<void> {
  const name = title.replaceAll(/[^\p{L}\p{N}_.-]+/gu, '-').toLowerCase();
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export runs'),
    defaultUri: vscode.Uri.file(path.join(session.project.root, `${name}.csv`)),
    filters: { [vscode.l10n.t('CSV')]: ['csv'], Parquet: ['parquet'], TSV: ['tsv'] },
  });
  if (target === undefined) {
    return;
  }
  const client = await session.client();
  const written = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Exporting runs') }, () => client.exportRuns({ query, columns, file: target.fsPath }));
  const open = vscode.l10n.t('Open file');
  void vscode.window.showInformationMessage(vscode.l10n.t('Wrote {0} runs with {1} columns to {2}.', written.runs, written.columns, path.basename(target.fsPath)), open).then(async (answer) => {
    if (answer === open) {
      await vscode.commands.executeCommand('vscode.open', target);
    }
  });
}
