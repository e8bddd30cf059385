// Which runs the view's filter finds. The project server searches; asked again when runs change.
import * as vscode from 'vscode';
import { sentenceOf } from '../platform/problems.ts';
import type { Projects } from '../platform/projects.ts';
import type { ProjectSession } from '../platform/session.ts';
import { Throttle } from '../platform/throttle.ts';
import type { ArrangementStore } from './arrangement.ts';

/** While runs change, searched again at most so often, in milliseconds. */
const calm = 1000;

export class FilteredRuns implements vscode.Disposable {
  readonly #projects: Projects;
  readonly #arrangement: ArrangementStore;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #found = new Map<ProjectSession, ReadonlySet<string>>();
  readonly #again: Throttle;
  readonly #listener: vscode.Disposable;
  /** Why the filter cannot be read; null where it can. */
  problem: string | null = null;

  constructor(projects: Projects, arrangement: ArrangementStore) {
    this.#projects = projects;
    this.#arrangement = arrangement;
    this.#again = new Throttle(() => void this.#search(), calm);
    this.#listener = projects.onDidChangeSession(() => {
      this.#again.poke();
    });
  }

  /** Resolves when all connected projects have answered. */
  async set(filter: string): Promise<void> {
    this.#found.clear();
    this.problem = null;
    await this.#arrangement.change({ filter });
    await this.#search();
  }

  /** Whether no project has answered yet. */
  get searching(): boolean {
    return this.#arrangement.now.filter !== '' && this.#found.size === 0 && this.problem === null;
  }

  /** The ids of a project's runs that are to be shown; null where all are. Nothing until the first answer. */
  of(session: ProjectSession): ReadonlySet<string> | null {
    return this.#arrangement.now.filter === '' ? null : (this.#found.get(session) ?? new Set());
  }

  async #search(): Promise<void> {
    await this.#arrangement.read();
    const text = this.#arrangement.now.filter;
    const found = new Map<ProjectSession, ReadonlySet<string>>();
    let problem: string | null = null;
    if (text !== '') {
      for (const session of await this.#projects.sessions()) {
        if (session.connection.kind === 'connected') {
          try {
            found.set(session, new Set(await session.connection.client.findRunIds({ text })));
          } catch (error) {
            problem = sentenceOf(error);
          }
        }
      }
    }
    if (text === this.#arrangement.now.filter && (problem !== this.problem || !same(found, this.#found))) {
      this.problem = problem;
      this.#found.clear();
      found.forEach((ids, session) => this.#found.set(session, ids));
      this.#changed.fire();
    }
  }

  dispose(): void {
    this.#again.dispose();
    this.#listener.dispose();
    this.#changed.dispose();
  }
}

function same(a: ReadonlyMap<ProjectSession, ReadonlySet<string>>, b: ReadonlyMap<ProjectSession, ReadonlySet<string>>): boolean {
  return a.size === b.size && [...a].every(([session, ids]) => b.get(session)?.size === ids.size && [...ids].every((id) => b.get(session)?.has(id)));
}
