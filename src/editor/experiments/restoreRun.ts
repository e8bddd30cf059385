// ML: Restore to a new branch…
//   mlLifecycle.restoreRun {run_id, branch, worktree?, project?}   without a question → {root, branch, missing}
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import type { RunDetail } from '../../contracts/runs.ts';
import { restoreCode, type Restored } from '../../core/git/api.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import { exists } from '../platform/files.ts';
import { runFrom } from './chooseRun.ts';

const Argument = z.object({ run_id: z.string(), branch: z.string(), worktree: z.optional(z.string()), project: z.optional(z.string()) });

export function handlers(editor: Editor): Handlers {
  return {
    restoreRun: async (target) => {
      const chosen = isProgramCall(target) ? parseArgument(Argument, target) : null;
      const { session, run_id } = await runFrom(editor, target, vscode.l10n.t('Restore the code of which run?'));
      const detail = await (await session.client()).run(run_id);
      const root = session.project.root;
      return chosen === null ? ask(root, detail) : restore(root, detail, chosen.branch, chosen.worktree ?? null);
    },
  };
}

function restore(root: string, { git, artifact_folder, run }: RunDetail, branch: string, worktree: string | null): Promise<Restored> {
  if (git === null) {
    throw new UserError(vscode.l10n.t('{0} has no commit: it lay in no Git repository when it ran.', run.name), { field: 'run_id' });
  }
  return restoreCode({ folder: path.dirname(path.resolve(root, run.source)), commit: git.commit, artifacts: artifact_folder, branch, worktree });
}

async function ask(root: string, detail: RunDetail): Promise<void> {
  const { git, run } = detail;
  if (git === null) {
    throw new UserError(vscode.l10n.t('{0} has no commit: it lay in no Git repository when it ran.', run.name));
  }
  const name = run.name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replaceAll(/^[.-]+|[.-]+$/g, '');
  const branch = await vscode.window.showInputBox({ title: vscode.l10n.t('Restore the code of {0}', run.name), prompt: vscode.l10n.t('The branch to make at {0}', git.commit.slice(0, 8)), value: `run/${name}-${run.run_id.slice(-6).toLowerCase()}` });
  if (branch === undefined || branch.trim() === '') {
    throw new vscode.CancellationError();
  }
  const apart = { label: vscode.l10n.t('$(new-folder) In a new folder…'), description: vscode.l10n.t('leaves this folder as it is') };
  const here = { label: vscode.l10n.t('$(git-branch) In this folder'), description: vscode.l10n.t('switches branches; there must be no uncommitted changes') };
  const where = await vscode.window.showQuickPick([apart, here], { placeHolder: vscode.l10n.t('Where should the branch be checked out?') });
  if (where === undefined) {
    throw new vscode.CancellationError();
  }
  const restored = await restore(root, detail, branch.trim(), where === apart ? await newFolder(root, name) : null);
  const missing = restored.missing.length === 0 ? '' : ` ${vscode.l10n.t('It lacks files that were not kept: {0}.', restored.missing.join(', '))}`;
  const open = vscode.l10n.t('Open folder');
  const answer = await vscode.window.showInformationMessage(vscode.l10n.t('The code of {0} is in {1}, on the branch {2}.', run.name, restored.root, restored.branch) + missing, ...(where === apart ? [open] : []));
  if (answer === open) {
    await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(restored.root), { forceNewWindow: true });
  }
}

/** A folder that is not there yet, inside the one that the person picks. */
async function newFolder(root: string, name: string): Promise<string> {
  const [parent] = (await vscode.window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, canSelectMany: false, defaultUri: vscode.Uri.file(path.dirname(root)), openLabel: vscode.l10n.t('Put it here') })) ?? [];
  if (parent === undefined) {
    throw new vscode.CancellationError();
  }
  const wanted = path.join(parent.fsPath, `${path.basename(root)}-${name}`);
  for (let count = 1; ; count += 1) {
    const folder = count === 1 ? wanted : `${wanted}-${count}`;
    if (!(await exists(folder))) {
      return folder;
    }
  }
}
