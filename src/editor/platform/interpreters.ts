// Which Python runs a script. The wrong one is what people complain about most, so it is always shown.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PythonExtension } from '@vscode/python-extension';
import * as vscode from 'vscode';
import { UserError } from '../../contracts/errors.ts';
import { isExecutable } from './files.ts';
import { onPath, output } from './node.ts';

export interface Interpreter {
  /** Absolute path of the program. */
  path: string;
  /** `3.11.4`; empty where it does not say. */
  version: string;
  /** The environment's name or where it was found, for people. */
  environment: string;
  source: 'setting' | 'python-extension' | 'workspace' | 'path';
}

const pythonExtensionId = 'ms-python.python';
const programs = process.platform === 'win32' ? ['python.exe'] : ['python3', 'python'];

export class Interpreters implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when another interpreter may be the right one. */
  readonly onDidChange = this.#changed.event;
  readonly #cache = new Map<string, Promise<Interpreter | null>>();
  readonly #disposables: vscode.Disposable[] = [this.#changed];
  #listensToPythonExtension = false;

  constructor() {
    const forget = (): void => {
      this.#cache.clear();
      this.#changed.fire();
    };
    const environments = vscode.workspace.createFileSystemWatcher('**/pyvenv.cfg', false, true, false);
    this.#disposables.push(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('mlLifecycle.python')) {
          forget();
        }
      }),
      vscode.extensions.onDidChange(forget),
      environments,
      environments.onDidCreate(forget),
      environments.onDidDelete(forget),
    );
  }

  /** The Python for a file: the setting, the Python extension's choice, the workspace's own environment, the PATH. */
  async forFile(uri: vscode.Uri): Promise<Interpreter | null> {
    if (!vscode.workspace.isTrusted) {
      return null;
    }
    const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? path.dirname(uri.fsPath);
    let known = this.#cache.get(folder);
    if (known === undefined) {
      known = this.#find(folder, uri);
      this.#cache.set(folder, known);
      known.catch(() => this.#cache.delete(folder));
    }
    return known;
  }

  /** As forFile, but says what to do where there is none. */
  async require(uri: vscode.Uri): Promise<Interpreter> {
    const interpreter = await this.forFile(uri);
    if (interpreter === null) {
      throw new UserError(
        vscode.l10n.t('No Python was found for {0}. Install Python 3, or choose one with “ML: Select Python interpreter”.', path.basename(uri.fsPath)),
        { file: uri.fsPath },
      );
    }
    return interpreter;
  }

  /** Everything that could be chosen for a folder, without what lies behind the setting. */
  async choices(folder: string): Promise<Interpreter[]> {
    const found = await Promise.all([fromPythonExtension(vscode.Uri.file(folder)), ...workspacePrograms(folder).map((file) => describe(file, 'workspace'))]);
    const onThePath = await Promise.all((await Promise.all(programs.map(onPath))).flat().map((file) => describe(file, 'path')));
    const unique = new Map<string, Interpreter>();
    for (const each of [...found, ...onThePath]) {
      if (each !== null && !unique.has(each.path)) {
        unique.set(each.path, each);
      }
    }
    return [...unique.values()];
  }

  async #find(folder: string, uri: vscode.Uri): Promise<Interpreter | null> {
    const setting = vscode.workspace.getConfiguration('mlLifecycle', uri).get<string>('python', '').trim();
    if (setting !== '') {
      return fromSetting(setting, folder);
    }
    await this.#listenToPythonExtension();
    const chosen = await fromPythonExtension(uri);
    if (chosen !== null) {
      return chosen;
    }
    for (const file of workspacePrograms(folder)) {
      const interpreter = await describe(file, 'workspace');
      if (interpreter !== null) {
        return interpreter;
      }
    }
    for (const file of (await Promise.all(programs.map(onPath))).flat()) {
      const interpreter = await describe(file, 'path');
      if (interpreter !== null) {
        return interpreter;
      }
    }
    return null;
  }

  async #listenToPythonExtension(): Promise<void> {
    if (this.#listensToPythonExtension || vscode.extensions.getExtension(pythonExtensionId) === undefined) {
      return;
    }
    this.#listensToPythonExtension = true;
    const api = await pythonApi();
    const listener = api?.environments.onDidChangeActiveEnvironmentPath(() => {
      this.#cache.clear();
      this.#changed.fire();
    });
    if (listener !== undefined) {
      this.#disposables.push(listener);
    }
  }

  dispose(): void {
    for (const each of this.#disposables) {
      each.dispose();
    }
  }
}

/** "Python 3.11.4 (.venv)". */
export function interpreterLabel(interpreter: Interpreter): string {
  const name = interpreter.version === '' ? 'Python' : `Python ${interpreter.version}`;
  return interpreter.environment === '' ? name : `${name} (${interpreter.environment})`;
}

async function fromSetting(setting: string, folder: string): Promise<Interpreter> {
  const file = path.resolve(folder, setting.replace('${workspaceFolder}', folder));
  const interpreter = await describe(file, 'setting');
  if (interpreter === null) {
    throw new UserError(vscode.l10n.t('The setting mlLifecycle.python names {0}, which is no Python that can be run. Choose another with “ML: Select Python interpreter”.', file), { file });
  }
  return interpreter;
}

function workspacePrograms(folder: string): string[] {
  const inside = process.platform === 'win32' ? path.join('Scripts', 'python.exe') : path.join('bin', 'python');
  return ['.venv', 'venv', 'env', path.join('.pixi', 'envs', 'default')].map((name) => path.join(folder, name, inside));
}

async function describe(file: string, source: Interpreter['source']): Promise<Interpreter | null> {
  if (!(await isExecutable(file))) {
    return null;
  }
  const version = /^Python (\d+\.\d+\.\d+)/.exec(await output(file, ['--version']))?.[1];
  // A name on the PATH that prints no version is a placeholder (Windows has one), not a Python.
  return version === undefined ? null : { path: file, version, environment: await environmentOf(file), source };
}

/** The folder's name for a virtual environment; nothing for a Python of the system. */
async function environmentOf(file: string): Promise<string> {
  const root = path.dirname(path.dirname(file));
  const isEnvironment = await readFile(path.join(root, 'pyvenv.cfg')).then(
    () => true,
    () => false,
  );
  return isEnvironment ? path.basename(root) : '';
}

async function pythonApi(): Promise<PythonExtension | null> {
  if (vscode.extensions.getExtension(pythonExtensionId) === undefined) {
    return null;
  }
  const { pythonExtensionApi } = await import('./pythonExtension.ts');
  return pythonExtensionApi();
}

async function fromPythonExtension(uri: vscode.Uri): Promise<Interpreter | null> {
  const api = await pythonApi();
  const active = api?.environments.getActiveEnvironmentPath(uri);
  const environment = active === undefined ? undefined : await api?.environments.resolveEnvironment(active);
  const file = environment?.executable.uri?.fsPath;
  if (environment === undefined || file === undefined) {
    return null;
  }
  const { major, minor, micro } = environment.version ?? {};
  return {
    path: file,
    version: [major, minor, micro].filter((part) => part !== undefined).join('.'),
    environment: environment.environment?.name ?? (environment.environment === undefined ? '' : path.basename(environment.environment.folderUri.fsPath)),
    source: 'python-extension',
  };
}
