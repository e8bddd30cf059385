// Fills the training form and says, at each change, what pressing the button will do.
import path from 'node:path';
import * as vscode from 'vscode';
import { FromTrainPanel, type TrainForm } from '../../contracts/panels/train.ts';
import type { TableSummary } from '../../contracts/profile.ts';
import { UserError } from '../../contracts/errors.ts';
import { exists, shownPath } from '../platform/files.ts';
import type { Editor } from '../platform/editor.ts';
import type { Controller, Panel } from '../platform/panels.ts';
import { isCancelled, sentenceOf, showProblem } from '../platform/problems.ts';
import { firstForm, planTraining, startTraining } from './training.ts';

export const from = FromTrainPanel;

export function control(editor: Editor, panel: Panel<'train'>): Controller<'train'> {
  const { file, target } = panel.state;
  const shown = shownPath(file);
  const cancel = new AbortController();
  let table: TableSummary | undefined;
  panel.title(vscode.l10n.t('Train: {0}', path.basename(file)));
  panel.whenClosed(() => cancel.abort());

  const fail = (error: unknown): void => {
    if (!isCancelled(error)) {
      editor.log.warn(`Training on ${file}: ${sentenceOf(error)}`);
      panel.post({ type: 'failed', file: shown, message: sentenceOf(error) });
    }
  };

  const showForm = (form: TrainForm, summary: TableSummary): void =>
    panel.post({ type: 'form', file: shown, table: summary, form, plan: planTraining(file, summary, form) });

  const fill = async (): Promise<void> => {
    panel.post({ type: 'loading', file: shown, message: vscode.l10n.t('Reading the columns of {0}…', path.basename(file)) });
    if (!(await exists(file))) {
      throw new UserError(vscode.l10n.t('{0} is not there any more.', shown), { file });
    }
    table = await (await editor.queries()).summary(file, { signal: cancel.signal });
    const form = await firstForm(editor, file, table);
    const known = target !== undefined && table.columns.some((column) => column.name === target);
    showForm(known ? { ...form, target } : form, table);
  };

  const start = async (form: TrainForm, summary: TableSummary): Promise<void> => {
    panel.post({ type: 'starting' });
    try {
      const { session, job } = await startTraining(editor, file, summary, form, true);
      await editor.panels.open('run', { project: session.project.root, run_id: job.job_id });
    } catch (error) {
      showProblem(editor.log, error);
    }
    // The form stays, as it was sent, for a second try or another model.
    showForm(form, summary);
  };

  return {
    async receive(message) {
      switch (message.type) {
        case 'ready':
          return fill().catch(fail);
        case 'change':
          if (table !== undefined) {
            panel.post({ type: 'plan', plan: planTraining(file, table, message.form) });
          }
          return;
        case 'start':
          if (table !== undefined) {
            await start(message.form, table);
          }
          return;
        case 'profile':
          await editor.panels.open('profile', { file });
      }
    },
  };
}
