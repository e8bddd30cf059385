// Runs a notebook live as an experiment: its cells in its own kernel, with all that a run of a script has.
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { LiveEntry } from '../../contracts/jobs.ts';
import { UserError } from '../../contracts/userError.ts';
import { isEnded } from '../experiments/runs.ts';
import type { Editor } from '../platform/editor.ts';
import { sentenceOf, showProblem } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { CellReader } from './cellOutputs.ts';
import { cellsToRun, hasTag, numberOf, runCell } from './cells.ts';
import { beginTracking, endTracking, look, type LiveKernel } from './liveKernel.ts';
import { LiveFeed } from './liveFeed.ts';
import { variablesOf } from './tracking.ts';

/** A run that has begun; `ended` never rejects. */
export interface LiveRun {
  session: ProjectSession;
  run_id: string;
  ended: Promise<void>;
}

/** How long a kernel may take to put its variables back. In milliseconds. */
const patience = 10_000;

/** A cell ended without success and without an error: the person stopped it, or its kernel is gone. */
class Stopped extends Error {}

/**
 * Begins a run and runs the notebook's code cells from top to bottom, until one fails.
 * @param document saved, and shown. @param kernel its kernel.
 */
export async function beginLiveRun(editor: Editor, session: ProjectSession, document: vscode.NotebookDocument, kernel: LiveKernel): Promise<LiveRun> {
  const facts = await look(editor, kernel);
  const here = facts.host === os.hostname();
  const client = await session.client();
  const job = await session.submit({
    kind: 'live',
    notebook: document.uri.fsPath,
    cwd: here ? facts.cwd : path.dirname(document.uri.fsPath),
    kernel: `${kernel.label}, Python ${facts.version}${here ? '' : ` on ${facts.host}`}`,
    interpreter: here ? facts.executable : null,
    window_pid: process.pid,
    kernel_pid: here ? facts.pid : null,
  });
  const stop = new AbortController();
  const feed = new LiveFeed(client, job.job_id, (error) => stop.abort(error));
  const ended = record(editor, session, document, kernel, job.job_id, feed, stop)
    .catch(async (error: unknown) => {
      if (error instanceof Stopped && (!here || isAlive(facts.pid))) {
        await feed.told();
        await client.cancel(job.job_id);
      } else {
        feed.tell({ type: 'ended', status: 'failed', error: error instanceof Stopped ? vscode.l10n.t('The kernel of {0} ended before the notebook did, often for lack of memory.', path.basename(document.uri.fsPath)) : sentenceOf(error) });
        await feed.told();
      }
    })
    .catch((error: unknown) => showProblem(editor.log, error));
  return { session, run_id: job.job_id, ended };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function record(editor: Editor, session: ProjectSession, document: vscode.NotebookDocument, kernel: LiveKernel, job: string, feed: LiveFeed, stop: AbortController): Promise<void> {
  const listener = session.onEvent((event) => {
    if (event.type === 'run' && event.run.run_id === job && isEnded(event.run)) {
      stop.abort(new UserError(vscode.l10n.t('The run has ended: it was cancelled.')));
    }
  });
  const restarts = kernel.onDidRestart(() => stop.abort(new UserError(vscode.l10n.t('The kernel was started anew while {0} ran.', path.basename(document.uri.fsPath)), { file: document.uri.fsPath })));
  const interrupt = (): void => void vscode.commands.executeCommand('notebook.cancelExecution', { document: document.uri });
  stop.signal.addEventListener('abort', interrupt);
  try {
    const autolog = vscode.workspace.getConfiguration('mlLifecycle', document.uri).get('autologging', false);
    const facts = await beginTracking(editor, kernel, 'run', await variablesOf(session, document.uri, job), autolog);
    feed.tell(...aboutTracking(facts.untracked, autolog ? facts.autologging : null));
    try {
      await runCells(document, feed, stop.signal);
    } finally {
      // A kernel that is gone may never answer.
      await Promise.race([endTracking(editor, kernel, 'run'), pause(patience)]).catch((error: unknown) => editor.log.warn(sentenceOf(error)));
      feed.tell(...(await executed(document)));
    }
    feed.tell({ type: 'ended', status: 'finished', error: null });
    await feed.told();
  } finally {
    stop.signal.removeEventListener('abort', interrupt);
    listener.dispose();
    restarts.dispose();
  }
}

function aboutTracking(untracked: string | null, autologging: string | null): LiveEntry[] {
  return [
    ...(untracked === null ? [] : [{ type: 'text', text: vscode.l10n.t('What cells log with MLflow does not reach this run: {0}.', untracked) + '\n' } as const, { type: 'tag', key: 'tracking', value: `off: ${untracked}` } as const]),
    ...(autologging === null ? [] : [{ type: 'tag', key: 'autologging', value: autologging } as const]),
  ];
}

async function runCells(document: vscode.NotebookDocument, feed: LiveFeed, signal: AbortSignal): Promise<void> {
  const cells = cellsToRun(document);
  const name = path.basename(document.uri.fsPath);
  for (const [index, cell] of cells.entries()) {
    signal.throwIfAborted();
    const number = numberOf(cell);
    feed.tell({ type: 'progress', fraction: index / cells.length, message: vscode.l10n.t('cell {0} of {1}', index + 1, cells.length) });
    const reader = new CellReader(cell, number);
    // What stands under it from before is not of this run.
    let begun = false;
    const follow = vscode.workspace.onDidChangeNotebookDocument((event) => {
      begun ||= event.cellChanges.some((change) => change.cell === cell && change.executionSummary !== undefined);
      if (begun && event.cellChanges.some((change) => change.cell === cell && change.outputs !== undefined)) {
        feed.tell(...reader.printed());
      }
    });
    let succeeded: boolean;
    try {
      succeeded = await runCell(cell, signal);
    } finally {
      follow.dispose();
    }
    feed.tell(...reader.printed(), ...reader.shown());
    if (!succeeded && !hasTag(cell, 'raises-exception')) {
      const error = reader.error();
      if (error === null || error.name === 'KeyboardInterrupt') {
        throw new Stopped();
      }
      const place = [name, vscode.l10n.t('code cell {0}', number), ...(error.line === null ? [] : [vscode.l10n.t('line {0}', error.line)])].join(', ');
      throw new UserError(`${error.name}${error.message === '' ? '' : `: ${error.message}`} (${place})`, { file: document.uri.fsPath });
    }
  }
}

/** The notebook with its outputs, as the built-in notebook support writes it. */
async function executed(document: vscode.NotebookDocument): Promise<LiveEntry[]> {
  const writer = await vscode.extensions.getExtension<{ exportNotebook?(data: vscode.NotebookData): Promise<string> }>('vscode.ipynb')?.activate();
  if (writer?.exportNotebook === undefined || document.isClosed) {
    return [];
  }
  const data = new vscode.NotebookData(
    document.getCells().map((cell) => {
      const copy = new vscode.NotebookCellData(cell.kind, cell.document.getText(), cell.document.languageId);
      copy.outputs = [...cell.outputs];
      copy.metadata = { ...cell.metadata, execution_count: cell.executionSummary?.executionOrder ?? null };
      return copy;
    }),
  );
  data.metadata = document.metadata;
  const text = await writer.exportNotebook(data);
  return [{ type: 'file', path: 'executed.ipynb', base64: Buffer.from(text).toString('base64') }];
}
