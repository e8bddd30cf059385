// The Monitoring view: what is open about each endpoint, how its last window came out, and what retraining decided.
import * as vscode from 'vscode';
import type { Alert, Monitor } from '../../contracts/monitoring.ts';
import type { Decision } from '../../contracts/retraining.ts';
import { versionWord } from '../deployments/words.ts';
import type { Editor } from '../platform/editor.ts';
import { connectionItem, connectionNode, projectItem, type ConnectionNode, type ProjectNode } from '../platform/nodes.ts';
import { sentenceOf } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { SessionTree } from '../platform/sessionTree.ts';
import { Throttle } from '../platform/throttle.ts';
import type { AlertNode, DecisionNode } from './targets.ts';
import { ago, alertIcons, alertTitle, concerns, isMuted, newestFirst, outcomeIcons, outcomeWord, plain, triggerWord, windowsVerdict } from './words.ts';

interface MonitorNode {
  kind: 'monitor';
  project: string;
  endpoint: string;
}
/** A line about an endpoint that opens its monitor. */
interface FactNode {
  kind: 'fact';
  project: string;
  endpoint: string;
  label: string;
  description: string;
  icon: string;
  tooltip: string;
}
/** Retrainings of a model that no endpoint serves. */
interface RetrainedNode {
  kind: 'retrained';
  project: string;
  model: string;
}
type Node = ProjectNode | ConnectionNode | MonitorNode | FactNode | AlertNode | DecisionNode | RetrainedNode;

const recentDecisions = 5;
/** A verdict needs the newest windows only: one of the data and one of the score, of two versions. */
const newestWindows = 4;

export class MonitoringView implements vscode.TreeDataProvider<Node> {
  readonly #editor: Editor;
  readonly #tree: SessionTree;
  readonly onDidChangeTreeData: vscode.Event<undefined>;
  /** What the server last told of each endpoint, by project and name; asked for when the view needs it. */
  readonly #monitors = new Map<string, Monitor>();

  constructor(editor: Editor) {
    this.#editor = editor;
    this.#tree = new SessionTree(editor, ({ endpoints, alerts, decisions }) => [[...endpoints.keys()], [...alerts.values()], [...decisions.values()].map(({ decision_id, outcome, status }) => [decision_id, outcome, status])]);
    this.onDidChangeTreeData = this.#tree.onDidChange;
    const stale = new Throttle(() => {
      this.#monitors.clear();
      this.#tree.redraw();
    }, 5000);
    editor.context.subscriptions.push(
      stale,
      editor.projects.onDidChange(() => this.#monitors.clear()),
      editor.projects.onEvent(({ event }) => {
        if (event.type === 'monitor') {
          stale.poke();
        }
      }),
    );
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!vscode.workspace.isTrusted) {
      return [];
    }
    switch (node?.kind) {
      case undefined:
        return this.#tree.roots(endpoints);
      case 'project':
        return endpoints(node.session);
      case 'monitor':
        return this.#about(node);
      case 'retrained':
        return this.#decisions(node.project, (decision) => decision.model === node.model && isUnserved(decision, this.#tree.session(node.project)));
      default:
        return [];
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case 'project':
        return projectItem(node);
      case 'connection':
        return connectionItem(node);
      case 'fact':
        return factItem(node);
      case 'monitor':
        return monitorItem(node, [...(this.#tree.session(node.project)?.alerts.values() ?? [])].filter((alert) => alert.endpoint === node.endpoint));
      case 'retrained': {
        const item = new vscode.TreeItem(node.model, vscode.TreeItemCollapsibleState.Expanded);
        item.id = `${node.project}\n${node.model}\nretrained`;
        item.iconPath = new vscode.ThemeIcon('package');
        item.description = vscode.l10n.t('not deployed');
        item.contextValue = 'retrained';
        return item;
      }
      case 'alert': {
        const alert = this.#tree.session(node.project)?.alerts.get(node.alert_id);
        return alert === undefined ? new vscode.TreeItem(node.alert_id) : alertItem(node, alert);
      }
      case 'decision': {
        const decision = this.#tree.session(node.project)?.decisions.get(node.decision_id);
        return decision === undefined ? new vscode.TreeItem(node.decision_id) : decisionItem(node, decision);
      }
    }
  }

  async #about(node: MonitorNode): Promise<Node[]> {
    const session = this.#tree.session(node.project);
    const alerts = [...(session?.alerts.values() ?? [])].filter((alert) => alert.endpoint === node.endpoint).sort((a, b) => b.opened - a.opened);
    const endpoint = session?.endpoints.get(node.endpoint);
    const monitor = session === undefined ? null : await this.#monitor(session, node.endpoint);
    return [
      ...alerts.map(({ alert_id }): Node => ({ kind: 'alert', project: node.project, endpoint: node.endpoint, alert_id })),
      ...(monitor === null ? [] : facts(node, monitor)),
      ...(endpoint === undefined ? [] : this.#decisions(node.project, (decision) => concerns(decision, endpoint))),
    ];
  }

  #decisions(project: string, wanted: (decision: Decision) => boolean): Node[] {
    const all = this.#tree.session(project)?.decisions.values() ?? [];
    return newestFirst(all).filter(wanted).slice(0, recentDecisions).map(({ decision_id }) => ({ kind: 'decision', project, decision_id }));
  }

  async #monitor(session: ProjectSession, endpoint: string): Promise<Monitor | null> {
    const key = `${session.project.root}\n${endpoint}`;
    const known = this.#monitors.get(key);
    if (known !== undefined || session.connection.kind !== 'connected') {
      return known ?? null;
    }
    try {
      const monitor = await session.connection.client.monitor(endpoint, newestWindows);
      this.#monitors.set(key, monitor);
      return monitor;
    } catch (error) {
      this.#editor.log.warn(sentenceOf(error));
      return null;
    }
  }
}

function endpoints(session: ProjectSession): Node[] {
  const connection = connectionNode(session, session.endpoints.size + session.decisions.size);
  if (connection !== null) {
    return [connection];
  }
  const project = session.project.root;
  const alone = new Set([...session.decisions.values()].filter((decision) => isUnserved(decision, session)).map((decision) => decision.model));
  return [
    ...[...session.endpoints.keys()].sort().map((endpoint): Node => ({ kind: 'monitor', project, endpoint })),
    ...[...alone].sort().map((model): Node => ({ kind: 'retrained', project, model })),
  ];
}

/** No endpoint here is about what was retrained. */
function isUnserved(decision: Decision, session: ProjectSession | undefined): boolean {
  return ![...(session?.endpoints.values() ?? [])].some((endpoint) => concerns(decision, endpoint));
}

function facts(node: MonitorNode, monitor: Monitor): FactNode[] {
  const fact = (label: string, description: string, icon: string, tooltip: string): FactNode => ({ ...node, kind: 'fact', label, description, icon, tooltip });
  const verdict = windowsVerdict(monitor.windows);
  const last = monitor.windows.at(-1);
  return [
    ...(verdict === null || last === undefined ? [] : [fact(vscode.l10n.t('Last window'), [verdict.text, ago(last.to)].join(' · '), verdict.good ? 'pass' : 'warning', vscode.l10n.t('{0}: {1} predictions of {2}, {3}', verdict.text, last.rows.toLocaleString(), versionWord(last.version), ago(last.to)))]),
    ...monitor.versions.map((version) =>
      fact(
        versionWord(version.version),
        version.problem ?? vscode.l10n.t('next window {0} of {1}', version.waiting.toLocaleString(), monitor.settings.window.toLocaleString()),
        version.problem === null ? 'clock' : 'warning',
        version.problem ?? vscode.l10n.t('{0} predictions so far, {1} of them with a label. A window is judged once it holds {2}.', version.predictions.toLocaleString(), version.labelled.toLocaleString(), monitor.settings.window.toLocaleString()),
      ),
    ),
  ];
}

function monitorItem(node: MonitorNode, alerts: Alert[]): vscode.TreeItem {
  const item = new vscode.TreeItem(node.endpoint, vscode.TreeItemCollapsibleState.Expanded);
  item.id = `${node.project}\n${node.endpoint}`;
  item.iconPath = alerts.length === 0 ? new vscode.ThemeIcon('pulse') : new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  item.description = alerts.length === 0 ? vscode.l10n.t('no open alert') : alerts.length === 1 ? vscode.l10n.t('1 open alert') : vscode.l10n.t('{0} open alerts', alerts.length);
  item.contextValue = 'monitor';
  item.command = { command: 'mlLifecycle.openMonitor', title: vscode.l10n.t('Open monitor'), arguments: [node] };
  return item;
}

function factItem(node: FactNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.label);
  item.id = `${node.project}\n${node.endpoint}\nfact ${node.label}`;
  item.iconPath = node.icon === 'warning' ? new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground')) : new vscode.ThemeIcon(node.icon);
  item.description = node.description;
  item.tooltip = node.tooltip;
  item.contextValue = 'fact';
  item.command = { command: 'mlLifecycle.openMonitor', title: vscode.l10n.t('Open monitor'), arguments: [node] };
  return item;
}

function alertItem(node: AlertNode, alert: Alert): vscode.TreeItem {
  const item = new vscode.TreeItem(alertTitle(alert));
  const quiet = alert.acknowledged !== null || isMuted(alert);
  item.id = `${node.project}\n${alert.alert_id}`;
  item.iconPath = quiet ? new vscode.ThemeIcon(alertIcons[alert.kind]) : new vscode.ThemeIcon(alertIcons[alert.kind], new vscode.ThemeColor(alert.kind === 'errors' ? 'list.errorForeground' : 'list.warningForeground'));
  item.description = [ago(alert.opened), ...(isMuted(alert) ? [vscode.l10n.t('muted')] : []), ...(alert.acknowledged === null ? [] : [vscode.l10n.t('acknowledged')])].join(' · ');
  item.tooltip = plain(alert.message);
  item.contextValue = ['alert', ...(alert.acknowledged === null ? ['new'] : [])].join(' ');
  item.command = { command: 'mlLifecycle.openMonitor', title: vscode.l10n.t('Open monitor'), arguments: [node] };
  item.accessibilityInformation = { label: [alertTitle(alert), plain(alert.message)].join(': ') };
  return item;
}

function decisionItem(node: DecisionNode, decision: Decision): vscode.TreeItem {
  const item = new vscode.TreeItem(decision.endpoint === null || decision.retraining === decision.model ? vscode.l10n.t('Retraining') : vscode.l10n.t('Retraining {0}', decision.retraining));
  const [icon, colour] = outcomeIcons[decision.outcome];
  item.id = `${node.project}\n${decision.decision_id}`;
  item.iconPath = new vscode.ThemeIcon(icon, colour === undefined ? undefined : new vscode.ThemeColor(colour));
  item.description = [outcomeWord(decision), ago(decision.ended ?? decision.created)].join(' · ');
  item.tooltip = [vscode.l10n.t('Started {0}: {1}', triggerWord(decision.trigger.kind), plain(decision.trigger.detail)), plain(decision.sentence)].filter((line) => line !== '').join('\n');
  item.contextValue = 'decision';
  item.command = { command: 'mlLifecycle.openDecision', title: vscode.l10n.t('Open decision'), arguments: [node] };
  return item;
}
