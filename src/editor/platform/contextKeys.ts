// What `when` clauses of package.json ask, so that nothing is offered that cannot work.
import * as vscode from 'vscode';
import type { Editor } from './editor.ts';
import { sentenceOf } from './problems.ts';
import { Throttle } from './throttle.ts';

/** Keeps the context keys mlLifecycle.* true to what the window knows. */
export function keepContextKeys({ log, projects }: Editor): vscode.Disposable {
  const told = new Map<string, boolean>();
  const tell = (key: string, value: boolean): void => {
    if (told.get(key) !== value) {
      told.set(key, value);
      void vscode.commands.executeCommand('setContext', `mlLifecycle.${key}`, value);
    }
  };
  const update = async (): Promise<void> => {
    const sessions = await projects.sessions();
    tell('hasProject', sessions.length > 0);
    tell('hasModels', sessions.some((session) => session.models.length > 0));
    tell('hasEndpoints', sessions.some((session) => session.endpoints.size > 0));
    tell('hasAlerts', sessions.some((session) => session.alerts.size > 0));
    tell('hasDecisions', sessions.some((session) => session.decisions.size > 0));
    tell(
      'canRegister',
      sessions.some((session) => [...session.runs.values()].some((run) => run.kind === 'training' && run.status === 'finished')),
    );
  };
  // `known` last: a welcome text before that could say that something is missing which is there.
  const look = (): Promise<void> => update().catch((error: unknown) => log.warn(sentenceOf(error))).then(() => tell('known', true));
  const soon = new Throttle(() => void look(), 250);
  soon.poke();
  return vscode.Disposable.from(
    soon,
    projects.onDidChange(() => soon.poke()),
    projects.onDidChangeSession(() => soon.poke()),
  );
}
