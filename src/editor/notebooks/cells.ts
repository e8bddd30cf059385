// Runs cells as a person would, in whatever kernel their notebook has, and says how they ended.
import * as vscode from 'vscode';
import { UserError } from '../../contracts/userError.ts';

/** How long a cell may take to begin once VS Code was asked to run it. In milliseconds. */
const patience = 30_000;

/** The code cells that are to be run: those with code that no tag leaves out. */
export function cellsToRun(document: vscode.NotebookDocument): vscode.NotebookCell[] {
  return codeCells(document).filter((cell) => cell.document.getText().trim() !== '' && !hasTag(cell, 'skip-execution'));
}

/** A cell's number among the code cells, from 1. */
export function numberOf(cell: vscode.NotebookCell): number {
  return codeCells(cell.notebook).indexOf(cell) + 1;
}

function codeCells(document: vscode.NotebookDocument): vscode.NotebookCell[] {
  return document.getCells().filter((cell) => cell.kind === vscode.NotebookCellKind.Code);
}

/** Jupyter's own tags: `raises-exception`, `skip-execution`. */
export function hasTag(cell: vscode.NotebookCell, tag: string): boolean {
  const metadata: unknown = cell.metadata['metadata'] ?? cell.metadata;
  const tags: unknown = typeof metadata === 'object' && metadata !== null && 'tags' in metadata ? metadata.tags : [];
  return Array.isArray(tags) && tags.includes(tag);
}

/** Runs a cell to its end; true where it succeeded. @throws UserError where it did not begin, or its notebook was closed. */
export async function runCell(cell: vscode.NotebookCell, signal: AbortSignal): Promise<boolean> {
  const { notebook, index } = cell;
  const ended = endOf(cell, signal);
  try {
    await Promise.race([vscode.commands.executeCommand('notebook.cell.execute', { ranges: [{ start: index, end: index + 1 }], document: notebook.uri, autoReveal: true }), ended.promise]);
    ended.asked();
    return await ended.promise;
  } finally {
    ended.dispose();
  }
}

/** A cell has begun once its last result is taken away, and ended once there is one again. */
function endOf(cell: vscode.NotebookCell, signal: AbortSignal): { promise: Promise<boolean>; asked(): void; dispose(): void } {
  const disposables: vscode.Disposable[] = [];
  let begun = false;
  let timer: NodeJS.Timeout | undefined;
  let giveUp: () => void = () => undefined;
  const promise = new Promise<boolean>((resolve, reject) => {
    giveUp = () => reject(new UserError(vscode.l10n.t('A cell was not run: its notebook has no kernel. Choose one, then try again.'), { file: cell.notebook.uri.fsPath }));
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    disposables.push(
      new vscode.Disposable(() => signal.removeEventListener('abort', stop)),
      vscode.workspace.onDidChangeNotebookDocument((event) => {
        if (!event.cellChanges.some((change) => change.cell === cell && change.executionSummary !== undefined)) {
          return;
        }
        const { success, timing } = cell.executionSummary ?? {};
        if (success === undefined && timing?.endTime === undefined) {
          begun = true;
        } else if (begun) {
          resolve(success === true);
        }
      }),
      vscode.workspace.onDidCloseNotebookDocument((closed) => {
        if (closed === cell.notebook) {
          reject(new UserError(vscode.l10n.t('The notebook was closed while it ran.'), { file: closed.uri.fsPath }));
        }
      }),
    );
  });
  promise.catch(() => undefined);
  return {
    promise,
    asked: () => {
      timer = setTimeout(() => (begun ? undefined : giveUp()), patience);
    },
    dispose: () => {
      clearTimeout(timer);
      vscode.Disposable.from(...disposables).dispose();
    },
  };
}
