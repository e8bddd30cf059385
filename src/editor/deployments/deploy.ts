// Deploying a model version: what is asked for, what is written into ml.yaml, and the key that is shown once.
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { DeployRequest, type Deployed, type Endpoint } from '../../contracts/endpoints.ts';
import { nameProblem } from '../data/datasets.ts';
import { versionFrom } from '../models/models.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import type { ProjectSession } from '../platform/session.ts';
import type { DeclaredNode } from './deploymentsView.ts';
import { keepKey } from './keys.ts';
import { shares } from './words.ts';

/** A program may also say `version`, as the other commands about models take it. */
const DeployArgument = z.extend(DeployRequest, { version: z.optional(z.int()), project: z.optional(z.string()) });

export async function deploy(editor: Editor, target: unknown): Promise<Deployed | undefined> {
  if (isProgramCall(target)) {
    const { version, project, ...request } = parseArgument(DeployArgument, target);
    const { session } = await versionFrom(editor, { model: baseName(request.model), ...(project === undefined ? {} : { project }) }, '');
    return serve(editor, session, { ...request, model: version === undefined ? request.model : `${request.model}/${version}` });
  }
  const { session, request } = isDeclared(target) ? await declared(editor, target) : await ask(editor, target);
  const deployed = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Deploying {0} as {1}', request.model, request.name) },
    () => serve(editor, session, request),
  );
  await editor.panels.open('endpoint', { project: session.project.root, endpoint: deployed.endpoint.name });
  if (deployed.key !== null) {
    void showKey(deployed.endpoint, deployed.key);
  }
  return deployed;
}

/** Writes the entry into ml.yaml where the endpoint is new or gets another version, deploys and keeps the key. */
async function serve(editor: Editor, session: ProjectSession, request: DeployRequest): Promise<Deployed> {
  const client = await session.client();
  const name = request.name ?? baseName(request.model);
  const beside = request.shadow === true || (request.weight !== undefined && request.weight < 100);
  if (!beside) {
    const { readProjectFile, saveEntry } = await import('../../core/project/api.ts');
    const existing = (await readProjectFile(session.project)).deployments?.[name];
    await saveEntry(session.project, 'deployments', name, {
      ...existing,
      model: request.model,
      ...(request.port === undefined ? {} : { port: request.port }),
      ...(request.key === undefined ? {} : { key: request.key }),
    });
  }
  const deployed = await client.deploy({ ...request, name });
  session.learn({ endpoint: deployed.endpoint });
  if (deployed.key !== null) {
    await keepKey(editor, session.project.root, name, deployed.key);
  }
  return deployed;
}

/** Says the key, this once. It stays in the editor's secret storage for snippets. */
export async function showKey({ name, url }: Endpoint, key: string): Promise<void> {
  const copy = vscode.l10n.t('Copy key');
  const message = vscode.l10n.t('{0} answers at {1} to requests with the key {2}. It is shown this once; this editor keeps it for snippets.', name, url, key);
  if ((await vscode.window.showInformationMessage(message, copy)) === copy) {
    await vscode.env.clipboard.writeText(key);
  }
}

/** The model's name in `name`, `name@alias` and `name/version`. */
function baseName(model: string): string {
  return model.split(/[@/]/)[0] ?? model;
}

type NamedRequest = DeployRequest & { name: string };

interface Wanted {
  session: ProjectSession;
  request: NamedRequest;
}

function isDeclared(target: unknown): target is DeclaredNode {
  return typeof target === 'object' && target !== null && 'kind' in target && target.kind === 'declared';
}

/** As its entry of ml.yaml says. */
async function declared(editor: Editor, { project, name, model }: DeclaredNode): Promise<Wanted> {
  const { session } = await versionFrom(editor, { kind: 'model', project, model: baseName(model) }, '');
  return { session, request: { model, name } };
}

async function ask(editor: Editor, target: unknown): Promise<Wanted> {
  const found = await versionFrom(editor, target, vscode.l10n.t('Deploy which version?'));
  const { session } = found;
  const model = `${found.model}/${found.version}`;
  const title = vscode.l10n.t('Deploy {0} version {1}', found.model, found.version);
  const existing = await chooseEndpoint(title, [...session.endpoints.values()]);
  if (existing !== null) {
    return { session, request: { model, name: existing.name, ...(await chooseShare(title, existing)) } };
  }
  const taken = [...session.endpoints.keys()];
  const name = await input({
    title,
    prompt: vscode.l10n.t('The endpoint’s name'),
    value: taken.includes(found.model) ? '' : found.model,
    validateInput: (text) => nameProblem(text, taken),
  });
  const port = await input({
    title,
    prompt: vscode.l10n.t('The port on this machine. Empty: a free one, kept from then on.'),
    placeHolder: vscode.l10n.t('a free one'),
    validateInput: (text) => (text.trim() === '' || (/^\d+$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= 65_535) ? undefined : vscode.l10n.t('A port is a whole number from 1 to 65535.')),
  });
  return { session, request: { model, name, ...(port.trim() === '' ? {} : { port: Number(port) }) } };
}

/** An endpoint that is there already, or null for a new one. */
async function chooseEndpoint(title: string, endpoints: Endpoint[]): Promise<Endpoint | null> {
  if (endpoints.length === 0) {
    return null;
  }
  const chosen = await vscode.window.showQuickPick(
    [
      { label: vscode.l10n.t('$(add) A new endpoint…'), endpoint: null },
      ...endpoints.map((endpoint) => ({ label: endpoint.name, description: vscode.l10n.t('serves {0}', shares(endpoint)), endpoint })),
    ],
    { title, placeHolder: vscode.l10n.t('On which endpoint?') },
  );
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  return chosen.endpoint;
}

async function chooseShare(title: string, { name, versions }: Endpoint): Promise<Pick<DeployRequest, 'weight' | 'shadow'>> {
  const serves = shares({ versions });
  const chosen = await vscode.window.showQuickPick(
    [
      { label: vscode.l10n.t('Instead of {0}', serves), detail: vscode.l10n.t('Every request goes to the new version. Rolling back takes one click.'), share: { weight: 100 } },
      { label: vscode.l10n.t('Beside it, 10 % of the requests'), detail: vscode.l10n.t('The others go on as now. The share can be changed at any time.'), share: { weight: 10 } },
      { label: vscode.l10n.t('As a shadow'), detail: vscode.l10n.t('It gets a copy of every request; what it says is logged and never returned.'), share: { shadow: true } },
    ],
    { title, placeHolder: vscode.l10n.t('How should {0} serve it?', name) },
  );
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  return chosen.share;
}

async function input(options: vscode.InputBoxOptions): Promise<string> {
  const text = await vscode.window.showInputBox(options);
  if (text === undefined) {
    throw new vscode.CancellationError();
  }
  return text;
}
