// Which documents are scripts or cells of notebooks, and the file behind them that is run.
import * as vscode from 'vscode';
import type { ScriptLanguage } from '../../core/scripts/api.ts';

const languages: Record<string, ScriptLanguage> = { python: 'python', typescript: 'typescript', typescriptreact: 'tsx', javascript: 'javascript', javascriptreact: 'tsx' };
/** Longer files are generated, and parsing them would hold the editor up. */
const longest = 1_000_000;

/** Where a filter names the type of notebook, its scheme is that of the notebook, not that of the cell. */
export const scriptSelector: vscode.DocumentSelector = [...Object.keys(languages).map((language) => ({ language, scheme: 'file' })), { language: 'python', scheme: 'file', notebookType: 'jupyter-notebook' }];

export interface ScriptDocument {
  language: ScriptLanguage;
  text: string;
  /** The script, or the notebook around the cell. */
  file: vscode.Uri;
  notebook: boolean;
}

/** The script behind a document; null where it is none, or too long to be read. */
export function scriptDocument(document: vscode.TextDocument): ScriptDocument | null {
  const language = languages[document.languageId];
  const text = document.getText();
  if (language === undefined || text.length > longest) {
    return null;
  }
  if (document.uri.scheme === 'file') {
    return { language, text, file: document.uri, notebook: false };
  }
  const around = vscode.workspace.notebookDocuments.find((notebook) => notebook.getCells().some((cell) => cell.document.uri.toString() === document.uri.toString()));
  return around?.uri.scheme === 'file' ? { language, text, file: around.uri, notebook: true } : null;
}
