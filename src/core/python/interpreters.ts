// Which Python runs a script, and why. The wrong one is what people complain about most, so it is always shown.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { candidates, inConda, type Candidate, type InterpreterSource } from './environments.ts';
import type { Interpreter } from './labels.ts';
import { isExecutable, output } from './programs.ts';

/**
 * The Python for the scripts of a folder: the nearest environment from the folder up to `root`, else what Poetry,
 * Conda or pyenv say, else the active environment, else the PATH. Null where there is none.
 */
export async function chooseInterpreter(folder: string, root: string): Promise<Interpreter | null> {
  for await (const candidate of candidates(folder, root, false)) {
    const found = await describe(candidate, folder);
    if (found !== null) {
      return found;
    }
  }
  return null;
}

/** Everything that could be chosen for a folder, the best first, each program once. */
export async function allInterpreters(folder: string, root: string): Promise<Interpreter[]> {
  const all: Candidate[] = [];
  for await (const candidate of candidates(folder, root, true)) {
    all.push(candidate);
  }
  const found = await Promise.all(all.map((candidate) => describe(candidate, folder)));
  const unique = new Map<string, Interpreter>();
  for (const each of found) {
    if (each !== null && !unique.has(each.path)) {
      unique.set(each.path, each);
    }
  }
  return [...unique.values()];
}

/** A Python to make environments with: the first that is no environment itself, else any; null where there is none. */
export async function baseInterpreter(folder: string, root: string): Promise<Interpreter | null> {
  let any: Interpreter | null = null;
  for await (const candidate of candidates(folder, root, false)) {
    const found = await describe(candidate, folder);
    if (found?.environment === '') {
      return found;
    }
    any ??= found;
  }
  return any;
}

/** One program as an interpreter; null where it is no Python 3 that runs. */
export function interpreterAt(file: string, source: InterpreterSource): Promise<Interpreter | null> {
  return describe({ file, source }, path.dirname(file));
}

async function describe({ file, source }: Candidate, folder: string): Promise<Interpreter | null> {
  if (!(await isExecutable(file))) {
    return null;
  }
  // Also a Python 2 fails here, and the placeholder that Windows puts on the PATH.
  const printed = await output(file, ['-I', '-S', '-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3]); print(sys.executable)'], { cwd: folder });
  const [version, executable] = printed.split(/\r?\n/);
  if (version === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
    return null;
  }
  // A shim of pyenv or asdf decides by the working folder; what it decided for is what is shown and run.
  const shim = file.split(path.sep).includes('shims');
  const program = shim && executable !== undefined && executable !== '' ? executable : file;
  return { path: program, version, environment: await environmentOf(program), source };
}

/** The name of the environment that a program belongs to; nothing for a Python of the system. */
async function environmentOf(file: string): Promise<string> {
  const folder = path.dirname(file);
  const root = /^(bin|scripts)$/i.test(path.basename(folder)) ? path.dirname(folder) : folder;
  const virtual = await readFile(path.join(root, 'pyvenv.cfg'), 'utf8').catch(() => null);
  if (virtual !== null) {
    return path.basename(root);
  }
  if (await inConda(root)) {
    return `conda ${path.basename(path.dirname(root)) === 'envs' ? path.basename(root) : 'base'}`;
  }
  return '';
}
