// ML: Compare code with…
//   mlLifecycle.compareCode {run_id, with: 'commit' | 'work_tree' | <run id>, project?}   shows it, without a question → {changes}
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import type { RunDetail } from '../../contracts/runs.ts';
import type { CodeChange, CodeSnapshots, RunCode } from '../../core/git/api.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import type { ProjectSession } from '../platform/session.ts';
import { pickRuns, runFrom } from './chooseRun.ts';
import { codeAddress, type KnownCode } from './codeFiles.ts';

const Argument = z.object({ run_id: z.string(), with: z.string(), project: z.optional(z.string()) });
/** More files at once than this are not opened. */
const mostFiles = 500;

export function handlers(editor: Editor): Handlers {
  return {
    compareCode: async (target) => {
      const chosen = isProgramCall(target) ? parseArgument(Argument, target).with : null;
      const { session, run_id } = await runFrom(editor, target, vscode.l10n.t('Compare the code of which run?'));
      const detail = await (await session.client()).run(run_id);
      const code = codeOf(session, detail);
      const other = chosen ?? (await ask(session, detail));
      const files = await editor.codeFiles();
      const after = await files.know(code);
      if (other === 'work_tree') {
        return showSinceRun(files.snapshots, detail, after);
      }
      if (other === 'commit') {
        const before = await files.know({ ...code, artifacts: null });
        return show(files.snapshots, before, after, vscode.l10n.t('{0}: commit {1} ↔ the code that ran', detail.run.name, code.commit.slice(0, 8)), vscode.l10n.t('{0} ran exactly the code of its commit {1}.', detail.run.name, code.commit.slice(0, 8)));
      }
      const second = await (await session.client()).run(other);
      const before = await files.know(codeOf(session, second));
      return show(files.snapshots, before, after, vscode.l10n.t('Code: {0} ↔ {1}', nameOf(second), nameOf(detail)), vscode.l10n.t('{0} and {1} ran the same code.', nameOf(second), nameOf(detail)));
    },
  };
}

function codeOf(session: ProjectSession, { run, git, artifact_folder }: RunDetail): RunCode {
  if (git === null) {
    throw new UserError(vscode.l10n.t('{0} has no commit: it lay in no Git repository when it ran, so its code was not kept.', run.name), { field: 'run_id' });
  }
  return { folder: path.dirname(path.resolve(session.project.root, run.source)), commit: git.commit, artifacts: artifact_folder };
}

function nameOf({ run }: RunDetail): string {
  return `${run.name} (${run.run_id.slice(-6).toLowerCase()})`;
}

async function ask(session: ProjectSession, { run, git }: RunDetail): Promise<string> {
  const choices = [
    { label: vscode.l10n.t('$(git-commit) Its commit {0}', git?.commit.slice(0, 8) ?? ''), description: vscode.l10n.t('what was not committed when it ran'), value: 'commit' },
    { label: vscode.l10n.t('$(files) The files as they are now'), description: vscode.l10n.t('what changed since it ran'), value: 'work_tree' },
    { label: vscode.l10n.t('$(beaker) Another run…'), description: vscode.l10n.t('what differs between the two'), value: null },
  ];
  const chosen = await vscode.window.showQuickPick(choices, { placeHolder: vscode.l10n.t('Compare the code of {0} with…', run.name) });
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  if (chosen.value !== null) {
    return chosen.value;
  }
  const [other] = await pickRuns(session, vscode.l10n.t('Compare the code of {0} with which run?', run.name), (each) => each.run_id !== run.run_id, false);
  return other;
}

async function show(snapshots: CodeSnapshots, before: KnownCode, after: KnownCode, title: string, same: string): Promise<{ changes: CodeChange[] }> {
  const changes = await snapshots.changes(after.folder, before.tree, after.tree);
  await open(title, changes, same, (file) => codeAddress(before, file), (file) => codeAddress(after, file));
  return { changes };
}

async function showSinceRun(snapshots: CodeSnapshots, { run }: RunDetail, code: KnownCode): Promise<{ changes: CodeChange[] }> {
  const { root, changes } = await snapshots.changesSince(code.folder, code.tree);
  await open(vscode.l10n.t('{0}: the code that ran ↔ now', run.name), changes, vscode.l10n.t('Nothing changed since {0} ran.', run.name), (file) => codeAddress(code, file), (file) => vscode.Uri.file(path.join(root, file)));
  return { changes };
}

/** Opens the editor's own view of differences: of one file, or of many. */
async function open(title: string, changes: readonly CodeChange[], same: string, left: (file: string) => vscode.Uri, right: (file: string) => vscode.Uri): Promise<void> {
  const [first, ...rest] = changes;
  if (first === undefined) {
    void vscode.window.showInformationMessage(same);
    return;
  }
  const sides = ({ path: file, kind }: CodeChange): [vscode.Uri, vscode.Uri] => [kind === 'added' ? codeAddress(null, file) : left(file), kind === 'removed' ? codeAddress(null, file) : right(file)];
  if (rest.length === 0) {
    await vscode.commands.executeCommand('vscode.diff', ...sides(first), `${first.path} · ${title}`);
    return;
  }
  await vscode.commands.executeCommand(
    'vscode.changes',
    changes.length > mostFiles ? vscode.l10n.t('{0} (the first {1} of {2} files)', title, mostFiles, changes.length) : title,
    changes.slice(0, mostFiles).map((change) => [right(change.path), ...sides(change)]),
  );
}
