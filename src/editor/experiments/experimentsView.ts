// The Experiments view: runs by experiment, newest first, live.
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunSummary } from '../../contracts/runs.ts';
import type { Editor } from '../platform/editor.ts';
import { connectionItem, connectionNode, projectItem, projectNode, type ConnectionNode, type ProjectNode } from '../platform/nodes.ts';
import type { ProjectSession } from '../platform/session.ts';
import { ShownTree } from '../platform/shownTree.ts';
import { Throttle } from '../platform/throttle.ts';
import { figure, headline, metricName } from './figures.ts';
import { isEnded, newestFirst, statusWord, type RunNode } from './runs.ts';

interface ExperimentNode {
  kind: 'experiment';
  session: ProjectSession;
  name: string;
}
type Node = ProjectNode | ConnectionNode | ExperimentNode | RunNode;

export class ExperimentsView implements vscode.TreeDataProvider<Node> {
  readonly #editor: Editor;
  readonly #changed = new vscode.EventEmitter<Node[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #shown = new ShownTree<Node>();
  /** One object per item, so that the tree keeps what is selected and open. */
  readonly #nodes = new Map<string, Node>();
  readonly #sessions = new Map<string, ProjectSession>();

  constructor(editor: Editor) {
    this.#editor = editor;
    const refresh = new Throttle(() => this.#refresh(), 250);
    editor.context.subscriptions.push(
      this.#changed,
      refresh,
      editor.projects.onDidChange(() => this.#changed.fire(undefined)),
      editor.projects.onDidChangeSession(() => refresh.poke()),
    );
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!vscode.workspace.isTrusted) {
      return [];
    }
    if (node === undefined) {
      await this.#wake();
    }
    return this.#shown.children(node, this.#childrenOf(node));
  }

  #childrenOf(node: Node | undefined): Node[] {
    switch (node?.kind) {
      case undefined: {
        const sessions = [...this.#sessions.values()];
        const [only] = sessions;
        return sessions.length === 1 && only !== undefined ? this.#experiments(only) : sessions.map((session) => this.#projectNode(session));
      }
      case 'project':
        return this.#experiments(node.session);
      case 'experiment':
        return newestFirst(node.session.runs.values())
          .filter((run) => run.experiment === node.name)
          .map((run) => this.runNode(node.session, run.run_id));
      default:
        return [];
    }
  }

  async getParent(node: Node): Promise<Node | undefined> {
    if (node.kind === 'run') {
      const session = this.#sessionOf(node);
      const experiment = session?.runs.get(node.run_id)?.experiment;
      return session === undefined || experiment === undefined ? undefined : this.#experimentNode(session, experiment);
    }
    const several = (await this.#editor.projects.sessions()).length > 1;
    return node.kind === 'experiment' && several ? this.#projectNode(node.session) : undefined;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const item = this.#itemOf(node);
    this.#shown.look(node, lookOf(item));
    return item;
  }

  #itemOf(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case 'project':
        return projectItem(node);
      case 'connection':
        return connectionItem(node);
      case 'experiment':
        return experimentItem(node);
      case 'run': {
        const run = this.#sessionOf(node)?.runs.get(node.run_id);
        return run === undefined ? new vscode.TreeItem(node.run_id) : runItem(node, run);
      }
    }
  }

  /** The item of a run, for revealing it. */
  runNode(session: ProjectSession, runId: string): RunNode {
    this.#sessions.set(session.project.root, session);
    return this.#kept(`run ${session.project.root} ${runId}`, { kind: 'run', project: session.project.root, run_id: runId });
  }

  #sessionOf(node: RunNode): ProjectSession | undefined {
    return this.#sessions.get(node.project);
  }

  /** Draws what changed, and nothing else. */
  #refresh(): void {
    const changed = this.#shown.changed(
      (parent) => this.#childrenOf(parent),
      (node) => lookOf(this.#itemOf(node)),
    );
    if (changed.length > 0) {
      const items = changed.filter((node) => node !== undefined);
      this.#changed.fire(items.length === changed.length ? items : undefined);
    }
  }

  async #wake(): Promise<void> {
    const sessions = await this.#editor.projects.sessions();
    this.#sessions.clear();
    for (const session of sessions) {
      this.#sessions.set(session.project.root, session);
    }
    await Promise.all(sessions.map((session) => session.wake()));
  }

  #experiments(session: ProjectSession): Node[] {
    const connection = connectionNode(session, session.runs.size);
    if (connection !== null) {
      return [this.#kept(`connection ${session.project.root}`, connection)];
    }
    const names = new Set(newestFirst(session.runs.values()).map((run) => run.experiment));
    return [...names].map((name) => this.#experimentNode(session, name));
  }

  #projectNode(session: ProjectSession): ProjectNode {
    return this.#kept(session.project.root, projectNode(session));
  }

  #experimentNode(session: ProjectSession, name: string): ExperimentNode {
    return this.#kept(`experiment ${session.project.root} ${name}`, { kind: 'experiment', session, name });
  }

  #kept<T extends Node>(key: string, node: T): T {
    const known = this.#nodes.get(key);
    if (known?.kind === node.kind && (!('session' in node) || ('session' in known && known.session === node.session))) {
      return known as T;
    }
    this.#nodes.set(key, node);
    return node;
  }
}

/** All of an item that a person can see or that decides what is offered on it. */
function lookOf({ label, description, tooltip, iconPath, contextValue, collapsibleState }: vscode.TreeItem): string {
  return JSON.stringify([label, description, tooltip instanceof vscode.MarkdownString ? tooltip.value : tooltip, iconPath, contextValue, collapsibleState]);
}

function experimentItem(node: ExperimentNode): vscode.TreeItem {
  const runs = [...node.session.runs.values()].filter((run) => run.experiment === node.name);
  const item = new vscode.TreeItem(node.name, vscode.TreeItemCollapsibleState.Expanded);
  item.id = `${node.session.project.root}\n${node.name}`;
  item.iconPath = new vscode.ThemeIcon('beaker');
  // Nothing that changes while runs go on: an experiment that is refreshed takes its runs with it.
  item.description = runs.length === 1 ? vscode.l10n.t('1 run') : vscode.l10n.t('{0} runs', runs.length);
  item.contextValue = 'experiment';
  return item;
}

const icons: Record<RunSummary['status'], [icon: string, colour?: string]> = {
  queued: ['clock'],
  running: ['loading~spin', 'charts.blue'],
  finished: ['pass', 'testing.iconPassed'],
  failed: ['error', 'testing.iconFailed'],
  cancelled: ['circle-slash', 'testing.iconSkipped'],
};

function runItem(node: RunNode, run: RunSummary): vscode.TreeItem {
  const item = new vscode.TreeItem(shortName(run));
  const [icon, colour] = icons[run.status];
  item.id = `${node.project}\n${run.run_id}`;
  item.iconPath = new vscode.ThemeIcon(icon, colour === undefined ? undefined : new vscode.ThemeColor(colour));
  item.description = describe(run);
  item.tooltip = tooltip(run);
  item.contextValue = ['run', run.kind, run.status, isEnded(run) ? 'ended' : run.kind === 'external' ? 'elsewhere' : 'active'].join(' ');
  item.command = { command: 'mlLifecycle.openRun', title: vscode.l10n.t('Open run'), arguments: [node] };
  item.accessibilityInformation = { label: [run.name, statusWord(run.status), headline(run)].filter((part) => part !== '').join(', ') };
  return item;
}

/** Without the file that the name ends with: the experiment above says it, and a narrow view has no room for both. */
function shortName({ name, source }: RunSummary): string {
  return name.replace(` on ${path.basename(source)}`, '');
}

function describe(run: RunSummary): string {
  if (run.status === 'running' && run.progress !== null) {
    return `${Math.round(run.progress.fraction * 100)} % · ${run.progress.message}`;
  }
  if (!isEnded(run)) {
    return statusWord(run.status);
  }
  const result = run.status === 'finished' ? headline(run) : statusWord(run.status);
  return [result, when(run.created)].filter((part) => part !== '').join(' · ');
}

/** The time of day for today, else the date. */
function when(milliseconds: number): string {
  const date = new Date(milliseconds);
  return date.toDateString() === new Date().toDateString()
    ? date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
    : date.toLocaleDateString(undefined, { year: 'numeric', month: 'short', day: 'numeric' });
}

function tooltip(run: RunSummary): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  const line = (label: string, value: string): void => {
    text.appendMarkdown(`**${label}** `).appendText(value).appendMarkdown('  \n');
  };
  line(vscode.l10n.t('Run'), run.name);
  line(vscode.l10n.t('State'), run.status === 'running' && run.progress !== null ? describe(run) : statusWord(run.status));
  if (run.error !== null) {
    line(vscode.l10n.t('Error'), run.error);
  }
  line(vscode.l10n.t('Source'), run.source);
  line(vscode.l10n.t('Started'), new Date(run.started ?? run.created).toLocaleString());
  const metrics = Object.entries(run.metrics)
    .filter(([key, value]) => value !== null && !key.includes('/'))
    .sort(([a], [b]) => Number(a.startsWith('cv_')) - Number(b.startsWith('cv_')));
  for (const [key, value] of metrics.slice(0, 8)) {
    line(metricName(key), figure(value ?? Number.NaN));
  }
  return text;
}
