// Which model version a command is about.
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
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

export interface VersionTarget {
  session: ProjectSession;
  model: string;
  version: number;
}

const VersionArgument = z.object({ model: z.string(), version: z.optional(z.int()), project: z.optional(z.string()) });

/** The version that a view's item, a program's `{model, version?}` or the person means; without a version the champion, else the newest. */
export async function versionFrom(editor: Editor, target: unknown, placeholder: string): Promise<VersionTarget> {
  if (isModelOrVersion(target)) {
    const session = await projectSession(editor, target.project);
    return resolve(session, target.model, target.kind === 'version' ? target.version : undefined);
  }
  if (isProgramCall(target)) {
    const { model, version, project } = parseArgument(VersionArgument, target);
    return resolve(await projectSession(editor, project, model), model, version);
  }
  const session = await sessionWithRuns(editor);
  const items = session.models.flatMap(({ name, versions }) =>
    versions.map((each) => ({
      label: vscode.l10n.t('{0} version {1}', name, each.file.version),
      description: each.aliases.join(', '),
      model: name,
      version: each.file.version,
    })),
  );
  if (items.length === 0) {
    throw new UserError(vscode.l10n.t('{0} has no registered model yet. Register one from a finished training run.', session.project.name));
  }
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: placeholder, matchOnDescription: true });
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  return { session, model: chosen.model, version: chosen.version };
}

function isModelOrVersion(target: unknown): target is ModelNode | VersionNode {
  return typeof target === 'object' && target !== null && 'kind' in target && (target.kind === 'model' || target.kind === 'version');
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

async function resolve(session: ProjectSession, name: string, version: number | undefined): Promise<VersionTarget> {
  const model = await (await session.client()).model(name);
  const number = version ?? model.aliases['champion'] ?? model.versions[0]?.file.version;
  if (number === undefined || !model.versions.some((each) => each.file.version === number)) {
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
