// Terminals whose runs show up in the project, where the person asked for that; and the same variables to copy.
//   mlLifecycle.trackTerminals
//   mlLifecycle.copyTrackingEnvironment {form: 'shell' | 'env' | 'powershell', project?} → the text, which is copied too
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import type { RuntimeLocation } from '../../core/client/api.ts';
import { readServerFile, readToken } from '../../core/discovery/api.ts';
import { writeFileAtomic } from '../../core/files/api.ts';
import { trackingVariables } from '../../core/jobs/environment.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import { showProblem } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';

const setting = 'terminals';
const Argument = z.object({ form: z.enum(['shell', 'env', 'powershell']), project: z.optional(z.string()) });
type Form = z.infer<typeof Argument>['form'];

export function handlers(editor: Editor): Handlers {
  return {
    trackTerminals: async () => {
      const settings = vscode.workspace.getConfiguration('mlLifecycle');
      const on = !settings.get(setting, false);
      await settings.update(setting, on, vscode.ConfigurationTarget.Workspace);
      await applyToTerminals(editor);
      void vscode.window.showInformationMessage(on ? vscode.l10n.t('New terminals of this window know the command ml-lifecycle and the project’s runs. Open terminals get it when they are opened again.') : vscode.l10n.t('New terminals of this window are plain again.'));
    },
    copyTrackingEnvironment: async (target) => {
      const chosen = isProgramCall(target) ? parseArgument(Argument, target) : { form: await askForm() };
      const session = chosen.project === undefined ? await editor.projects.pick() : await editor.projects.at(chosen.project);
      if (session === null) {
        throw new UserError(vscode.l10n.t('There is no project in this window. “ML: Initialise project” makes one.'));
      }
      const text = written(await trackingVariablesOf(session), chosen.form);
      await vscode.env.clipboard.writeText(text);
      if (!isProgramCall(target)) {
        void vscode.window.showInformationMessage(vscode.l10n.t('Copied. It holds the project’s token: who has it can write runs of {0} on this machine.', session.project.name));
      }
      return text;
    },
  };
}

async function askForm(): Promise<Form> {
  const items: (vscode.QuickPickItem & { form: Form })[] = [
    { label: vscode.l10n.t('Lines for bash, zsh and other shells'), description: 'export NAME=value', form: 'shell' },
    { label: vscode.l10n.t('A file .env'), description: 'NAME=value', form: 'env' },
    { label: vscode.l10n.t('Lines for PowerShell'), description: '$env:NAME = "value"', form: 'powershell' },
  ];
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Copy the tracking environment as what?') });
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  return chosen.form;
}

/** Puts the command line's folder and the tracking variables into new terminals, or takes them out, as the setting says. */
export async function applyToTerminals(editor: Editor): Promise<void> {
  const { context } = editor;
  const plain = context.environmentVariableCollection;
  // The token must not outlive the window in the editor's storage.
  plain.persistent = false;
  plain.clear();
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const collection = plain.getScoped({ workspaceFolder: folder });
    collection.clear();
    if (!vscode.workspace.isTrusted || !vscode.workspace.getConfiguration('mlLifecycle', folder).get(setting, false)) {
      continue;
    }
    collection.description = vscode.l10n.t('Adds the command ml-lifecycle and tracks runs of this project');
    collection.prepend('PATH', (await commandFolder(context, await editor.runtime())) + path.delimiter);
    const session = await editor.projects.forFile(path.join(folder.uri.fsPath, 'any'));
    if (session !== null) {
      for (const [name, value] of Object.entries(await trackingVariablesOf(session))) {
        collection.replace(name, value);
      }
    }
  }
}

export function watchTerminals(editor: Editor): vscode.Disposable {
  const apply = (): void => void applyToTerminals(editor).catch((error: unknown) => showProblem(editor.log, error));
  apply();
  return vscode.Disposable.from(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`mlLifecycle.${setting}`)) {
        apply();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(apply),
    vscode.workspace.onDidChangeWorkspaceFolders(apply),
  );
}

/** The variables of a project, whose server is started: it runs as long as this window listens to it. */
export async function trackingVariablesOf(session: ProjectSession): Promise<Record<string, string>> {
  await session.client();
  const [found, token] = await Promise.all([readServerFile(session.project), readToken(session.project)]);
  if (found.kind === 'none' || token === null) {
    throw new UserError(vscode.l10n.t('The project server of {0} does not run.', session.project.name), { file: session.project.root });
  }
  return trackingVariables({ uri: `http://127.0.0.1:${found.file.port}`, token });
}

/** Variables as lines of a shell, of a file .env, or of PowerShell. */
export function written(variables: Record<string, string>, form: Form): string {
  const line = {
    shell: (name: string, value: string) => `export ${name}='${value.replaceAll("'", `'"'"'`)}'`,
    env: (name: string, value: string) => `${name}=${value}`,
    powershell: (name: string, value: string) => `$env:${name} = '${value.replaceAll("'", "''")}'`,
  }[form];
  return `${Object.entries(variables).map(([name, value]) => line(name, value)).join('\n')}\n`;
}

/** A folder with the command `ml-lifecycle`, which runs the command line of this version. */
async function commandFolder(context: vscode.ExtensionContext, { folder, execPath, electron }: RuntimeLocation): Promise<string> {
  const bin = path.join(context.globalStorageUri.fsPath, 'bin');
  const cli = path.join(folder, 'cli.js');
  const posix = `#!/bin/sh\n${electron ? 'ELECTRON_RUN_AS_NODE=1 ' : ''}exec '${execPath.replaceAll("'", `'"'"'`)}' '${cli.replaceAll("'", `'"'"'`)}' "$@"\n`;
  await writeFileAtomic(path.join(bin, 'ml-lifecycle'), posix, { mode: 0o755 });
  await chmod(path.join(bin, 'ml-lifecycle'), 0o755);
  if (process.platform === 'win32') {
    await writeFileAtomic(path.join(bin, 'ml-lifecycle.cmd'), `@echo off\r\n${electron ? 'set ELECTRON_RUN_AS_NODE=1\r\n' : ''}"${execPath}" "${cli}" %*\r\n`);
  }
  return bin;
}
