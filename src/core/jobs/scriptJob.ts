import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import type { RunnerTask, ScriptJob } from '../../contracts/jobs.ts';
import { processStart } from '../discovery/api.ts';
import { autologVariables, scriptEnvironment, whyNoAutologging } from './environment.ts';
import type { Recorder } from './recorder.ts';
import { scriptParameters } from './scriptParameters.ts';
import { ScriptFailure } from './scriptFailure.ts';
import { endTree, killTree } from './processTree.ts';
import { hostLine, keepDataVersions, keepPackages, watchBoard } from './scriptCapture.ts';
import { errorIn } from './scriptErrors.ts';
import { readOutput } from './scriptOutput.ts';
import { ProcessTree, recordSystemMetrics } from './systemMetrics.ts';

/** Where a notebook with its outputs is kept, for python/run_notebook.py. */
const notebookVariable = 'ML_LIFECYCLE_NOTEBOOK_FOLDER';

/**
 * Runs a person's script. Its output goes straight into the output file, so that nothing is lost whatever happens to
 * this process; the file is read on beside it for parameters, metrics and progress.
 *
 * @returns the exit code, 0. Any other end throws a ScriptFailure.
 */
export async function scriptJob(task: RunnerTask, spec: ScriptJob, recorder: Recorder, signal: AbortSignal): Promise<number> {
  for (const [key, value] of Object.entries(await scriptParameters(spec.script, spec.arguments))) {
    recorder.write({ type: 'param', key, value });
  }
  await recorder.keepFile(`source/${path.basename(spec.script)}`, spec.script).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new UserError(`The script ${spec.script} is not there any more.`, { file: spec.script }) : error;
  });
  recorder.write({ type: 'tag', key: 'host', value: hostLine() }, { type: 'tag', key: 'cwd', value: spec.cwd });
  const env = { ...scriptEnvironment(process.env, task.job_id), ...(await autologging(spec, recorder)), ...(isNotebook(spec) ? { [notebookVariable]: recorder.artifactFolder } : {}) };
  const started = Date.now();
  const output = openSync(recorder.outputFile, 'a');
  let child: ChildProcess;
  try {
    child = spawn(spec.interpreter, [...spec.interpreter_arguments, spec.script, ...spec.arguments], {
      cwd: spec.cwd,
      env,
      stdio: ['ignore', output, output],
      // Its own group, so that what it starts ends with it.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
  } finally {
    closeSync(output);
  }
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  try {
    await once(child, 'spawn');
  } catch (error) {
    exited.catch(() => undefined);
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UserError(
      missing
        ? `${spec.interpreter} was not found, so the script did not run. Choose another with "ML: Select Python interpreter", or install Python.`
        : `${spec.interpreter} could not be started: ${(error as Error).message}.`,
      { file: spec.interpreter },
    );
  }
  const pid = child.pid ?? 0;
  recorder.write({ type: 'process', pid, start: (await processStart(pid)) ?? '' });
  const cancel = (): void => void endTree(pid);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) {
    cancel();
  }
  const following = new AbortController();
  const tree = new ProcessTree(pid);
  const reading = readOutput(recorder, following.signal);
  const beside = Promise.all([
    watchBoard(spec, recorder, tree, started, following.signal),
    recordSystemMetrics(tree, (metrics) => recorder.write(...metrics.map((each) => ({ type: 'metric' as const, ...each, at: Date.now() }))), following.signal),
    keepPackages(spec, recorder),
    keepDataVersions(task, spec, recorder, signal),
  ]);
  const [code, killedBy] = await exited;
  signal.removeEventListener('abort', cancel);
  if (signal.aborted) {
    killTree(pid);
  }
  following.abort();
  const tail = await reading;
  await beside;
  if (isNotebook(spec)) {
    await noteExecuted(recorder);
  }
  signal.throwIfAborted();
  if (code === 0) {
    return 0;
  }
  throw failureOf(spec, code, killedBy, tail);
}

function isNotebook(spec: ScriptJob): boolean {
  return path.extname(spec.script).toLowerCase() === '.ipynb';
}

/** Records the notebook with its outputs, and its pictures, which python/run_notebook.py kept among the artifacts. */
async function noteExecuted(recorder: Recorder): Promise<void> {
  const pictures = await readdir(path.join(recorder.artifactFolder, 'pictures')).catch(() => []);
  for (const name of ['executed.ipynb', ...pictures.sort().map((picture) => `pictures/${picture}`)]) {
    await recorder.noteArtifact(name).catch(() => undefined);
  }
}

/** What turns autologging on, where that was asked for and can be; the run says which. */
async function autologging(spec: ScriptJob, recorder: Recorder): Promise<Record<string, string>> {
  if (spec.autolog !== true) {
    return {};
  }
  const { presentModules } = await import('../python/api.ts');
  const hasMlflow = await presentModules(spec.interpreter, ['mlflow']).then((present) => present.has('mlflow'), () => false);
  const why = whyNoAutologging(spec.script, spec.interpreter_arguments, hasMlflow);
  recorder.write({ type: 'tag', key: 'autologging', value: why === null ? 'on' : `off: ${why}` });
  if (why !== null) {
    recorder.log(`Autologging is off: ${why}.`);
    return {};
  }
  return autologVariables(process.env, hookFolder());
}

/** The folder of our sitecustomize: beside the built processes, else in the checkout. */
function hookFolder(): string {
  const here = import.meta.dirname;
  const places = ['assets/python', '../assets/python', '../../../python'].map((place) => path.join(here, place, 'hook'));
  return places.find((place) => existsSync(place)) ?? '';
}

function failureOf(spec: ScriptJob, code: number | null, killedBy: string | null, tail: string[]): ScriptFailure {
  const name = path.basename(spec.script);
  if (killedBy !== null) {
    const why = killedBy === 'SIGKILL' ? ' Often the system does that when memory runs out.' : '';
    return new ScriptFailure(`${name} was ended from outside (${killedBy}).${why}`, null, spec.script, null);
  }
  const error = errorIn(tail, spec.script);
  return error === null
    ? new ScriptFailure(`${name} ended with exit code ${String(code)}. Its output says why.`, code, spec.script, null)
    : new ScriptFailure(`${error.message} (${[name, ...(error.cell === undefined ? [] : [error.cell]), ...(error.line === null ? [] : [`line ${error.line}`])].join(', ')})`, code, spec.script, error.line);
}
