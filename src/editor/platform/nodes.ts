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

/** What a view shows instead of a session's runs or models, or null where it can show them. */
export function connectionNode(session: ProjectSession, known: number): ConnectionNode | null {
  const { kind } = session.connection;
  const nothingToShow = kind === 'failed' || kind === 'stopped' || (kind === 'connecting' && known === 0);
  return nothingToShow ? { kind: 'connection', session } : null;
}

export function connectionItem(node: ConnectionNode): vscode.TreeItem {
  const { connection } = node.session;
  if (connection.kind !== 'failed' && connection.kind !== 'stopped') {
    const item = new vscode.TreeItem(vscode.l10n.t('Connecting to the project server…'));
    item.iconPath = new vscode.ThemeIcon('loading~spin');
    return item;
  }
  const failed = connection.kind === 'failed';
  const item = new vscode.TreeItem(failed ? vscode.l10n.t('No connection. Select to try again.') : vscode.l10n.t('The project server is stopped. Select to start it.'));
  if (failed) {
    item.description = connection.message;
    item.tooltip = connection.message;
  }
  item.iconPath = failed ? new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground')) : new vscode.ThemeIcon('debug-disconnect');
  item.command = { command: 'mlLifecycle.refresh', title: vscode.l10n.t('Try again') };
  return item;
}
