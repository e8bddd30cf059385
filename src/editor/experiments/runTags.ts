// Asks for the tags of runs, in a quick pick.
import * as vscode from 'vscode';
import type { RunEdit, RunSummary } from '../../contracts/runs.ts';
import { isSystemTag } from '../../contracts/tags.ts';

type Tags = NonNullable<RunEdit['tags']>;

/** What is to change: a tag to add, change or remove. @throws CancellationError */
export async function askTags(runs: readonly RunSummary[]): Promise<Tags> {
  const known = new Map(runs.flatMap((run) => Object.entries(run.tags)).filter(([key]) => !isSystemTag(key)));
  if (known.size === 0) {
    return askNew();
  }
  const change: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('edit'), tooltip: vscode.l10n.t('Change this tag') };
  const remove: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('trash'), tooltip: vscode.l10n.t('Remove this tag') };
  const add = { label: vscode.l10n.t('$(add) Add a tag…'), alwaysShow: true, key: null };
  const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { key: string | null }>();
  pick.items = [add, ...[...known].map(([key, value]) => ({ label: key, description: value, buttons: [change, remove], key }))];
  pick.placeholder = vscode.l10n.t('Tags: choose one to change');
  const chosen = await new Promise<Tags | string | null | undefined>((resolve) => {
    pick.onDidAccept(() => resolve(pick.selectedItems[0]?.key));
    pick.onDidTriggerItemButton(({ item, button }) => resolve(button === remove && item.key !== null ? { [item.key]: null } : item.key));
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  }).finally(() => pick.dispose());
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  if (chosen === null) {
    return askNew();
  }
  return typeof chosen === 'string' ? { [chosen]: await ask(vscode.l10n.t('Value of {0}', chosen), known.get(chosen) ?? '') } : chosen;
}

async function askNew(): Promise<Tags> {
  const text = await ask(vscode.l10n.t('New tag, as name or name=value'), '', (value) => (/^\s*(=|$)/.test(value) ? vscode.l10n.t('Give the tag a name.') : undefined));
  const at = text.indexOf('=');
  return at === -1 ? { [text.trim()]: '' } : { [text.slice(0, at).trim()]: text.slice(at + 1).trim() };
}

async function ask(title: string, value: string, validateInput: (value: string) => string | undefined = () => undefined): Promise<string> {
  const text = await vscode.window.showInputBox({ title, value, validateInput });
  if (text === undefined) {
    throw new vscode.CancellationError();
  }
  return text;
}
