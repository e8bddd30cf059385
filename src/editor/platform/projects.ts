// The projects of this window: every folder with an ml.yaml, each with its session.
import path from 'node:path';
import * as vscode from 'vscode';
import { projectFileName } from '../../contracts/projectNames.ts';
import { UserError } from '../../contracts/userError.ts';
import type { ServerEvent } from '../../contracts/server.ts';
import type { Project } from '../../core/project/api.ts';
import type { RuntimeLocation } from '../../core/client/api.ts';
import { excludedFolders } from './files.ts';
import { ProjectSession } from './session.ts';

export class Projects implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when a project appeared, vanished or its ml.yaml changed. */
  readonly onDidChange = this.#changed.event;
  readonly #sessionChanged = new vscode.EventEmitter<ProjectSession>();
  /** Fires when what a session knows changed. */
  readonly onDidChangeSession = this.#sessionChanged.event;
  readonly #events = new vscode.EventEmitter<{ session: ProjectSession; event: ServerEvent }>();
  /** What any project's server tells. */
  readonly onEvent = this.#events.event;
  readonly #sessions = new Map<string, ProjectSession>();
  readonly #disposables: vscode.Disposable[] = [this.#changed, this.#sessionChanged, this.#events];
  readonly #runtime: () => Promise<RuntimeLocation>;
  readonly #log: vscode.LogOutputChannel;
  #scan: Promise<void> | undefined;

  constructor(runtime: () => Promise<RuntimeLocation>, log: vscode.LogOutputChannel) {
    this.#runtime = runtime;
    this.#log = log;
    const watcher = vscode.workspace.createFileSystemWatcher(`**/${projectFileName}`);
    const rescan = (): void => this.rescan();
    this.#disposables.push(
      watcher,
      watcher.onDidCreate(rescan),
      watcher.onDidDelete(rescan),
      watcher.onDidChange(() => this.#changed.fire()),
      vscode.workspace.onDidChangeWorkspaceFolders(rescan),
      vscode.workspace.onDidGrantWorkspaceTrust(rescan),
    );
  }

  /** Looks again; views follow. */
  rescan(): void {
    this.#scan = undefined;
    this.#changed.fire();
  }

  /** Every project of the workspace, by path. */
  async sessions(): Promise<ProjectSession[]> {
    this.#scan ??= this.#find();
    await this.#scan;
    return [...this.#sessions.values()].sort((a, b) => a.project.root.localeCompare(b.project.root));
  }

  /** The project at this root, or null. */
  async at(root: string): Promise<ProjectSession | null> {
    return (await this.sessions()).find((session) => session.project.root === root) ?? null;
  }

  /** The project that a file belongs to: the nearest ml.yaml above it; null where there is none. */
  async forFile(file: string): Promise<ProjectSession | null> {
    const { findProject } = await import('../../core/project/api.ts');
    const project = await findProject(path.dirname(file));
    return project === null ? null : this.#sessionOf(project);
  }

  /** The session that knows a run. */
  async withRun(runId: string): Promise<ProjectSession> {
    for (const session of await this.sessions()) {
      if (session.runs.has(runId)) {
        return session;
      }
      if (await session.hasState()) {
        const client = await session.client();
        // A run that was only just started may not have been told yet.
        const known = session.runs.has(runId) || (await client.run(runId).then(() => true, () => false));
        if (known) {
          return session;
        }
      }
    }
    throw new UserError(vscode.l10n.t('No project of this window has a run {0}.', runId), { field: 'run_id' });
  }

  /** The one project there is, else the active file's, else the one that the person picks. */
  async pick(): Promise<ProjectSession | null> {
    const sessions = await this.sessions();
    if (sessions.length <= 1) {
      return sessions[0] ?? null;
    }
    const active = vscode.window.activeTextEditor?.document.uri;
    const own = active?.scheme === 'file' ? await this.forFile(active.fsPath) : null;
    if (own !== null) {
      return own;
    }
    const chosen = await vscode.window.showQuickPick(
      sessions.map((session) => ({ label: session.project.name, description: session.project.root, session })),
      { placeHolder: vscode.l10n.t('Which project?') },
    );
    if (chosen === undefined) {
      throw new vscode.CancellationError();
    }
    return chosen.session;
  }

  /**
   * The project for a file; where there is none, offers to make one in its workspace folder and goes on.
   * Without a question where `ask` is false.
   */
  async forFileOrNew(file: string, ask: boolean): Promise<ProjectSession> {
    const existing = await this.forFile(file);
    if (existing !== null) {
      return existing;
    }
    const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file))?.uri.fsPath ?? path.dirname(file);
    const initialise = vscode.l10n.t('Initialise project');
    if (ask) {
      const answer = await vscode.window.showInformationMessage(
        vscode.l10n.t('Runs are kept in a project, and {0} is none yet. Initialising writes an ml.yaml there and a folder .ml for results.', path.basename(folder)),
        { modal: true },
        initialise,
      );
      if (answer !== initialise) {
        throw new vscode.CancellationError();
      }
    }
    return this.initialise(folder);
  }

  /** Writes ml.yaml (if it is not there) and .ml/ into the folder. */
  async initialise(folder: string): Promise<ProjectSession> {
    const { initialiseProject } = await import('../../core/project/api.ts');
    const project = await initialiseProject(folder);
    const session = this.#sessionOf(project);
    this.rescan();
    return session;
  }

  #sessionOf(project: Project): ProjectSession {
    const known = this.#sessions.get(project.root);
    if (known !== undefined) {
      return known;
    }
    const session = new ProjectSession(project, this.#runtime, this.#log);
    session.onDidChange(() => this.#sessionChanged.fire(session));
    session.onEvent((event) => this.#events.fire({ session, event }));
    this.#sessions.set(project.root, session);
    return session;
  }

  async #find(): Promise<void> {
    const { findProject, projectAt } = await import('../../core/project/api.ts');
    const inside = await vscode.workspace.findFiles(`**/${projectFileName}`, excludedFolders, 50);
    const above = await Promise.all((vscode.workspace.workspaceFolders ?? []).map((folder) => findProject(folder.uri.fsPath)));
    const roots = new Map<string, Project>();
    for (const project of [...above.filter((each) => each !== null), ...inside.map((uri) => projectAt(path.dirname(uri.fsPath)))]) {
      roots.set(project.root, project);
    }
    for (const [root, session] of this.#sessions) {
      if (!roots.has(root)) {
        session.dispose();
        this.#sessions.delete(root);
      }
    }
    for (const project of roots.values()) {
      this.#sessionOf(project);
    }
  }

  dispose(): void {
    for (const session of this.#sessions.values()) {
      session.dispose();
    }
    for (const each of this.#disposables) {
      each.dispose();
    }
  }
}
