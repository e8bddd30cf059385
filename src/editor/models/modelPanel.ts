// Fills the model panel and answers its prediction form.
import * as vscode from 'vscode';
import { toFailure, UserError } from '../../contracts/errors.ts';
import { FromModelPanel } from '../../contracts/panels/model.ts';
import { championAlias, type RegisteredModel } from '../../contracts/registry.ts';
import type { Editor } from '../platform/editor.ts';
import type { Controller, Panel } from '../platform/panels.ts';
import { isCancelled, sentenceOf } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { versionFile } from './models.ts';

export const from = FromModelPanel;

export function control(editor: Editor, panel: Panel<'model'>): Controller<'model'> {
  const { project, model: name } = panel.state;
  let selected = panel.state.version;
  let events: vscode.Disposable | undefined;
  panel.title(name);

  const session = async (): Promise<ProjectSession> => {
    const found = await editor.projects.at(project);
    if (found === null) {
      throw new UserError(vscode.l10n.t('The project {0} is not open in this window any more.', project), { file: project });
    }
    return found;
  };

  const fill = async (): Promise<void> => {
    try {
      const owner = await session();
      const client = await owner.client();
      const [model, moves] = await Promise.all([client.model(name), client.moves(name)]);
      const number = versionOf(model, selected);
      const isCandidate = model.candidates.some(({ version }) => version === number);
      const candidate = isCandidate ? await client.candidate(name, number) : null;
      panel.post({ type: 'model', model, selected: isCandidate ? null : await client.version(name, number), candidate, moves });
      events ??= owner.onEvent((event) => {
        if (event.type === 'models' && panel.visible) {
          void fill();
        }
      });
    } catch (error) {
      if (!isCancelled(error)) {
        panel.post({ type: 'failed', message: sentenceOf(error) });
      }
    }
  };
  panel.whenClosed(() => events?.dispose());

  return {
    async receive(message) {
      const node = { kind: 'version', project, model: name } as const;
      switch (message.type) {
        case 'ready':
          return fill();
        case 'select':
          selected = message.version;
          return fill();
        case 'predict': {
          const { ticket, version, row } = message;
          try {
            const client = await (await session()).client();
            const isCandidate = (await client.model(name)).candidates.some((each) => each.version === version);
            const model = (isCandidate ? (await client.candidate(name, version)).folder : null) ?? `${name}/${version}`;
            panel.post({ type: 'prediction', ticket, result: await client.predict({ model, rows: [row] }) });
          } catch (error) {
            panel.post({ type: 'prediction_failed', ticket, failure: toFailure(error) });
          }
          return;
        }
        case 'promote':
          try {
            await (await (await session()).client()).setAlias(name, { alias: championAlias, version: message.version });
          } finally {
            // A move that a gate refused is in the history.
            await fill();
          }
          return;
        case 'accept':
          await vscode.commands.executeCommand('mlLifecycle.acceptCandidate', { ...node, kind: 'candidate', version: message.version });
          return fill();
        case 'score_file':
          await vscode.commands.executeCommand('mlLifecycle.scoreFile', { ...node, version: message.version });
          return;
        case 'deploy':
          await vscode.commands.executeCommand('mlLifecycle.deployModel', { ...node, version: message.version });
          return;
        case 'open_run':
          await editor.panels.open('run', { project, run_id: message.run_id });
          return;
        case 'open_version_file': {
          const owner = await session();
          const { version } = await (await owner.client()).version(name, message.version);
          await vscode.commands.executeCommand('vscode.open', versionFile(owner, name, version.file.ulid));
        }
      }
    },
  };
}

/** The version that was asked for where it is there, else the champion, else the newest. */
function versionOf(model: RegisteredModel, wanted: number | undefined): number {
  const numbers = [...model.versions.map((version) => version.file.version), ...model.candidates.map((candidate) => candidate.version)];
  const found = [wanted, model.aliases[championAlias], numbers[0]].find((number) => number !== undefined && numbers.includes(number));
  if (found === undefined) {
    throw new UserError(vscode.l10n.t('{0} has no version that can be read.', model.name), { field: 'model' });
  }
  return found;
}
