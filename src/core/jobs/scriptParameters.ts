import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ScriptOption } from '../scripts/api.ts';
import { parametersOfArguments } from '../tracking/api.ts';

/** Where the parser that runs, or its defaults, are not what stands in the text. */
const undecided = /\b(add_subparsers|set_defaults|default_map)\b|@\w+\.group\(|\.add_typer\(/;
const longestDefault = 500;

/**
 * What a script runs with, by the full names of its options: what was given, however short it was written, and the
 * defaults of the rest as far as its parser says. Only what was given for what is no Python script, and where several
 * commands share the script.
 *
 * @param given the script's arguments
 * @param grammars the folder with the grammars, as Syntax wants it
 */
export async function scriptParameters(script: string, given: readonly string[], grammars = builtGrammars()): Promise<Record<string, string>> {
  const options = await optionsOf(script, grammars).catch(() => []);
  const found = Object.fromEntries(options.flatMap(({ name, default: start }): [string, string][] => (start === null || start.length > longestDefault ? [] : [[name, start]])));
  for (const [key, value] of Object.entries(parametersOfArguments(given))) {
    const meant = meaning(key, value, options);
    found[meant.name] = meant.value;
  }
  return found;
}

async function optionsOf(script: string, grammars: string): Promise<ScriptOption[]> {
  const text = /\.py$/i.test(script) ? await readFile(script, 'utf8') : '';
  if (text === '' || undecided.test(text)) {
    return [];
  }
  const { scriptOptions, Syntax } = await import('../scripts/api.ts');
  return scriptOptions(new Syntax(grammars), text);
}

/** Under any of an option's names, shortened as argparse allows, switched off, or with its value behind a single letter. */
function meaning(key: string, value: string, options: readonly ScriptOption[]): { name: string; value: string } {
  const bare = (flag: string): string => flag.replace(/^-+/, '');
  const names = options.map(({ name, also, off }) => ({ name, all: [name, ...also.map(bare)], off: off === null ? '' : bare(off) }));
  const exact = names.find(({ all, off }) => all.includes(key) || off === key);
  if (exact !== undefined) {
    return { name: exact.name, value: exact.off === key ? 'false' : value };
  }
  const shortened = names.filter(({ name }) => name.startsWith(key));
  const attached = names.find(({ all }) => all.some((one) => one.length === 1 && key.startsWith(one)));
  if (shortened.length === 1 && shortened[0] !== undefined) {
    return { name: shortened[0].name, value };
  }
  return attached !== undefined && value === 'true' ? { name: attached.name, value: key.slice(1) } : { name: key, value };
}

/** Beside the built processes, which lie in one folder with their chunks below. */
function builtGrammars(): string {
  const beside = path.join(import.meta.dirname, 'assets');
  return existsSync(beside) ? beside : path.join(import.meta.dirname, '..', 'assets');
}
