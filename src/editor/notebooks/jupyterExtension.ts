import * as vscode from 'vscode';

export const jupyterExtension = 'ms-toolsai.jupyter';

/** Whether the Jupyter extension is there, whose kernels go before ours. */
export function hasJupyter(): boolean {
  return vscode.extensions.getExtension(jupyterExtension) !== undefined;
}
