// The part of the Jupyter extension's API that is used, over a real ipykernel: kernels are known once a cell was run, and
// code of other extensions is executed beside the cells.
import path from 'node:path';
import * as vscode from 'vscode';
import { KernelBridge } from '../../../src/core/notebooks/api.ts';

interface Output {
  items: { mime: string; data: Uint8Array }[];
}

/** What the extension gives to others, with what the tests look at besides. */
export interface FixtureApi {
  kernels: { getKernel(uri: vscode.Uri): Promise<object | undefined> };
  restart(uri: vscode.Uri): Promise<void>;
  kill(uri: vscode.Uri): void;
}

export function activate(): FixtureApi {
  const held = new Map<string, { bridge: KernelBridge; status: vscode.EventEmitter<string>; number: number }>();
  const controller = vscode.notebooks.createNotebookController('fixture', 'jupyter-notebook', 'Python (fixture)');
  controller.supportedLanguages = ['python'];
  controller.supportsExecutionOrder = true;
  const kernelFor = async (document: vscode.NotebookDocument): Promise<KernelBridge> => {
    const known = held.get(document.uri.toString());
    if (known !== undefined) {
      return known.bridge;
    }
    const status = new vscode.EventEmitter<string>();
    const bridge = new KernelBridge({
      python: process.env['ML_LIFECYCLE_TEST_JUPYTER'] ?? '',
      file: path.join(process.env['ML_LIFECYCLE_TEST_ROOT'] ?? '', 'python', 'kernel_bridge.py'),
      cwd: path.dirname(document.uri.fsPath),
      env: process.env,
      onLog: () => undefined,
      onReady: () => undefined,
      onEnd: () => held.delete(document.uri.toString()),
    });
    held.set(document.uri.toString(), { bridge, status, number: 0 });
    await bridge.started;
    return bridge;
  };
  controller.executeHandler = async (cells, document) => {
    for (const cell of cells) {
      const execution = controller.createNotebookCellExecution(cell);
      execution.start(Date.now());
      await execution.clearOutput();
      const bridge = await kernelFor(document);
      // As Jupyter does: what is printed grows in one output.
      let printed: vscode.NotebookCellOutput | null = null;
      let edits: PromiseLike<void> = Promise.resolve();
      const outcome = await bridge
        .execute(cell.document.getText(), {
          onOutput: ({ kind, content }) => {
            if (kind === 'stream') {
              const item = vscode.NotebookCellOutputItem.stdout(content.text);
              const before = printed;
              printed ??= new vscode.NotebookCellOutput([item]);
              const output = printed;
              edits = edits.then(() => (before === null ? execution.appendOutput(output) : execution.appendOutputItems(item, before)));
            } else if (kind === 'error') {
              const output = new vscode.NotebookCellOutput([vscode.NotebookCellOutputItem.error({ name: content.ename, message: content.evalue, stack: content.traceback.join('\n') })]);
              edits = edits.then(() => execution.appendOutput(output));
            }
          },
        })
        .catch(() => ({ execution_count: null, error: { ename: 'DeadKernelError', evalue: 'The Kernel crashed', traceback: [] } }));
      await edits;
      execution.executionOrder = outcome.execution_count ?? undefined;
      execution.end(outcome.error === null, Date.now());
      if (outcome.error !== null) {
        return;
      }
    }
  };
  controller.interruptHandler = (document) => held.get(document.uri.toString())?.bridge.interrupt();
  return {
    kernels: {
      getKernel: async (uri) => {
        const known = held.get(uri.toString());
        return known === undefined ? undefined : { language: 'python', status: 'idle', onDidChangeStatus: known.status.event, executeCode: (code: string) => executed(known.bridge, code) };
      },
    },
    restart: async (uri) => {
      const known = held.get(uri.toString());
      known?.status.fire('restarting');
      await known?.bridge.restart();
      known?.status.fire('idle');
    },
    kill: (uri) => {
      const pid = held.get(uri.toString())?.bridge.pid;
      if (pid) {
        process.kill(pid, 'SIGKILL');
      }
    },
  };
}

async function* executed(bridge: KernelBridge, code: string): AsyncIterable<Output> {
  const outputs: Output[] = [];
  await bridge.execute(code, {
    hidden: true,
    onOutput: ({ kind, content }) => {
      if (kind === 'stream') {
        const { mime, data } = vscode.NotebookCellOutputItem.stdout(content.text);
        outputs.push({ items: [{ mime, data }] });
      }
    },
  });
  yield* outputs;
}
