import { existsSync } from 'node:fs';
import path from 'node:path';
import { toFailure } from '../../contracts/errors.ts';
import { jobFiles, type RunnerTask } from '../../contracts/jobs.ts';
import { Recorder } from './recorder.ts';
import { ScriptFailure } from './scriptFailure.ts';

/** How often the runner looks for the request to end. In milliseconds. */
const lookEvery = 200;

/**
 * Does one job to its end and records everything in its folder. Never throws: a failure is the journal's last entry.
 * Ends early when a file `cancel` appears in the folder, or when `signal` aborts.
 */
export async function runTask(task: RunnerTask, signal: AbortSignal): Promise<void> {
  const recorder = new Recorder(task.folder);
  const stop = new AbortController();
  const timer = setInterval(() => {
    if (existsSync(path.join(task.folder, jobFiles.cancel))) {
      stop.abort(new Error('cancelled'));
    }
  }, lookEvery);
  const either = AbortSignal.any([signal, stop.signal]);
  recorder.write({ type: 'started', at: Date.now() });
  try {
    const exit = await perform(task, recorder, either);
    recorder.ended('finished', exit);
  } catch (error) {
    if (either.aborted) {
      recorder.log('Cancelled.');
      recorder.ended('cancelled', null);
    } else {
      const failure = toFailure(error);
      recorder.log(failure.user ? failure.message : (failure.detail ?? failure.message));
      recorder.ended('failed', error instanceof ScriptFailure ? error.exitCode : null, error);
    }
  } finally {
    clearInterval(timer);
    recorder.close();
  }
}

async function perform(task: RunnerTask, recorder: Recorder, signal: AbortSignal): Promise<number | null> {
  switch (task.spec.kind) {
    case 'train':
      await (await import('./trainJob.ts')).trainJob(task, task.spec, recorder, signal);
      return null;
    case 'script':
      return (await import('./scriptJob.ts')).scriptJob(task, task.spec, recorder, signal);
    case 'live':
      await (await import('./liveJob.ts')).liveJob(task, task.spec, recorder, signal);
      return null;
    case 'score':
      await (await import('./scoreJob.ts')).scoreJob(task, task.spec, recorder, signal);
      return null;
    case 'retrain':
      await (await import('./retrainJob.ts')).retrainJob(task, task.spec, recorder, signal);
      return null;
  }
}
