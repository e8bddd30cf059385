// Runs a script again as it ran before, or with other arguments.
//   mlLifecycle.repeatRun      {run_id, arguments?, project?} → run_id
//   mlLifecycle.repeatRunWith  asks for the arguments, beginning with those of the run
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import type { ScriptJob } from '../../contracts/jobs.ts';
import type { RunDetail } from '../../contracts/runs.ts';
import { joinArguments, splitArguments } from '../../core/scripts/api.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import { exists } from '../platform/files.ts';
import { runFrom } from './chooseRun.ts';
import { languageOf, submitJob } from './scripts.ts';

const Argument = z.object({ run_id: z.string(), arguments: z.optional(z.array(z.string())), project: z.optional(z.string()) });

export function handlers(editor: Editor): Handlers {
  return {
    repeatRun: async (target) => {
      const given = isProgramCall(target) ? parseArgument(Argument, target).arguments : undefined;
      return repeat(editor, target, async (before) => given ?? before);
    },
    repeatRunWith: (target) => repeat(editor, target, askFor),
  };
}

async function repeat(editor: Editor, target: unknown, choose: (before: string[]) => Promise<string[]>): Promise<string> {
  const { session, run_id } = await runFrom(editor, target, vscode.l10n.t('Run which script again?'), (run) => run.kind === 'script');
  const detail = await (await session.client()).run(run_id);
  if (detail.command === null && languageOf(detail.run.source) === 'notebook') {
    // It ran live, so it does again.
    return vscode.commands.executeCommand<string>('mlLifecycle.runNotebookLive', { notebook: path.resolve(session.project.root, detail.run.source) });
  }
  const before = jobOf(session.project.root, detail);
  if (!(await exists(before.script))) {
    throw new UserError(vscode.l10n.t('The script {0} is not there any more.', before.script), { file: before.script });
  }
  const job = await submitJob(session, { ...before, arguments: await choose(before.arguments) });
  if (!isProgramCall(target)) {
    await editor.terminals.show(session, job.job_id, { preserveFocus: true });
    await editor.revealRun(session, job.job_id);
  }
  return job.job_id;
}

/** The job that a run of a script came from, without a debugger. */
export function jobOf(root: string, { run, command }: Pick<RunDetail, 'run' | 'command'>): ScriptJob {
  const script = path.resolve(root, run.source);
  const at = command?.indexOf(script) ?? -1;
  const [interpreter, ...between] = command?.slice(0, at) ?? [];
  if (run.kind !== 'script' || command === null || at < 1 || interpreter === undefined) {
    throw new UserError(vscode.l10n.t('{0} is no run of a script, so it cannot be repeated this way.', run.name), { field: 'run_id' });
  }
  return {
    kind: 'script',
    name: run.name,
    experiment: run.experiment,
    interpreter,
    interpreter_arguments: between.includes('--connect') ? [] : between,
    script,
    arguments: command.slice(at + 1),
    cwd: run.tags['cwd'] ?? root,
  };
}

async function askFor(before: string[]): Promise<string[]> {
  const line = await vscode.window.showInputBox({
    title: vscode.l10n.t('Run again with other arguments'),
    value: joinArguments(before),
    placeHolder: '--lr 0.1 --epochs 3',
    prompt: vscode.l10n.t('Quotes hold words together'),
    validateInput: (text) => (splitArguments(text) === null ? vscode.l10n.t('A quote is not closed.') : null),
  });
  const args = line === undefined ? null : splitArguments(line);
  if (args === null) {
    throw new vscode.CancellationError();
  }
  return args;
}
