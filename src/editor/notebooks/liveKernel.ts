// A kernel that runs a notebook's cells in this window, whoever holds it: the Jupyter extension, or this one.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type * as vscode from 'vscode';
import { KernelFacts } from '../../contracts/kernels.ts';
import { UserError } from '../../contracts/userError.ts';
import type { Editor } from '../platform/editor.ts';

export interface LiveKernel {
  /** As people chose it. */
  readonly label: string;
  /** Executes code of ours beside the cells; gives what it prints. */
  execute(code: string): Promise<string>;
  /** Fires when its names are gone: it was started anew. */
  readonly onDidRestart: vscode.Event<void>;
}

/** `run`: while a run is recorded. `track`: as long as the kernel is tracked. */
type Slot = 'run' | 'track';
type Request = { action: 'look' } | { action: 'begin'; slot: Slot; variables: Record<string, string>; autolog: boolean } | { action: 'end'; slot: Slot };

/** Before what python/live_tracking.py says. */
const mark = 'ml-lifecycle:';

/** What kernel this is. */
export const look = async (editor: Editor, kernel: LiveKernel): Promise<KernelFacts> => KernelFacts.parse(await tell(editor, kernel, { action: 'look' }));

/** Points MLflow in the kernel at a project, until `endTracking`. */
export const beginTracking = async (editor: Editor, kernel: LiveKernel, slot: Slot, variables: Record<string, string>, autolog: boolean): Promise<KernelFacts> =>
  KernelFacts.parse(await tell(editor, kernel, { action: 'begin', slot, variables, autolog }));

/** Ends MLflow's open run, and puts the kernel's variables back as they were. */
export const endTracking = async (editor: Editor, kernel: LiveKernel, slot: Slot): Promise<void> => void (await tell(editor, kernel, { action: 'end', slot }));

async function tell(editor: Editor, kernel: LiveKernel, request: Request): Promise<unknown> {
  const source = await readFile(path.join((await editor.runtime()).folder, 'assets', 'python', 'live_tracking.py'), 'utf8');
  // JSON's strings are Python's as well.
  const globals = `{"__name__": "ml_lifecycle_live", "request": __import__("json").loads(${JSON.stringify(JSON.stringify(request))})}`;
  const said = await kernel.execute(`exec(compile(${JSON.stringify(source)}, "<ml-lifecycle>", "exec"), ${globals})`);
  const line = said.split(/\r?\n/).find((each) => each.startsWith(mark));
  if (line === undefined) {
    throw new UserError(`The kernel ${kernel.label} did not take the tracking in: ${said.trim().split('\n').at(-1) || 'it said nothing'}.`);
  }
  return JSON.parse(line.slice(mark.length));
}
