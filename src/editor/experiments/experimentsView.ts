// The Experiments view: runs in the groups and the order that the person chose, live.
import * as vscode from 'vscode';
import type { RunSummary } from '../../contracts/runs.ts';
import type { Editor } from '../platform/editor.ts';
import { connectionItem, connectionNode, projectItem, projectNode, type ProjectNode } from '../platform/nodes.ts';
import type { ProjectSession } from '../platform/session.ts';
import { ShownTree } from '../platform/shownTree.ts';
import { Throttle } from '../platform/throttle.ts';
import type { ArrangementStore } from './arrangement.ts';
import { neededFor } from './runGroups.ts';
import { arrangementWords, filterWords } from './arrangementWords.ts';
import { listOf, lookOf, type ArchiveNode, type GroupNode, type MoreNode, type Node } from './experimentNodes.ts';
import type { FilteredRuns } from './filteredRuns.ts';
import { archiveItem, experimentItem, groupItem, moreItem } from './groupItems.ts';
import { RunLists, type ListedGroup } from './runLists.ts';
import { runItem, runTooltip, type RunSurroundings } from './runItems.ts';
import type { ExperimentNode, RunNode } from './runs.ts';

/** Opens what is selected. It takes no argument, as VS Code forgets those of an item that is drawn again. */
const openSelected = 'mlLifecycle.openSelectedRun';
/** How often, and how many times, the selected item is looked for while it is drawn again. In milliseconds. */
const [lookEvery, looks] = [20, 100];

export class ExperimentsView implements vscode.TreeDataProvider<Node> {
  readonly #editor: Editor;
  readonly #arrangement: ArrangementStore;
  readonly #filtered: FilteredRuns;
  readonly #lists: RunLists;
  readonly #tree: vscode.TreeView<Node>;
  readonly #changed = new vscode.EventEmitter<Node[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #shown = new ShownTree<Node>();
  /** One object per item, so that the tree keeps what is selected and open. */
  readonly #nodes = new Map<string, Node>();
  readonly #sessions = new Map<string, ProjectSession>();
  #remote = '';

  constructor(editor: Editor) {
    const { arrangement, filteredRuns: filtered } = editor;
    this.#editor = editor;
    this.#arrangement = arrangement;
    this.#filtered = filtered;
    this.#lists = new RunLists(arrangement, filtered);
    this.#tree = vscode.window.createTreeView('mlLifecycle.experiments', { treeDataProvider: this, canSelectMany: true, showCollapseAll: true });
    const refresh = new Throttle(() => {
      if (this.#tree.visible) {
        this.#refresh();
      }
    }, 250);
    const renew = (): void => {
      this.#lists.forget();
      refresh.poke();
    };
    // Durations of what runs go on.
    const clock = setInterval(() => {
      if (this.#tree.visible && [...this.#sessions.values()].some((session) => this.#lists.anyRunning(session))) {
        refresh.poke();
      }
    }, 1000);
    editor.context.subscriptions.push(
      this.#tree,
      this.#changed,
      refresh,
      { dispose: () => clearInterval(clock) },
      this.#tree.onDidChangeVisibility(() => refresh.poke()),
      editor.projects.onDidChange(() => this.#changed.fire(undefined)),
      editor.projects.onDidChangeSession(renew),
      filtered.onDidChange(() => {
        renew();
        this.#say();
      }),
      arrangement.onDidChange(() => {
        this.#lists.startOver();
        this.#changed.fire(undefined);
        this.#say();
      }),
      vscode.commands.registerCommand(openSelected, () => this.#open()),
    );
  }

  /** Shows a run and selects it; nothing where the filter hides it. */
  async reveal(session: ProjectSession, runId: string): Promise<void> {
    this.#sessions.set(session.project.root, session);
    this.#lists.forget();
    const group = this.#lists.groupOf(session, runId);
    if (group === undefined) {
      return;
    }
    const rows: [list: string, index: number][] = [[listOf(session, 'root'), this.#lists.groups(session).findIndex(({ key }) => key === group.key)]];
    const indexIn = (runs: readonly RunSummary[], id: string): number => runs.findIndex(({ run_id }) => run_id === id);
    let id = runId;
    for (let parent = this.#lists.parentOf(session, id); parent !== undefined; parent = this.#lists.parentOf(session, id)) {
      rows.push([listOf(session, `run ${parent}`), indexIn(this.#lists.childrenOf(session, parent), id)]);
      id = parent;
    }
    rows.push([listOf(session, this.#groupList(group.key)), indexIn(this.#lists.runsOf(session, group.key), id)]);
    rows.forEach(([list, index]) => this.#lists.showRow(list, index));
    this.#refresh();
    await this.#tree.reveal(this.#runNode(session, runId), { select: true, focus: false });
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!vscode.workspace.isTrusted) {
      return [];
    }
    if (node === undefined) {
      await this.#arrangement.read();
      await this.#wake();
      this.#say();
    }
    return this.#shown.children(node, this.#childrenOf(node));
  }

  #childrenOf(node: Node | undefined): Node[] {
    if (node === undefined) {
      const sessions = [...this.#sessions.values()];
      const [only] = sessions;
      return sessions.length === 1 && only !== undefined ? this.#groups(only) : sessions.map((session) => this.#projectNode(session));
    }
    if (node.kind === 'project') {
      return this.#groups(node.session);
    }
    const session = node.kind === 'connection' || node.kind === 'more' ? undefined : this.#sessions.get(node.project);
    if (session === undefined) {
      return [];
    }
    switch (node.kind) {
      case 'archive':
        return [
          ...this.#lists.archivedExperiments(session).map((experiment) => this.#experimentNode(session, experiment.name)),
          ...this.#page(session, 'archive', this.#lists.archivedAlone(session), (run) => this.#runNode(session, run.run_id)),
        ];
      case 'experiment':
      case 'group': {
        const name = node.kind === 'experiment' ? node.name : node.key;
        const list = node.kind === 'experiment' && session.experiments.get(node.name)?.archived ? this.#lists.archivedOf(session, node.name) : this.#lists.runsOf(session, name);
        return this.#page(session, this.#groupList(name), list, (run) => this.#runNode(session, run.run_id));
      }
      case 'run':
        return this.#page(session, `run ${node.run_id}`, this.#lists.childrenOf(session, node.run_id), (run) => this.#runNode(session, run.run_id));
      default:
        return [];
    }
  }

  async getParent(node: Node): Promise<Node | undefined> {
    if (node.kind === 'run') {
      const session = this.#sessions.get(node.project);
      const above = session === undefined ? undefined : (this.#lists.parentOf(session, node.run_id) ?? this.#lists.groupOf(session, node.run_id));
      return session === undefined || above === undefined ? undefined : typeof above === 'string' ? this.#runNode(session, above) : this.#groupNode(session, above);
    }
    const session = 'project' in node ? this.#sessions.get(node.project) : undefined;
    const several = (await this.#editor.projects.sessions()).length > 1;
    return session !== undefined && node.kind !== 'more' && several ? this.#projectNode(session) : undefined;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const item = this.#itemOf(node);
    this.#shown.look(node, lookOf(item));
    return item;
  }

  resolveTreeItem(item: vscode.TreeItem, node: Node): vscode.TreeItem {
    const run = node.kind === 'run' ? this.#runOf(node) : undefined;
    if (run !== undefined) {
      item.tooltip = runTooltip(run.run, this.#around(run.session, run.run));
    }
    return item;
  }

  #itemOf(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case 'project':
        return projectItem(node);
      case 'connection':
        return connectionItem(node);
      case 'experiment': {
        const session = this.#sessions.get(node.project);
        const archived = session?.experiments.get(node.name)?.archived ?? false;
        return experimentItem(node, session === undefined ? 0 : archived ? this.#lists.archivedOf(session, node.name).length : this.#lists.size(session, node.name), archived);
      }
      case 'group':
        return groupItem(node, this.#arrangement.now.group, this.#lists.size(this.#sessions.get(node.project), node.key));
      case 'archive':
        return archiveItem(node.project, this.#sessions.get(node.project)?.archived?.size ?? 0);
      case 'more': {
        const item = moreItem(node.project, node.list, this.#lists.hidden(node.list));
        item.command = { command: openSelected, title: vscode.l10n.t('Show more') };
        return item;
      }
      case 'run': {
        const found = this.#runOf(node);
        if (found === undefined) {
          return new vscode.TreeItem(node.run_id);
        }
        const item = runItem(node, found.run, this.#around(found.session, found.run));
        item.command = { command: openSelected, title: vscode.l10n.t('Open run') };
        return item;
      }
    }
  }

  #around(session: ProjectSession, run: RunSummary): RunSurroundings {
    const experiment = session.experiments.get(run.experiment);
    const { keyMetric, baseline } = this.#lists.measures(session, experiment);
    return { keyMetric, baseline, now: Date.now(), hasChildren: this.#lists.childrenOf(session, run.run_id).length > 0 };
  }

  #runOf(node: RunNode): { session: ProjectSession; run: RunSummary } | undefined {
    const session = this.#sessions.get(node.project);
    const run = session?.runs.get(node.run_id) ?? session?.archived?.get(node.run_id);
    return session === undefined || run === undefined ? undefined : { session, run };
  }

  /** What a click, or Enter, on a row does. */
  async #open(): Promise<void> {
    for (let look = 0; look < looks; look += 1) {
      const [node] = this.#tree.selection;
      if (node?.kind === 'run') {
        await vscode.commands.executeCommand('mlLifecycle.openRun', node);
        return;
      }
      if (node?.kind === 'more') {
        this.#lists.showMore(node.list);
        this.#refresh();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, lookEvery));
    }
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
    this.#say();
  }

  /** What is said of the remote server that the runs come from; '' for none. */
  showRemote(sentence: string): void {
    this.#remote = sentence;
    this.#say();
  }

  /** Above the runs: where they come from, the filter and what it leaves; in the title: how they are arranged. */
  #say(): void {
    const sessions = [...this.#sessions.values()];
    const total = sessions.reduce((sum, session) => sum + session.runs.size, 0);
    const left = sessions.reduce((sum, session) => sum + this.#lists.count(session), 0);
    const filter = filterWords(this.#arrangement.now.filter, this.#filtered, left, total);
    const message = [this.#remote, filter].filter((line) => line !== '').join('\n');
    const description = arrangementWords(this.#arrangement.now);
    // Setting either to what it is would draw the view's head again.
    if ((this.#tree.message ?? '') !== message) {
      this.#tree.message = message;
    }
    if ((this.#tree.description ?? '') !== description) {
      this.#tree.description = description;
    }
  }

  async #wake(): Promise<void> {
    const sessions = await this.#editor.projects.sessions();
    this.#sessions.clear();
    for (const session of sessions) {
      this.#sessions.set(session.project.root, session);
    }
    const needed = neededFor(this.#arrangement.now.group);
    sessions.forEach((session) => session.need(needed));
    await Promise.all(sessions.map((session) => session.wake()));
    if (this.#arrangement.now.archived) {
      await Promise.all(sessions.map((session) => (session.connection.kind === 'connected' && session.archived === null ? session.loadArchived() : undefined)));
    }
  }

  #groups(session: ProjectSession): Node[] {
    const connection = connectionNode(session, session.runs.size);
    if (connection !== null) {
      return [this.#kept(`connection ${session.project.root}`, connection)];
    }
    const groups = this.#page(session, 'root', this.#lists.groups(session), (group) => this.#groupNode(session, group));
    const archive: ArchiveNode = { kind: 'archive', project: session.project.root };
    return this.#arrangement.now.archived ? [...groups, this.#kept(`archive ${session.project.root}`, archive)] : groups;
  }

  #page<T>(session: ProjectSession, list: string, rows: readonly T[], nodeOf: (row: T) => Node): Node[] {
    const key = listOf(session, list);
    const { shown, hidden } = this.#lists.page(key, rows);
    const more: MoreNode = { kind: 'more', project: session.project.root, list: key };
    return hidden === 0 ? shown.map(nodeOf) : [...shown.map(nodeOf), this.#kept(`more ${key}`, more)];
  }

  #groupList(key: string | null): string {
    return `group ${this.#arrangement.now.group.by} ${key ?? ''}`;
  }

  #projectNode(session: ProjectSession): ProjectNode {
    return this.#kept(session.project.root, projectNode(session));
  }

  #groupNode(session: ProjectSession, group: Pick<ListedGroup, 'key'>): ExperimentNode | GroupNode {
    const { by } = this.#arrangement.now.group;
    if ((by === 'experiment' || by === 'parent') && group.key !== null) {
      return this.#experimentNode(session, group.key);
    }
    return this.#kept(`group ${session.project.root} ${group.key === null ? 'none' : `= ${group.key}`}`, { kind: 'group', project: session.project.root, key: group.key });
  }

  #experimentNode(session: ProjectSession, name: string): ExperimentNode {
    return this.#kept(`experiment ${session.project.root} ${name}`, { kind: 'experiment', project: session.project.root, name });
  }

  #runNode(session: ProjectSession, run_id: string): RunNode {
    return this.#kept(`run ${session.project.root} ${run_id}`, { kind: 'run', project: session.project.root, run_id });
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
