import type { ExtensionContext } from 'vscode';
import { start } from './editor/start.ts';

/** Wires the views and commands; nothing is read, started or computed before it is used. */
export function activate(context: ExtensionContext): void {
  start(context);
}
