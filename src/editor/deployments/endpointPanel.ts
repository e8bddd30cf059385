// Fills the endpoint panel: everything when it is shown and when the endpoint changes, then the figures as they come.
import path from 'node:path';
import * as vscode from 'vscode';
import { endpointFiles, type EndpointDetail } from '../../contracts/endpoints.ts';
import { toFailure, UserError } from '../../contracts/errors.ts';
import { FromEndpointPanel } from '../../contracts/panels/endpoint.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import type { Editor } from '../platform/editor.ts';
import type { Controller, Panel } from '../platform/panels.ts';
import { isCancelled, sentenceOf } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { Throttle } from '../platform/throttle.ts';
import { copy } from './commands.ts';
import { keptKey } from './keys.ts';
import { keyPlaceholder, snippetsFor } from './snippets.ts';

export const from = FromEndpointPanel;

export function control(editor: Editor, panel: Panel<'endpoint'>): Controller<'endpoint'> {
  const { project, endpoint: name } = panel.state;
  let events: vscode.Disposable | undefined;
  panel.title(vscode.l10n.t('Endpoint {0}', name));

  const session = async (): Promise<ProjectSession> => {
    const found = await editor.projects.at(project);
    if (found === null) {
      throw new UserError(vscode.l10n.t('The project {0} is not open in this window any more.', project), { file: project });
    }
    return found;
  };
  const client = async (): Promise<ProjectClient> => (await session()).client();

  const fill = async (): Promise<void> => {
    try {
      const owner = await session();
      const [detail, key] = await Promise.all([(await owner.client()).endpoint(name), keptKey(editor, project, name)]);
      panel.post({
        type: 'endpoint',
        ...detail,
        snippets: snippetsFor(detail.endpoint, detail.signature, keyPlaceholder),
        models: owner.models.filter((model) => model.versions.some((version) => version.available)),
        key_kept: key !== undefined,
      });
      events ??= listen(owner);
    } catch (error) {
      if (!isCancelled(error)) {
        panel.post({ type: 'failed', message: sentenceOf(error) });
      }
    }
  };
  const again = new Throttle(() => void fill(), 300);
  const listen = (owner: ProjectSession): vscode.Disposable =>
    owner.onEvent((event) => {
      if (!panel.visible) {
        return;
      }
      if (event.type === 'stats' && event.stats.endpoint === name) {
        panel.post({ type: 'stats', stats: event.stats });
      } else if ((event.type === 'endpoint' && event.endpoint.name === name) || event.type === 'models') {
        again.poke();
      } else if (event.type === 'endpoint_removed' && event.endpoint === name) {
        panel.post({ type: 'failed', message: vscode.l10n.t('The endpoint {0} was deleted.', name) });
      }
    });
  panel.whenClosed(() => {
    events?.dispose();
    again.dispose();
  });

  const detail = async (): Promise<EndpointDetail> => (await client()).endpoint(name);
  const run = async (command: string, more: Record<string, unknown> = {}): Promise<void> => {
    await vscode.commands.executeCommand(`mlLifecycle.${command}`, { kind: 'endpoint', project, endpoint: name, ...more });
  };

  return {
    async receive(message) {
      switch (message.type) {
        case 'ready':
          return fill();
        case 'predict': {
          const { ticket, row } = message;
          try {
            panel.post({ type: 'prediction', ticket, result: await (await client()).predictAt(name, [row]) });
          } catch (error) {
            panel.post({ type: 'prediction_failed', ticket, failure: toFailure(error) });
          }
          return;
        }
        case 'set_traffic':
          (await session()).learn({ endpoint: await (await client()).setTraffic(name, { versions: message.versions }) });
          return fill();
        case 'add_version': {
          const { model, version, weight, shadow } = message;
          const { endpoint } = await (await client()).deploy({ model: `${model}/${version}`, name, ...(shadow ? { shadow } : { weight }) });
          (await session()).learn({ endpoint });
          return fill();
        }
        case 'roll_back':
          return run('rollBackEndpoint');
        case 'start':
          return run('startEndpoint');
        case 'stop':
          return run('stopEndpoint');
        case 'copy_url':
          return run('copyEndpointUrl');
        case 'new_key':
          await run('newEndpointKey');
          return fill();
        case 'copy_snippet': {
          const [owner, { endpoint, signature }, key] = await Promise.all([session(), detail(), keptKey(editor, project, name)]);
          const snippet = snippetsFor(endpoint, signature, key ?? keyPlaceholder)[message.index];
          if (snippet !== undefined) {
            await copy({ session: owner, endpoint }, snippet.text, key);
          }
          return;
        }
        case 'open_log': {
          const { endpoint } = await detail();
          await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path.join(endpoint.folder, endpointFiles.output)));
          return;
        }
        case 'open_monitor':
          await editor.panels.open('monitor', { project, endpoint: name });
          return;
        case 'open_model':
          await editor.panels.open('model', { project, model: message.model, ...(message.version === null ? {} : { version: message.version }) });
      }
    },
  };
}
