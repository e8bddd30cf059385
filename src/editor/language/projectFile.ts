// ml.yaml in the editor: problems as they are typed, completion and hover. The language itself is in core/project.
import path from 'node:path';
import * as vscode from 'vscode';
import { projectFileName } from '../../contracts/projectNames.ts';
import type { Editor } from '../platform/editor.ts';
import { sentenceOf } from '../platform/problems.ts';

const selector: vscode.DocumentSelector = [{ scheme: 'file', pattern: `**/${projectFileName}` }];

export function registerProjectFileLanguage({ context, log }: Editor): void {
  const problems = vscode.languages.createDiagnosticCollection('mlLifecycle');
  const check = (document: vscode.TextDocument): void => {
    if (isProjectFile(document)) {
      diagnose(document, problems).catch((error: unknown) => log.error(`${document.fileName} could not be checked: ${sentenceOf(error)}`));
    }
  };
  const checkAll = (): void => vscode.workspace.textDocuments.forEach(check);
  // A data file that comes or goes changes what is missing.
  const files = vscode.workspace.createFileSystemWatcher('**/*.{csv,tsv,parquet,json,jsonl,ndjson,gz}', false, true, false);
  context.subscriptions.push(
    problems,
    files,
    files.onDidCreate(checkAll),
    files.onDidDelete(checkAll),
    vscode.workspace.onDidOpenTextDocument(check),
    vscode.workspace.onDidChangeTextDocument(({ document }) => check(document)),
    vscode.workspace.onDidCloseTextDocument((document) => problems.delete(document.uri)),
    vscode.languages.registerCompletionItemProvider(selector, { provideCompletionItems: complete }, ' '),
    vscode.languages.registerHoverProvider(selector, { provideHover: hover }),
  );
  checkAll();
}

function isProjectFile(document: vscode.TextDocument): boolean {
  return document.uri.scheme === 'file' && path.basename(document.uri.fsPath) === projectFileName;
}

async function diagnose(document: vscode.TextDocument, problems: vscode.DiagnosticCollection): Promise<void> {
  const { version } = document;
  const { findProblems } = await import('./projectFileProblems.ts');
  const found = await findProblems(document);
  // Typing went on meanwhile: a later check knows better.
  if (document.version === version && !document.isClosed) {
    problems.set(document.uri, found);
  }
}

async function complete(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.CompletionItem[]> {
  const { completionsAt } = await import('../../core/project/language.ts');
  return completionsAt(document.getText(), position.line + 1, position.character + 1).map((each) => {
    const item = new vscode.CompletionItem(each.label, each.kind === 'key' ? vscode.CompletionItemKind.Property : vscode.CompletionItemKind.Value);
    item.insertText = each.insertText;
    if (each.documentation !== undefined) {
      item.documentation = each.documentation;
    }
    return item;
  });
}

async function hover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | null> {
  const { hoverAt } = await import('../../core/project/language.ts');
  const found = hoverAt(document.getText(), position.line + 1, position.character + 1);
  return found === null ? null : new vscode.Hover(new vscode.MarkdownString(found.text));
}
