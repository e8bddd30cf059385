// How the Experiments view is set up in this workspace: kept over reloads.
import * as vscode from 'vscode';
import type { GroupBy, SortBy } from './runGroups.ts';

export interface Arrangement {
  /** In MLflow's search language, or words; empty: all runs. */
  filter: string;
  group: GroupBy;
  sort: SortBy;
  /** Whether the archive is shown. */
  archived: boolean;
}

const place = 'mlLifecycle.experiments';
const usual: Arrangement = { filter: '', group: { by: 'experiment' }, sort: 'newest', archived: false };

export class ArrangementStore implements vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<Arrangement>();
  readonly onDidChange = this.#changed.event;
  #now = usual;
  #read: Promise<void> | undefined;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** As `read` found it or `change` made it. */
  get now(): Arrangement {
    return this.#now;
  }

  /** Resolves when `now` is what the workspace keeps. */
  read(): Promise<void> {
    this.#read ??= this.#recall();
    return this.#read;
  }

  async change(change: Partial<Arrangement>): Promise<void> {
    await this.read();
    this.#now = { ...this.#now, ...change };
    this.#tell();
    this.#changed.fire(this.#now);
    await this.#memory.update(place, this.#now);
  }

  async #recall(): Promise<void> {
    const kept = this.#memory.get(place);
    if (kept !== undefined) {
      const { KeptArrangement } = await import('./arrangementSchema.ts');
      const parsed = KeptArrangement.safeParse(kept);
      this.#now = parsed.success ? parsed.data : usual;
      this.#tell();
    }
  }

  /** For `when` clauses: which of two opposite commands is offered. */
  #tell(): void {
    void vscode.commands.executeCommand('setContext', 'mlLifecycle.runsFiltered', this.#now.filter !== '');
    void vscode.commands.executeCommand('setContext', 'mlLifecycle.archiveShown', this.#now.archived);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
