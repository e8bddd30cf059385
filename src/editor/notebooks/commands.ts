// Notebooks in a live kernel. Program forms:
//   mlLifecycle.runNotebookLive {notebook}  → run_id, once its cells begin to run
//   mlLifecycle.trackKernel     {notebook}  → whether its kernel is tracked now
//   mlLifecycle.restartKernel   {notebook}
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/userError.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import { showProblem } from '../platform/problems.ts';
import { hasJupyter } from './jupyterExtension.ts';
import { jupyterKernel } from './jupyterKernel.ts';
import { beginTracking, endTracking, type LiveKernel } from './liveKernel.ts';
import { beginLiveRun } from './liveRun.ts';
import { ownKernelFor, ownKernels } from './ownController.ts';
import { variablesOf } from './tracking.ts';

const Argument = z.object({ notebook: z.string() });

export function handlers(editor: Editor): Handlers {
  const recorded = new Set<string>();
  const tracked = new Map<string, vscode.Disposable>();
  editor.context.subscriptions.push({ dispose: () => tracked.forEach((each) => each.dispose()) });
  return {
    runNotebookLive: async (target) => {
      const document = await notebookFrom(target);
      const key = document.uri.toString();
      if (recorded.has(key)) {
        throw new UserError(vscode.l10n.t('{0} runs live already. Wait until that run has ended, or cancel it.', path.basename(document.uri.fsPath)), { file: document.uri.fsPath });
      }
      recorded.add(key);
      try {
        if (!(await document.save())) {
          throw new UserError(vscode.l10n.t('{0} could not be saved, so it was not run.', path.basename(document.uri.fsPath)), { file: document.uri.fsPath });
        }
        const session = await editor.projects.forFileOrNew(document.uri.fsPath, !isProgramCall(target));
        const run = await beginLiveRun(editor, session, document, await kernelOf(document));
        void run.ended.finally(() => recorded.delete(key));
        if (!isProgramCall(target)) {
          await editor.revealRun(session, run.run_id);
        }
        return run.run_id;
      } catch (error) {
        recorded.delete(key);
        throw error;
      }
    },
    trackKernel: async (target) => {
      const document = await notebookFrom(target);
      const key = document.uri.toString();
      const kernel = await kernelOf(document);
      if (tracked.has(key)) {
        tracked.get(key)?.dispose();
        tracked.delete(key);
        await endTracking(editor, kernel, 'track');
        said(target, vscode.l10n.t('What {0} logs with MLflow goes where it went before.', path.basename(document.uri.fsPath)));
        return false;
      }
      const untracked = await track(editor, document, kernel, !isProgramCall(target));
      if (untracked !== null) {
        throw new UserError(vscode.l10n.t('This kernel cannot be tracked: {0}.', untracked), { file: document.uri.fsPath });
      }
      const again = kernel.onDidRestart(() => void track(editor, document, kernel, false).catch((error: unknown) => showProblem(editor.log, error)));
      tracked.set(key, again);
      said(target, vscode.l10n.t('Each MLflow run that you start in {0} shows up in the Experiments view, until you track its kernel no more.', path.basename(document.uri.fsPath)));
      return true;
    },
    restartKernel: async (target) => {
      const document = await notebookFrom(target);
      await ownKernels()?.restart(document);
    },
  };
}

function said(target: unknown, message: string): void {
  if (!isProgramCall(target)) {
    void vscode.window.showInformationMessage(message);
  }
}

/** Why the kernel cannot be tracked; null where it is now. */
async function track(editor: Editor, document: vscode.NotebookDocument, kernel: LiveKernel, ask: boolean): Promise<string | null> {
  const session = await editor.projects.forFileOrNew(document.uri.fsPath, ask);
  const autolog = vscode.workspace.getConfiguration('mlLifecycle', document.uri).get('autologging', false);
  return (await beginTracking(editor, kernel, 'track', await variablesOf(session, document.uri, null), autolog)).untracked;
}

function kernelOf(document: vscode.NotebookDocument): Promise<LiveKernel> {
  return hasJupyter() ? jupyterKernel(document) : ownKernelFor(document);
}

/** The notebook that is meant, shown: cells run where they can be seen. A cell's lens passes its notebook, the toolbar nothing of use. */
async function notebookFrom(target: unknown): Promise<vscode.NotebookDocument> {
  const uri = isProgramCall(target) && 'notebook' in target ? vscode.Uri.file(parseArgument(Argument, target).notebook) : target instanceof vscode.Uri ? target : vscode.window.activeNotebookEditor?.notebook.uri;
  if (uri === undefined || path.extname(uri.fsPath).toLowerCase() !== '.ipynb') {
    throw new UserError(vscode.l10n.t('Open the notebook that should be run, then try again.'));
  }
  const document = await vscode.workspace.openNotebookDocument(uri);
  if (document.isUntitled) {
    throw new UserError(vscode.l10n.t('Save the notebook to a file first, then try again.'));
  }
  await vscode.window.showNotebookDocument(document, { preserveFocus: false });
  return document;
}
