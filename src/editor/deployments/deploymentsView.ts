// The Deployments view: endpoints, the versions that they serve, and entries of ml.yaml that are not deployed here.
import * as vscode from 'vscode';
import type { Endpoint, EndpointState, ServedVersion } from '../../contracts/endpoints.ts';
import type { Editor } from '../platform/editor.ts';
import { connectionItem, connectionNode, projectItem, type ConnectionNode, type ProjectNode } from '../platform/nodes.ts';
import { sentenceOf } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { SessionTree } from '../platform/sessionTree.ts';
import { isActive, shareWord, shares, stateWord, versionWord } from './words.ts';

interface EndpointNode {
  kind: 'endpoint';
  project: string;
  endpoint: string;
}
interface ServedNode {
  kind: 'served';
  project: string;
  endpoint: string;
  ulid: string;
}
/** An entry of ml.yaml without an endpoint. */
export interface DeclaredNode {
  kind: 'declared';
  project: string;
  name: string;
  model: string;
}
type Node = ProjectNode | ConnectionNode | EndpointNode | ServedNode | DeclaredNode;

export class DeploymentsView implements vscode.TreeDataProvider<Node> {
  readonly #editor: Editor;
  readonly #tree: SessionTree;
  readonly onDidChangeTreeData: vscode.Event<undefined>;

  constructor(editor: Editor) {
    this.#editor = editor;
    this.#tree = new SessionTree(editor, (session) => [...session.endpoints.values()]);
    this.onDidChangeTreeData = this.#tree.onDidChange;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!vscode.workspace.isTrusted) {
      return [];
    }
    switch (node?.kind) {
      case undefined:
        return this.#tree.roots((session) => this.#endpoints(session));
      case 'project':
        return this.#endpoints(node.session);
      case 'endpoint':
        return (this.#endpoint(node)?.versions ?? []).map((each): Node => ({ ...node, kind: 'served', ulid: each.ulid }));
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
      case 'declared':
        return declaredItem(node);
      case 'endpoint': {
        const endpoint = this.#endpoint(node);
        return endpoint === undefined ? new vscode.TreeItem(node.endpoint) : endpointItem(node, endpoint);
      }
      case 'served': {
        const endpoint = this.#endpoint(node);
        const served = endpoint?.versions.find((each) => each.ulid === node.ulid);
        return endpoint === undefined || served === undefined ? new vscode.TreeItem(node.ulid) : servedItem(node, endpoint, served);
      }
    }
  }

  async #endpoints(session: ProjectSession): Promise<Node[]> {
    const connection = connectionNode(session, session.endpoints.size);
    if (connection !== null) {
      return [connection];
    }
    const project = session.project.root;
    return [
      ...[...session.endpoints.keys()].sort().map((endpoint): Node => ({ kind: 'endpoint', project, endpoint })),
      ...(await this.#declared(session)),
    ];
  }

  /** What ml.yaml names and this machine does not serve. An ml.yaml that cannot be read says so in Problems. */
  async #declared(session: ProjectSession): Promise<DeclaredNode[]> {
    try {
      const { readProjectFile } = await import('../../core/project/api.ts');
      const { deployments = {} } = await readProjectFile(session.project);
      return Object.entries(deployments)
        .filter(([name]) => !session.endpoints.has(name))
        .map(([name, { model }]) => ({ kind: 'declared', project: session.project.root, name, model }));
    } catch (error) {
      this.#editor.log.debug(sentenceOf(error));
      return [];
    }
  }

  #endpoint(node: EndpointNode | ServedNode): Endpoint | undefined {
    return this.#tree.session(node.project)?.endpoints.get(node.endpoint);
  }
}

const icons: Record<EndpointState, [icon: string, colour?: string]> = {
  starting: ['loading~spin', 'charts.blue'],
  ready: ['pass', 'testing.iconPassed'],
  restarting: ['sync~spin', 'charts.yellow'],
  stopped: ['debug-stop', 'testing.iconSkipped'],
  failed: ['error', 'testing.iconFailed'],
};

function endpointItem(node: EndpointNode, endpoint: Endpoint): vscode.TreeItem {
  const item = new vscode.TreeItem(endpoint.name, vscode.TreeItemCollapsibleState.Expanded);
  const [icon, colour] = icons[endpoint.state];
  item.id = `${node.project}\n${endpoint.name}`;
  item.iconPath = new vscode.ThemeIcon(icon, colour === undefined ? undefined : new vscode.ThemeColor(colour));
  item.description = endpoint.state === 'ready' ? endpoint.url : stateWord(endpoint.state);
  item.tooltip = tooltip(endpoint);
  item.contextValue = ['endpoint', isActive(endpoint) ? 'active' : 'inactive', ...(endpoint.history.length > 1 ? ['changed'] : []), ...(endpoint.needs_key ? ['keyed'] : [])].join(' ');
  item.command = { command: 'mlLifecycle.openEndpoint', title: vscode.l10n.t('Open endpoint'), arguments: [node] };
  item.accessibilityInformation = { label: [endpoint.name, stateWord(endpoint.state), shares(endpoint)].join(', ') };
  return item;
}

function tooltip(endpoint: Endpoint): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  const line = (label: string, value: string): void => {
    text.appendMarkdown(`**${label}** `).appendText(value).appendMarkdown('  \n');
  };
  line(vscode.l10n.t('State'), stateWord(endpoint.state));
  if (endpoint.error !== null) {
    line(vscode.l10n.t('Error'), endpoint.error);
  }
  line(vscode.l10n.t('Address'), endpoint.url);
  line(vscode.l10n.t('Serves'), shares(endpoint));
  line(vscode.l10n.t('Key'), endpoint.needs_key ? vscode.l10n.t('needed') : vscode.l10n.t('not needed'));
  if (endpoint.restarts > 0) {
    line(vscode.l10n.t('Restarts'), String(endpoint.restarts));
  }
  return text;
}

function servedItem(node: ServedNode, endpoint: Endpoint, served: ServedVersion): vscode.TreeItem {
  const item = new vscode.TreeItem(versionWord(served.version));
  item.id = `${node.project}\n${node.endpoint}\n${served.ulid}`;
  item.iconPath = new vscode.ThemeIcon(served.shadow ? 'eye' : 'versions');
  item.description = [...(served.model === endpoint.name ? [] : [served.model]), shareWord(served)].join(' · ');
  item.tooltip = served.shadow ? vscode.l10n.t('Gets a copy of every request; what it says is logged and never returned.') : vscode.l10n.t('Answers {0} % of the requests.', served.weight);
  item.contextValue = 'served';
  item.command =
    served.version === null
      ? { command: 'mlLifecycle.openEndpoint', title: vscode.l10n.t('Open endpoint'), arguments: [node] }
      : { command: 'mlLifecycle.tryModel', title: vscode.l10n.t('Try a model…'), arguments: [{ kind: 'version', project: node.project, model: served.model, version: served.version }] };
  return item;
}

function declaredItem(node: DeclaredNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.name);
  item.id = `${node.project}\n${node.name}\ndeclared`;
  item.iconPath = new vscode.ThemeIcon('circle-large-outline');
  item.description = vscode.l10n.t('not deployed here');
  item.tooltip = vscode.l10n.t('ml.yaml wants {0} to be served as {1}. Deploy it to start it on this machine.', node.model, node.name);
  item.contextValue = 'declared';
  return item;
}
