// The Models view: registered models, their versions and aliases.
import * as vscode from 'vscode';
import type { ProgramCandidate, RegisteredModel, RegisteredVersion } from '../../contracts/registry.ts';
import { headline } from '../experiments/figures.ts';
import type { Editor } from '../platform/editor.ts';
import { connectionItem, connectionNode, projectItem, type ConnectionNode, type ProjectNode } from '../platform/nodes.ts';
import type { ProjectSession } from '../platform/session.ts';
import { SessionTree } from '../platform/sessionTree.ts';
import type { CandidateNode, ModelNode, VersionNode } from './models.ts';

interface ProblemNode {
  kind: 'problem';
  message: string;
}
type Node = ProjectNode | ConnectionNode | ModelNode | VersionNode | CandidateNode | ProblemNode;

export class ModelsView implements vscode.TreeDataProvider<Node> {
  readonly #tree: SessionTree;
  readonly onDidChangeTreeData: vscode.Event<undefined>;

  constructor(editor: Editor) {
    this.#tree = new SessionTree(editor, (session) => session.models);
    this.onDidChangeTreeData = this.#tree.onDidChange;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!vscode.workspace.isTrusted) {
      return [];
    }
    switch (node?.kind) {
      case undefined:
        return this.#tree.roots(models);
      case 'project':
        return models(node.session);
      case 'model': {
        const model = this.#model(node);
        const versions = model?.versions ?? [];
        const candidates = model?.candidates ?? [];
        const problems = model?.problems ?? [];
        const of = { project: node.project, model: node.model };
        const numbered = [
          ...versions.map((each): VersionNode => ({ kind: 'version', ...of, version: each.file.version })),
          ...candidates.map((each): CandidateNode => ({ kind: 'candidate', ...of, version: each.version })),
        ];
        return [
          ...numbered.sort((a, b) => b.version - a.version),
          ...problems.map((message): Node => ({ kind: 'problem', message })),
        ];
      }
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
      case 'problem':
        return problemItem(node.message);
      case 'model':
        return modelItem(node, this.#model(node));
      case 'candidate': {
        const candidate = this.#model(node)?.candidates.find((each) => each.version === node.version);
        return candidate === undefined ? new vscode.TreeItem(String(node.version)) : candidateItem(node, candidate, this.#runName(node.project, candidate.run_id));
      }
      case 'version': {
        const version = this.#model(node)?.versions.find((each) => each.file.version === node.version);
        return version === undefined ? new vscode.TreeItem(String(node.version)) : versionItem(node, version);
      }
    }
  }

  #runName(project: string, run_id: string): string | undefined {
    return this.#tree.session(project)?.runs.get(run_id)?.name;
  }

  #model(node: ModelNode | VersionNode | CandidateNode): RegisteredModel | undefined {
    return this.#tree.session(node.project)?.models.find((model) => model.name === node.model);
  }
}

function models(session: ProjectSession): Node[] {
  const connection = connectionNode(session, session.models.length);
  if (connection !== null) {
    return [connection];
  }
  return session.models.map((model) => ({ kind: 'model', project: session.project.root, model: model.name }));
}

function modelItem(node: ModelNode, model: RegisteredModel | undefined): vscode.TreeItem {
  const item = new vscode.TreeItem(node.model, vscode.TreeItemCollapsibleState.Expanded);
  const count = model?.versions.length ?? 0;
  const candidates = model?.candidates.length ?? 0;
  item.id = `${node.project}\n${node.model}`;
  item.iconPath = new vscode.ThemeIcon('package');
  item.description = [
    ...(count === 0 && candidates > 0 ? [] : [count === 1 ? vscode.l10n.t('1 version') : vscode.l10n.t('{0} versions', count)]),
    ...(candidates === 0 ? [] : [candidates === 1 ? vscode.l10n.t('1 candidate') : vscode.l10n.t('{0} candidates', candidates)]),
  ].join(' · ');
  item.contextValue = 'model';
  return item;
}

function versionItem(node: VersionNode, { file, aliases, available }: RegisteredVersion): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Version {0}', file.version));
  item.id = `${node.project}\n${node.model}\n${file.ulid}`;
  item.iconPath = aliases.includes('champion') ? new vscode.ThemeIcon('star-full', new vscode.ThemeColor('charts.yellow')) : new vscode.ThemeIcon('versions');
  const date = new Date(file.created).toLocaleDateString(undefined, { dateStyle: 'medium' });
  const facts = [aliases.join(', '), headline({ metrics: file.metrics, tags: {} }), date];
  item.description = [...facts, ...(available ? [] : [vscode.l10n.t('not on this machine')])].filter((fact) => fact !== '').join(' · ');
  item.tooltip = [
    item.description,
    file.target === undefined ? '' : vscode.l10n.t('Predicts {0} ({1})', file.target, file.task ?? ''),
    file.data === undefined ? '' : vscode.l10n.t('Trained on {0} with {1} rows', file.data.path, file.data.rows.toLocaleString()),
    file.format === undefined ? '' : vscode.l10n.t('Registered by a program: {0}', file.flavors?.join(', ') || file.format),
    file.git === null ? '' : vscode.l10n.t('Commit {0}', file.git.commit.slice(0, 10)),
    file.description,
  ]
    .filter((line) => line !== '')
    .join('\n');
  item.contextValue = available && file.format === undefined ? 'version available' : 'version';
  item.command = { command: 'mlLifecycle.tryModel', title: vscode.l10n.t('Try a model…'), arguments: [node] };
  return item;
}

function candidateItem(node: CandidateNode, { created, aliases, description, source, run_id }: ProgramCandidate, run: string | undefined): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Version {0}', node.version));
  item.id = `${node.project}\n${node.model}\ncandidate ${node.version}`;
  item.iconPath = new vscode.ThemeIcon('circle-outline');
  const called = aliases.map((alias) => vscode.l10n.t('{0} for programs', alias));
  const date = new Date(created).toLocaleDateString(undefined, { dateStyle: 'medium' });
  item.description = [vscode.l10n.t('candidate'), ...called, ...(run === undefined ? [] : [vscode.l10n.t('of {0}', run)]), date].join(' · ');
  item.tooltip = [
    vscode.l10n.t('A program registered it. It is in no file of this project until somebody makes a version of it.'),
    vscode.l10n.t('From {0}', source),
    run_id === '' ? '' : vscode.l10n.t('Run {0}', run ?? run_id),
    description,
  ]
    .filter((line) => line !== '')
    .join('\n');
  item.contextValue = 'candidate';
  item.command = { command: 'mlLifecycle.tryModel', title: vscode.l10n.t('Try a model…'), arguments: [node] };
  return item;
}

function problemItem(message: string): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('A file cannot be read'));
  item.description = message;
  item.tooltip = message;
  item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  return item;
}
