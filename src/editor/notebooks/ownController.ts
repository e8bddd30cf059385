// What offers our own kernels for notebooks: only in a trusted window without the Jupyter extension.
import * as vscode from 'vscode';
import { UserError } from '../../contracts/userError.ts';
import type { Editor } from '../platform/editor.ts';
import { sentenceOf } from '../platform/problems.ts';
import { hasJupyter } from './jupyterExtension.ts';
import type { LiveKernel } from './liveKernel.ts';
import type { OwnKernels } from './ownKernels.ts';

const controllerId = 'mlLifecycle-python';
const notebookType = 'jupyter-notebook';

interface Offered extends vscode.Disposable {
  kernels(): Promise<OwnKernels>;
}

let offered: Offered | null = null;
let loaded: OwnKernels | null = null;

/** Offers the kernels as long as nothing better is there; their code is loaded with the first cell. */
export function registerOwnKernels(editor: Editor): vscode.Disposable {
  const decide = (): void => {
    const wanted = vscode.workspace.isTrusted && !hasJupyter();
    void vscode.commands.executeCommand('setContext', 'mlLifecycle.jupyter', hasJupyter());
    if (wanted && offered === null) {
      offered = offer(editor);
    } else if (!wanted && offered !== null) {
      offered.dispose();
      offered = null;
    }
  };
  decide();
  return vscode.Disposable.from(vscode.extensions.onDidChange(decide), vscode.workspace.onDidGrantWorkspaceTrust(decide), { dispose: () => offered?.dispose() });
}

/** Our kernels, where any was used. */
export function ownKernels(): OwnKernels | null {
  return loaded;
}

/** The notebook's kernel of ours, chosen and started. */
export async function ownKernelFor(document: vscode.NotebookDocument): Promise<LiveKernel> {
  if (offered === null) {
    throw new UserError(vscode.l10n.t('There is no kernel that this notebook can run in.'), { file: document.uri.fsPath });
  }
  await vscode.commands.executeCommand('notebook.selectKernel', { id: controllerId, extension: 'ml-lifecycle.ml-lifecycle' });
  return (await offered.kernels()).kernel(document);
}

function offer(editor: Editor): Offered {
  const controller = vscode.notebooks.createNotebookController(controllerId, notebookType, vscode.l10n.t('Python of ML Lifecycle'));
  controller.supportedLanguages = ['python'];
  controller.supportsExecutionOrder = true;
  controller.description = vscode.l10n.t('The Python that runs scripts, in a kernel of this window');
  let loading: Promise<OwnKernels> | undefined;
  const kernels = (): Promise<OwnKernels> => {
    loading ??= import('./ownKernels.ts').then((module) => (loaded = new module.OwnKernels(editor, controller)));
    return loading;
  };
  controller.executeHandler = async (cells, document) => (await kernels()).run(cells, document);
  controller.interruptHandler = async (document) => {
    await (await kernels()).interrupt(document).catch((error: unknown) => editor.log.warn(sentenceOf(error)));
  };
  return {
    kernels,
    dispose: () => {
      loaded?.dispose();
      loaded = null;
      controller.dispose();
    },
  };
}
