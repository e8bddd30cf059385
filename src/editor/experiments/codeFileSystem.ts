// Where VS Code reads the code of runs from. A file system and no content provider: only its editors come back after a reload.
import * as vscode from 'vscode';
import type { Editor } from '../platform/editor.ts';
import { sentenceOf } from '../platform/problems.ts';

export const codeScheme = 'ml-lifecycle-code';

export function registerCodeFiles(editor: Editor): void {
  const read = async (address: vscode.Uri): Promise<Uint8Array> => {
    if (!vscode.workspace.isTrusted) {
      throw vscode.FileSystemError.NoPermissions(vscode.l10n.t('This folder is not trusted, so the code of its runs is not read.'));
    }
    try {
      return new TextEncoder().encode(await (await editor.codeFiles()).content(address));
    } catch (error) {
      throw vscode.FileSystemError.Unavailable(sentenceOf(error));
    }
  };
  const refuse = (address: vscode.Uri): never => {
    throw vscode.FileSystemError.NoPermissions(address);
  };
  const unchanging = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  editor.context.subscriptions.push(
    unchanging,
    vscode.workspace.registerFileSystemProvider(
      codeScheme,
      {
        onDidChangeFile: unchanging.event,
        watch: () => new vscode.Disposable(() => undefined),
        stat: async (address) => ({ type: vscode.FileType.File, ctime: 0, mtime: 0, size: (await read(address)).length }),
        readFile: read,
        readDirectory: () => [],
        createDirectory: refuse,
        writeFile: refuse,
        delete: refuse,
        rename: refuse,
      },
      { isReadonly: true, isCaseSensitive: true },
    ),
  );
}
