// What the suites about notebooks share.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { run, write } from './support.ts';

/** Writes a notebook of these code cells; gives its path. */
export async function notebookIn(name: string, ...cells: string[]): Promise<string> {
  const content = { cells: cells.map((source) => ({ cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null })), metadata: { language_info: { name: 'python' } }, nbformat: 4, nbformat_minor: 5 };
  return (await write(`notebooks/${name}`, JSON.stringify(content))).fsPath;
}

export async function openNotebook(file: string): Promise<vscode.NotebookDocument> {
  const document = await vscode.workspace.openNotebookDocument(vscode.Uri.file(file));
  await vscode.window.showNotebookDocument(document);
  return document;
}

/** A notebook that is open. */
export function opened(file: string): vscode.NotebookDocument {
  const found = vscode.workspace.notebookDocuments.find((each) => each.uri.fsPath === file);
  assert.ok(found);
  return found;
}

/** Runs a cell as a person does by hand. */
export async function runCellOf(document: vscode.NotebookDocument, index: number): Promise<void> {
  await vscode.commands.executeCommand('notebook.cell.execute', { ranges: [{ start: index, end: index + 1 }], document: document.uri });
}

/** The text of a cell's outputs. */
export function outputOf(cell: vscode.NotebookCell): string {
  return cell.outputs.flatMap((output) => output.items).map((item) => Buffer.from(item.data).toString('utf8')).join('');
}

export interface ExternalRun {
  run_id: string;
  status: string;
  metrics: Record<string, number>;
}

/** The runs of a notebook in the default experiment, as any MLflow client finds them. */
export async function externalRuns(name: string): Promise<ExternalRun[]> {
  const variables = Object.fromEntries((await run<string>('copyTrackingEnvironment', { form: 'env' })).trim().split('\n').map((line) => line.split(/=(.*)/).slice(0, 2) as [string, string]));
  const answer = await fetch(`${variables['MLFLOW_TRACKING_URI']}/api/2.0/mlflow/runs/search`, {
    method: 'POST',
    headers: { authorization: `Bearer ${variables['MLFLOW_TRACKING_TOKEN']}`, 'content-type': 'application/json' },
    body: JSON.stringify({ experiment_ids: ['0'], filter: `tags.mlflow.source.name LIKE '%${name}'` }),
  });
  const { runs = [] } = (await answer.json()) as { runs?: { info: { run_id: string; status: string }; data: { metrics?: { key: string; value: number }[] } }[] };
  return runs.map(({ info, data }) => ({ run_id: info.run_id, status: info.status, metrics: Object.fromEntries((data.metrics ?? []).map(({ key, value }) => [key, value])) }));
}
