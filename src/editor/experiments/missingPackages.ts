// When a script fails for want of a Python package: say which Python lacks it, and offer to install it there.
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunSummary } from '../../contracts/runs.ts';
import type { Editor } from '../platform/editor.ts';
import { interpreterLabel } from '../platform/interpreters.ts';
import { missingPackage } from './pythonPackages.ts';
import { showProblem } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';

/** Watches for scripts that fail while this window is open. */
export function watchMissingPackages(editor: Editor): vscode.Disposable {
  const told = new Set<string>();
  return editor.projects.onEvent(({ session, event }) => {
    if (event.type !== 'run' || event.run.kind !== 'script' || event.run.status !== 'failed' || told.has(event.run.run_id)) {
      return;
    }
    told.add(event.run.run_id);
    offer(editor, session, event.run).catch((error: unknown) => showProblem(editor.log, error));
  });
}

async function offer(editor: Editor, session: ProjectSession, run: RunSummary): Promise<void> {
  const name = missingPackage(run.error ?? '');
  const script = vscode.Uri.file(path.resolve(session.project.root, run.source));
  if (name === null || path.extname(script.fsPath) !== '.py') {
    return;
  }
  const python = await editor.interpreters.require(script);
  const install = vscode.l10n.t('Install {0}', name);
  const select = vscode.l10n.t('Select Python interpreter');
  const answer = await vscode.window.showErrorMessage(vscode.l10n.t('{0} needs {1}, which {2} lacks.', run.name, name, interpreterLabel(python)), install, select);
  if (answer === select) {
    await vscode.commands.executeCommand('mlLifecycle.selectInterpreter', script);
  } else if (answer === install) {
    const task = new vscode.Task(
      { type: 'process' },
      vscode.TaskScope.Workspace,
      install,
      'ML Lifecycle',
      new vscode.ProcessExecution(python.path, ['-m', 'pip', 'install', name]),
    );
    await vscode.tasks.executeTask(task);
  }
}
