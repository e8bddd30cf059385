// What a Python script imports, with the modules beside it that it imports in turn.
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Node } from 'web-tree-sitter';
import { ancestors, capture, type Syntax } from './syntax.ts';

/** An import that runs when its file is imported. */
export interface Import {
  /** The module's full name; empty for `from . import x`. */
  module: string;
  /** How many dots stand before it: 0 for an absolute import. */
  level: number;
  /** What is taken from it; they may be modules themselves. */
  names: string[];
  /** Counts from 0. */
  line: number;
  /** True where the script catches that it is missing. */
  optional: boolean;
}

/** A module that is not the project's own. */
export interface NeededModule {
  /** Its first part: what is installed. */
  name: string;
  /** Where it is imported first; the line counts from 0. */
  file: string;
  line: number;
  optional: boolean;
}

/** Beyond this the rest of a large project is left out. */
const mostFiles = 200;
const longestFile = 1_000_000;

const query = '(import_statement) @import (import_from_statement) @import';

/** The imports of a module that run with it: not those inside functions, nor those for type checkers only. */
export function pythonImports(syntax: Syntax, text: string): Promise<Import[]> {
  return syntax.query(text, 'python', query, (matches) =>
    matches.flatMap((match) => {
      const node = capture(match, 'import');
      return node === undefined || !runsAtImport(node) ? [] : importsIn(node);
    }),
  );
}

/** The modules that a script and the project's own modules behind it need, each once, in the order of their first import. */
export async function neededModules(syntax: Syntax, script: string, text?: string): Promise<NeededModule[]> {
  const root = path.dirname(script);
  const needed = new Map<string, NeededModule>();
  const seen = new Set([script]);
  const waiting: { file: string; text: string }[] = [{ file: script, text: text ?? (await readFile(script, 'utf8')) }];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    for (const each of await pythonImports(syntax, next.text)) {
      const base = each.level === 0 ? root : path.resolve(path.dirname(next.file), ...Array<string>(each.level - 1).fill('..'));
      const own = await ownFiles(base, each);
      if (own.length > 0 || each.level > 0) {
        for (const file of own.filter((one) => !seen.has(one) && seen.size < mostFiles)) {
          seen.add(file);
          const found = await readFile(file, 'utf8').catch(() => '');
          waiting.push({ file, text: found.length > longestFile ? '' : found });
        }
        continue;
      }
      const name = each.module.split('.')[0] ?? '';
      const known = needed.get(name);
      if (known === undefined) {
        needed.set(name, { name, file: next.file, line: each.line, optional: each.optional });
      } else {
        known.optional &&= each.optional;
      }
    }
  }
  return [...needed.values()];
}

/** The project's own files that an import reads; none where the module is from elsewhere. */
async function ownFiles(base: string, { module, names }: Import): Promise<string[]> {
  const parts = module === '' ? [] : module.split('.');
  const files: string[] = [];
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const found = await moduleFile(path.join(base, ...parts.slice(0, depth)));
    if (found === null) {
      break;
    }
    files.push(...found);
  }
  if (parts.length > 0 && files.length === 0 && (await moduleFile(path.join(base, parts[0] ?? ''))) === null) {
    return [];
  }
  for (const name of names) {
    files.push(...((await moduleFile(path.join(base, ...parts, name))) ?? []));
  }
  // A package without __init__.py has no file of its own, but is the project's.
  return files.length === 0 && parts.length > 0 ? [path.join(base, ...parts)] : files;
}

/** The file of a module; an empty list for a folder of modules without __init__.py; null where there is neither. */
async function moduleFile(place: string): Promise<string[] | null> {
  const inFolder = await readdir(place).catch(() => null);
  if (inFolder?.includes('__init__.py')) {
    return [path.join(place, '__init__.py')];
  }
  const beside = await readdir(path.dirname(place)).catch((): string[] => []);
  if (beside.includes(`${path.basename(place)}.py`)) {
    return [`${place}.py`];
  }
  return inFolder?.some((name) => name.endsWith('.py')) ? [] : null;
}

function importsIn(node: Node): Import[] {
  const common = { line: node.startPosition.row, optional: mayBeMissing(node) };
  const nameOf = (child: Node): string => (child.type === 'aliased_import' ? (child.childForFieldName('name')?.text ?? '') : child.text);
  const names = node.childrenForFieldName('name').flatMap((child) => (child === null ? [] : [nameOf(child)]));
  if (node.type === 'import_statement') {
    return names.map((module) => ({ module, level: 0, names: [], ...common }));
  }
  const from = node.childForFieldName('module_name');
  const dots = /^\.*/.exec(from?.text ?? '')?.[0].length ?? 0;
  return [{ module: (from?.text ?? '').slice(dots).trim(), level: dots, names, ...common }];
}

function runsAtImport(node: Node): boolean {
  for (const around of ancestors(node)) {
    if (around.type === 'function_definition' || around.type === 'lambda') {
      return false;
    }
    if (around.type === 'if_statement' && /\bTYPE_CHECKING$/.test(around.childForFieldName('condition')?.text ?? '')) {
      return false;
    }
  }
  return true;
}

/** Whether a `try` around the import catches that the module is missing. */
function mayBeMissing(node: Node): boolean {
  for (const around of ancestors(node)) {
    if (around.type === 'try_statement') {
      const caught = around.namedChildren.filter((child) => child?.type === 'except_clause').map((child) => child?.namedChildren.filter((part) => part?.type !== 'block').map((part) => part?.text ?? '').join(' ') ?? '');
      if (caught.some((what) => what === '' || /\b(ImportError|ModuleNotFoundError|Exception|BaseException)\b/.test(what))) {
        return true;
      }
    }
  }
  return false;
}
