// The commands about runs. Program forms, each a plain object as the only argument:
//   mlLifecycle.train         {file, form?}            starts training at once where `form` is given → run_id
//   mlLifecycle.runScript     {script, arguments?}     → run_id
//   mlLifecycle.openRun       {run_id, project?}
//   mlLifecycle.compareRuns   {run_ids, project?}
//   mlLifecycle.compareAllRuns {experiment?, project?} all of the project without an experiment
//   mlLifecycle.cancelRun     {run_id, project?}
//   mlLifecycle.waitForRun    {run_id, project?}       resolves to the ended run
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import { TrainForm } from '../../contracts/panels/train.ts';
import { fileFrom } from '../data/files.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import type { ProjectSession } from '../platform/session.ts';
import { pickRuns, runFrom, sessionWithRuns } from './chooseRun.ts';
import { isEnded, isExperimentNode, isRunNode } from './runs.ts';

const TrainArgument = z.object({ file: z.string(), form: z.optional(z.partial(TrainForm)) });
const ScriptArgument = z.object({ script: z.string(), arguments: z.optional(z.array(z.string())) });
const AllArgument = z.object({ experiment: z.optional(z.string()), project: z.optional(z.string()) });
const CompareArgument = z.object({ run_ids: z.array(z.string()).check(z.minLength(1)), project: z.optional(z.string()) });

export function handlers(editor: Editor): Handlers {
  return {
    train: (target) => train(editor, target),
    runScript: (target) => runScript(editor, target),
    openRun: async (target) => {
      const { session, run_id } = await runFrom(editor, target, vscode.l10n.t('Open which run?'));
      await openRun(editor, session, run_id);
    },
    compareRuns: (target, all) => compare(editor, target, all),
    compareAllRuns: (target) => compareAll(editor, target),
    cancelRun: async (target) => {
      const { session, run_id } = await runFrom(editor, target, vscode.l10n.t('Cancel which run?'), (run) => !isEnded(run));
      await (await session.client()).cancel(run_id);
    },
    showRunOutput: async (target) => {
      const { session, run_id } = await runFrom(editor, target, vscode.l10n.t('Show the output of which run?'));
      await editor.terminals.show(session, run_id, { preserveFocus: false });
    },
    waitForRun: async (target) => {
      const { session, run_id } = await runFrom(editor, target, vscode.l10n.t('Wait for which run?'), (run) => !isEnded(run));
      const client = await session.client();
      await client.waitForJob(run_id);
      return (await client.run(run_id)).run;
    },
  };
}

/** A study has a panel of its own. */
async function openRun(editor: Editor, session: ProjectSession, run_id: string): Promise<void> {
  const { root } = session.project;
  const run = session.runs.get(run_id) ?? session.archived?.get(run_id);
  if (run?.kind === 'study') {
    return editor.panels.open('tune', { script: path.resolve(root, run.source), project: root, study_id: run_id });
  }
  return editor.panels.open('run', { project: root, run_id });
}

async function train(editor: Editor, target: unknown): Promise<unknown> {
  if (!isProgramCall(target)) {
    await editor.panels.open('train', { file: await fileFrom(target, vscode.l10n.t('Train a model on which file?')) });
    return undefined;
  }
  const { file, form } = parseArgument(TrainArgument, target);
  if (form === undefined) {
    await editor.panels.open('train', { file });
    return undefined;
  }
  const { firstForm, startTraining } = await import('./training.ts');
  const table = await (await editor.queries()).summary(file, {});
  const whole = parseArgument(TrainForm, { ...(await firstForm(editor, file, table)), ...form });
  const { job } = await startTraining(editor, file, table, whole, false);
  return job.job_id;
}

async function runScript(editor: Editor, target: unknown): Promise<string> {
  const { submitScript } = await import('./scripts.ts');
  if (isProgramCall(target)) {
    const { script, arguments: args = [] } = parseArgument(ScriptArgument, target);
    return (await submitScript(editor, vscode.Uri.file(script), args, false)).job.job_id;
  }
  const uri = target instanceof vscode.Uri ? target : (vscode.window.activeNotebookEditor?.notebook.uri ?? vscode.window.activeTextEditor?.document.uri);
  if (uri === undefined) {
    throw new UserError(vscode.l10n.t('Open the script that should be run, then try again.'));
  }
  const { session, job } = await submitScript(editor, uri, [], true);
  await editor.terminals.show(session, job.job_id, { preserveFocus: true });
  await editor.revealRun(session, job.job_id);
  return job.job_id;
}

async function compare(editor: Editor, target: unknown, all: unknown): Promise<void> {
  if (isProgramCall(target)) {
    const { run_ids, project } = parseArgument(CompareArgument, target);
    const [first = ''] = run_ids;
    const session = project === undefined ? await editor.projects.withRun(first) : { project: { root: project } };
    await editor.panels.open('compare', { project: session.project.root, run_ids });
    return;
  }
  const selected = Array.isArray(all) ? all.filter(isRunNode) : [];
  const [first] = selected;
  if (first !== undefined && selected.length > 1) {
    const ofFirst = selected.filter((node) => node.project === first.project);
    await editor.panels.open('compare', { project: first.project, run_ids: ofFirst.map((node) => node.run_id) });
    return;
  }
  const from = isRunNode(target) ? await runFrom(editor, target, '') : null;
  const session = from?.session ?? (await sessionWithRuns(editor));
  const name = from === null ? '' : (session.runs.get(from.run_id)?.name ?? '');
  const placeholder = from === null ? vscode.l10n.t('Compare which runs?') : vscode.l10n.t('Compare {0} with which runs?', name);
  const others = await pickRuns(session, placeholder, (run) => run.run_id !== from?.run_id, true);
  await editor.panels.open('compare', { project: session.project.root, run_ids: from === null ? others : [from.run_id, ...others] });
}

/** All runs of an experiment, of its row or chosen, or of the whole project. */
async function compareAll(editor: Editor, target: unknown): Promise<void> {
  if (isExperimentNode(target)) {
    await editor.panels.open('compare', { project: target.project, experiment: target.name });
    return;
  }
  if (isProgramCall(target)) {
    const { experiment, project } = parseArgument(AllArgument, target);
    const root = project ?? (await sessionWithRuns(editor)).project.root;
    await editor.panels.open('compare', { project: root, ...(experiment === undefined ? {} : { experiment }) });
    return;
  }
  const session = await sessionWithRuns(editor);
  const experiments = [...new Set([...session.runs.values()].map((run) => run.experiment))];
  const all = { label: vscode.l10n.t('All runs of {0}', session.project.name), experiment: undefined };
  const chosen = experiments.length < 2 ? all : await vscode.window.showQuickPick([all, ...experiments.map((experiment) => ({ label: experiment, experiment }))], { placeHolder: vscode.l10n.t('Compare the runs of which experiment?') });
  if (chosen !== undefined) {
    await editor.panels.open('compare', { project: session.project.root, ...(chosen.experiment === undefined ? {} : { experiment: chosen.experiment }) });
  }
}
