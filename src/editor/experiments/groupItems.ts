// How what holds runs looks in the Experiments view.
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunStatus } from '../../contracts/runs.ts';
import { pageSize, type GroupBy } from './runGroups.ts';
import { statusWord, type ExperimentNode } from './runs.ts';

function runCount(runs: number): string {
  return runs === 1 ? vscode.l10n.t('1 run') : vscode.l10n.t('{0} runs', runs.toLocaleString());
}

/** @param runs how many it shows */
export function experimentItem(node: ExperimentNode, runs: number, archived: boolean): vscode.TreeItem {
  const item = new vscode.TreeItem(node.name, archived ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.Expanded);
  item.id = `${node.project}\n${node.name}`;
  item.iconPath = new vscode.ThemeIcon('beaker');
  // Nothing that changes while runs go on: an experiment that is refreshed takes its runs with it.
  item.description = runCount(runs);
  item.contextValue = archived ? 'experiment archived' : 'experiment listed';
  return item;
}

const icons: Record<GroupBy['by'], string> = { experiment: 'beaker', parent: 'beaker', script: 'file-code', status: 'circle-large-outline', day: 'calendar', tag: 'tag', param: 'symbol-parameter' };

export function groupItem(node: { project: string; key: string | null }, group: GroupBy, runs: number): vscode.TreeItem {
  const many = group.by === 'tag' || group.by === 'param' || group.by === 'day';
  const item = new vscode.TreeItem(groupLabel(node.key, group), many ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.Expanded);
  item.id = `${node.project}\n${group.by}\n${node.key ?? ''}\n${node.key === null}`;
  item.iconPath = new vscode.ThemeIcon(icons[group.by]);
  item.description = runCount(runs);
  item.tooltip = group.by === 'script' && node.key !== null ? node.key : undefined;
  item.contextValue = 'group';
  return item;
}

function groupLabel(key: string | null, group: GroupBy): string {
  if (key === null) {
    return group.by === 'tag' || group.by === 'param' ? vscode.l10n.t('without {0}', group.key) : vscode.l10n.t('none');
  }
  switch (group.by) {
    case 'status':
      return statusWord(key as RunStatus);
    case 'script':
      return key === '' ? vscode.l10n.t('no script') : path.basename(key);
    case 'day':
      return new Date(`${key}T12:00:00`).toLocaleDateString(undefined, { weekday: 'short', year: 'numeric', month: 'short', day: 'numeric' });
    case 'tag':
    case 'param':
      return `${group.key} = ${key}`;
    default:
      return key;
  }
}

export function archiveItem(project: string, runs: number): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Archived'), vscode.TreeItemCollapsibleState.Expanded);
  item.id = `${project}\narchive`;
  item.iconPath = new vscode.ThemeIcon('archive');
  item.description = runCount(runs);
  item.contextValue = 'archive';
  return item;
}

export function moreItem(project: string, list: string, hidden: number): vscode.TreeItem {
  const item = new vscode.TreeItem(hidden > pageSize ? vscode.l10n.t('Show {0} more of {1}', pageSize, hidden.toLocaleString()) : vscode.l10n.t('Show {0} more', hidden));
  item.id = `${project}\nmore\n${list}`;
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  item.contextValue = 'more';
  return item;
}
