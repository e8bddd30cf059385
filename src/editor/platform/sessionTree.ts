// What the views over projects share: which sessions they show, and when their tree is drawn again.
import * as vscode from 'vscode';
import type { Editor } from './editor.ts';
import { projectNode, type ProjectNode } from './nodes.ts';
import type { ProjectSession } from './session.ts';
import { Throttle } from './throttle.ts';

/** Sessions say often that something changed; a tree is drawn again at most so often, in milliseconds. */
const calm = 250;

/** The sessions of a view, and its event. The view draws their items. */
export class SessionTree {
  readonly #editor: Editor;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChange = this.#changed.event;
  readonly #sessions = new Map<string, ProjectSession>();
  readonly #look: (session: ProjectSession) => unknown;
  #shown = '';

  /** @param look what the view shows of a session: only when that is different is it drawn again. */
  constructor(editor: Editor, look: (session: ProjectSession) => unknown) {
    this.#editor = editor;
    this.#look = look;
    const refresh = new Throttle(() => {
      const now = this.#now();
      if (now !== this.#shown) {
        this.#shown = now;
        this.#changed.fire(undefined);
      }
    }, calm);
    editor.context.subscriptions.push(
      this.#changed,
      refresh,
      editor.projects.onDidChange(() => this.redraw()),
      editor.projects.onDidChangeSession(() => refresh.poke()),
    );
  }

  /** Draws the whole view again. */
  redraw(): void {
    this.#shown = '';
    this.#changed.fire(undefined);
  }

  /** The session of the project with this root, where the view shows it. */
  session(root: string): ProjectSession | undefined {
    return this.#sessions.get(root);
  }

  /** The topmost items: those of the only project, else a node for each. Connects where something is stored. */
  async roots<Node>(of: (session: ProjectSession) => Node[] | Promise<Node[]>): Promise<(Node | ProjectNode)[]> {
    const sessions = await this.#editor.projects.sessions();
    this.#sessions.clear();
    for (const session of sessions) {
      this.#sessions.set(session.project.root, session);
    }
    await Promise.all(sessions.map((session) => session.wake()));
    // What is given now need not be drawn again when a session next says something: an open menu would lose its item.
    this.#shown = this.#now();
    const [only] = sessions;
    return sessions.length === 1 && only !== undefined ? of(only) : sessions.map(projectNode);
  }

  #now(): string {
    return JSON.stringify([...this.#sessions.values()].map((session) => [session.connection.kind, this.#look(session)]));
  }
}
