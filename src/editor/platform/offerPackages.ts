// Packages that something here needs of a Python, offered to be installed.
import * as vscode from 'vscode';
import { UserError } from '../../contracts/userError.ts';
import { taskSource, type Interpreters } from './interpreters.ts';
import type { Interpreter } from '../../core/python/labels.ts';

/**
 * Makes sure that an interpreter has these modules, of which the first brings the others along when it is installed.
 * @param message what lacks it, for the person. @param ask whether it may be offered; without, its absence is an error.
 */
export async function offerPackages(interpreters: Interpreters, python: Interpreter, modules: readonly [string, ...string[]], message: string, install: string, ask = true): Promise<void> {
  const { installCommand, presentModules } = await import('../../core/python/api.ts');
  const complete = async (): Promise<boolean> => {
    const present = await presentModules(python.path, modules);
    return modules.every((module) => present.has(module));
  };
  if (await complete()) {
    return;
  }
  if (!ask) {
    throw new UserError(message, { file: python.path });
  }
  if ((await vscode.window.showInformationMessage(message, { modal: true, detail: python.path }, install)) !== install) {
    throw new vscode.CancellationError();
  }
  const { file, args } = await installCommand(python, [modules[0]]);
  await inTerminal(install, file, args);
  interpreters.forget();
  if (!(await complete())) {
    throw new UserError(vscode.l10n.t('{0} was not installed; its terminal says why.', modules[0]), { file: python.path });
  }
}

/** Installs in a terminal of its own, and waits for its end. */
async function inTerminal(title: string, file: string, args: string[]): Promise<void> {
  const execution = await vscode.tasks.executeTask(new vscode.Task({ type: 'process' }, vscode.TaskScope.Workspace, title, taskSource, new vscode.ProcessExecution(file, args)));
  await new Promise<void>((resolve) => {
    const listener = vscode.tasks.onDidEndTask((event) => {
      if (event.execution === execution) {
        listener.dispose();
        resolve();
      }
    });
  });
}
