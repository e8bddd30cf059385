// The commands that put experiments in order. Program forms, each a plain object as the only argument:
//   mlLifecycle.renameExperiment     {experiment, name, project?}
//   mlLifecycle.archiveExperiment    {experiment, project?}   with all its runs
//   mlLifecycle.unarchiveExperiment  {experiment, project?}
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import { showProblem } from '../platform/problems.ts';
import { experimentFrom, type ExperimentTarget } from './chooseExperiment.ts';
import { askName } from './organiseRuns.ts';

const NameArgument = z.object({ name: z.string() });

export function handlers(editor: Editor): Handlers {
  return {
    renameExperiment: async (target) => {
      const { session, experiment } = await experimentFrom(editor, target, vscode.l10n.t('Rename which experiment?'));
      const { name } = isProgramCall(target) ? parseArgument(NameArgument, target) : { name: await askName(vscode.l10n.t('Name of the experiment'), experiment.name) };
      await (await session.client()).editExperiment(experiment.experiment_id, { name });
    },
    archiveExperiment: async (target) => {
      const chosen = await experimentFrom(editor, target, vscode.l10n.t('Archive which experiment, with its runs?'));
      await put(chosen, true);
      if (!isProgramCall(target)) {
        // The command is done; what the person answers comes when it comes.
        offerUndo(chosen).catch((error: unknown) => showProblem(editor.log, error));
      }
    },
    unarchiveExperiment: async (target) => put(await experimentFrom(editor, target, vscode.l10n.t('Restore which experiment from the archive?'), true), false),
  };
}

async function put({ session, experiment }: ExperimentTarget, archived: boolean): Promise<void> {
  await (await session.client()).editExperiment(experiment.experiment_id, { archived });
}

async function offerUndo(target: ExperimentTarget): Promise<void> {
  const undo = vscode.l10n.t('Undo');
  if ((await vscode.window.showInformationMessage(vscode.l10n.t('Archived {0} with its runs.', target.experiment.name), undo)) === undo) {
    await put(target, false);
  }
}
