import type * as vscode from 'vscode';

/** A view that has nothing to list yet: its welcome text (package.json, viewsWelcome) says what can be done now. */
export const emptyView: vscode.TreeDataProvider<never> = {
  getChildren: () => [],
  getTreeItem: (node) => node,
};
