// How the Experiments view is set up in this workspace: kept over reloads.
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { GroupBy, SortBy } from './runGroups.ts';

const Arrangement = z.object({
  /** In MLflow's search language, or words; empty: all runs. */
  filter: z.string(),
  group: GroupBy,
  sort: SortBy,
  /** Whether the archive is shown. */
  archived: z.boolean(),
});
export type Arrangement = z.infer<typeof Arrangement>;

const place = 'mlLifecycle.experiments';
const usual: Arrangement = { filter: '', group: { by: 'experiment' }, sort: 'newest', archived: false };

export class ArrangementStore implements vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<Arrangement>();
  readonly onDidChange = this.#changed.event;
  #now: Arrangement;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
    const kept = Arrangement.safeParse(memory.get(place));
    this.#now = kept.success ? kept.data : usual;
    this.#tell();
  }

  get now(): Arrangement {
    return this.#now;
  }

  change(change: Partial<Arrangement>): void {
    this.#now = { ...this.#now, ...change };
    void this.#memory.update(place, this.#now);
    this.#tell();
    this.#changed.fire(this.#now);
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
