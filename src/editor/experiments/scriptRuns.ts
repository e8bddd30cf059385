// The runs of one script, as this window knows them.
import type * as vscode from 'vscode';
import type { RunSummary } from '../../contracts/runs.ts';
import type { Editor } from '../platform/editor.ts';
import type { ProjectSession } from '../platform/session.ts';
import { ofScript } from './scriptFigures.ts';

export interface ScriptRuns {
  session: ProjectSession;
  /** Newest first. */
  runs: RunSummary[];
}

/** The runs of a script that this window knows by now; wakes the project's server where there is something to tell. */
export async function runsOfScript(editor: Editor, script: vscode.Uri): Promise<ScriptRuns | null> {
  const session = await editor.projects.forFile(script.fsPath);
  if (session === null) {
    return null;
  }
  // Not waited for: the lenses are asked for again when it has told.
  void session.wake();
  return { session, runs: ofScript(session.runs.values(), session.project.root, script.fsPath) };
}
