import { access } from 'node:fs/promises';
import { UserError } from '../../contracts/errors.ts';
import type { RunnerTask, ScoreJob } from '../../contracts/jobs.ts';
import { appendColumns, readTable } from '../data/api.ts';
import { loadModelFolder, predictionColumns } from '../serving/api.ts';
import type { Recorder } from './recorder.ts';

/** Scores a file with a model into a new file. */
export async function scoreJob(task: RunnerTask, spec: ScoreJob, recorder: Recorder, signal: AbortSignal): Promise<void> {
  const there = await access(spec.out).then(
    () => true,
    () => false,
  );
  if (there && !spec.overwrite) {
    throw new UserError(`${spec.out} is there already. Choose another file.`, { file: spec.out });
  }
  recorder.write({ type: 'progress', fraction: 0.1, message: 'reading the file' });
  const model = await loadModelFolder(task.model_folder ?? spec.model);
  const table = await readTable(spec.file, { signal });
  recorder.write({ type: 'progress', fraction: 0.5, message: 'predicting' });
  const scored = model.predictTable(table);
  recorder.write({ type: 'progress', fraction: 0.8, message: 'writing the file' });
  await appendColumns(spec.file, spec.out, predictionColumns(scored), { signal });
  recorder.log(`Wrote ${scored.predictions.length.toLocaleString('en')} predictions to ${spec.out}.`);
}
