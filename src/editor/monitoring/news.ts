// Says once that an alert was opened or that a retraining came to a decision.
import * as vscode from 'vscode';
import type { Alert } from '../../contracts/monitoring.ts';
import type { Decision } from '../../contracts/retraining.ts';
import type { Editor } from '../platform/editor.ts';
import { showProblem } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { plain } from './words.ts';

export function tellNews(editor: Editor): vscode.Disposable {
  const told = new Set<string>();
  /** The decisions that had ended before the present event; a window that just opened has nothing to tell of them. */
  const ended = new WeakMap<ProjectSession, Set<string>>();
  const failed = (error: unknown): void => showProblem(editor.log, error);
  return vscode.Disposable.from(
    editor.projects.onEvent(({ session, event }) => {
      if (event.type === 'alert' && event.notify && !told.has(event.alert.alert_id)) {
        told.add(event.alert.alert_id);
        tellAlert(editor, session, event.alert).catch(failed);
      } else if (event.type === 'decision' && event.decision.ended !== null && ended.get(session)?.has(event.decision.decision_id) === false) {
        tellDecision(editor, session, event.decision).catch(failed);
      }
    }),
    // A session tells of an event first and of its change then.
    editor.projects.onDidChangeSession((session) => {
      ended.set(session, new Set([...session.decisions.values()].filter((decision) => decision.ended !== null).map((decision) => decision.decision_id)));
    }),
  );
}

async function tellAlert(editor: Editor, session: ProjectSession, alert: Alert): Promise<void> {
  const open = vscode.l10n.t('Open monitor');
  const mute = vscode.l10n.t('Mute…');
  const message = plain(`${alert.endpoint}: ${alert.message}`);
  const answer = await (alert.kind === 'errors' ? vscode.window.showErrorMessage(message, open, mute) : vscode.window.showWarningMessage(message, open, mute));
  if (answer === open) {
    await editor.panels.open('monitor', { project: session.project.root, endpoint: alert.endpoint });
  } else if (answer === mute) {
    await vscode.commands.executeCommand('mlLifecycle.muteAlert', { kind: 'alert', project: session.project.root, endpoint: alert.endpoint, alert_id: alert.alert_id });
  }
}

async function tellDecision(editor: Editor, session: ProjectSession, decision: Decision): Promise<void> {
  const state = { project: session.project.root, decision_id: decision.decision_id };
  if (decision.status === 'cancelled' || editor.panels.isVisible('decision', state)) {
    return;
  }
  const open = vscode.l10n.t('Open decision');
  const message = vscode.l10n.t('Retraining of {0}: {1}', decision.model, plain(decision.sentence));
  const answer = await (decision.status === 'failed' ? vscode.window.showErrorMessage(message, open) : vscode.window.showInformationMessage(message, open));
  if (answer === open) {
    await editor.panels.open('decision', state);
  }
}
