import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ScriptOption } from '../scripts/api.ts';

/** Where the parser that runs, or its defaults, are not what stands in the text. */
const undecided = /\b(add_subparsers|set_defaults|default_map)\b|@\w+\.group\(|\.add_typer\(/;
const longestDefault = 500;

/**
 * The defaults of the options that were not given, by their names: what a script ran with, as far as its parser says.
 * Empty for what is no Python script, and where several commands share the script.
 *
 * @param given the names that stand on the command line, without dashes
 * @param grammars the folder with the grammars, as Syntax wants it
 */
export async function defaultParameters(script: string, given: readonly string[], grammars = builtGrammars()): Promise<Record<string, string>> {
  if (!/\.py$/i.test(script)) {
    return {};
  }
  const text = await readFile(script, 'utf8');
  if (undecided.test(text)) {
    return {};
  }
  const { scriptOptions, Syntax } = await import('../scripts/api.ts');
  const options = await scriptOptions(new Syntax(grammars), text);
  return Object.fromEntries(options.flatMap((option): [string, string][] => (option.default === null || option.default.length > longestDefault || isGiven(option, given) ? [] : [[option.name, option.default]])));
}

/** Under any of its names, shortened as argparse allows, switched off, or with its value behind a single letter. */
function isGiven({ name, also, off }: ScriptOption, given: readonly string[]): boolean {
  const names = [name, ...also, off ?? ''].map((flag) => flag.replace(/^-+/, '')).filter((flag) => flag !== '');
  return given.some((key) => names.some((one) => one.startsWith(key) || (one.length === 1 && key.startsWith(one))));
}

/** Beside the built processes, which lie in one folder with their chunks below. */
function builtGrammars(): string {
  const beside = path.join(import.meta.dirname, 'assets');
  return existsSync(beside) ? beside : path.join(import.meta.dirname, '..', 'assets');
}
