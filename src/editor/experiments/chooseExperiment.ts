// Which experiment a command is about.
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { ExperimentSummary } from '../../contracts/experiments.ts';
import { UserError } from '../../contracts/errors.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import type { ProjectSession } from '../platform/session.ts';
import { sessionWithRuns } from './chooseRun.ts';
import { isExperimentNode, isRunNode } from './runs.ts';

const ExperimentArgument = z.object({ experiment: z.string(), project: z.optional(z.string()) });

export interface ExperimentTarget {
  session: ProjectSession;
  experiment: ExperimentSummary;
}

/** The experiment that a view's item, a program's `{experiment}` or the person's choice means. @throws UserError where there is none. */
export async function experimentFrom(editor: Editor, target: unknown, placeholder: string, archived = false): Promise<ExperimentTarget> {
  if (isExperimentNode(target)) {
    return named(await sessionAt(editor, target.project), target.name);
  }
  if (isRunNode(target)) {
    const session = await sessionAt(editor, target.project);
    return named(session, session.runs.get(target.run_id)?.experiment ?? '');
  }
  if (isProgramCall(target)) {
    const { experiment, project } = parseArgument(ExperimentArgument, target);
    return named(project === undefined ? await sessionWithRuns(editor) : await sessionAt(editor, project), experiment);
  }
  const session = await sessionWithRuns(editor);
  const withRuns = new Set([...session.runs.values()].map((run) => run.experiment));
  const items = [...session.experiments.values()].filter((each) => each.archived === archived && (archived || withRuns.has(each.name))).map((each) => ({ label: each.name }));
  if (items.length === 0) {
    throw new UserError(archived ? vscode.l10n.t('{0} has no archived experiment.', session.project.name) : vscode.l10n.t('{0} has no experiment yet.', session.project.name));
  }
  const chosen = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { placeHolder: placeholder });
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  return named(session, chosen.label);
}

async function sessionAt(editor: Editor, project: string): Promise<ProjectSession> {
  const session = await editor.projects.at(project);
  if (session === null) {
    throw new UserError(vscode.l10n.t('The project {0} is not open in this window any more.', project), { file: project });
  }
  return session;
}

/** One that was made only just now is not known to the session yet. */
async function named(session: ProjectSession, name: string): Promise<ExperimentTarget> {
  const client = await session.client();
  const experiment = session.experiments.get(name) ?? (await client.experiments()).find((each) => each.name === name);
  if (experiment === undefined) {
    throw new UserError(vscode.l10n.t('There is no experiment {0} in this project.', name), { field: 'experiment' });
  }
  return { session, experiment };
}
