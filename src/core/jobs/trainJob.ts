import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { modelFileName } from '../../contracts/model.ts';
import { fittedRowsFile, referenceFile, trainingReportFile, type TrainRequest } from '../../contracts/training.ts';
import type { RunnerTask, TrainJob } from '../../contracts/jobs.ts';
import { writeTable, type Table } from '../data/api.ts';
import { writeFileAtomic } from '../files/api.ts';
import { writeModelFolder } from '../serving/api.ts';
import { encodeFittedRows, train, type TrainingOutcome } from '../training/api.ts';
import type { Recorder } from './recorder.ts';

/** Where a training run keeps its model among the artifacts. */
export const modelArtifact = 'model';

/** Trains, and keeps model and report as artifacts. */
export async function trainJob(task: RunnerTask, spec: TrainJob, recorder: Recorder, signal: AbortSignal): Promise<void> {
  const { folder } = await trainAndKeep(task, spec.request, recorder, signal);
  if (spec.out !== undefined) {
    await mkdir(spec.out, { recursive: true });
    await cp(folder, spec.out, { recursive: true });
    recorder.log(`The model was copied to ${spec.out}.`);
  }
}

/**
 * Trains, and keeps the model with its report, the record of fitted rows and the reference for monitoring.
 * @param options.table the data where they are read already; `options.share` which part of the job's progress this is.
 */
export async function trainAndKeep(task: RunnerTask, request: TrainRequest, recorder: Recorder, signal: AbortSignal, options: { table?: Table; share?: [number, number] } = {}): Promise<TrainingOutcome & { folder: string }> {
  const [from, to] = options.share ?? [0, 1];
  let last = 0;
  const outcome = await train(
    request,
    {
      signal,
      holdoutLooks: task.holdout_looks ?? 0,
      ...(task.tensorflow_folder === undefined ? {} : { tensorflowFolder: task.tensorflow_folder }),
      param: (key, value) => recorder.write({ type: 'param', key, value }),
      metric: (key, value, step) => recorder.write({ type: 'metric', key, value: Number.isFinite(value) ? value : null, step, at: Date.now() }),
      tag: (key, value) => recorder.write({ type: 'tag', key, value }),
      log: (line) => recorder.log(line),
      progress: (fraction, message) => {
        // Work reports each batch; a person sees ten steps a second at most.
        const now = Date.now();
        if (now - last >= 100 || fraction >= 1) {
          last = now;
          recorder.write({ type: 'progress', fraction: from + fraction * (to - from), message });
        }
      },
    },
    options.table,
  );
  signal.throwIfAborted();
  const { report, model, dataSha256, rows, fitted, reference } = outcome;
  recorder.write(
    { type: 'tag', key: 'data_sha256', value: dataSha256 },
    { type: 'tag', key: 'data_rows', value: String(rows) },
    { type: 'tag', key: 'evaluation', value: report.evaluation },
    { type: 'tag', key: 'headline', value: report.headline },
  );
  const folder = path.join(recorder.artifactFolder, modelArtifact);
  await writeModelFolder(folder, model, report);
  await writeFileAtomic(path.join(folder, fittedRowsFile), encodeFittedRows(fitted));
  await writeTable(path.join(folder, referenceFile), reference, { signal });
  for (const name of [modelFileName, trainingReportFile, fittedRowsFile, referenceFile]) {
    await recorder.noteArtifact(`${modelArtifact}/${name}`);
  }
  await recorder.keepText(trainingReportFile, `${JSON.stringify(report, null, 2)}\n`);
  return { ...outcome, folder };
}
