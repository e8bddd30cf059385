// How many runs go on side by side, as the setting says; the project server reads it from the project's own folder.
import * as vscode from 'vscode';
import type { Project } from '../../core/project/api.ts';
import type { Editor } from './editor.ts';
import { showProblem } from './problems.ts';

/** Tells the project's queue. Its server must have run once: it makes and checks that folder. */
export async function applyParallelRuns(project: Project): Promise<void> {
  const { setParallelJobs } = await import('../../core/jobs/parallel.ts');
  const wanted = vscode.workspace.getConfiguration('mlLifecycle', vscode.Uri.file(project.root)).get<number>('parallelRuns', 0);
  await setParallelJobs(project, wanted || null);
}

/** A change counts for the runs that wait already. */
export function watchParallelRuns(editor: Editor): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('mlLifecycle.parallelRuns')) {
      const apply = async (): Promise<void> => {
        const connected = (await editor.projects.sessions()).filter((session) => session.connection.kind === 'connected');
        await Promise.all(connected.map((session) => applyParallelRuns(session.project)));
      };
      apply().catch((error: unknown) => showProblem(editor.log, error));
    }
  });
}
