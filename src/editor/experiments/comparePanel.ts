// Answers the comparison's questions, keeps how it was arranged, and says when its runs change.
import * as vscode from 'vscode';
import { UserError } from '../../contracts/errors.ts';
import { FromComparePanel, type ToComparePanel } from '../../contracts/panels/compare.ts';
import { Arrangement, type CompareView, type RunScope } from '../../contracts/runTable.ts';
import type { RunSummary } from '../../contracts/runs.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import type { Editor } from '../platform/editor.ts';
import type { Controller, Panel } from '../platform/panels.ts';
import { isCancelled, sentenceOf } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { Throttle } from '../platform/throttle.ts';
import { exportTable } from './exportTable.ts';

export const from = FromComparePanel;

/** A comparison of thousands of runs costs something to draw anew. In milliseconds. */
const newsEvery = 2000;

export function control(editor: Editor, panel: Panel<'compare'>): Controller<'compare'> {
  const { project, experiment } = panel.state;
  let ids = panel.state.run_ids;
  let chosen = new Set(ids);
  let events: vscode.Disposable | undefined;

  const session = async (): Promise<ProjectSession> => {
    const found = await editor.projects.at(project);
    if (found === null) {
      throw new UserError(vscode.l10n.t('The project {0} is not open in this window any more.', project), { file: project });
    }
    return found;
  };
  const client = async (): Promise<ProjectClient> => (await session()).client();
  const scope = (): RunScope => ({ ...(ids === undefined ? {} : { run_ids: ids }), ...(experiment === undefined ? {} : { experiment }) });
  const subject = (): string => `compare ${JSON.stringify([project, scope()])}`;
  const title = (): string =>
    ids !== undefined ? vscode.l10n.t('Compare {0} runs', ids.length) : experiment !== undefined ? vscode.l10n.t('Runs of {0}', experiment) : vscode.l10n.t('All runs');

  const failed = (error: unknown): void => {
    if (!isCancelled(error)) {
      panel.post({ type: 'failed', message: sentenceOf(error) });
    }
  };
  let release = (): void => undefined;
  /** What the page is told first. The server meanwhile finds the runs that it will be asked for, and the window's list of runs waits. */
  const prepare = async (): Promise<ToComparePanel> => {
    const owner = await session();
    release();
    release = owner.hold();
    const last = Arrangement.safeParse(editor.context.workspaceState.get(subject()));
    const arrangement = last.success ? last.data : null;
    const server = await owner.client();
    server.runTable({ type: 'columns', query: { scope: scope(), filter: arrangement?.filter ?? '', sort: [] } }).catch(() => undefined);
    return { type: 'opened', scope: scope(), arrangement, views: await server.compareViews() };
  };
  // While the page is loaded, which takes as long.
  let prepared: Promise<ToComparePanel> | null = panel.visible ? prepare() : null;
  prepared?.catch(() => undefined);
  const fill = async (): Promise<void> => {
    panel.title(title());
    const opened = prepared ?? prepare();
    prepared = null;
    panel.post(await opened);
  };
  const showViews = (views: CompareView[], name: string | null): void => panel.post({ type: 'views', views, chosen: name });
  const isShown = (run: RunSummary): boolean => (ids !== undefined ? chosen.has(run.run_id) : experiment === undefined || run.experiment === experiment);

  const news = new Throttle(() => panel.post({ type: 'changed' }), newsEvery);
  panel.whenClosed(() => {
    release();
    events?.dispose();
    news.dispose();
  });

  return {
    async receive(message) {
      switch (message.type) {
        case 'ready': {
          await fill().catch(failed);
          const owner = await session();
          events ??= owner.onEvent((event) => {
            if (panel.visible && (event.type === 'run_deleted' || (event.type === 'run' && isShown(event.run)))) {
              news.poke();
            }
          });
          return;
        }
        case 'ask':
          try {
            panel.post({ type: 'answer', id: message.id, answer: await (await client()).runTable(message.question) });
          } catch (error) {
            panel.post({ type: 'refused', id: message.id, message: sentenceOf(error) });
          }
          // Rows follow on columns; with them there is something to see.
          if (message.question.type !== 'columns') {
            release();
          }
          return;
        case 'side_by_side':
          await client()
            .then((each) => each.compare(ids ?? []))
            .then((comparison) => panel.post({ type: 'comparison', comparison }))
            .catch(failed);
          release();
          return;
        case 'arranged':
          await editor.context.workspaceState.update(subject(), message.arrangement);
          return;
        case 'save_view': {
          const name = message.name ?? (await vscode.window.showInputBox({ title: vscode.l10n.t('Save view'), prompt: vscode.l10n.t('The name of this view of the project’s runs') }))?.trim();
          if (name) {
            showViews(await (await client()).saveCompareView(name, { name, arrangement: message.arrangement }), name);
          }
          return;
        }
        case 'rename_view': {
          const name = (await vscode.window.showInputBox({ title: vscode.l10n.t('Rename view'), prompt: vscode.l10n.t('A new name for {0}', message.name), value: message.name }))?.trim();
          const view = (await (await client()).compareViews()).find((each) => each.name === message.name);
          if (name && view !== undefined) {
            showViews(await (await client()).saveCompareView(message.name, { name, arrangement: view.arrangement }), name);
          }
          return;
        }
        case 'delete_view': {
          const remove = vscode.l10n.t('Delete view');
          if ((await vscode.window.showWarningMessage(vscode.l10n.t('Delete the view {0}?', message.name), { modal: true }, remove)) === remove) {
            showViews(await (await client()).deleteCompareView(message.name), null);
          }
          return;
        }
        case 'export':
          await exportTable(await session(), title(), message.query, message.columns);
          return;
        case 'open_run':
          await editor.panels.open('run', { project, run_id: message.run_id });
          return;
        case 'compare':
          await editor.panels.open('compare', { project, run_ids: message.run_ids });
          return;
        case 'register':
          await vscode.commands.executeCommand('mlLifecycle.registerModel', { kind: 'run', project, run_id: message.run_id });
          return;
        case 'remove': {
          const left = (ids ?? []).filter((id) => id !== message.run_id);
          if (left.length === 0) {
            throw new UserError(vscode.l10n.t('A comparison needs at least one run.'));
          }
          const arrangement = editor.context.workspaceState.get(subject());
          ids = left;
          chosen = new Set(left);
          await editor.context.workspaceState.update(subject(), arrangement);
          panel.restate({ project, run_ids: left });
        }
      }
    },
  };
}
