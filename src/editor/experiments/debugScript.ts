// Runs a Python script as an experiment under the debugger: the debug session waits first, and the job's Python connects
// to it, so that the run is recorded like any other.
//   mlLifecycle.debugScript {script, arguments?} → run_id, once the debugger has the script
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import { interpreterLabel, type Interpreter } from '../../core/python/labels.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import { offerPackages } from '../platform/offerPackages.ts';
import { showProblem } from '../platform/problems.ts';
import { prepareScript, submitJob, type PreparedScript } from './scripts.ts';

/** Our own debug type, for windows without the Python debugger's extension. */
const ownType = 'mlLifecycle-python';
const debuggerExtension = 'ms-python.debugpy';
/** How long the debugger may take to listen. In milliseconds. */
const patience = 30_000;

const Argument = z.object({ script: z.string(), arguments: z.optional(z.array(z.string())) });

interface Debugger {
  type: string;
  /** What stands before the script to run it under debugpy. */
  debugpy: string[];
}

export function handlers(editor: Editor): Handlers {
  editor.context.subscriptions.push(vscode.debug.registerDebugAdapterDescriptorFactory(ownType, { createDebugAdapterDescriptor: (session) => new vscode.DebugAdapterExecutable(String(session.configuration['interpreter']), ['-m', 'debugpy.adapter']) }));
  return {
    debugScript: async (target) => {
      if (isProgramCall(target)) {
        const { script, arguments: args = [] } = parseArgument(Argument, target);
        return debug(editor, vscode.Uri.file(script), args, false);
      }
      const uri = target instanceof vscode.Uri ? target : vscode.window.activeTextEditor?.document.uri;
      if (uri === undefined || path.extname(uri.fsPath) !== '.py') {
        throw new UserError(vscode.l10n.t('Open the Python script that should be debugged, then try again.'));
      }
      return debug(editor, uri, [], true);
    },
  };
}

async function debug(editor: Editor, uri: vscode.Uri, args: string[], ask: boolean): Promise<string> {
  const script = await prepareScript(editor, uri, args, ask);
  const python = await editor.interpreters.require(uri);
  const { type, debugpy } = await findDebugger(editor, python, ask);
  const token = `${Date.now()}-${process.pid}-${Math.random()}`;
  const waiting = listening(token);
  const configuration: vscode.DebugConfiguration = {
    type,
    request: 'attach',
    name: path.basename(uri.fsPath),
    listen: { host: '127.0.0.1', port: 0 },
    justMyCode: true,
    subProcess: false,
    interpreter: python.path,
    mlLifecycle: token,
  };
  // Resolves only once Python has connected, which the job below starts.
  const started = Promise.resolve(vscode.debug.startDebugging(vscode.workspace.getWorkspaceFolder(uri), configuration));
  const { session, port } = await Promise.race([waiting.found, started.then((yes) => (yes ? waiting.found : failed(uri)))]).finally(() => waiting.dispose());
  const job = await submitDebugged(script, debugpy, port).catch(async (error: unknown) => {
    await vscode.debug.stopDebugging(session);
    throw error;
  });
  cancelWithSession(editor, session, script, job);
  if (ask) {
    await editor.terminals.show(script.session, job, { preserveFocus: true });
  }
  await started;
  return job;
}

async function submitDebugged({ session, job }: PreparedScript, debugpy: string[], port: number): Promise<string> {
  return (await submitJob(session, { ...job, interpreter_arguments: [...debugpy, '--connect', `127.0.0.1:${port}`, '--wait-for-client'] })).job_id;
}

function failed(uri: vscode.Uri): never {
  throw new UserError(vscode.l10n.t('The debugger did not start for {0}.', path.basename(uri.fsPath)), { file: uri.fsPath });
}

/** The debug session that was begun with `token`, once its adapter waits for Python. */
function listening(token: string): { found: Promise<{ session: vscode.DebugSession; port: number }>; dispose(): void } {
  let listener: vscode.Disposable | undefined;
  let timer: NodeJS.Timeout | undefined;
  const found = new Promise<{ session: vscode.DebugSession; port: number }>((resolve, reject) => {
    timer = setTimeout(() => reject(new UserError(vscode.l10n.t('The debugger did not answer within {0} seconds.', patience / 1000))), patience);
    listener = vscode.debug.onDidReceiveDebugSessionCustomEvent(({ session, event, body }) => {
      const port = typeof body === 'object' && body !== null && 'port' in body ? Number(body.port) : 0;
      if (session.configuration['mlLifecycle'] === token && event === 'debugpyWaitingForServer' && port > 0) {
        resolve({ session, port });
      }
    });
  });
  return {
    found,
    dispose: () => {
      clearTimeout(timer);
      listener?.dispose();
    },
  };
}

/** Who stops the debugger wants the script to end; a script that has ended by itself is left as it is. */
function cancelWithSession(editor: Editor, session: vscode.DebugSession, { session: owner }: PreparedScript, runId: string): void {
  const listener = vscode.debug.onDidTerminateDebugSession((ended) => {
    if (ended.id !== session.id) {
      return;
    }
    listener.dispose();
    void owner
      .client()
      .then(async (client) => {
        // A script at its end drops the connection a moment before it is over.
        const job = await Promise.race([client.waitForJob(runId), new Promise<null>((resolve) => setTimeout(() => resolve(null), 3000))]);
        if (job === null) {
          await client.cancel(runId);
        }
      })
      .catch((error: unknown) => showProblem(editor.log, error));
  });
  editor.context.subscriptions.push(listener);
}

/** The Python debugger's extension with the debugpy that it brings, else that of the interpreter, which is offered to be installed. */
async function findDebugger(editor: Editor, python: Interpreter, ask: boolean): Promise<Debugger> {
  const extension = vscode.extensions.getExtension(debuggerExtension);
  if (extension !== undefined) {
    return { type: 'debugpy', debugpy: [path.join(extension.extensionPath, 'bundled', 'libs', 'debugpy')] };
  }
  const own: Debugger = { type: ownType, debugpy: ['-m', 'debugpy'] };
  await offerPackages(editor.interpreters, python, ['debugpy'], vscode.l10n.t('Debugging needs debugpy, which {0} lacks.', interpreterLabel(python)), vscode.l10n.t('Install debugpy'), ask);
  return own;
}
