// Open alerts in the Problems panel, at the endpoint's entry in ml.yaml.
import * as vscode from 'vscode';
import type { Alert } from '../../contracts/monitoring.ts';
import type { Editor } from '../platform/editor.ts';
import { sentenceOf } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { Throttle } from '../platform/throttle.ts';
import { plain } from './words.ts';

export function showAlertsAsProblems(editor: Editor): vscode.Disposable {
  const problems = vscode.languages.createDiagnosticCollection('mlLifecycle.alerts');
  let shown = '';
  const update = async (): Promise<void> => {
    const sessions = await editor.projects.sessions();
    const now = JSON.stringify(sessions.map((session) => [session.project.file, [...session.alerts.values()]]));
    if (now === shown) {
      return;
    }
    shown = now;
    problems.clear();
    for (const session of sessions.filter((each) => each.alerts.size > 0)) {
      problems.set(vscode.Uri.file(session.project.file), await diagnosticsOf(session));
    }
  };
  const soon = new Throttle(() => void update().catch((error: unknown) => editor.log.warn(sentenceOf(error))), 300);
  return vscode.Disposable.from(
    problems,
    soon,
    // ml.yaml changed: the entries may stand elsewhere now.
    editor.projects.onDidChange(() => {
      shown = '';
      soon.poke();
    }),
    editor.projects.onDidChangeSession(() => soon.poke()),
  );
}

async function diagnosticsOf(session: ProjectSession): Promise<vscode.Diagnostic[]> {
  const [{ placeOfEndpoint }, text] = await Promise.all([import('./places.ts'), read(session.project.file)]);
  return [...session.alerts.values()].map((alert) => {
    const { line, column, endColumn } = placeOfEndpoint(text, alert.endpoint);
    const made = new vscode.Diagnostic(new vscode.Range(line - 1, column - 1, line - 1, endColumn - 1), plain(`${alert.endpoint}: ${alert.message}`), severity(alert));
    made.source = 'ML Lifecycle';
    made.code = alert.kind;
    return made;
  });
}

/** One that a person acknowledged still stands there, and does not press. */
function severity({ kind, acknowledged }: Alert): vscode.DiagnosticSeverity {
  if (acknowledged !== null) {
    return vscode.DiagnosticSeverity.Information;
  }
  return kind === 'errors' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
}

async function read(file: string): Promise<string> {
  const bytes = await vscode.workspace.fs.readFile(vscode.Uri.file(file));
  return new TextDecoder().decode(bytes);
}
