// A run's output in a terminal. The terminal only watches: closing it, or the window, leaves the run alone.
import * as vscode from 'vscode';
import type { ProjectSession } from '../platform/session.ts';
import type { Projects } from '../platform/projects.ts';
import { sentenceOf } from '../platform/problems.ts';

/** Written by this class alone, into the window's own memory. */
type Watched = { project: string; run_id: string }[];
const key = 'runTerminals';
const dim = (text: string): string => `\u001b[2m${text}\u001b[0m`;

export class RunTerminals implements vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #projects: Projects;
  readonly #log: vscode.LogOutputChannel;
  readonly #open = new Map<string, vscode.Terminal>();
  #leaving = false;

  constructor(memory: vscode.Memento, projects: Projects, log: vscode.LogOutputChannel) {
    this.#memory = memory;
    this.#projects = projects;
    this.#log = log;
  }

  /** Shows a run's output from its beginning; an open terminal is shown again. */
  async show(session: ProjectSession, runId: string, options: { preserveFocus: boolean }): Promise<void> {
    let terminal = this.#open.get(runId);
    if (terminal === undefined) {
      const { run } = await (await session.client()).run(runId);
      terminal = vscode.window.createTerminal({
        name: run.name,
        iconPath: new vscode.ThemeIcon('beaker'),
        isTransient: true,
        pty: this.#pty(session, runId),
      });
      this.#open.set(runId, terminal);
      await this.#remember([...this.#watched().filter((each) => each.run_id !== runId), { project: session.project.root, run_id: runId }]);
    }
    terminal.show(options.preserveFocus);
  }

  /** After a reload: opens the terminals again whose runs are still under way. */
  async restore(): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      return;
    }
    for (const { project, run_id } of this.#watched()) {
      try {
        const session = await this.#projects.at(project);
        await session?.wake();
        const status = session?.runs.get(run_id)?.status;
        if (session !== null && (status === 'running' || status === 'queued')) {
          await this.show(session, run_id, { preserveFocus: true });
        } else {
          await this.#forget(run_id);
        }
      } catch (error) {
        this.#log.warn(`The terminal of run ${run_id} could not be opened again: ${sentenceOf(error)}`);
      }
    }
  }

  #pty(session: ProjectSession, runId: string): vscode.Pseudoterminal {
    const write = new vscode.EventEmitter<string>();
    const closed = new AbortController();
    return {
      onDidWrite: write.event,
      open: () => {
        this.#follow(session, runId, (text) => write.fire(text), closed.signal).catch((error: unknown) => {
          if (!closed.signal.aborted) {
            write.fire(`\r\n${dim(sentenceOf(error))}\r\n`);
          }
        });
      },
      close: () => {
        closed.abort();
        write.dispose();
        this.#open.delete(runId);
        if (!this.#leaving) {
          void this.#forget(runId);
        }
      },
      handleInput: (data) => {
        if (data === '\u0003') {
          void vscode.commands.executeCommand('mlLifecycle.cancelRun', { kind: 'run', project: session.project.root, run_id: runId });
        }
      },
    };
  }

  async #follow(session: ProjectSession, runId: string, write: (text: string) => void, signal: AbortSignal): Promise<void> {
    const client = await session.client();
    if ((await client.run(runId)).run.status === 'queued' && [...session.runs.values()].some((run) => run.status === 'running')) {
      write(`${dim(vscode.l10n.t('Waiting for its turn: another run is going on.'))}\r\n`);
    }
    let end = '';
    for await (const piece of client.output(runId, 0, signal)) {
      end = (end + piece.text).slice(-5000);
      write(piece.text.replaceAll(/\r?\n/g, '\r\n'));
    }
    const { run } = await client.run(runId);
    const took = run.started !== null && run.ended !== null ? vscode.l10n.t('after {0} s', ((run.ended - run.started) / 1000).toFixed(1)) : '';
    write(`\r\n${dim([endSentence(run.status), took].filter((part) => part !== '').join(' '))}\r\n`);
    // What ended a run stands in its output already where its runner could still write.
    if (run.error !== null && !end.trimEnd().endsWith(run.error.trimEnd())) {
      write(`${dim(run.error.replaceAll(/\r?\n/g, '\r\n'))}\r\n`);
    }
  }

  #watched(): Watched {
    return this.#memory.get<Watched>(key, []);
  }

  async #remember(watched: Watched): Promise<void> {
    await this.#memory.update(key, watched);
  }

  async #forget(runId: string): Promise<void> {
    await this.#remember(this.#watched().filter((each) => each.run_id !== runId));
  }

  /** The window closes or reloads: its terminals close with it, and are opened again. */
  dispose(): void {
    this.#leaving = true;
  }
}

function endSentence(status: string): string {
  switch (status) {
    case 'finished':
      return vscode.l10n.t('The run has finished');
    case 'failed':
      return vscode.l10n.t('The run has failed');
    case 'cancelled':
      return vscode.l10n.t('The run was cancelled');
    default:
      return vscode.l10n.t('The run goes on');
  }
}
