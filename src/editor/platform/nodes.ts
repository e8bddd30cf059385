// Items that more than one view shows. Every item of a view carries `kind`, which tells it from a program's argument.
import * as vscode from 'vscode';
import type { ProjectSession } from './session.ts';

export interface ProjectNode {
  kind: 'project';
  session: ProjectSession;
}

export function projectNode(session: ProjectSession): ProjectNode {
  return { kind: 'project', session };
}

/** A session without a connection, said in its place in a tree. */
export interface ConnectionNode {
  kind: 'connection';
  session: ProjectSession;
}

export function projectItem(node: ProjectNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.session.project.name, vscode.TreeItemCollapsibleState.Expanded);
  item.id = node.session.project.root;
  item.iconPath = new vscode.ThemeIcon('root-folder');
  item.description = vscode.workspace.asRelativePath(node.session.project.root);
  item.tooltip = node.session.project.file;
  item.contextValue = 'project';
  return item;
}

export function connectionItem(node: ConnectionNode): vscode.TreeItem {
  const { connection } = node.session;
  if (connection.kind !== 'failed') {
    const item = new vscode.TreeItem(vscode.l10n.t('Connecting to the project server…'));
    item.iconPath = new vscode.ThemeIcon('loading~spin');
    return item;
  }
  const item = new vscode.TreeItem(vscode.l10n.t('No connection. Select to try again.'));
  item.description = connection.message;
  item.tooltip = connection.message;
  item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  item.command = { command: 'mlLifecycle.refresh', title: vscode.l10n.t('Try again') };
  return item;
}
