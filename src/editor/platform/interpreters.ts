// Which Python runs a script in this window, and what of the script it lacks.
import path from 'node:path';
import type { PythonExtension } from '@vscode/python-extension';
import * as vscode from 'vscode';
import { UserError } from '../../contracts/userError.ts';
import type { Interpreter, MissingPackage } from '../../core/python/api.ts';
import type { NeededModule } from '../../core/scripts/api.ts';

const pythonExtensionId = 'ms-python.python';

export class Interpreters implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when another interpreter may be the right one, or it may have other packages. */
  readonly onDidChange = this.#changed.event;
  readonly #cache = new Map<string, Promise<Interpreter | null>>();
  readonly #missing = new Map<string, readonly MissingPackage[] | null>();
  readonly #disposables: vscode.Disposable[] = [this.#changed];
  #listensToPythonExtension = false;

  constructor() {
    const environments = vscode.workspace.createFileSystemWatcher('**/{pyvenv.cfg,environment.yml,.python-version,poetry.lock}');
    const forget = (): void => this.forget();
    this.#disposables.push(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('mlLifecycle.python')) {
          forget();
        }
      }),
      vscode.extensions.onDidChange(forget),
      vscode.tasks.onDidEndTaskProcess((event) => {
        if (event.execution.task.source === taskSource) {
          forget();
        }
      }),
      // Packages come by other ways too; a terminal's own commands tell.
      vscode.window.onDidEndTerminalShellExecution((event) => {
        if (/\b(pip|uv|conda|mamba|poetry|pixi)\b/.test(event.execution.commandLine.value)) {
          forget();
        }
      }),
      environments,
      environments.onDidCreate(forget),
      environments.onDidDelete(forget),
      environments.onDidChange(forget),
    );
  }

  /** Looks again at everything: what is installed may have changed. */
  forget(): void {
    this.#cache.clear();
    this.#missing.clear();
    this.#changed.fire();
  }

  /** The Python for a file: the setting, the Python extension's choice, else what lies around the file and on the PATH. */
  async forFile(uri: vscode.Uri): Promise<Interpreter | null> {
    if (!vscode.workspace.isTrusted) {
      return null;
    }
    const folder = path.dirname(uri.fsPath);
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

  /** What of these modules an interpreter lacks; null while it is being asked; `onDidChange` fires when it lacks something. */
  missing(interpreter: Interpreter, needed: readonly NeededModule[]): readonly MissingPackage[] | null {
    const key = JSON.stringify([interpreter.path, needed.map((each) => [each.name, each.optional])]);
    const known = this.#missing.get(key);
    if (known === undefined) {
      this.#missing.set(key, null);
      python()
        .then(({ missingPackages }) => missingPackages(interpreter.path, needed))
        // An interpreter that does not answer says so when it runs the script.
        .catch((): MissingPackage[] => [])
        .then((found) => {
          if (this.#missing.has(key)) {
            this.#missing.set(key, found);
            // Where it lacks nothing, nothing that is shown changes.
            if (found.length > 0) {
              this.#changed.fire();
            }
          }
        });
    }
    return known ?? null;
  }

  /** Everything that could be chosen for a folder, without what lies behind the setting. */
  async choices(folder: string): Promise<Interpreter[]> {
    const { allInterpreters } = await python();
    const [chosen, found] = await Promise.all([fromPythonExtension(vscode.Uri.file(folder)), allInterpreters(folder, rootOf(folder))]);
    return chosen === null ? found : [chosen, ...found.filter((each) => each.path !== chosen.path)];
  }

  async #find(folder: string, uri: vscode.Uri): Promise<Interpreter | null> {
    const setting = vscode.workspace.getConfiguration('mlLifecycle', uri).get<string>('python', '').trim();
    const root = rootOf(folder);
    if (setting !== '') {
      return fromSetting(setting, root);
    }
    await this.#listenToPythonExtension();
    return (await fromPythonExtension(uri)) ?? (await python()).chooseInterpreter(folder, root);
  }

  async #listenToPythonExtension(): Promise<void> {
    if (this.#listensToPythonExtension || vscode.extensions.getExtension(pythonExtensionId) === undefined) {
      return;
    }
    this.#listensToPythonExtension = true;
    const api = await pythonApi();
    const listener = api?.environments.onDidChangeActiveEnvironmentPath(() => this.forget());
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

/** Tasks of this source install packages. */
export const taskSource = 'ML Lifecycle';

/** The workspace folder around a folder, else the folder itself: how far up environments are looked for. */
export function rootOf(folder: string): string {
  return vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder))?.uri.fsPath ?? folder;
}

/** Loaded when the first interpreter is looked for. */
const python = () => import('../../core/python/api.ts');

async function fromSetting(setting: string, root: string): Promise<Interpreter> {
  const file = path.resolve(root, setting.replace('${workspaceFolder}', root));
  const interpreter = await (await python()).interpreterAt(file, 'setting');
  if (interpreter === null) {
    throw new UserError(vscode.l10n.t('The setting mlLifecycle.python names {0}, which is no Python that can be run. Choose another with “ML: Select Python interpreter”.', file), { file });
  }
  return interpreter;
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
