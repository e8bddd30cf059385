// The commands about the project server, the log and native TensorFlow.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../../contracts/errors.ts';
import { onPath } from '../../core/python/api.ts';
import type { Handlers } from './commands.ts';
import type { Editor } from './editor.ts';
import { exists } from './files.ts';
import { findNode } from './node.ts';
import { tensorflowFolder } from './runtime.ts';
import type { ProjectSession } from './session.ts';

const nativeTensorflow = '@tensorflow/tfjs-node@4.22.0';

export function handlers(editor: Editor): Handlers {
  return {
    showLog: () => editor.log.show(),
    refresh: async () => {
      editor.projects.rescan();
      if (vscode.workspace.isTrusted) {
        await Promise.allSettled((await editor.projects.sessions()).map((session) => session.reload()));
      }
    },
    stopServer: async () => {
      await (await chosen(editor)).stopServer();
    },
    restartServer: async () => {
      const session = await chosen(editor);
      await session.stopServer();
      await session.client();
    },
    installTensorflow: () => installTensorflow(editor),
  };
}

async function chosen(editor: Editor): Promise<ProjectSession> {
  const session = await editor.projects.pick();
  if (session === null) {
    throw new UserError(vscode.l10n.t('There is no project in this window. “ML: Initialise project” makes one.'));
  }
  return session;
}

async function installTensorflow(editor: Editor): Promise<void> {
  const folder = tensorflowFolder(editor.context);
  const install = vscode.l10n.t('Install');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('Install native TensorFlow for faster training?'),
    { modal: true, detail: vscode.l10n.t('This downloads several hundred megabytes with npm into {0}. Training works without it.', folder) },
    install,
  );
  if (answer !== install) {
    return;
  }
  await mkdir(folder, { recursive: true });
  const [program, ...before] = await npm();
  const task = new vscode.Task(
    { type: 'process' },
    vscode.TaskScope.Workspace,
    vscode.l10n.t('Install native TensorFlow'),
    'ML Lifecycle',
    new vscode.ProcessExecution(program, [...before, 'install', '--prefix', folder, '--no-audit', '--no-fund', nativeTensorflow], { cwd: folder }),
  );
  const execution = await vscode.tasks.executeTask(task);
  const exitCode = await new Promise<number | undefined>((resolve) => {
    const listener = vscode.tasks.onDidEndTaskProcess((event) => {
      if (event.execution === execution) {
        listener.dispose();
        resolve(event.exitCode);
      }
    });
  });
  if (exitCode !== 0) {
    throw new UserError(vscode.l10n.t('Native TensorFlow could not be installed; npm’s output in the terminal says why. Training goes on without it.'));
  }
  const restart = vscode.l10n.t('Restart project server');
  const next = await vscode.window.showInformationMessage(vscode.l10n.t('Native TensorFlow is installed. It is used once the window was reloaded and the project server restarted.'), restart);
  if (next === restart) {
    await vscode.commands.executeCommand('mlLifecycle.restartServer');
    await vscode.commands.executeCommand('workbench.action.reloadWindow');
  }
}

/** npm as a program and its first arguments. On Windows npm is a script that only a shell runs, so Node runs what it wraps. */
async function npm(): Promise<[program: string, ...args: string[]]> {
  if (process.platform === 'win32') {
    const node = await findNode();
    const script = path.join(path.dirname(node.path), 'node_modules', 'npm', 'bin', 'npm-cli.js');
    if (!node.electron && (await exists(script))) {
      return [node.path, script];
    }
  } else {
    const [program] = await onPath('npm');
    if (program !== undefined) {
      return [program];
    }
  }
  throw new UserError(vscode.l10n.t('npm was not found on the PATH. It comes with Node, from nodejs.org.'));
}
