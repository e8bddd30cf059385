// Runs a person's own script as an experiment, with the interpreter that was shown to them.
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import { UserError } from '../../contracts/errors.ts';
import type { Job, ScriptJob } from '../../contracts/jobs.ts';
import type { Editor } from '../platform/editor.ts';
import { exists, shownPath } from '../platform/files.ts';
import { atLeast, findNode } from '../platform/node.ts';
import type { ProjectSession } from '../platform/session.ts';
import { requireTrust } from '../platform/trust.ts';
import type { Started } from './training.ts';

/** Which program runs a script, by its extension. */
type Language = 'python' | 'notebook' | 'javascript' | 'typescript';

export function languageOf(file: string): Language | null {
  switch (path.extname(file).toLowerCase()) {
    case '.py':
      return 'python';
    case '.ipynb':
      return 'notebook';
    case '.js':
    case '.mjs':
    case '.cjs':
      return 'javascript';
    case '.ts':
    case '.mts':
    case '.cts':
      return 'typescript';
    default:
      return null;
  }
}

/**
 * Saves the script where it is edited, and submits it. It runs in its project's folder, a notebook in its own.
 * @param ask whether a missing project may be asked about; without, it is made.
 */
export async function submitScript(editor: Editor, uri: vscode.Uri, args: string[], ask: boolean): Promise<Started> {
  const { session, job } = await prepareScript(editor, uri, args, ask);
  return { session, job: await submitJob(session, job) };
}

export interface PreparedScript {
  session: ProjectSession;
  job: ScriptJob;
}

/** The job of a script, saved and with its program, which only has to be submitted. */
export async function prepareScript(editor: Editor, uri: vscode.Uri, args: string[], ask: boolean): Promise<PreparedScript> {
  await requireTrust();
  const script = await saved(uri);
  const session = await editor.projects.forFileOrNew(script, ask);
  const program = await programFor(editor, vscode.Uri.file(script));
  // A notebook reads what lies beside it, as in Jupyter.
  const cwd = languageOf(script) === 'notebook' ? path.dirname(script) : session.project.root;
  return { session, job: { kind: 'script', script, arguments: args, cwd, ...program } };
}

/** Submits a script's job, with autologging where the settings say so. */
export function submitJob(session: ProjectSession, job: ScriptJob): Promise<Job> {
  const settings = vscode.workspace.getConfiguration('mlLifecycle', vscode.Uri.file(job.script));
  return session.submit({ ...job, ...(settings.get('autologging', false) ? { autolog: true } : {}) });
}

async function saved(uri: vscode.Uri): Promise<string> {
  const notebook = vscode.workspace.notebookDocuments.find((each) => each.uri.toString() === uri.toString() && !each.isUntitled);
  if (notebook?.isDirty && !(await notebook.save())) {
    throw new UserError(vscode.l10n.t('{0} could not be saved, so it was not run.', shownPath(uri.fsPath)), { file: uri.fsPath });
  }
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
  if (document?.isUntitled) {
    const kept = await vscode.workspace.save(uri);
    if (kept === undefined) {
      throw new vscode.CancellationError();
    }
    return kept.fsPath;
  }
  if (uri.scheme !== 'file') {
    throw new UserError(vscode.l10n.t('{0} is not a file on this machine, so it cannot be run. Save it to a folder first.', uri.toString()));
  }
  if (document?.isDirty && !(await document.save())) {
    throw new UserError(vscode.l10n.t('{0} could not be saved, so it was not run.', shownPath(uri.fsPath)), { file: uri.fsPath });
  }
  if (!(await exists(uri.fsPath))) {
    throw new UserError(vscode.l10n.t('{0} is not there.', shownPath(uri.fsPath)), { file: uri.fsPath, field: 'script' });
  }
  return uri.fsPath;
}

async function programFor(editor: Editor, uri: vscode.Uri): Promise<Pick<ScriptJob, 'interpreter' | 'interpreter_arguments'>> {
  const language = languageOf(uri.fsPath);
  switch (language) {
    case 'python':
      return { interpreter: (await editor.interpreters.require(uri)).path, interpreter_arguments: [] };
    case 'notebook':
      return { interpreter: (await editor.interpreters.require(uri)).path, interpreter_arguments: [path.join((await editor.runtime()).folder, 'assets', 'python', 'run_notebook.py')] };
    case 'javascript':
    case 'typescript':
      return nodeFor(language, uri.fsPath);
    case null:
      throw new UserError(vscode.l10n.t('{0} cannot be run as an experiment: only Python, JavaScript and TypeScript files and notebooks can.', shownPath(uri.fsPath)), { file: uri.fsPath });
  }
}

async function nodeFor(language: 'javascript' | 'typescript', file: string): Promise<Pick<ScriptJob, 'interpreter' | 'interpreter_arguments'>> {
  const node = await findNode();
  if (node.electron) {
    throw new UserError(vscode.l10n.t('Node 22.13 or newer was not found on the PATH. Install it from nodejs.org to run {0}.', path.basename(file)), { file });
  }
  return { interpreter: node.path, interpreter_arguments: language === 'javascript' ? [] : typescriptArguments(node.version, file) };
}

/** How this Node runs TypeScript: the script's own tsx where it has one, else Node's type stripping. */
function typescriptArguments(version: [number, number], script: string): string[] {
  try {
    return ['--import', pathToFileURL(createRequire(script).resolve('tsx')).href];
  } catch {
    return atLeast(version, [23, 6]) || (version[0] === 22 && version[1] >= 18) ? [] : ['--experimental-strip-types'];
  }
}
