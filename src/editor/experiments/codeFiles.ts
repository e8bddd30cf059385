// The code of runs as files to read. An address says all that its content is made of, so that differences which were
// open when the window was reloaded are there again.
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import { CodeSnapshots, type RunCode } from '../../core/git/api.ts';
import { codeScheme } from './codeFileSystem.ts';

/** A run's code, with the id of its tree in Git. */
export interface KnownCode extends RunCode {
  tree: string;
}

/** `code`: null for a file that is on the other side only. */
const Address = z.object({
  code: z.nullable(z.object({ folder: z.string(), commit: z.string(), artifacts: z.nullable(z.string()), tree: z.string() })),
  path: z.string(),
});

/** The address of a file in a run's code. @param file from the root of the repository @param code null for an empty file */
export function codeAddress(code: KnownCode | null, file: string): vscode.Uri {
  return vscode.Uri.from({ scheme: codeScheme, path: path.posix.join('/', file), query: JSON.stringify({ code, path: file }) });
}

export class CodeFiles {
  readonly snapshots = new CodeSnapshots();
  /** Trees that this window put together. */
  readonly #made = new Map<string, Promise<string>>();

  /** Puts a run's code together. @throws UserError where that cannot be. */
  async know(code: RunCode): Promise<KnownCode> {
    const tree = await this.snapshots.tree(code);
    this.#made.set(tree, Promise.resolve(tree));
    return { ...code, tree };
  }

  /** What the file at an address holds. @throws UserError where the code cannot be put together any more. */
  async content(address: vscode.Uri): Promise<string> {
    const { code, path: file } = Address.parse(JSON.parse(address.query));
    if (code === null) {
      return '';
    }
    const { folder, tree } = code;
    let made = this.#made.get(tree);
    if (made === undefined) {
      made = this.snapshots.tree(code);
      this.#made.set(tree, made);
      made.catch(() => this.#made.delete(tree));
    }
    if ((await made) !== tree) {
      throw new UserError(vscode.l10n.t('What the run kept of its code was changed or deleted, so {0} cannot be shown as it was.', file), { file });
    }
    return this.snapshots.content(folder, tree, file);
  }

  async dispose(): Promise<void> {
    await this.snapshots.dispose();
  }
}
