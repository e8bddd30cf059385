// ml.yaml in the editor: problems as they are typed, completion and hover. The language itself is in core/project.
import path from 'node:path';
import * as vscode from 'vscode';
import { projectFileName } from '../../contracts/projectFile.ts';
import { exists } from '../platform/files.ts';

const selector: vscode.DocumentSelector = [{ scheme: 'file', pattern: `**/${projectFileName}` }];

export function registerProjectFileLanguage(context: vscode.ExtensionContext): void {
  const problems = vscode.languages.createDiagnosticCollection('mlLifecycle');
  const check = (document: vscode.TextDocument): void => {
    if (isProjectFile(document)) {
      void diagnose(document, problems);
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
    vscode.languages.registerCompletionItemProvider(selector, { provideCompletionItems: complete }, ':', ' ', '\n'),
    vscode.languages.registerHoverProvider(selector, { provideHover: hover }),
  );
  checkAll();
}

function isProjectFile(document: vscode.TextDocument): boolean {
  return document.uri.scheme === 'file' && path.basename(document.uri.fsPath) === projectFileName;
}

async function diagnose(document: vscode.TextDocument, problems: vscode.DiagnosticCollection): Promise<void> {
  const { version } = document;
  const [{ parseProjectFile }, { parseDocument, isScalar }] = await Promise.all([import('../../core/project/api.ts'), import('yaml')]);
  const text = document.getText();
  const { value, problems: wrong } = parseProjectFile(text);
  const found = wrong.map((problem) => {
    const range = new vscode.Range(problem.line - 1, problem.column - 1, problem.endLine - 1, problem.endColumn - 1);
    return diagnostic(range, problem.message, problem.severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning);
  });
  const tree = parseDocument(text);
  for (const [name, dataset] of Object.entries(value?.datasets ?? {})) {
    const node = tree.getIn(['datasets', name, 'path'], true);
    const place = isScalar(node) ? node.range : undefined;
    if (place && !(await exists(path.resolve(path.dirname(document.uri.fsPath), dataset.path)))) {
      const range = new vscode.Range(document.positionAt(place[0]), document.positionAt(place[1]));
      found.push(diagnostic(range, vscode.l10n.t('There is no file {0} here.', dataset.path), vscode.DiagnosticSeverity.Warning));
    }
  }
  // Typing went on meanwhile: a later check knows better.
  if (document.version === version && !document.isClosed) {
    problems.set(document.uri, found);
  }
}

function diagnostic(range: vscode.Range, message: string, severity: vscode.DiagnosticSeverity): vscode.Diagnostic {
  const made = new vscode.Diagnostic(range, message, severity);
  made.source = 'ML Lifecycle';
  return made;
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
