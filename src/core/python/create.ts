// Makes the environment that a script needs, and writes down what it came to.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/userError.ts';
import { writeFileAtomic } from '../files/api.ts';
import type { NeededModule } from '../scripts/api.ts';
import { upTo, virtualProgram } from './environments.ts';
import { interpreterAt } from './interpreters.ts';
import { interpreterLabel, type Interpreter } from './labels.ts';
import { missingPackages, presentModules } from './packages.ts';
import { findProgram, output } from './programs.ts';

export const lockFileName = 'requirements.lock';

export interface EnvironmentPlan {
  /** Where `.venv` and the lock are written. */
  folder: string;
  /** The new environment. */
  environment: string;
  /** Where what it needs is written down: requirements.txt, pyproject.toml, or nowhere but in the script's imports. */
  declared: string | null;
  /** Set where the lock fits what is written down: the same versions are installed again. */
  lock: string | null;
  /** Where the environment is there already; then what it lacks is added. */
  exists: boolean;
}

export interface CreateOptions {
  /** The Python that the environment is made with. */
  base: Interpreter;
  plan: EnvironmentPlan;
  needed: readonly NeededModule[];
  signal: AbortSignal;
  /** What is being done, in words. */
  onStep(message: string): void;
  /** The tools' own lines. */
  onLine(line: string): void;
}

export interface CreatedEnvironment {
  python: Interpreter;
  lock: string;
  /** What the script imports and was installed by its import alone, as it is called on PyPI. */
  added: string[];
}

/** What making an environment for a script would do. Looks for what is written down from the script's folder up to `root`. */
export async function planEnvironment(script: string, root: string): Promise<EnvironmentPlan> {
  const folders = upTo(path.dirname(script), root);
  for (const folder of folders) {
    for (const name of ['requirements.txt', 'pyproject.toml']) {
      const declared = path.join(folder, name);
      const text = await readFile(declared, 'utf8').catch(() => null);
      if (text !== null && (name === 'requirements.txt' || /^\[project\]/m.test(text))) {
        return planIn(folder, declared, text);
      }
    }
  }
  return planIn(folders.at(-1) ?? path.dirname(script), null, '');
}

async function planIn(folder: string, declared: string | null, text: string): Promise<EnvironmentPlan> {
  const lock = path.join(folder, lockFileName);
  const locked = await readFile(lock, 'utf8').catch(() => '');
  const environment = path.join(folder, '.venv');
  const exists = await stat(virtualProgram(environment)).then(
    () => true,
    () => false,
  );
  return { folder, environment, declared, lock: locked.startsWith(headOf(declared, text)) ? lock : null, exists };
}

/** The lock's first line, which names what it was made from. */
function headOf(declared: string | null, text: string): string {
  const from = declared === null ? 'the imports of scripts' : `${path.basename(declared)} (sha256 ${createHash('sha256').update(text).digest('hex')})`;
  return `# Locked by ML Lifecycle from ${from}\n`;
}

/**
 * Makes the environment with uv where it is on the PATH, else with venv and pip, installs what is written down and then
 * what the script imports beyond that, and writes the lock. One that was begun here and not completed is removed.
 *
 * @throws UserError with the tool's last words where it fails; the signal's reason where that aborts.
 */
export async function createEnvironment(options: CreateOptions): Promise<CreatedEnvironment> {
  const { plan, signal } = options;
  const uv = await findProgram('uv');
  try {
    return await make(options, uv);
  } catch (error) {
    if (!plan.exists) {
      await rm(plan.environment, { recursive: true, force: true, maxRetries: 10 });
    }
    signal.throwIfAborted();
    throw error;
  }
}

async function make({ base, plan, needed, signal, onStep, onLine }: CreateOptions, uv: string | null): Promise<CreatedEnvironment> {
  const program = virtualProgram(plan.environment);
  const tool = (file: string, args: string[]): Promise<void> => runTool(file, args, plan.folder, signal, onLine);
  const install = (args: string[]): Promise<void> => (uv === null ? tool(program, ['-m', 'pip', 'install', '--disable-pip-version-check', ...args]) : tool(uv, ['pip', 'install', '--python', program, ...args]));
  if (!plan.exists) {
    onStep(`Making ${path.basename(plan.environment)} with ${interpreterLabel(base)}${uv === null ? '' : ' and uv'}`);
    await (uv === null ? tool(base.path, ['-m', 'venv', plan.environment]) : tool(uv, ['venv', '--no-project', '--python', base.path, plan.environment]));
  }
  // As uv and newer Pythons do by themselves: an environment is no part of a repository.
  await writeFile(path.join(plan.environment, '.gitignore'), '*\n', { flag: 'wx' }).catch(() => undefined);
  if (plan.lock !== null) {
    onStep(`Installing ${lockFileName}`);
    await install(['-r', plan.lock]);
  } else if (plan.declared !== null) {
    const wanted = path.basename(plan.declared) === 'pyproject.toml' ? await projectDependencies(base.path, plan.declared) : ['-r', plan.declared];
    if (wanted.length > 0) {
      onStep(`Installing ${path.basename(plan.declared)}`);
      await install(wanted);
    }
  }
  const added = [...new Set((await missingPackages(program, needed)).map((each) => each.distribution))];
  if (added.length > 0) {
    onStep(`Installing ${added.join(', ')}`);
    await install(added);
  }
  onStep(`Writing ${lockFileName}`);
  const frozen = uv === null ? await output(program, ['-m', 'pip', 'freeze', '--disable-pip-version-check'], { timeout: 60_000 }) : await output(uv, ['pip', 'freeze', '--python', program, '--quiet'], { timeout: 60_000 });
  const lock = path.join(plan.folder, lockFileName);
  await writeFileAtomic(lock, `${headOf(plan.declared, plan.declared === null ? '' : await readFile(plan.declared, 'utf8'))}${frozen}\n`);
  const python = await interpreterAt(program, 'workspace');
  if (python === null) {
    throw new UserError(`${program} was made but does not run.`, { file: program });
  }
  return { python, lock, added };
}

/** How packages are installed for an interpreter: with its own pip, else with uv, whose environments have none. */
export async function installCommand(python: Interpreter, packages: readonly string[]): Promise<{ file: string; args: string[] }> {
  const pip = (await presentModules(python.path, ['pip'])).has('pip');
  const uv = pip ? null : await findProgram('uv');
  return uv === null ? { file: python.path, args: ['-m', 'pip', 'install', ...packages] } : { file: uv, args: ['pip', 'install', '--python', python.path, ...packages] };
}

/** The dependencies that a pyproject.toml lists. Python reads it: 3.11 has a reader of its own, pip brings one for older ones. */
async function projectDependencies(python: string, file: string): Promise<string[]> {
  const program = 'import json, sys\ntry: import tomllib\nexcept ImportError: from pip._vendor import tomli as tomllib\nprint(json.dumps(tomllib.load(open(sys.argv[1], "rb"))["project"].get("dependencies", [])))';
  const printed = await output(python, ['-I', '-c', program, file]);
  if (printed === '') {
    throw new UserError(`The dependencies in ${file} could not be read.`, { file });
  }
  return z.array(z.string()).parse(JSON.parse(printed));
}

async function runTool(file: string, args: string[], cwd: string, signal: AbortSignal, onLine: (line: string) => void): Promise<void> {
  signal.throwIfAborted();
  const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, signal, env: { ...process.env, PYTHONUNBUFFERED: '1' } });
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      last.push(line);
      last.splice(0, Math.max(0, last.length - 20));
      onLine(line);
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) {
    const said = last.findLast((line) => /error|could not|no matching/i.test(line)) ?? last.at(-1) ?? '';
    throw new UserError(`${path.basename(file)} ${args.find((each) => !each.startsWith('-')) ?? ''} failed: ${said.trim() || `exit code ${String(code)}`}. The log has all that it said.`, { file });
  }
}
