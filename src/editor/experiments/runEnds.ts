// Says when a run that this window started is done, unless the person is looking at it already.
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunSummary } from '../../contracts/runs.ts';
import { interpreterLabel } from '../../core/python/labels.ts';
import type { Editor } from '../platform/editor.ts';
import { taskSource } from '../platform/interpreters.ts';
import { showProblem } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { headline } from './figures.ts';
import { isEnded } from './runs.ts';

export function watchRunEnds(editor: Editor): vscode.Disposable {
  return editor.projects.onEvent(({ session, event }) => {
    if (event.type === 'run' && isEnded(event.run) && session.started.delete(event.run.run_id)) {
      tell(editor, session, event.run).catch((error: unknown) => showProblem(editor.log, error));
    }
  });
}

async function tell(editor: Editor, session: ProjectSession, run: RunSummary): Promise<void> {
  const missing = run.status === 'failed' && run.source.endsWith('.py') ? (await import('./pythonPackages.ts')).missingPackage(run.error ?? '') : null;
  if (missing !== null) {
    return offerPackage(editor, vscode.Uri.file(path.resolve(session.project.root, run.source)), run.name, missing);
  }
  if (run.tags['autologging']?.includes('mlflow is not installed')) {
    return offerPackage(editor, vscode.Uri.file(path.resolve(session.project.root, run.source)), vscode.l10n.t('Autologging of {0}', run.name), 'mlflow');
  }
  const state = { project: session.project.root, run_id: run.run_id };
  if (run.status === 'cancelled' || editor.panels.isVisible('run', state) || editor.panels.isVisible('tune', { script: '', study_id: run.run_id })) {
    return;
  }
  const openRun = vscode.l10n.t('Open run');
  const answer =
    run.status === 'failed'
      ? await vscode.window.showErrorMessage(vscode.l10n.t('{0} has failed: {1}', run.name, run.error ?? ''), openRun)
      : await vscode.window.showInformationMessage([vscode.l10n.t('{0} has finished', run.name), headline(run)].filter((part) => part !== '').join(': '), openRun);
  if (answer === openRun) {
    await vscode.commands.executeCommand('mlLifecycle.openRun', { kind: 'run', ...state });
  }
}

/** The script wants a Python package: says which Python lacks it, and offers to install it there. */
async function offerPackage(editor: Editor, script: vscode.Uri, name: string, missing: string): Promise<void> {
  const python = await editor.interpreters.require(script);
  const install = vscode.l10n.t('Install {0}', missing);
  const create = vscode.l10n.t('Create environment…');
  const select = vscode.l10n.t('Select Python interpreter');
  const answer = await vscode.window.showErrorMessage(vscode.l10n.t('{0} needs {1}, which {2} lacks.', name, missing, interpreterLabel(python)), install, create, select);
  if (answer === select) {
    await vscode.commands.executeCommand('mlLifecycle.selectInterpreter', script);
  } else if (answer === create) {
    await vscode.commands.executeCommand('mlLifecycle.createEnvironment', script);
  } else if (answer === install) {
    const { installCommand } = await import('../../core/python/api.ts');
    const { file, args } = await installCommand(python, [missing]);
    const execution = new vscode.ProcessExecution(file, args);
    await vscode.tasks.executeTask(new vscode.Task({ type: 'process' }, vscode.TaskScope.Workspace, install, taskSource, execution));
  }
}
