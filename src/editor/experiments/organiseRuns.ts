// The commands that put runs in order. Program forms, each a plain object as the only argument:
//   mlLifecycle.archiveRuns    {run_ids, project?}
//   mlLifecycle.unarchiveRuns  {run_ids, project?}
//   mlLifecycle.deleteRun      {run_id | run_ids, project?}   deletes for good, without asking
//   mlLifecycle.renameRun      {run_id, name, project?}
//   mlLifecycle.editNote       {run_id, note, project?}
//   mlLifecycle.editTags       {run_id, tags, project?}       a tag of null is removed
//   mlLifecycle.pinBaseline    {run_id, project?}
//   mlLifecycle.unpinBaseline  {run_id, project?}
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { RunEdit, RunSummary } from '../../contracts/runs.ts';
import { baselineTag, noteTag } from '../../contracts/tags.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import { showProblem } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { runFrom, runsFrom } from './chooseRun.ts';
import { askTags } from './runTags.ts';
import { isEnded, newestFirst } from './runs.ts';

const NameArgument = z.object({ name: z.string() });
const NoteArgument = z.object({ note: z.string() });
const TagsArgument = z.object({ tags: z.record(z.string(), z.nullable(z.string())) });

export function handlers(editor: Editor): Handlers {
  const edit = async (target: unknown, placeholder: string, ask: (session: ProjectSession, run_id: string) => Promise<RunEdit> | RunEdit): Promise<void> => {
    const { session, run_id } = await runFrom(editor, target, placeholder);
    const client = await session.client();
    await client.editRun(run_id, await ask(session, run_id));
  };
  return {
    archiveRuns: (target, all) => archive(editor, target, all),
    unarchiveRuns: (target, all) => unarchive(editor, target, all),
    deleteRun: (target, all) => remove(editor, target, all),
    renameRun: (target) =>
      edit(target, vscode.l10n.t('Rename which run?'), async (session, run_id) =>
        isProgramCall(target) ? parseArgument(NameArgument, target) : { name: await askName(vscode.l10n.t('Name of the run'), (await runOf(session, run_id)).name) },
      ),
    editNote: async (target) => {
      if (isProgramCall(target)) {
        return edit(target, '', () => parseArgument(NoteArgument, target));
      }
      const { session, run_id } = await runFrom(editor, target, vscode.l10n.t('Edit the note of which run?'));
      const note = (await runOf(session, run_id)).tags[noteTag] ?? '';
      // An input has one line; the run's panel has as many as there are.
      if (note.includes('\n')) {
        return editor.panels.open('run', { project: session.project.root, run_id });
      }
      const value = await vscode.window.showInputBox({ title: vscode.l10n.t('Note'), value: note, prompt: vscode.l10n.t('Longer notes are written in the run’s panel.') });
      return value === undefined || value === note ? undefined : (await session.client()).editRun(run_id, { note: value.trim() });
    },
    editTags: async (target, all) => {
      const { session, run_ids } = await runsFrom(editor, target, all, vscode.l10n.t('Edit the tags of which runs?'), (each) => newestFirst(each.runs.values()));
      const tags = isProgramCall(target) ? parseArgument(TagsArgument, target).tags : await askTags(await Promise.all(run_ids.map((id) => runOf(session, id))));
      const client = await session.client();
      await Promise.all(run_ids.map((id) => client.editRun(id, { tags })));
    },
    pinBaseline: (target) => edit(target, vscode.l10n.t('Pin which run as the baseline of its experiment?'), () => ({ baseline: true })),
    unpinBaseline: async (target) => {
      const pinned = (session: ProjectSession, run: RunSummary): boolean => session.experiments.get(run.experiment)?.tags[baselineTag] === run.run_id;
      const sessions = await editor.projects.sessions();
      const { session, run_id } = await runFrom(editor, target, vscode.l10n.t('Unpin which baseline?'), (run) => sessions.some((each) => pinned(each, run)));
      await (await session.client()).editRun(run_id, { baseline: false });
    },
  };
}

/** A line that is not empty. @throws CancellationError where the person gives none. */
export async function askName(title: string, value: string): Promise<string> {
  const name = await vscode.window.showInputBox({ title, value, validateInput: (text) => (text.trim() === '' ? vscode.l10n.t('Give a name.') : undefined) });
  if (name === undefined) {
    throw new vscode.CancellationError();
  }
  return name.trim();
}

async function runOf(session: ProjectSession, run_id: string): Promise<RunSummary> {
  return session.runs.get(run_id) ?? session.archived?.get(run_id) ?? (await (await session.client()).run(run_id)).run;
}

async function archivedRuns(session: ProjectSession): Promise<RunSummary[]> {
  if (session.archived === null) {
    await session.loadArchived();
  }
  return newestFirst(session.archived?.values() ?? []);
}

async function archive(editor: Editor, target: unknown, all: unknown): Promise<void> {
  const { session, run_ids } = await runsFrom(editor, target, all, vscode.l10n.t('Archive which runs?'), (each) => newestFirst(each.runs.values()).filter(isEnded));
  const client = await session.client();
  const done: string[] = [];
  let refused: unknown = null;
  for (const run_id of run_ids) {
    try {
      await client.editRun(run_id, { archived: true });
      done.push(run_id);
    } catch (error) {
      refused ??= error;
    }
  }
  if (refused !== null && (isProgramCall(target) || done.length === 0)) {
    throw refused;
  }
  if (refused !== null) {
    showProblem(editor.log, refused);
  }
  if (!isProgramCall(target)) {
    // The command is done; what the person answers comes when it comes.
    offerUndo(session, done).catch((error: unknown) => showProblem(editor.log, error));
  }
}

async function offerUndo(session: ProjectSession, run_ids: readonly string[]): Promise<void> {
  const [first] = run_ids;
  const undo = vscode.l10n.t('Undo');
  const message = run_ids.length === 1 && first !== undefined ? vscode.l10n.t('Archived {0}.', (await runOf(session, first)).name) : vscode.l10n.t('Archived {0} runs.', run_ids.length);
  if ((await vscode.window.showInformationMessage(message, undo)) === undo) {
    const client = await session.client();
    await Promise.all(run_ids.map((id) => client.editRun(id, { archived: false })));
  }
}

async function unarchive(editor: Editor, target: unknown, all: unknown): Promise<void> {
  const { session, run_ids } = await runsFrom(editor, target, all, vscode.l10n.t('Restore which runs from the archive?'), archivedRuns);
  const client = await session.client();
  await Promise.all(run_ids.map((id) => client.editRun(id, { archived: false })));
}

async function remove(editor: Editor, target: unknown, all: unknown): Promise<void> {
  const { session, run_ids } = await runsFrom(editor, target, all, vscode.l10n.t('Delete which archived runs for good?'), archivedRuns);
  const client = await session.client();
  if (!isProgramCall(target)) {
    const [first] = run_ids;
    const name = (await runOf(session, first)).name;
    const registered = (await Promise.all(run_ids.map(async (id) => (await client.run(id)).registered.length))).some((versions) => versions > 0);
    const question = run_ids.length === 1 ? vscode.l10n.t('Delete {0} for good?', name) : vscode.l10n.t('Delete {0} runs for good?', run_ids.length);
    const detail = [vscode.l10n.t('Metrics, output and files are deleted and cannot be brought back.'), registered ? vscode.l10n.t('Model versions that were registered from them stay.') : ''].join(' ').trim();
    const confirm = vscode.l10n.t('Delete for good');
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, confirm)) !== confirm) {
      return;
    }
  }
  for (const run_id of run_ids) {
    await client.deleteRun(run_id);
    session.forgetRun(run_id);
  }
}
