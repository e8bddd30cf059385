// "Run as experiment" above the statements that fit a model, and beside it the interpreter that will run them.
import path from 'node:path';
import * as vscode from 'vscode';
import type { Editor } from '../platform/editor.ts';
import { interpreterLabel } from '../platform/interpreters.ts';
import { sentenceOf } from '../platform/problems.ts';
import type { FitCallFinder, ScriptLanguage } from './fitCalls.ts';

const languages: Record<string, ScriptLanguage> = { python: 'python', typescript: 'typescript', typescriptreact: 'tsx', javascript: 'javascript', javascriptreact: 'tsx' };
/** Longer files are generated, and parsing them would hold the editor up. */
const longest = 1_000_000;

export function registerCodeLens(editor: Editor): void {
  const provider = new FitCodeLens(editor);
  const selector = Object.keys(languages).map((language) => ({ language, scheme: 'file' }));
  editor.context.subscriptions.push(vscode.languages.registerCodeLensProvider(selector, provider));
}

class FitCodeLens implements vscode.CodeLensProvider {
  readonly #editor: Editor;
  #finder: Promise<FitCallFinder> | undefined;
  readonly onDidChangeCodeLenses: vscode.Event<void>;

  constructor(editor: Editor) {
    this.#editor = editor;
    const changed = new vscode.EventEmitter<void>();
    this.onDidChangeCodeLenses = changed.event;
    editor.context.subscriptions.push(
      changed,
      editor.interpreters.onDidChange(() => changed.fire()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('mlLifecycle.codeLens')) {
          changed.fire();
        }
      }),
    );
  }

  async provideCodeLenses(document: vscode.TextDocument, token: vscode.CancellationToken): Promise<vscode.CodeLens[]> {
    const language = languages[document.languageId];
    const wanted = vscode.workspace.isTrusted && vscode.workspace.getConfiguration('mlLifecycle', document).get('codeLens', true);
    const text = document.getText();
    if (language === undefined || !wanted || text.length > longest || !/fit|train/.test(text)) {
      return [];
    }
    this.#finder ??= import('./fitCalls.ts').then(({ FitCallFinder }) => new FitCallFinder(this.#editor.context.asAbsolutePath(path.join('dist', 'grammars'))));
    const calls = await (await this.#finder).find(text, language);
    if (calls.length === 0 || token.isCancellationRequested) {
      return [];
    }
    const second = language === 'python' ? await this.#python(document.uri) : null;
    return calls.flatMap(({ line, column }) => {
      const range = new vscode.Range(line, column, line, column);
      const run: vscode.Command = { command: 'mlLifecycle.runScript', title: vscode.l10n.t('$(play) Run as experiment'), tooltip: vscode.l10n.t('Runs this script and records its parameters, metrics and output'), arguments: [document.uri] };
      return [new vscode.CodeLens(range, run), ...(second === null ? [] : [new vscode.CodeLens(range, second)])];
    });
  }

  async #python(uri: vscode.Uri): Promise<vscode.Command> {
    const select = { command: 'mlLifecycle.selectInterpreter', arguments: [uri] };
    try {
      const interpreter = await this.#editor.interpreters.forFile(uri);
      return interpreter === null
        ? { ...select, title: vscode.l10n.t('$(warning) No Python found'), tooltip: vscode.l10n.t('Choose the Python that runs this script') }
        : { ...select, title: interpreterLabel(interpreter), tooltip: vscode.l10n.t('{0}\nSelect to choose another', interpreter.path) };
    } catch (error) {
      return { ...select, title: vscode.l10n.t('$(warning) Python cannot be run'), tooltip: sentenceOf(error) };
    }
  }
}
