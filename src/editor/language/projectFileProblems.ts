// What is wrong with an ml.yaml: its form, and data files that are not there.
import path from 'node:path';
import * as vscode from 'vscode';
import { isScalar, parseDocument } from 'yaml';
import { parseProjectFile } from '../../core/project/api.ts';
import { exists } from '../platform/files.ts';

export async function findProblems(document: vscode.TextDocument): Promise<vscode.Diagnostic[]> {
  const text = document.getText();
  const { value, problems } = parseProjectFile(text);
  const found = problems.map(({ line, column, endLine, endColumn, message, severity }) =>
    diagnostic(
      new vscode.Range(line - 1, column - 1, endLine - 1, endColumn - 1),
      message,
      severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning,
    ),
  );
  const tree = parseDocument(text);
  for (const [name, dataset] of Object.entries(value?.datasets ?? {})) {
    const node = tree.getIn(['datasets', name, 'path'], true);
    const place = isScalar(node) ? node.range : undefined;
    if (place && !(await exists(path.resolve(path.dirname(document.uri.fsPath), dataset.path)))) {
      const range = new vscode.Range(document.positionAt(place[0]), document.positionAt(place[1]));
      found.push(diagnostic(range, vscode.l10n.t('There is no file {0} here.', dataset.path), vscode.DiagnosticSeverity.Warning));
    }
  }
  return found;
}

function diagnostic(range: vscode.Range, message: string, severity: vscode.DiagnosticSeverity): vscode.Diagnostic {
  const made = new vscode.Diagnostic(range, message, severity);
  made.source = 'ML Lifecycle';
  return made;
}
