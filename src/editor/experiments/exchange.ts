// Runs in and out of a project. Program forms, each a plain object as the only argument:
//   mlLifecycle.importRuns    {from, experiment?, project?} → the task with its result
//   mlLifecycle.publishRuns   {to, run_ids?, experiment?, filter?, artifacts?, versions?, project?} → the task
//   mlLifecycle.signInRemote  {uri, token? | username?, password?, project?}   keeps them; without any they are forgotten
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import type { Credentials, ExchangeTask, PublishRequest } from '../../contracts/exchange.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import type { ProjectSession } from '../platform/session.ts';
import { pickRuns, sessionWithRuns } from './chooseRun.ts';
import { askCredentials, storeCredentials, storedCredentials } from './remoteSecrets.ts';
import { isRunNode } from './runs.ts';

const project = z.optional(z.string());
const ImportArgument = z.object({ from: z.string(), experiment: z.optional(z.string()), project });
const PublishArgument = z.object({ to: z.string(), run_ids: z.optional(z.array(z.string())), experiment: z.optional(z.string()), filter: z.optional(z.string()), artifacts: z.optional(z.boolean()), versions: z.optional(z.boolean()), project });
const SignInArgument = z.object({ uri: z.string(), token: z.optional(z.string()), username: z.optional(z.string()), password: z.optional(z.string()), project });

/** The address that was published to last. */
const lastAddress = 'mlLifecycle.lastRemote';

export function handlers(editor: Editor): Handlers {
  return {
    importRuns: async (target) => {
      if (isProgramCall(target)) {
        const { project: root, ...request } = parseArgument(ImportArgument, target);
        return ended(await importFrom(editor, await sessionAt(editor, root), request, null));
      }
      const session = await sessionWithRuns(editor);
      const from = await askSource(editor);
      return shown(editor, await importFrom(editor, session, { from }, vscode.l10n.t('Importing runs')));
    },
    publishRuns: (target, all) => publish(editor, target, all),
    signInRemote: async (target) => {
      const given = isProgramCall(target) ? parseArgument(SignInArgument, target) : null;
      const session = await sessionAt(editor, given?.project);
      const client = await session.client();
      const uri = given?.uri ?? (await askAddress(editor, (await client.remote()).uri ?? undefined));
      const { token, username, password } = given ?? {};
      const named = token !== undefined || username !== undefined ? { ...(token === undefined ? {} : { token }), ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) } : null;
      const credentials = given === null ? await askCredentials(editor.context.secrets, uri) : named;
      if (given !== null) {
        await storeCredentials(editor.context.secrets, uri, credentials);
      }
      await client.signIn(uri, credentials ?? {});
    },
  };
}

async function sessionAt(editor: Editor, root: string | undefined): Promise<ProjectSession> {
  const session = root === undefined ? null : await editor.projects.at(root);
  return session ?? sessionWithRuns(editor);
}

async function publish(editor: Editor, target: unknown, all: unknown): Promise<unknown> {
  if (isProgramCall(target)) {
    const { project: root, artifacts = false, versions = false, ...request } = parseArgument(PublishArgument, target);
    return ended(await publishTo(editor, await sessionAt(editor, root), { ...request, artifacts, versions }, null));
  }
  const selected = (Array.isArray(all) && all.length > 0 ? all : [target]).filter(isRunNode);
  const [first] = selected;
  const session = await sessionAt(editor, first?.project);
  const run_ids = first === undefined ? await pickRuns(session, vscode.l10n.t('Publish which runs?'), () => true, true) : selected.filter((node) => node.project === first.project).map((node) => node.run_id);
  const to = await askAddress(editor, undefined);
  const extras = await vscode.window.showQuickPick(
    [
      { label: vscode.l10n.t('Their files'), part: 'artifacts' as const, picked: true },
      { label: vscode.l10n.t('Their registered versions'), part: 'versions' as const },
    ],
    { canPickMany: true, placeHolder: vscode.l10n.t('Parameters, metrics and tags are sent. What else?') },
  );
  if (extras === undefined) {
    throw new vscode.CancellationError();
  }
  const with_ = (part: 'artifacts' | 'versions'): boolean => extras.some((extra) => extra.part === part);
  return shown(editor, await publishTo(editor, session, { to, run_ids, artifacts: with_('artifacts'), versions: with_('versions') }, vscode.l10n.t('Publishing runs')));
}

async function importFrom(editor: Editor, session: ProjectSession, request: { from: string; experiment?: string | undefined }, title: string | null): Promise<ExchangeTask> {
  const client = await session.client();
  const { from, experiment } = request;
  const begin = (credentials: Credentials | undefined): Promise<ExchangeTask> =>
    client.importRuns({ from, ...(experiment === undefined ? {} : { experiment }), ...(credentials === undefined ? {} : { credentials }) });
  return /^https?:/i.test(from) ? signedIn(editor, session, from, begin, title) : followed(session, await begin(undefined), title);
}

async function publishTo(editor: Editor, session: ProjectSession, request: PublishRequest, title: string | null): Promise<ExchangeTask> {
  const client = await session.client();
  return signedIn(editor, session, request.to, (credentials) => client.publishRuns({ ...request, ...(credentials === undefined ? {} : { credentials }) }), title);
}

/** With what is kept for this address; where that does not suffice a person is asked once, a program is not. */
async function signedIn(editor: Editor, session: ProjectSession, uri: string, begin: (credentials: Credentials | undefined) => Promise<ExchangeTask>, title: string | null): Promise<ExchangeTask> {
  const { secrets } = editor.context;
  const task = await followed(session, await begin(await storedCredentials(secrets, uri)), title);
  if (title === null || task.status !== 'failed' || !task.needs_credentials) {
    return task;
  }
  return followed(session, await begin(await askCredentials(secrets, uri)), title);
}

/** @param title of the progress that is shown; null: none is. */
async function followed(session: ProjectSession, { task_id }: ExchangeTask, title: string | null): Promise<ExchangeTask> {
  const client = await session.client();
  if (title === null) {
    return client.waitForExchange(task_id, new AbortController().signal);
  }
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    let done = 0;
    return client.waitForExchange(task_id, abort.signal, ({ progress: { fraction, message } }) => {
      const now = (fraction ?? 0) * 100;
      progress.report({ message, ...(now > done ? { increment: now - done } : {}) });
      done = Math.max(done, now);
    });
  });
}

function ended(task: ExchangeTask): ExchangeTask {
  if (task.status === 'failed') {
    throw new UserError(task.error ?? vscode.l10n.t('It did not finish.'));
  }
  return task;
}

/** Says what was copied, and on request what was not. */
function shown(editor: Editor, task: ExchangeTask): ExchangeTask {
  const { added, changed, unchanged, problems, problem_count } = ended(task).result;
  const counts = vscode.l10n.t('{0} new, {1} changed, {2} as before', added, changed, unchanged);
  const message = task.status === 'cancelled' ? vscode.l10n.t('Cancelled: {0}.', counts) : task.kind === 'import' ? vscode.l10n.t('Runs imported: {0}.', counts) : vscode.l10n.t('Runs published: {0}.', counts);
  if (problem_count === 0) {
    void vscode.window.showInformationMessage(message);
    return task;
  }
  for (const problem of problems) {
    editor.log.warn(problem.message);
  }
  const show = vscode.l10n.t('Show');
  const left = problem_count === 1 ? vscode.l10n.t('One thing was left out.') : vscode.l10n.t('{0} things were left out.', problem_count);
  void vscode.window.showWarningMessage(`${message} ${left}`, show).then((answer) => (answer === show ? editor.log.show() : undefined));
  return task;
}

async function askSource(editor: Editor): Promise<string> {
  const chosen = await vscode.window.showQuickPick(
    [
      { label: vscode.l10n.t('$(folder) A folder'), description: vscode.l10n.t('mlruns of MLflow, or logs of TensorBoard'), what: 'folder' as const },
      { label: vscode.l10n.t('$(database) A database'), description: vscode.l10n.t('mlflow.db, the SQLite file of MLflow'), what: 'file' as const },
      { label: vscode.l10n.t('$(globe) A tracking server'), description: vscode.l10n.t('its address'), what: 'server' as const },
    ],
    { placeHolder: vscode.l10n.t('Import runs from where? Nothing is changed there.') },
  );
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  if (chosen.what === 'server') {
    return askAddress(editor, undefined);
  }
  const folder = chosen.what === 'folder';
  const picked = await vscode.window.showOpenDialog({ canSelectFolders: folder, canSelectFiles: !folder, openLabel: vscode.l10n.t('Import runs') });
  const [uri] = picked ?? [];
  if (uri === undefined) {
    throw new vscode.CancellationError();
  }
  return uri.fsPath;
}

async function askAddress(editor: Editor, first: string | undefined): Promise<string> {
  const value = await vscode.window.showInputBox({
    title: vscode.l10n.t('Tracking server'),
    prompt: vscode.l10n.t('The address of an MLflow server'),
    value: first ?? editor.context.workspaceState.get(lastAddress, ''),
    placeHolder: 'https://mlflow.example.org',
    ignoreFocusOut: true,
    validateInput: (text) => (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).username === '' ? null : vscode.l10n.t('An address begins with http:// or https:// and holds no password.')),
  });
  if (value === undefined) {
    throw new vscode.CancellationError();
  }
  await editor.context.workspaceState.update(lastAddress, value);
  return value;
}
