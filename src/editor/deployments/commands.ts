// The commands about endpoints. Program forms, each a plain object as the only argument:
//   mlLifecycle.deployModel       {model, version?, name?, port?, workers?, key?, weight?, shadow?, project?}  → what is deployed, and a new key
//   mlLifecycle.openEndpoint      {endpoint, project?}
//   mlLifecycle.startEndpoint     {endpoint, project?}                       → the endpoint
//   mlLifecycle.stopEndpoint      {endpoint, project?}                       → the endpoint
//   mlLifecycle.rollBackEndpoint  {endpoint, project?}                       → the endpoint
//   mlLifecycle.changeTraffic     {endpoint, versions, reason?, project?}    → the endpoint
//   mlLifecycle.deleteEndpoint    {endpoint, project?}                       deletes without asking
//   mlLifecycle.newEndpointKey    {endpoint, project?}                       makes one without asking → the key
//   mlLifecycle.copyEndpointUrl   {endpoint, project?}                       → the address
//   mlLifecycle.copySnippet       {endpoint, language?, project?}            → the text
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { TrafficRequest, type Endpoint } from '../../contracts/endpoints.ts';
import { UserError } from '../../contracts/errors.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import { deploy, showKey } from './deploy.ts';
import { endpointFrom, type EndpointTarget } from './endpoints.ts';
import { forgetKey, keepKey, keptKey } from './keys.ts';
import { keyPlaceholder, snippetsFor } from './snippets.ts';
import { readTraffic, writeTraffic } from './traffic.ts';
import { isActive, shares } from './words.ts';

const SnippetArgument = z.object({ language: z.optional(z.string()) });

export function handlers(editor: Editor): Handlers {
  return {
    deployModel: (target) => deploy(editor, target),
    openEndpoint: async (target) => {
      const { session, endpoint } = await endpointFrom(editor, target, vscode.l10n.t('Open which endpoint?'));
      await editor.panels.open('endpoint', { project: session.project.root, endpoint: endpoint.name });
    },
    startEndpoint: (target) => change(editor, target, vscode.l10n.t('Start which endpoint?'), (endpoint) => !isActive(endpoint), (client, name) => client.startEndpoint(name), (name) => vscode.l10n.t('Starting {0}', name)),
    stopEndpoint: (target) => change(editor, target, vscode.l10n.t('Stop which endpoint?'), isActive, (client, name) => client.stopEndpoint(name), (name) => vscode.l10n.t('Stopping {0}', name)),
    rollBackEndpoint: (target) => rollBack(editor, target),
    changeTraffic: (target) => changeTraffic(editor, target),
    deleteEndpoint: (target) => remove(editor, target),
    newEndpointKey: (target) => newKey(editor, target),
    copyEndpointUrl: async (target) => {
      const { endpoint } = await endpointFrom(editor, target, vscode.l10n.t('Copy the address of which endpoint?'));
      const url = (await vscode.env.asExternalUri(vscode.Uri.parse(endpoint.url))).toString(true).replace(/\/$/, '');
      await vscode.env.clipboard.writeText(url);
      if (!isProgramCall(target)) {
        vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Copied {0}', url), 4000);
      }
      return url;
    },
    copySnippet: (target) => copySnippet(editor, target),
  };
}

/** Asks the server for a change of one endpoint, with progress where a person waits for it. */
async function change(
  editor: Editor,
  target: unknown,
  placeholder: string,
  offered: (endpoint: Endpoint) => boolean,
  work: (client: ProjectClient, name: string) => Promise<Endpoint>,
  title: (name: string) => string,
): Promise<Endpoint> {
  const found = await endpointFrom(editor, target, placeholder, offered);
  const run = async (): Promise<Endpoint> => {
    const endpoint = await work(await found.session.client(), found.endpoint.name);
    found.session.learn({ endpoint });
    return endpoint;
  };
  return isProgramCall(target) ? run() : vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: title(found.endpoint.name) }, run);
}

async function rollBack(editor: Editor, target: unknown): Promise<Endpoint> {
  const canRollBack = (endpoint: Endpoint): boolean => endpoint.history.length > 1;
  const endpoint = await change(editor, target, vscode.l10n.t('Roll back which endpoint?'), canRollBack, (client, name) => client.rollBack(name), (name) => vscode.l10n.t('Rolling back {0}', name));
  if (!isProgramCall(target)) {
    void vscode.window.showInformationMessage(vscode.l10n.t('{0} serves {1} again.', endpoint.name, shares(endpoint)));
  }
  return endpoint;
}

async function changeTraffic(editor: Editor, target: unknown): Promise<Endpoint> {
  const { session, endpoint } = await endpointFrom(editor, target, vscode.l10n.t('Change the traffic of which endpoint?'));
  const request = isProgramCall(target) ? parseArgument(TrafficRequest, target) : { versions: await askForTraffic(endpoint) };
  const changed = await (await session.client()).setTraffic(endpoint.name, request);
  session.learn({ endpoint: changed });
  return changed;
}

async function askForTraffic(endpoint: Endpoint): Promise<TrafficRequest['versions']> {
  const problem = (text: string): string | undefined => {
    const read = readTraffic(text, endpoint.versions);
    if (Array.isArray(read)) {
      return undefined;
    }
    if ('sum' in read) {
      return vscode.l10n.t('The shares add up to {0} %; they must add up to 100 %.', read.sum);
    }
    return 'unknown' in read
      ? vscode.l10n.t('{0} is not a version of this endpoint, or stands here twice. To add a version, deploy it to this endpoint.', read.unknown)
      : vscode.l10n.t('“{0}” is not understood. Write each version with its share, for example 1=90 2=10, or 2=shadow.', read.unreadable);
  };
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Traffic of {0}', endpoint.name),
    prompt: vscode.l10n.t('Each version with its share in percent, or “shadow”. A version that is not named leaves the endpoint.'),
    value: writeTraffic(endpoint.versions),
    validateInput: problem,
  });
  const read = text === undefined ? undefined : readTraffic(text, endpoint.versions);
  if (read === undefined || !Array.isArray(read)) {
    throw new vscode.CancellationError();
  }
  return read;
}

async function remove(editor: Editor, target: unknown): Promise<void> {
  const found = await endpointFrom(editor, target, vscode.l10n.t('Delete which endpoint?'));
  const { session, endpoint } = found;
  if (!isProgramCall(target)) {
    const confirm = vscode.l10n.t('Delete endpoint');
    const detail = vscode.l10n.t('It stops answering, and its key opens nothing any more. Its logged predictions stay on disk, and its entry stays in ml.yaml.');
    if ((await vscode.window.showWarningMessage(vscode.l10n.t('Delete the endpoint {0}?', endpoint.name), { modal: true, detail }, confirm)) !== confirm) {
      return;
    }
  }
  await (await session.client()).removeEndpoint(endpoint.name);
  await forgetKey(editor, found);
  session.learn({ removed: endpoint.name });
}

async function newKey(editor: Editor, target: unknown): Promise<string | null> {
  const { session, endpoint } = await endpointFrom(editor, target, vscode.l10n.t('Make a new key for which endpoint?'), (each) => each.needs_key);
  if (!isProgramCall(target)) {
    const confirm = vscode.l10n.t('Make a new key');
    const detail = vscode.l10n.t('The old key opens nothing from then on, so everything that calls this endpoint needs the new one.');
    if ((await vscode.window.showWarningMessage(vscode.l10n.t('Make a new key for {0}?', endpoint.name), { modal: true, detail }, confirm)) !== confirm) {
      return null;
    }
  }
  const { key } = await (await session.client()).newEndpointKey(endpoint.name);
  if (key !== null) {
    await keepKey(editor, session.project.root, endpoint.name, key);
    if (!isProgramCall(target)) {
      void showKey(endpoint, key);
    }
  }
  return key;
}

async function copySnippet(editor: Editor, target: unknown): Promise<string> {
  const found = await endpointFrom(editor, target, vscode.l10n.t('Call which endpoint?'));
  const { session, endpoint } = found;
  const [{ signature }, key] = await Promise.all([(await session.client()).endpoint(endpoint.name), keptKey(editor, session.project.root, endpoint.name)]);
  const snippets = snippetsFor(endpoint, signature, key ?? keyPlaceholder);
  if (isProgramCall(target)) {
    const { language = 'curl' } = parseArgument(SnippetArgument, target);
    const snippet = snippets.find((each) => each.label.toLowerCase() === language.toLowerCase());
    if (snippet === undefined) {
      throw new UserError(vscode.l10n.t('There is no snippet for {0}; there are {1}.', language, snippets.map((each) => each.label).join(', ')), { field: 'language' });
    }
    return snippet.text;
  }
  const chosen = await vscode.window.showQuickPick(snippets.map((snippet) => ({ label: snippet.label, snippet })), { placeHolder: vscode.l10n.t('Copy a request to {0} in which language?', endpoint.name) });
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  await copy(found, chosen.snippet.text, key);
  return chosen.snippet.text;
}

/** Puts a snippet into the clipboard, and offers a new key where the real one is not known here. */
export async function copy({ session, endpoint }: EndpointTarget, text: string, key: string | undefined): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  if (key !== undefined || !endpoint.needs_key) {
    vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Copied'), 4000);
    return;
  }
  const make = vscode.l10n.t('New key…');
  void vscode.window.showWarningMessage(vscode.l10n.t('Copied, with {0} in place of the key: this editor does not hold the key of {1}.', keyPlaceholder, endpoint.name), make).then(async (answer) => {
    if (answer === make) {
      await vscode.commands.executeCommand('mlLifecycle.newEndpointKey', { kind: 'endpoint', project: session.project.root, endpoint: endpoint.name });
    }
  });
}
