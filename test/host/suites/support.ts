// What the suites share: the opened folder, and waiting for a condition rather than for a time.
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';

export const extensionId = 'ml-lifecycle.ml-lifecycle';

/** A line for whoever reads the tests' output. */
export function note(line: string): void {
  appendFileSync(`${process.env['ML_LIFECYCLE_TEST_REPORT'] ?? 'report.json'}.txt`, `      ${line}\n`);
}

/** The workspace's folder: a copy of examples/loans. */
export function workspaceFolder(): string {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'the tests need an open folder');
  return folder.uri.fsPath;
}

export function inWorkspace(...parts: string[]): string {
  return path.join(workspaceFolder(), ...parts);
}

/** Asks again and again until the answer is something; mocha's time limit ends it. */
export async function eventually<T>(ask: () => T | undefined | null | false | Promise<T | undefined | null | false>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) {
      return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Writes a file of the workspace, with the folders above it. */
export async function write(name: string, text: string): Promise<vscode.Uri> {
  const uri = vscode.Uri.file(inWorkspace(name));
  await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
  return uri;
}

export async function remove(name: string): Promise<void> {
  await vscode.workspace.fs.delete(vscode.Uri.file(inWorkspace(name)), { recursive: true, useTrash: false });
}

/** Runs one of the extension's commands. */
export async function run<T>(command: string, argument?: Record<string, unknown>): Promise<T> {
  return vscode.commands.executeCommand<T>(`mlLifecycle.${command}`, argument);
}

/** Opens a script and starts it by the lens that stands above it; gives its run's id. */
export async function runFromLens(uri: vscode.Uri): Promise<string> {
  await vscode.window.showTextDocument(uri);
  const lens = await eventually(async () => (await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 50)).find((each) => each.command?.command === 'mlLifecycle.runScript'));
  return vscode.commands.executeCommand<string>('mlLifecycle.runScript', ...((lens.command?.arguments ?? []) as unknown[]));
}

/** What the project's server answers. @param target under /api/ */
export async function askServer<T>(target: string): Promise<T> {
  const lines = (await run<string>('copyTrackingEnvironment', { form: 'env' })).trim().split('\n');
  const copied = Object.fromEntries(lines.map((line) => line.split(/=(.*)/).slice(0, 2) as [string, string]));
  const answer = await fetch(`${copied['MLFLOW_TRACKING_URI']}/api/${target}`, { headers: { authorization: `Bearer ${copied['MLFLOW_TRACKING_TOKEN']}` } });
  assert.equal(answer.status, 200, target);
  return (await answer.json()) as T;
}

/** The open tab with a panel of this kind, if there is one. */
export function panelTab(kind: string): vscode.Tab | undefined {
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs).find((tab) => tab.input instanceof vscode.TabInputWebview && tab.input.viewType.endsWith(`mlLifecycle.${kind}`));
}

export async function closeEditors(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}
