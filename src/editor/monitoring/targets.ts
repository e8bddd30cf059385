// Which alert or decision a command is about.
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { Alert } from '../../contracts/monitoring.ts';
import { UserError } from '../../contracts/errors.ts';
import { sessionWithRuns } from '../experiments/chooseRun.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import type { ProjectSession } from '../platform/session.ts';
import { ago, alertTitle, newestFirst, outcomeWord, plain } from './words.ts';

export interface AlertNode {
  kind: 'alert';
  project: string;
  endpoint: string;
  alert_id: string;
}
export interface DecisionNode {
  kind: 'decision';
  project: string;
  decision_id: string;
}

const AlertArgument = z.object({ alert_id: z.string(), project: z.optional(z.string()) });
const DecisionArgument = z.object({ decision_id: z.string(), project: z.optional(z.string()) });

function isNode<Kind extends string>(target: unknown, kind: Kind): target is { kind: Kind } {
  return typeof target === 'object' && target !== null && 'kind' in target && target.kind === kind;
}

/** The open alert that a view's item, a program's `{alert_id}` or the person means. */
export async function alertFrom(editor: Editor, target: unknown, placeholder: string): Promise<{ session: ProjectSession; alert: Alert }> {
  if (isNode(target, 'alert') || isProgramCall(target)) {
    const { alert_id, project } = isNode(target, 'alert') ? (target as AlertNode) : parseArgument(AlertArgument, target);
    const session = await sessionWith(editor, project, (each) => each.alerts.has(alert_id));
    const alert = session?.alerts.get(alert_id);
    if (session === null || alert === undefined) {
      throw new UserError(vscode.l10n.t('There is no open alert {0}.', alert_id), { field: 'alert_id' });
    }
    return { session, alert };
  }
  const session = await sessionWithRuns(editor);
  const items = [...session.alerts.values()].map((alert) => ({ label: alertTitle(alert), description: alert.endpoint, detail: plain(alert.message), alert }));
  if (items.length === 0) {
    throw new UserError(vscode.l10n.t('{0} has no open alert.', session.project.name));
  }
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: placeholder, matchOnDescription: true, matchOnDetail: true });
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  return { session, alert: chosen.alert };
}

/** The decision that a view's item, a program's `{decision_id}` or the person means. */
export async function decisionFrom(editor: Editor, target: unknown, placeholder: string): Promise<{ session: ProjectSession; decision_id: string }> {
  if (isNode(target, 'decision') || isProgramCall(target)) {
    const { decision_id, project } = isNode(target, 'decision') ? (target as DecisionNode) : parseArgument(DecisionArgument, target);
    const session = await sessionWith(editor, project, (each) => each.decisions.has(decision_id));
    if (session === null) {
      throw new UserError(vscode.l10n.t('No project of this window has a decision {0}.', decision_id), { field: 'decision_id' });
    }
    return { session, decision_id };
  }
  const session = await sessionWithRuns(editor);
  const items = newestFirst(session.decisions.values()).map((decision) => ({
    label: decision.retraining,
    description: [outcomeWord(decision), ago(decision.created)].join(' · '),
    detail: plain(decision.sentence),
    decision_id: decision.decision_id,
  }));
  if (items.length === 0) {
    throw new UserError(vscode.l10n.t('{0} was not retrained yet. “ML: Retrain” starts it.', session.project.name));
  }
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: placeholder, matchOnDescription: true, matchOnDetail: true });
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  return { session, decision_id: chosen.decision_id };
}

async function sessionWith(editor: Editor, project: string | undefined, has: (session: ProjectSession) => boolean): Promise<ProjectSession | null> {
  for (const session of await editor.projects.sessions()) {
    if (project === undefined || session.project.root === project) {
      await session.client();
      if (has(session)) {
        return session;
      }
    }
  }
  return null;
}
