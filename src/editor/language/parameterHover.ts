// What a parameter was in the last runs, on hover where the script declares or passes it.
import * as vscode from 'vscode';
import type { RunSummary } from '../../contracts/runs.ts';
import { headline } from '../experiments/figures.ts';
import { runsOfScript } from '../experiments/scriptRuns.ts';
import type { Editor } from '../platform/editor.ts';
import { scriptDocument, scriptSelector } from './scriptDocument.ts';

const shown = 5;

export function registerParameterHover(editor: Editor): void {
  editor.context.subscriptions.push(vscode.languages.registerHoverProvider(scriptSelector, { provideHover: (document, position) => hover(editor, document, position) }));
}

async function hover(editor: Editor, document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | null> {
  const script = vscode.workspace.isTrusted ? scriptDocument(document) : null;
  if (script?.language !== 'python') {
    return null;
  }
  const found = await runsOfScript(editor, script.file);
  if (found === null || found.runs.length === 0) {
    return null;
  }
  const [syntax, { scriptParameters }] = await Promise.all([editor.syntax(), import('../../core/scripts/api.ts')]);
  const here = (await scriptParameters(syntax, script.text)).find(({ line, column, endColumn }) => line === position.line && column <= position.character && position.character <= endColumn);
  const rows = here === undefined ? [] : valuesOf(found.runs, here.names).slice(0, shown);
  if (here === undefined || rows.length === 0) {
    return null;
  }
  const text = new vscode.MarkdownString(`**${here.names.at(-1) ?? ''}** ${vscode.l10n.t('in the last runs')}\n\n| ${vscode.l10n.t('value')} | ${vscode.l10n.t('score')} | ${vscode.l10n.t('run')} |\n| ---: | :--- | :--- |\n`);
  text.isTrusted = { enabledCommands: ['mlLifecycle.openRun'] };
  for (const { run, value } of rows) {
    const target = encodeURIComponent(JSON.stringify([{ kind: 'run', project: found.session.project.root, run_id: run.run_id }]));
    text.appendMarkdown(`| ${escaped(value)} | ${escaped(headline(run))} | [${escaped(run.name)}](command:mlLifecycle.openRun?${target}) |\n`);
  }
  return new vscode.Hover(text, new vscode.Range(here.line, here.column, here.line, here.endColumn));
}

function valuesOf(runs: readonly RunSummary[], names: readonly string[]): { run: RunSummary; value: string }[] {
  return runs.flatMap((run) => {
    const value = names.map((name) => run.params[name]).find((each) => each !== undefined);
    return value === undefined ? [] : [{ run, value }];
  });
}

/** A cell of a table: what it holds is text of a run, not Markdown. */
function escaped(text: string): string {
  return text.slice(0, 80).replaceAll(/[\\`*_{}[\]()#+\-.!|<>&$~]/g, '\\$&').replaceAll(/\s+/g, ' ');
}
