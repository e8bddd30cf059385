// Kernels that the Jupyter extension holds.
import * as vscode from 'vscode';
import { UserError } from '../../contracts/userError.ts';
import { runCell } from './cells.ts';
import { jupyterExtension } from './jupyterExtension.ts';
import type { LiveKernel } from './liveKernel.ts';

/** As far as it is used, of the API that the extension documents. */
interface JupyterApi {
  kernels: { getKernel(uri: vscode.Uri): Thenable<JupyterKernel | undefined> };
}
interface JupyterKernel {
  readonly language: string;
  readonly status: string;
  readonly onDidChangeStatus: vscode.Event<string>;
  executeCode(code: string, token: vscode.CancellationToken): AsyncIterable<{ items: { mime: string; data: Uint8Array }[] }>;
}

/** The notebook's kernel; where it has none, one is asked for and started. @throws UserError where there is none for Python. */
export async function jupyterKernel(document: vscode.NotebookDocument): Promise<LiveKernel> {
  const api: unknown = await vscode.extensions.getExtension(jupyterExtension)?.activate();
  if (!isJupyterApi(api)) {
    throw new UserError(vscode.l10n.t('The installed Jupyter extension gives no access to its kernels. Update it, then try again.'));
  }
  const kernel = (await api.kernels.getKernel(document.uri)) ?? (await start(api, document));
  if (kernel === undefined) {
    throw new UserError(vscode.l10n.t('The kernel was not started. Run any cell of the notebook once, then try again.'), { file: document.uri.fsPath });
  }
  if (kernel.language.toLowerCase() !== 'python') {
    throw new UserError(vscode.l10n.t('The kernel of this notebook runs {0}. Only Python can be recorded live.', kernel.language), { file: document.uri.fsPath });
  }
  return adapted(kernel);
}

function isJupyterApi(api: unknown): api is JupyterApi {
  return typeof api === 'object' && api !== null && 'kernels' in api && typeof api.kernels === 'object' && api.kernels !== null && 'getKernel' in api.kernels && typeof api.kernels.getKernel === 'function';
}

/** The API knows kernels that were started only, and a kernel starts with its first cell: ours, which is taken away again. */
async function start(api: JupyterApi, document: vscode.NotebookDocument): Promise<JupyterKernel | undefined> {
  await vscode.commands.executeCommand('notebook.selectKernel', { skipIfAlreadySelected: true });
  const edit = async (change: vscode.NotebookEdit): Promise<void> => {
    const edits = new vscode.WorkspaceEdit();
    edits.set(document.uri, [change]);
    await vscode.workspace.applyEdit(edits);
  };
  const code = vscode.l10n.t('# Starts the kernel');
  await edit(vscode.NotebookEdit.insertCells(0, [new vscode.NotebookCellData(vscode.NotebookCellKind.Code, code, 'python')]));
  const cell = document.cellAt(0);
  try {
    await runCell(cell, new AbortController().signal);
  } finally {
    await edit(vscode.NotebookEdit.deleteCells(new vscode.NotebookRange(cell.index, cell.index + 1)));
  }
  return api.kernels.getKernel(document.uri);
}

function adapted(kernel: JupyterKernel): LiveKernel {
  return {
    label: vscode.l10n.t('Jupyter’s kernel'),
    async execute(code) {
      const source = new vscode.CancellationTokenSource();
      let said = '';
      for await (const { items } of kernel.executeCode(code, source.token)) {
        said += items.map(({ data }) => Buffer.from(data).toString('utf8')).join('');
      }
      return said;
    },
    onDidRestart: (listener, self, disposables) => {
      let restarting = false;
      return kernel.onDidChangeStatus(
        (status) => {
          if (status === 'restarting' || status === 'autorestarting') {
            restarting = true;
          } else if (restarting && status === 'idle') {
            restarting = false;
            listener.call(self);
          }
        },
        undefined,
        disposables,
      );
    },
  };
}
