import { access } from 'node:fs/promises';
import * as vscode from 'vscode';

/** Whether the file or folder is there and may be looked at. */
export function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** The kinds of files that can be profiled and trained on. `.json` is left to the menu: most are settings. */
export const dataFilePattern = '**/*.{csv,tsv,parquet,ndjson,jsonl,csv.gz,tsv.gz,ndjson.gz,jsonl.gz}';
const dataFileName = /\.(csv|tsv|parquet|json|jsonl|ndjson)(\.gz)?$/i;

export function isDataFile(file: string): boolean {
  return dataFileName.test(file);
}

/** Folders that hold no data of the user's own. */
export const excludedFolders = '**/{node_modules,.git,.ml,.venv,venv,__pycache__,site-packages,dist,out}/**';

/** The data files of the workspace, at most 500, by path. */
export async function findDataFiles(token?: vscode.CancellationToken): Promise<vscode.Uri[]> {
  const files = await vscode.workspace.findFiles(dataFilePattern, excludedFolders, 500, token);
  return files.sort((a, b) => a.fsPath.localeCompare(b.fsPath));
}

/** The path as a person knows it: relative to the workspace folder where it lies inside. */
export function shownPath(file: string): string {
  return vscode.workspace.asRelativePath(file);
}
