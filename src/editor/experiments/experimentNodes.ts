// What the Experiments view's tree is made of.
import * as vscode from 'vscode';
import type { ConnectionNode, ProjectNode } from '../platform/nodes.ts';
import type { ProjectSession } from '../platform/session.ts';
import type { ExperimentNode, RunNode } from './runs.ts';

export interface GroupNode {
  kind: 'group';
  project: string;
  key: string | null;
}

export interface ArchiveNode {
  kind: 'archive';
  project: string;
}

/** Stands for the rows of a list that are not shown yet. */
export interface MoreNode {
  kind: 'more';
  project: string;
  list: string;
}

export type Node = ProjectNode | ConnectionNode | ExperimentNode | GroupNode | ArchiveNode | RunNode | MoreNode;

/** By what a list of a project's is known, so that it keeps how many of its rows are shown. */
export function listOf(session: ProjectSession, list: string): string {
  return `${session.project.root}\n${list}`;
}

/** All of an item that a person can see or that decides what is offered on it. */
export function lookOf({ label, description, tooltip, iconPath, contextValue, collapsibleState }: vscode.TreeItem): string {
  return JSON.stringify([label, description, tooltip instanceof vscode.MarkdownString ? tooltip.value : tooltip, iconPath, contextValue, collapsibleState]);
}
