// Which endpoint a command is about.
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { Endpoint } from '../../contracts/endpoints.ts';
import { UserError } from '../../contracts/errors.ts';
import { sessionWithRuns } from '../experiments/chooseRun.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import type { ProjectSession } from '../platform/session.ts';
import { shares, stateWord } from './words.ts';

export interface EndpointTarget {
  session: ProjectSession;
  endpoint: Endpoint;
}

const EndpointArgument = z.object({ endpoint: z.string(), project: z.optional(z.string()) });

/** The endpoint that a view's item, a program's `{endpoint}` or the person's choice among `offered` means. */
export async function endpointFrom(editor: Editor, target: unknown, placeholder: string, offered: (endpoint: Endpoint) => boolean = () => true): Promise<EndpointTarget> {
  if (isAboutEndpoint(target)) {
    return known(editor, target.endpoint, target.project);
  }
  if (isProgramCall(target)) {
    const { endpoint, project } = parseArgument(EndpointArgument, target);
    return known(editor, endpoint, project);
  }
  const session = await sessionWithRuns(editor);
  const items = [...session.endpoints.values()].filter(offered).map((endpoint) => ({ label: endpoint.name, description: [stateWord(endpoint.state), shares(endpoint)].join(' · '), endpoint }));
  if (items.length === 0) {
    throw new UserError(
      session.endpoints.size === 0
        ? vscode.l10n.t('{0} has no endpoint yet. “ML: Deploy model” makes one.', session.project.name)
        : vscode.l10n.t('{0} has no endpoint that this can be done with now.', session.project.name),
    );
  }
  const [only] = items;
  const chosen = items.length === 1 ? only : await vscode.window.showQuickPick(items, { placeHolder: placeholder, matchOnDescription: true });
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  return { session, endpoint: chosen.endpoint };
}

/** Every item of a view that belongs to an endpoint carries these two. */
function isAboutEndpoint(target: unknown): target is { kind: string; project: string; endpoint: string } {
  return typeof target === 'object' && target !== null && 'kind' in target && 'project' in target && 'endpoint' in target && typeof target.endpoint === 'string';
}

async function known(editor: Editor, name: string, project: string | undefined): Promise<EndpointTarget> {
  for (const session of await editor.projects.sessions()) {
    if (project === undefined || session.project.root === project) {
      await session.client();
      const endpoint = session.endpoints.get(name);
      if (endpoint !== undefined) {
        return { session, endpoint };
      }
    }
  }
  throw new UserError(vscode.l10n.t('No project of this window has an endpoint {0}.', name), { field: 'endpoint' });
}
