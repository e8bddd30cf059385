// What every part of the extension is given: one object, made once at activation.
import type * as vscode from 'vscode';
import type { QueryWorker } from '../../core/client/queryWorker.ts';
import type { RuntimeLocation } from '../../core/client/api.ts';
import type { Syntax } from '../../core/scripts/api.ts';
import type { Interpreters } from './interpreters.ts';
import type { Panels } from './panels.ts';
import type { Projects } from './projects.ts';
import type { ProjectSession } from './session.ts';
import type { ArrangementStore } from '../experiments/arrangement.ts';
import type { CodeFiles } from '../experiments/codeFiles.ts';
import type { FilteredRuns } from '../experiments/filteredRuns.ts';
import type { RunTerminals } from '../experiments/runTerminals.ts';

export interface Editor {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly projects: Projects;
  readonly panels: Panels;
  readonly interpreters: Interpreters;
  readonly terminals: RunTerminals;
  /** How the Experiments view is set up, and which runs its filter finds. */
  readonly arrangement: ArrangementStore;
  readonly filteredRuns: FilteredRuns;
  /** Where the processes beside the editor run from, and on which Node. */
  runtime(): Promise<RuntimeLocation>;
  /** Shows a run in the Experiments view. */
  revealRun(session: ProjectSession, runId: string): Promise<void>;
  /** Reads scripts' syntax trees; loaded on first use. */
  syntax(): Promise<Syntax>;
  /** The code of runs, as files to read. */
  codeFiles(): Promise<CodeFiles>;
  /** The process that answers this window's questions about files. */
  queries(): Promise<QueryWorker>;
}
