// Registers a command so that its failures are shown, and refuses what an untrusted workspace must not do.
//
// Commands are also the extension's API: called with a plain object they take every choice from it, ask
// nothing, return their result and throw their error. Called by a person they ask and show instead.
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import type { Editor } from './editor.ts';
import { showProblem } from './problems.ts';
import { requireTrust } from './trust.ts';

/** What a view, a menu or a program passes first, and what a view with several selected items passes second. */
export type Handler = (target: unknown, all: unknown) => unknown;

export interface CommandOptions {
  /** Does nothing that needs trust, so it works in a restricted window too. */
  untrusted?: true;
}

/** Registers `mlLifecycle.<name>`. */
export function registerCommand(editor: Editor, name: string, handler: Handler, options: CommandOptions = {}): void {
  const run = async (target: unknown, all: unknown): Promise<unknown> => {
    try {
      if (!options.untrusted) {
        await requireTrust();
      }
      return await handler(target, all);
    } catch (error) {
      if (isProgramCall(target)) {
        throw error;
      }
      showProblem(editor.log, error);
      return undefined;
    }
  };
  editor.context.subscriptions.push(vscode.commands.registerCommand(`mlLifecycle.${name}`, run));
}

/** A plain object that is no item of a view: those carry `kind`. */
export function isProgramCall(target: unknown): target is Record<string, unknown> {
  return typeof target === 'object' && target !== null && Object.getPrototypeOf(target) === Object.prototype && !('kind' in target);
}

/** Reads a program's argument, or throws a UserError that names the field. */
export function parseArgument<T extends z.core.$ZodType>(schema: T, target: unknown): z.core.output<T> {
  const result = z.safeParse(schema, target);
  if (result.success) {
    return result.data;
  }
  const issue = result.error.issues[0];
  const field = issue?.path.map(String).join('.') ?? '';
  throw new UserError(
    field === ''
      ? vscode.l10n.t('The argument of this command is wrong: {0}', issue?.message ?? '')
      : vscode.l10n.t('The argument "{0}" of this command is wrong: {1}', field, issue?.message ?? ''),
    { field },
  );
}
