// Where Pythons lie: environments of venv, uv, Poetry, Conda and pyenv, and the PATH.
import { readFile, readdir, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { findProgram, onPath, output } from './programs.ts';

export type InterpreterSource = 'argument' | 'setting' | 'python-extension' | 'workspace' | 'poetry' | 'conda' | 'active' | 'pyenv' | 'path';

export interface Candidate {
  file: string;
  source: InterpreterSource;
}

const windows = process.platform === 'win32';
const programs = windows ? ['python.exe'] : ['python3', 'python'];
/** Names of environments inside a project: of venv and uv, of Pixi, and the one that VS Code makes with Conda. */
const inProject = ['.venv', 'venv', 'env', path.join('.pixi', 'envs', 'default'), '.conda'];

/** The program of a virtual environment. */
export function virtualProgram(environment: string): string {
  return windows ? path.join(environment, 'Scripts', 'python.exe') : path.join(environment, 'bin', 'python');
}

function condaProgram(environment: string): string {
  return windows ? path.join(environment, 'python.exe') : path.join(environment, 'bin', 'python');
}

/**
 * Programs that may be the Python of `folder`, the best first; they need not be there. Looks from `folder` up to `root`.
 *
 * @param everything also what nothing about the project asks for: all environments of Conda and versions of pyenv.
 */
export async function* candidates(folder: string, root: string, everything: boolean): AsyncGenerator<Candidate> {
  const folders = upTo(folder, root);
  const own = process.env['UV_PROJECT_ENVIRONMENT'];
  for (const each of folders) {
    if (own !== undefined && own !== '' && (await isFile(path.join(each, 'uv.lock')))) {
      yield { file: virtualProgram(path.resolve(each, own)), source: 'workspace' };
    }
    for (const name of inProject) {
      const environment = path.join(each, name);
      yield { file: virtualProgram(environment), source: 'workspace' };
      if (windows) {
        yield { file: condaProgram(environment), source: 'workspace' };
      }
    }
  }
  const poetry = await ofPoetry(folders);
  if (poetry !== null) {
    yield { file: poetry, source: 'poetry' };
  }
  yield* await ofConda(folders, everything);
  const active = process.env['VIRTUAL_ENV'];
  if (active) {
    yield { file: virtualProgram(active), source: 'active' };
  }
  const activeConda = process.env['CONDA_PREFIX'];
  if (activeConda) {
    yield { file: condaProgram(activeConda), source: 'active' };
  }
  yield* await ofPyenv(folders, everything);
  for (const file of (await Promise.all(programs.map(onPath))).flat()) {
    yield { file, source: 'path' };
  }
}

/** `folder` and the folders above it as far as `root`; only itself where it does not lie in `root`. */
export function upTo(folder: string, root: string): string[] {
  const relative = path.relative(root, folder);
  if (relative.startsWith('..') || path.isAbsolute(relative)) {
    return [folder];
  }
  const parts = relative === '' ? [] : relative.split(path.sep);
  return [...parts.keys()].map((index) => path.join(root, ...parts.slice(0, parts.length - index))).concat(root);
}

/** Whether a folder is an environment of Conda. */
export function inConda(environment: string): Promise<boolean> {
  return stat(path.join(environment, 'conda-meta')).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Poetry keeps environments in a cache of its own, so it is asked, where a project of it is there. */
async function ofPoetry(folders: string[]): Promise<string | null> {
  for (const folder of folders) {
    const settings = await readFile(path.join(folder, 'pyproject.toml'), 'utf8').catch(() => '');
    if (settings.includes('[tool.poetry') || (await isFile(path.join(folder, 'poetry.lock')))) {
      const poetry = await findProgram('poetry');
      const said = poetry === null ? '' : await output(poetry, ['env', 'info', '--executable', '--no-interaction'], { cwd: folder });
      const file = said.split(/\r?\n/).findLast((line) => path.isAbsolute(line.trim()))?.trim();
      return file ?? null;
    }
  }
  return null;
}

/** The environment that environment.yml names, and all others where they are wanted. */
async function ofConda(folders: string[], everything: boolean): Promise<Candidate[]> {
  const wanted = await condaName(folders);
  if (wanted === null && !everything) {
    return [];
  }
  const all = await condaEnvironments();
  const named = all.filter((environment) => path.basename(environment) === wanted);
  return [...named, ...(everything ? all : [])].map((environment) => ({ file: condaProgram(environment), source: 'conda' }));
}

async function condaName(folders: string[]): Promise<string | null> {
  for (const folder of folders) {
    for (const name of ['environment.yml', 'environment.yaml']) {
      const text = await readFile(path.join(folder, name), 'utf8').catch(() => null);
      if (text !== null) {
        const { parse } = await import('yaml');
        try {
          const parsed: unknown = parse(text);
          const found = typeof parsed === 'object' && parsed !== null && 'name' in parsed ? parsed.name : null;
          return typeof found === 'string' ? found : null;
        } catch {
          return null;
        }
      }
    }
  }
  return null;
}

async function condaEnvironments(): Promise<string[]> {
  const home = os.homedir();
  const listed = (await readFile(path.join(home, '.conda', 'environments.txt'), 'utf8').catch(() => '')).split(/\r?\n/).map((line) => line.trim());
  const program = process.env['CONDA_EXE'];
  const roots = [
    ...(program ? [path.dirname(path.dirname(program))] : []),
    ...['miniconda3', 'anaconda3', 'miniforge3', 'mambaforge', 'micromamba'].map((name) => path.join(home, name)),
    '/opt/conda',
  ];
  const folders = [...(process.env['CONDA_ENVS_PATH'] ?? '').split(path.delimiter).filter(Boolean), path.join(home, '.conda', 'envs'), ...roots.map((root) => path.join(root, 'envs'))];
  const inside = await Promise.all(folders.map(async (folder) => (await readdir(folder).catch((): string[] => [])).map((name) => path.join(folder, name))));
  const all = [...new Set([...listed.filter((line) => path.isAbsolute(line)), ...roots, ...inside.flat()])];
  const there = await Promise.all(all.map(inConda));
  return all.filter((_, index) => there[index]);
}

/** The version that .python-version names, and all others where they are wanted. */
async function ofPyenv(folders: string[], everything: boolean): Promise<Candidate[]> {
  const versions = path.join(process.env['PYENV_ROOT'] || path.join(os.homedir(), '.pyenv'), windows ? 'pyenv-win' : '', 'versions');
  const installed = await readdir(versions).catch((): string[] => []);
  const program = (version: string): string => (windows ? path.join(versions, version, 'python.exe') : path.join(versions, version, 'bin', 'python'));
  for (const folder of folders) {
    const text = await readFile(path.join(folder, '.python-version'), 'utf8').catch(() => null);
    const wanted = text?.split(/\s+/).find((word) => word !== '' && !word.startsWith('#'));
    if (wanted !== undefined) {
      // "3.12" stands for its newest patch, as pyenv has it.
      const fitting = installed.filter((version) => version === wanted || version.startsWith(`${wanted}.`)).sort(byVersion).reverse();
      return [...fitting, ...(everything ? installed : [])].map((version) => ({ file: program(version), source: 'pyenv' }));
    }
  }
  return everything ? [...installed].sort(byVersion).reverse().map((version) => ({ file: program(version), source: 'pyenv' })) : [];
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}
