// The Data view: the data sets of each ml.yaml, then the other data files of the workspace.
import path from 'node:path';
import * as vscode from 'vscode';
import { exists, findDataFiles, shownPath } from '../platform/files.ts';
import type { Editor } from '../platform/editor.ts';
import { sentenceOf } from '../platform/problems.ts';
import { projectItem, projectNode, type ProjectNode } from '../platform/nodes.ts';
import type { ProjectSession } from '../platform/session.ts';

export interface DataNode {
  kind: 'data';
  file: string;
  dataset: string | null;
  description: string;
  missing: boolean;
}
interface FolderNode {
  kind: 'folder';
  label: string;
  children: DataNode[];
  expanded: boolean;
}
interface ProblemNode {
  kind: 'problem';
  message: string;
  file: string;
}
type Node = ProjectNode | DataNode | FolderNode | ProblemNode;

export class DataView implements vscode.TreeDataProvider<Node> {
  readonly #editor: Editor;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(editor: Editor) {
    this.#editor = editor;
    const refresh = (): void => this.#changed.fire();
    const files = vscode.workspace.createFileSystemWatcher('**/*.{csv,tsv,parquet,ndjson,jsonl,gz}', false, true, false);
    editor.context.subscriptions.push(
      this.#changed,
      files,
      files.onDidCreate(refresh),
      files.onDidDelete(refresh),
      editor.projects.onDidChange(refresh),
      vscode.workspace.onDidGrantWorkspaceTrust(refresh),
    );
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node === undefined) {
      return this.#roots();
    }
    if (node.kind === 'project') {
      return datasetsOf(node.session);
    }
    return node.kind === 'folder' ? node.children : [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case 'project':
        return projectItem(node);
      case 'folder':
        return new vscode.TreeItem(node.label, node.expanded ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed);
      case 'problem':
        return problemItem(node);
      case 'data':
        return dataItem(node);
    }
  }

  async #roots(): Promise<Node[]> {
    const found = await findDataFiles();
    // In an untrusted window nothing but the files themselves is looked at.
    const sessions = vscode.workspace.isTrusted ? await this.#editor.projects.sessions() : [];
    const perProject = await Promise.all(sessions.map(datasetsOf));
    const known = new Set(perProject.flat().map((node) => (node.kind === 'data' ? node.file : '')));
    const others = found.filter((uri) => !known.has(uri.fsPath)).map((uri) => fileNode(uri.fsPath));
    if (sessions.length === 0) {
      return others;
    }
    const listed: Node[] = sessions.length === 1 ? perProject.flat() : sessions.map(projectNode);
    return others.length === 0 ? listed : [...listed, { kind: 'folder', label: vscode.l10n.t('Other data files'), children: others, expanded: known.size === 0 }];
  }
}

async function datasetsOf(session: ProjectSession): Promise<(DataNode | ProblemNode)[]> {
  const { readProjectFile } = await import('../../core/project/api.ts');
  try {
    const { datasets = {} } = await readProjectFile(session.project);
    return await Promise.all(
      Object.entries(datasets).map(async ([dataset, entry]): Promise<DataNode> => {
        const file = path.resolve(session.project.root, entry.path);
        return { kind: 'data', file, dataset, description: entry.description ?? '', missing: !(await exists(file)) };
      }),
    );
  } catch (error) {
    return [{ kind: 'problem', message: sentenceOf(error), file: session.project.file }];
  }
}

function fileNode(file: string): DataNode {
  return { kind: 'data', file, dataset: null, description: '', missing: false };
}

function problemItem(node: ProblemNode): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('ml.yaml cannot be read'));
  // The view is narrow: what is wrong comes first, and the file's path, which the label says, not at all.
  item.description = (node.message.startsWith(node.file) ? node.message.slice(node.file.length).replace(/^:\d+:\d+: /, '') : node.message).replaceAll('`', '');
  item.tooltip = node.message;
  item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  item.command = { command: 'vscode.open', title: vscode.l10n.t('Open file'), arguments: [vscode.Uri.file(node.file)] };
  return item;
}

function dataItem(node: DataNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.dataset ?? path.basename(node.file));
  const shown = shownPath(node.file);
  item.resourceUri = vscode.Uri.file(node.file);
  item.description = node.missing ? vscode.l10n.t('{0} is missing', shown) : shown;
  item.tooltip = [node.file, node.description].filter((line) => line !== '').join('\n');
  item.contextValue = node.missing ? 'data missing' : 'data';
  item.iconPath = node.missing
    ? new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'))
    : new vscode.ThemeIcon(node.dataset === null ? 'file' : 'table');
  if (!node.missing) {
    item.command = { command: 'mlLifecycle.profile', title: vscode.l10n.t('Profile data'), arguments: [node] };
  }
  return item;
}
