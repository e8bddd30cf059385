// The variables with which a kernel logs into a project.
import type * as vscode from 'vscode';
import { withJob } from '../../core/jobs/environment.ts';
import { trackingVariablesOf } from '../experiments/trackedTerminals.ts';
import type { ProjectSession } from '../platform/session.ts';

/** @param job the run that the first MLflow run of the notebook is; null: each is a run of its own. */
export async function variablesOf(session: ProjectSession, notebook: vscode.Uri, job: string | null): Promise<Record<string, string>> {
  const source = JSON.stringify({ 'mlflow.source.name': notebook.fsPath, 'mlflow.source.type': 'NOTEBOOK' });
  return { ...(await trackingVariablesOf(session)), MLFLOW_RUN_CONTEXT: job === null ? source : withJob(source, job) };
}
