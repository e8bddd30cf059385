// Kernels of the chosen Python that this extension holds itself, where the Jupyter extension is not installed.
import path from 'node:path';
import * as vscode from 'vscode';
import type { KernelOutput } from '../../contracts/kernels.ts';
import { UserError } from '../../contracts/userError.ts';
import { plainEnvironment } from '../../core/jobs/environment.ts';
import { KernelBridge } from '../../core/notebooks/api.ts';
import { interpreterLabel } from '../../core/python/labels.ts';
import { offerPackages } from '../platform/offerPackages.ts';
import type { Editor } from '../platform/editor.ts';
import { sentenceOf } from '../platform/problems.ts';
import { OutputWriter } from './outputWriter.ts';
import { beginTracking, type LiveKernel } from './liveKernel.ts';
import { variablesOf } from './tracking.ts';

interface Held {
  bridge: KernelBridge;
  kernel: LiveKernel;
  restarted: vscode.EventEmitter<void>;
}

export class OwnKernels implements vscode.Disposable {
  readonly #editor: Editor;
  readonly #controller: vscode.NotebookController;
  readonly #held = new Map<string, Promise<Held>>();
  /** Cells of one notebook run one after another. */
  readonly #turns = new Map<string, Promise<void>>();
  readonly #listener: vscode.Disposable;

  constructor(editor: Editor, controller: vscode.NotebookController) {
    this.#editor = editor;
    this.#controller = controller;
    this.#listener = vscode.workspace.onDidCloseNotebookDocument((document) => this.#end(document.uri.toString()));
  }

  /** The notebook's kernel, started where it has none. */
  async kernel(document: vscode.NotebookDocument): Promise<LiveKernel> {
    return (await this.#get(document)).kernel;
  }

  /** Runs cells in their order, until one fails. */
  async run(cells: readonly vscode.NotebookCell[], document: vscode.NotebookDocument): Promise<void> {
    const key = document.uri.toString();
    const before = this.#turns.get(key) ?? Promise.resolve();
    const executions = cells.map((cell) => this.#controller.createNotebookCellExecution(cell));
    const turn = before.then(async () => {
      let failed = false;
      for (const execution of executions) {
        // Those behind a cell that failed wait no longer.
        if (failed) {
          execution.start();
          execution.end(undefined);
        } else {
          failed = !(await this.#runOne(execution, document));
        }
      }
    });
    this.#turns.set(key, turn);
    await turn;
  }

  async interrupt(document: vscode.NotebookDocument): Promise<void> {
    (await this.#held.get(document.uri.toString()))?.bridge.interrupt();
  }

  /** A kernel without names; the one of before ends. */
  async restart(document: vscode.NotebookDocument): Promise<void> {
    const { bridge } = await this.#get(document);
    await bridge.restart();
  }

  async #runOne(execution: vscode.NotebookCellExecution, document: vscode.NotebookDocument): Promise<boolean> {
    execution.start(Date.now());
    const writer = new OutputWriter(execution);
    let success = false;
    try {
      await execution.clearOutput();
      const { bridge } = await this.#get(document);
      const outcome = await bridge.execute(execution.cell.document.getText(), { onOutput: (output: KernelOutput) => writer.write(output), onQuestion: ask });
      execution.executionOrder = outcome.execution_count ?? undefined;
      success = outcome.error === null;
    } catch (error) {
      if (!(error instanceof vscode.CancellationError)) {
        writer.write({ kind: 'error', content: { ename: 'Kernel', evalue: sentenceOf(error), traceback: [sentenceOf(error)] } });
      }
    }
    await writer.written();
    execution.end(success, Date.now());
    return success;
  }

  #get(document: vscode.NotebookDocument): Promise<Held> {
    const key = document.uri.toString();
    let held = this.#held.get(key);
    if (held === undefined) {
      held = this.#start(document, key);
      this.#held.set(key, held);
      held.catch(() => this.#held.delete(key));
    }
    return held;
  }

  async #start(document: vscode.NotebookDocument, key: string): Promise<Held> {
    const { log, interpreters } = this.#editor;
    const python = await interpreters.require(document.uri);
    await offerPackages(interpreters, python, ['ipykernel', 'jupyter_client'], vscode.l10n.t('Running cells needs ipykernel, which {0} lacks.', interpreterLabel(python)), vscode.l10n.t('Install ipykernel'));
    const restarted = new vscode.EventEmitter<void>();
    let first = true;
    const bridge: KernelBridge = new KernelBridge({
      python: python.path,
      file: path.join((await this.#editor.runtime()).folder, 'assets', 'python', 'kernel_bridge.py'),
      cwd: document.isUntitled ? (vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? process.cwd()) : path.dirname(document.uri.fsPath),
      env: plainEnvironment(process.env),
      onLog: (line) => log.info(`Kernel of ${path.basename(document.uri.fsPath)}: ${line}`),
      onReady: () => {
        if (!first) {
          void this.#track(document, kernel).then(() => restarted.fire());
        }
        first = false;
      },
      onEnd: () => {
        restarted.dispose();
        this.#held.delete(key);
      },
    });
    const kernel: LiveKernel = { label: interpreterLabel(python), execute: (code) => executed(bridge, code), onDidRestart: restarted.event };
    await bridge.started;
    await this.#track(document, kernel);
    return { bridge, kernel, restarted };
  }

  /** What cells log with MLflow lands in the project around their notebook, where there is one. */
  async #track(document: vscode.NotebookDocument, kernel: LiveKernel): Promise<void> {
    try {
      const session = document.isUntitled ? null : await this.#editor.projects.forFile(document.uri.fsPath);
      if (session !== null) {
        await beginTracking(this.#editor, kernel, 'track', await variablesOf(session, document.uri, null), false);
      }
    } catch (error) {
      this.#editor.log.warn(sentenceOf(error));
    }
  }

  #end(key: string): void {
    this.#turns.delete(key);
    void this.#held.get(key)?.then(({ bridge }) => bridge.dispose(), () => undefined);
    this.#held.delete(key);
  }

  dispose(): void {
    this.#listener.dispose();
    for (const key of [...this.#held.keys()]) {
      this.#end(key);
    }
  }
}

async function executed(bridge: KernelBridge, code: string): Promise<string> {
  let said = '';
  const { error } = await bridge.execute(code, {
    hidden: true,
    onOutput: (output) => {
      said += output.kind === 'stream' ? output.content.text : '';
    },
  });
  if (error !== null) {
    throw new UserError(`${error.ename}: ${error.evalue}`);
  }
  return said;
}

/** input() in a cell. */
async function ask(prompt: string, password: boolean): Promise<string | null> {
  return (await vscode.window.showInputBox({ prompt: prompt.trim() || vscode.l10n.t('The cell asks for a line of text'), password, ignoreFocusOut: true })) ?? null;
}
