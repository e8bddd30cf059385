// Fills the comparison, and keeps it current while its runs go on.
import * as vscode from 'vscode';
import { UserError } from '../../contracts/errors.ts';
import { FromComparePanel } from '../../contracts/panels/compare.ts';
import type { Editor } from '../platform/editor.ts';
import type { Controller, Panel } from '../platform/panels.ts';
import { isCancelled, sentenceOf } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { Throttle } from '../platform/throttle.ts';

export const from = FromComparePanel;

export function control(editor: Editor, panel: Panel<'compare'>): Controller<'compare'> {
  const { project } = panel.state;
  let ids = panel.state.run_ids;
  let events: vscode.Disposable | undefined;

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
      const comparison = await (await owner.client()).compare(ids);
      panel.title(vscode.l10n.t('Compare {0} runs', ids.length));
      panel.post({ type: 'comparison', comparison });
    } catch (error) {
      if (!isCancelled(error)) {
        panel.post({ type: 'failed', message: sentenceOf(error) });
      }
    }
  };
  const again = new Throttle(() => void fill(), 1000);
  panel.whenClosed(() => {
    events?.dispose();
    again.dispose();
  });

  return {
    async receive(message) {
      switch (message.type) {
        case 'ready': {
          await fill();
          const owner = await session();
          events ??= owner.onEvent((event) => {
            if (event.type === 'run' && ids.includes(event.run.run_id) && panel.visible) {
              again.poke();
            }
          });
          return;
        }
        case 'open_run':
          await editor.panels.open('run', { project, run_id: message.run_id });
          return;
        case 'register':
          await vscode.commands.executeCommand('mlLifecycle.registerModel', { kind: 'run', project, run_id: message.run_id });
          return;
        case 'remove': {
          const left = ids.filter((id) => id !== message.run_id);
          if (left.length === 0) {
            throw new UserError(vscode.l10n.t('A comparison needs at least one run.'));
          }
          ids = left;
          panel.restate({ project, run_ids: ids });
        }
      }
    },
  };
}
