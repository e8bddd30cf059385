// Which run a command is about.
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { RunSummary } from '../../contracts/runs.ts';
import { UserError } from '../../contracts/errors.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import type { ProjectSession } from '../platform/session.ts';
import { headline } from './figures.ts';
import { isRunNode, newestFirst, statusWord } from './runs.ts';

export interface Target {
  session: ProjectSession;
  run_id: string;
}

const RunArgument = z.object({ run_id: z.string(), project: z.optional(z.string()) });

/** The run that a view's item, a program's `{run_id}` or the person's choice among `offered` means. */
export async function runFrom(editor: Editor, target: unknown, placeholder: string, offered: (run: RunSummary) => boolean = () => true): Promise<Target> {
  if (isRunNode(target)) {
    const session = await editor.projects.at(target.project);
    return { session: session ?? (await editor.projects.withRun(target.run_id)), run_id: target.run_id };
  }
  if (isProgramCall(target)) {
    const { run_id, project } = parseArgument(RunArgument, target);
    const session = project === undefined ? null : await editor.projects.at(project);
    return { session: session ?? (await editor.projects.withRun(run_id)), run_id };
  }
  const session = await sessionWithRuns(editor);
  const [chosen] = await pickRuns(session, placeholder, offered, false);
  return { session, run_id: chosen };
}

const RunsArgument = z.object({ run_ids: z.array(z.string()).check(z.minLength(1)), project: z.optional(z.string()) });

export interface Targets {
  session: ProjectSession;
  run_ids: [string, ...string[]];
}

/** The runs that are selected in a view, a program's `{run_ids}` or `{run_id}`, or the person's choice among `offered`. All are of one project. */
export async function runsFrom(editor: Editor, target: unknown, all: unknown, placeholder: string, offered: (session: ProjectSession) => RunSummary[] | Promise<RunSummary[]>): Promise<Targets> {
  if (isProgramCall(target) && 'run_ids' in target) {
    const { run_ids, project } = parseArgument(RunsArgument, target);
    const [first = '', ...rest] = run_ids;
    const { session } = await runFrom(editor, { run_id: first, ...(project === undefined ? {} : { project }) }, placeholder);
    return { session, run_ids: [first, ...rest] };
  }
  if (isRunNode(target) || isProgramCall(target)) {
    const { session, run_id } = await runFrom(editor, target, placeholder);
    const selected = Array.isArray(all) ? all.filter(isRunNode).filter((node) => node.project === session.project.root && node.run_id !== run_id) : [];
    return { session, run_ids: [run_id, ...selected.map((node) => node.run_id)] };
  }
  const session = await sessionWithRuns(editor);
  return { session, run_ids: await pickAmong(session, await offered(session), placeholder, true) };
}

/** The project that a person means, connected; a UserError where there is none yet. */
export async function sessionWithRuns(editor: Editor): Promise<ProjectSession> {
  const session = await editor.projects.pick();
  if (session === null) {
    throw new UserError(vscode.l10n.t('There is no project in this window. “ML: Initialise project” makes one.'));
  }
  await session.client();
  return session;
}

/** Lets a person choose among runs, newest first. At least one comes back. */
export async function pickRuns(session: ProjectSession, placeholder: string, offered: (run: RunSummary) => boolean, many: boolean): Promise<[string, ...string[]]> {
  return pickAmong(session, newestFirst(session.runs.values()).filter(offered), placeholder, many);
}

async function pickAmong(session: ProjectSession, runs: readonly RunSummary[], placeholder: string, many: boolean): Promise<[string, ...string[]]> {
  const items = runs.map((run) => ({ label: run.name, description: [run.experiment, statusWord(run.status)].join(' · '), detail: headline(run), run_id: run.run_id }));
  if (items.length === 0) {
    throw new UserError(vscode.l10n.t('{0} has no such run yet.', session.project.name));
  }
  const chosen = many
    ? await vscode.window.showQuickPick(items, { placeHolder: placeholder, canPickMany: true, matchOnDescription: true })
    : [await vscode.window.showQuickPick(items, { placeHolder: placeholder, matchOnDescription: true })];
  const [first, ...rest] = (chosen ?? []).filter((item) => item !== undefined).map((item) => item.run_id);
  if (first === undefined) {
    throw new vscode.CancellationError();
  }
  return [first, ...rest];
}
