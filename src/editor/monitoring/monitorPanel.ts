// Fills the monitor panel: everything when it is shown and when there is something new, and the figures as they come.
import * as vscode from 'vscode';
import { UserError } from '../../contracts/errors.ts';
import type { Monitor, MonitorWindow } from '../../contracts/monitoring.ts';
import { FromMonitorPanel } from '../../contracts/panels/monitor.ts';
import type { Decision } from '../../contracts/retraining.ts';
import type { Editor } from '../platform/editor.ts';
import type { Controller, Panel } from '../platform/panels.ts';
import { isCancelled, openAt, sentenceOf } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { Throttle } from '../platform/throttle.ts';
import { openRetraining, openSettings } from './settings.ts';
import { concerns, newestFirst } from './words.ts';

export const from = FromMonitorPanel;

const shownDecisions = 20;

export function control(editor: Editor, panel: Panel<'monitor'>): Controller<'monitor'> {
  const { project, endpoint } = panel.state;
  let events: vscode.Disposable | undefined;
  panel.title(vscode.l10n.t('Monitor of {0}', endpoint));

  const session = async (): Promise<ProjectSession> => {
    const found = await editor.projects.at(project);
    if (found === null) {
      throw new UserError(vscode.l10n.t('The project {0} is not open in this window any more.', project), { file: project });
    }
    return found;
  };

  const decisionsOf = (owner: ProjectSession): Decision[] => {
    const served = owner.endpoints.get(endpoint);
    return served === undefined ? [] : newestFirst(owner.decisions.values()).filter((decision) => concerns(decision, served));
  };
  const show = async (ask: (owner: ProjectSession) => Promise<Monitor>): Promise<void> => {
    try {
      const owner = await session();
      const client = await owner.client();
      const [monitor, charts, retrainings] = await Promise.all([ask(owner), editor.queries().then((queries) => queries.charts(['bins', 'timeline'])), client.retrainings()]);
      panel.post({
        type: 'monitor',
        monitor: { ...monitor, windows: light(monitor.windows) },
        decisions: decisionsOf(owner).slice(0, shownDecisions),
        retraining: retrainings.find((entry) => entry.endpoint === endpoint)?.name ?? null,
        charts,
      });
      events ??= listen(owner);
    } catch (error) {
      if (!isCancelled(error)) {
        panel.post({ type: 'failed', message: sentenceOf(error) });
      }
    }
  };
  const fill = (): Promise<void> => show(async (owner) => (await owner.client()).monitor(endpoint));
  const again = new Throttle(() => void fill(), 1000);
  const listen = (owner: ProjectSession): vscode.Disposable =>
    vscode.Disposable.from(
      owner.onEvent((event) => {
        if (!panel.visible) {
          return;
        }
        if (event.type === 'stats' && event.stats.endpoint === endpoint) {
          panel.post({ type: 'stats', stats: event.stats });
        } else if (
          (event.type === 'monitor' && event.endpoint === endpoint) ||
          (event.type === 'alert' && event.alert.endpoint === endpoint) ||
          event.type === 'decision' ||
          (event.type === 'endpoint' && event.endpoint.name === endpoint)
        ) {
          again.poke();
        }
      }),
      // An entry of ml.yaml may have changed.
      editor.projects.onDidChange(() => {
        if (panel.visible) {
          again.poke();
        }
      }),
    );
  panel.whenClosed(() => {
    events?.dispose();
    again.dispose();
  });

  return {
    async receive(message) {
      const node = { kind: 'monitor', project, endpoint } as const;
      switch (message.type) {
        case 'ready':
          return fill();
        case 'look':
          return show(async (owner) => (await owner.client()).lookAtMonitor(endpoint));
        case 'acknowledge':
          await (await (await session()).client()).editAlert(message.alert_id, { acknowledged: message.acknowledged });
          return fill();
        case 'mute':
          await (await (await session()).client()).editAlert(message.alert_id, { muted_for: message.muted_for });
          return fill();
        case 'add_labels':
          await vscode.commands.executeCommand('mlLifecycle.addLabels', node);
          return;
        case 'retrain':
          await vscode.commands.executeCommand('mlLifecycle.retrain', node);
          return;
        case 'add_retraining':
          return openRetraining(await session(), endpoint, openAt);
        case 'open_endpoint':
          await editor.panels.open('endpoint', { project, endpoint });
          return;
        case 'open_decision':
          await editor.panels.open('decision', { project, decision_id: message.decision_id });
          return;
        case 'open_settings':
          return openSettings(await session(), endpoint, openAt);
      }
    },
  };
}

/** A panel draws distributions of each version's newest window only; those of the others would be megabytes. */
function light(windows: readonly MonitorWindow[]): MonitorWindow[] {
  const newest = new Set<string>();
  return windows
    .toReversed()
    .map((window) => {
      if (window.drift === null || !newest.has(window.ulid)) {
        if (window.drift !== null) {
          newest.add(window.ulid);
        }
        return window;
      }
      return { ...window, quality: [], drift: { ...window.drift, columns: window.drift.columns.map((column) => ({ ...column, bins: null })) } };
    })
    .toReversed();
}
