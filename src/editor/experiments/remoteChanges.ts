// Changes that the server which a project follows has not taken. Program forms, each a plain object as the only argument:
//   mlLifecycle.remoteChanges  {project?} → {changes}
//   mlLifecycle.remoteChanges  {change_id, do: 'send' | 'discard', project?} → the state of the server
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import type { RemoteChange } from '../../contracts/exchange.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import { sessionWithRuns } from './chooseRun.ts';

const Argument = z.object({ change_id: z.optional(z.number()), do: z.optional(z.enum(['send', 'discard'])), project: z.optional(z.string()) });

export function handlers(editor: Editor): Handlers {
  return {
    remoteChanges: async (target) => {
      const given = isProgramCall(target) ? parseArgument(Argument, target) : null;
      const session = (given?.project === undefined ? null : await editor.projects.at(given.project)) ?? (await sessionWithRuns(editor));
      const client = await session.client();
      if (given === null) {
        return choose(client);
      }
      if (given.change_id === undefined) {
        return { changes: await client.remoteChanges() };
      }
      return given.do === 'discard' ? client.discardRemoteChange(given.change_id) : client.retryRemoteChange(given.change_id);
    },
  };
}

/** Lists them, and asks what is to be done with the chosen one, until nothing is chosen. */
async function choose(client: ProjectClient): Promise<void> {
  const { uri, host } = await client.remote();
  if (uri === null) {
    throw new UserError(vscode.l10n.t('This project follows no tracking server. Name one in ml.yaml under tracking.'));
  }
  for (;;) {
    const changes = await client.remoteChanges();
    if (changes.length === 0) {
      await vscode.window.showInformationMessage(vscode.l10n.t('{0} has every change that was made here.', host));
      return;
    }
    const items = changes.map((change) => ({ label: `${change.problem === null ? '$(sync)' : '$(warning)'} ${change.name}`, description: change.what, detail: change.problem ?? vscode.l10n.t('Waits to be sent.'), change }));
    const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Changes that {0} has not taken', host), matchOnDescription: true, matchOnDetail: true });
    if (chosen === undefined) {
      return;
    }
    await decide(client, host, chosen.change);
  }
}

async function decide(client: ProjectClient, host: string, { change_id, name, what, problem }: RemoteChange): Promise<void> {
  const send = { label: `$(cloud-upload) ${vscode.l10n.t('Send it all the same')}`, detail: vscode.l10n.t('What was changed at {0} meanwhile is replaced.', host), send: true };
  const discard = { label: `$(discard) ${vscode.l10n.t('Give it up')}`, detail: vscode.l10n.t('What {0} has takes its place here.', host), send: false };
  const chosen = await vscode.window.showQuickPick(problem === null ? [discard] : [send, discard], { title: `${name}: ${what}`, ...(problem === null ? {} : { placeHolder: problem }) });
  if (chosen !== undefined) {
    await (chosen.send ? client.retryRemoteChange(change_id) : client.discardRemoteChange(change_id));
  }
}
