import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { modelFileName } from '../../contracts/model.ts';
import { fittedRowsFile, referenceFile, trainingReportFile } from '../../contracts/training.ts';
import type { RunnerTask, TrainJob } from '../../contracts/jobs.ts';
import { writeTable } from '../data/api.ts';
import { writeFileAtomic } from '../files/api.ts';
import { writeModelFolder } from '../serving/api.ts';
import { encodeFittedRows, train } from '../training/api.ts';
import type { Recorder } from './recorder.ts';

/** Where a training run keeps its model among the artifacts. */
export const modelArtifact = 'model';

/** Trains, and keeps model and report as artifacts. */
export async function trainJob(task: RunnerTask, spec: TrainJob, recorder: Recorder, signal: AbortSignal): Promise<void> {
  let last = 0;
  const { report, model, dataSha256, rows, fitted, reference } = await train(spec.request, {
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
        recorder.write({ type: 'progress', fraction, message });
      }
    },
  });
  signal.throwIfAborted();
  recorder.write(
    { type: 'tag', key: 'data_sha256', value: dataSha256 },
    { type: 'tag', key: 'data_rows', value: String(rows) },
    { type: 'tag', key: 'evaluation', value: report.evaluation },
    { type: 'tag', key: 'headline', value: report.headline },
  );
  const folder = path.join(recorder.artifactFolder, modelArtifact);
  await writeModelFolder(folder, model, report);
  await recorder.noteArtifact(`${modelArtifact}/${modelFileName}`);
  await writeFileAtomic(path.join(folder, fittedRowsFile), encodeFittedRows(fitted));
  await writeTable(path.join(folder, referenceFile), reference, { signal });
  for (const name of [trainingReportFile, fittedRowsFile, referenceFile]) {
    await recorder.noteArtifact(`${modelArtifact}/${name}`);
  }
  await recorder.keepText(trainingReportFile, `${JSON.stringify(report, null, 2)}\n`);
  if (spec.out !== undefined) {
    await mkdir(spec.out, { recursive: true });
    await cp(folder, spec.out, { recursive: true });
    recorder.log(`The model was copied to ${spec.out}.`);
  }
}
