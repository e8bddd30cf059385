// From a training form to a running job. Used by the train panel and by the command's program form.
import path from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../../contracts/errors.ts';
import type { Job } from '../../contracts/jobs.ts';
import type { TrainForm, TrainPlan } from '../../contracts/panels/train.ts';
import type { TableSummary } from '../../contracts/profile.ts';
import type { ModelEntry } from '../../contracts/projectFile.ts';
import { defaultForm, planTraining, requestFrom } from '../../core/planning/api.ts';
import { datasetOf, knownFile, nameProblem, projectPath, suggestedName } from '../data/datasets.ts';
import type { Editor } from '../platform/editor.ts';
import { requireTrust } from '../platform/trust.ts';
import type { ProjectSession } from '../platform/session.ts';

export interface Started {
  session: ProjectSession;
  job: Job;
}

/** The form that a file starts with: what ml.yaml says about it, else defaults. */
export async function firstForm(editor: Editor, file: string, table: TableSummary): Promise<TrainForm> {
  const known = await knownFile(editor, file);
  return defaultForm(table, known?.entry ?? undefined, known?.model?.entry);
}

export { planTraining };

/**
 * Submits a training job.
 * @param ask whether a missing project may be asked about; without, it is made.
 * @throws UserError naming the first field that must be mended.
 */
export async function startTraining(editor: Editor, file: string, table: TableSummary, form: TrainForm, ask: boolean): Promise<Started> {
  await requireTrust();
  const plan = planTraining(file, table, form);
  const problem = plan.problems[0];
  if (problem !== undefined) {
    throw new UserError(problem.message, { file, field: problem.field });
  }
  const wrongName = form.save_as === '' ? undefined : nameProblem(form.save_as);
  if (wrongName !== undefined) {
    throw new UserError(wrongName, { field: 'save_as' });
  }
  const session = await editor.projects.forFileOrNew(file, ask);
  const saved = form.save_as === '' ? null : await saveSettings(editor, session, file, form, plan);
  const known = saved ?? (await datasetOf(editor, file));
  const request = requestFrom(file, form, plan);
  const job = await session.submit({
    kind: 'train',
    experiment: form.save_as !== '' ? form.save_as : (known ?? suggestedName(file)),
    request: { ...request, ...(known === null ? {} : { dataset: known }) },
  });
  return { session, job };
}

/** Writes the settings into ml.yaml, the data set too where it is not there yet. Gives the data set's name. */
async function saveSettings(editor: Editor, session: ProjectSession, file: string, form: TrainForm, plan: TrainPlan): Promise<string> {
  const { addDataset, readProjectFile, saveModelEntry } = await import('../../core/project/api.ts');
  let dataset = await datasetOf(editor, file);
  if (dataset === null) {
    const taken = Object.keys((await readProjectFile(session.project)).datasets ?? {});
    dataset = suggestedName(file);
    if (taken.includes(dataset)) {
      throw new UserError(
        vscode.l10n.t('ml.yaml already has another data set named {0}. Add {1} to ml.yaml under a name of its own first.', dataset, path.basename(file)),
        { file: session.project.file, field: 'save_as' },
      );
    }
    await addDataset(session.project, dataset, {
      path: projectPath(session, file),
      target: form.target,
      ...(form.split === 'group' && form.group !== '' ? { group: form.group } : {}),
      ...(form.split === 'time' && form.time !== '' ? { time: form.time } : {}),
    });
  }
  await saveModelEntry(session.project, form.save_as, modelEntry(dataset, form, plan));
  return dataset;
}

function modelEntry(dataset: string, form: TrainForm, plan: TrainPlan): ModelEntry {
  return {
    dataset,
    target: form.target,
    ...(plan.task === null ? {} : { task: plan.task }),
    ...(plan.positive === null || plan.task !== 'classification' ? {} : { positive: plan.positive }),
    ...(plan.metric === null ? {} : { metric: plan.metric }),
    ...(form.exclude.length === 0 ? {} : { exclude: form.exclude }),
    trainers: form.trainers,
    folds: form.folds,
    seed: form.seed,
  };
}
