// ML: Create environment for this script…
//   mlLifecycle.createEnvironment {script, base?}   makes it without a question → {python, lock, added}
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import { baseInterpreter, createEnvironment, interpreterAt, interpreterLabel, lockFileName, planEnvironment, type CreatedEnvironment, type Interpreter } from '../../core/python/api.ts';
import { neededModules } from '../../core/scripts/api.ts';
import { parseArgument } from './arguments.ts';
import { isProgramCall, type Handlers } from './commands.ts';
import type { Editor } from './editor.ts';
import { shownPath } from './files.ts';
import { rootOf } from './interpreters.ts';

const Argument = z.object({ script: z.string(), base: z.optional(z.string()) });

export function handlers(editor: Editor): Handlers {
  return {
    createEnvironment: async (target) => {
      if (isProgramCall(target)) {
        const { script, base } = parseArgument(Argument, target);
        const { python, lock, added } = await make(editor, script, base ?? null, new AbortController().signal, () => undefined);
        return { python: python.path, lock, added };
      }
      return ask(editor, target);
    },
  };
}

async function ask(editor: Editor, target: unknown): Promise<void> {
  const uri = target instanceof vscode.Uri ? target : vscode.window.activeTextEditor?.document.uri;
  if (uri === undefined || uri.scheme !== 'file' || path.extname(uri.fsPath) !== '.py') {
    throw new UserError(vscode.l10n.t('Open the Python script that needs an environment, then try again.'));
  }
  const plan = await planEnvironment(uri.fsPath, rootOf(path.dirname(uri.fsPath)));
  const folder = shownPath(plan.environment);
  const create = plan.exists ? vscode.l10n.t('Install into it') : vscode.l10n.t('Create environment');
  const from = plan.lock !== null ? lockFileName : plan.declared === null ? vscode.l10n.t('the imports of {0}', path.basename(uri.fsPath)) : path.basename(plan.declared);
  const answer = await vscode.window.showInformationMessage(
    plan.exists ? vscode.l10n.t('Install what {0} lacks?', folder) : vscode.l10n.t('Create {0}?', folder),
    { modal: true, detail: vscode.l10n.t('It gets the packages of {0}, downloaded from the package index that pip uses. Their exact versions are written to {1}.', from, shownPath(path.join(plan.folder, lockFileName))) },
    create,
  );
  if (answer !== create) {
    throw new vscode.CancellationError();
  }
  const created = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Environment for {0}', path.basename(uri.fsPath)), cancellable: true }, (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort(new vscode.CancellationError()));
    return make(editor, uri.fsPath, null, abort.signal, (message) => progress.report({ message }));
  });
  void vscode.window.showInformationMessage(vscode.l10n.t('{0} runs with {1} now. Its packages are written down in {2}.', path.basename(uri.fsPath), interpreterLabel(created.python), shownPath(created.lock)));
}

async function make(editor: Editor, script: string, baseFile: string | null, signal: AbortSignal, onStep: (message: string) => void): Promise<CreatedEnvironment> {
  const root = rootOf(path.dirname(script));
  const [plan, needed, base] = await Promise.all([planEnvironment(script, root), editor.syntax().then((syntax) => neededModules(syntax, script)), baseFor(script, root, baseFile)]);
  const created = await createEnvironment({ base, plan, needed, signal, onStep, onLine: (line) => editor.log.info(line) });
  editor.interpreters.forget();
  await select(editor, vscode.Uri.file(script), root, created.python);
  return created;
}

/** The Python that the environment is made with: a plain one, not that of another environment. */
async function baseFor(script: string, root: string, named: string | null): Promise<Interpreter> {
  if (named !== null) {
    const found = await interpreterAt(named, 'argument');
    if (found === null) {
      throw new UserError(vscode.l10n.t('{0} is no Python 3 that can be run.', named), { file: named, field: 'base' });
    }
    return found;
  }
  const base = await baseInterpreter(path.dirname(script), root);
  if (base === null) {
    throw new UserError(vscode.l10n.t('No Python was found on this machine. Install Python 3 first.'), { file: script });
  }
  return base;
}

/** The new environment is found by itself unless the setting or the Python extension says otherwise; then the setting names it. */
async function select(editor: Editor, uri: vscode.Uri, root: string, python: Interpreter): Promise<void> {
  const chosen = await editor.interpreters.forFile(uri).catch(() => null);
  if (chosen?.path === python.path) {
    return;
  }
  const inside = path.relative(root, python.path);
  const value = inside.startsWith('..') ? python.path : ['${workspaceFolder}', ...inside.split(path.sep)].join('/');
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  await vscode.workspace.getConfiguration('mlLifecycle', uri).update('python', value, folder === undefined ? vscode.ConfigurationTarget.Global : vscode.ConfigurationTarget.WorkspaceFolder);
}
