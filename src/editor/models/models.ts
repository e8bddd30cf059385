// Which model version a command is about.
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import type { RegisteredModel } from '../../contracts/registry.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import type { ProjectSession } from '../platform/session.ts';
import { sessionWithRuns } from '../experiments/chooseRun.ts';

export interface ModelNode {
  kind: 'model';
  project: string;
  model: string;
}
export interface VersionNode {
  kind: 'version';
  project: string;
  model: string;
  version: number;
}

export interface CandidateNode {
  kind: 'candidate';
  project: string;
  model: string;
  version: number;
}

export interface VersionTarget {
  session: ProjectSession;
  model: string;
  version: number;
}

const VersionArgument = z.object({ model: z.string(), version: z.optional(z.int()), project: z.optional(z.string()) });

/** Whether versions that are files are meant, what programs registered and nobody accepted, or both. */
export type Among = 'versions' | 'candidates' | 'both';

/** The version that a view's item, a program's `{model, version?}` or the person means; without a version the champion, else the newest. */
export async function versionFrom(editor: Editor, target: unknown, placeholder: string, among: Among = 'versions'): Promise<VersionTarget> {
  if (isModelOrVersion(target)) {
    const session = await projectSession(editor, target.project);
    return resolve(session, target.model, target.kind === 'model' ? undefined : target.version, among);
  }
  if (isProgramCall(target)) {
    const { model, version, project } = parseArgument(VersionArgument, target);
    return resolve(await projectSession(editor, project, model), model, version, among);
  }
  const session = await sessionWithRuns(editor);
  const items = session.models.flatMap((model) =>
    numbersOf(model, among).map((version) => ({
      label: vscode.l10n.t('{0} version {1}', model.name, version),
      description: model.versions.find((each) => each.file.version === version)?.aliases.join(', ') ?? vscode.l10n.t('candidate'),
      model: model.name,
      version,
    })),
  );
  if (items.length === 0) {
    throw new UserError(
      among === 'candidates'
        ? vscode.l10n.t('{0} has no candidate. A model that a program registers is one.', session.project.name)
        : vscode.l10n.t('{0} has no registered model yet. Register one from a finished training run.', session.project.name),
    );
  }
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: placeholder, matchOnDescription: true });
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  return { session, model: chosen.model, version: chosen.version };
}

function isModelOrVersion(target: unknown): target is ModelNode | VersionNode | CandidateNode {
  return typeof target === 'object' && target !== null && 'kind' in target && ['model', 'version', 'candidate'].includes(String(target.kind));
}

/** Newest first. */
function numbersOf({ versions, candidates }: RegisteredModel, among: Among): number[] {
  const found = [...(among === 'candidates' ? [] : versions.map((each) => each.file.version)), ...(among === 'versions' ? [] : candidates.map((each) => each.version))];
  return found.sort((a, b) => b - a);
}

async function projectSession(editor: Editor, project: string | undefined, model?: string): Promise<ProjectSession> {
  const sessions = await editor.projects.sessions();
  for (const session of sessions) {
    if (project === undefined || session.project.root === project) {
      await session.client();
      if (model === undefined || session.models.some((each) => each.name === model) || sessions.length === 1) {
        return session;
      }
    }
  }
  throw new UserError(vscode.l10n.t('No project of this window has a model {0}.', model ?? ''), { field: 'model' });
}

async function resolve(session: ProjectSession, name: string, version: number | undefined, among: Among): Promise<VersionTarget> {
  const model = await (await session.client()).model(name);
  const numbers = numbersOf(model, among);
  const number = version ?? [model.aliases['champion'], ...numbers].find((each) => each !== undefined && numbers.includes(each));
  if (number === undefined || !numbers.includes(number)) {
    throw new UserError(
      number === undefined ? vscode.l10n.t('{0} has no versions.', name) : vscode.l10n.t('{0} has no version {1}.', name, number),
      { field: 'version' },
    );
  }
  return { session, model: name, version: number };
}

/** The file in models/ that holds a version. */
export function versionFile(session: ProjectSession, model: string, ulid: string): vscode.Uri {
  return vscode.Uri.joinPath(vscode.Uri.file(session.project.modelsFolder), model, 'versions', `${ulid}.yaml`);
}
