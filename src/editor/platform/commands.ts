// Registers commands so that their failures are shown, and refuses what an untrusted workspace must not do.
//
// Commands are also the extension's API: called with a plain object they take every choice from it, ask
// nothing, return their result and throw their error. Called by a person they ask and show instead.
import * as vscode from 'vscode';
import type { Editor } from './editor.ts';
import { showProblem } from './problems.ts';
import { requireTrust } from './trust.ts';

/** What a view, a menu or a program passes first, and what a view with several selected items passes second. */
export type Handler = (target: unknown, all: unknown) => unknown;

/** Commands by name, as the file that has them gives them. */
export type Handlers = Record<string, Handler>;

export interface CommandGroup {
  names: readonly string[];
  /** Those that do nothing that needs trust, so that they work in a restricted window too. */
  untrusted?: readonly string[];
  /** Loads the file that has them: with the first call, not when the extension starts. */
  load(): Promise<{ handlers(editor: Editor): Handlers }>;
}

/** Registers `mlLifecycle.<name>` for each name of a group. */
export function registerCommands(editor: Editor, { names, untrusted = [], load }: CommandGroup): void {
  let loaded: Promise<Handlers> | undefined;
  for (const name of names) {
    const run = async (target: unknown, all: unknown): Promise<unknown> => {
      try {
        if (!untrusted.includes(name)) {
          await requireTrust();
        }
        loaded ??= load().then(({ handlers }) => handlers(editor));
        const handler = (await loaded)[name];
        if (handler === undefined) {
          throw new Error(`The command ${name} has no handler.`);
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
}

/** A plain object that is no item of a view: those carry `kind`. */
export function isProgramCall(target: unknown): target is Record<string, unknown> {
  return typeof target === 'object' && target !== null && Object.getPrototypeOf(target) === Object.prototype && !('kind' in target);
}
