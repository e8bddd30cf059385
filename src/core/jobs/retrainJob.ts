import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ulid } from 'ulid';
import { toFailure, UserError } from '../../contracts/errors.ts';
import { modelFileName } from '../../contracts/model.ts';
import { fittedRowsFile, referenceFile } from '../../contracts/training.ts';
import type { RetrainJob, RunnerTask } from '../../contracts/jobs.ts';
import type { CandidateVersion } from '../../contracts/registry.ts';
import { decisionFiles, type Decision, type StepName } from '../../contracts/retraining.ts';
import { readTable, type Table } from '../data/api.ts';
import { writeFileAtomic } from '../files/api.ts';
import { fewestRows } from '../planning/api.ts';
import { projectAt } from '../project/api.ts';
import { fairComparison, newDecision, withoutTheRest, withStep } from '../retraining/api.ts';
import { compileModel, loadModelFolder, type LoadedModel } from '../serving/api.ts';
import { storeObject } from '../store/api.ts';
import { decodeFittedRows, rowsOf, type FittedRows, type TrainingOutcome } from '../training/api.ts';
import type { Recorder } from './recorder.ts';
import { trainAndKeep } from './trainJob.ts';

/** A wrong type shows in the first rows that are scored. */
const trialRows = 100;

/**
 * Trains a challenger and compares it with the champion: check, train, compare, propose. After each step what is
 * known is written into `decision.json`, so that a runner that is killed leaves what was done.
 */
export async function retrainJob(task: RunnerTask, spec: RetrainJob, recorder: Recorder, signal: AbortSignal): Promise<void> {
  let decision = newDecision(task.job_id, spec, Date.now(), null);
  const keep = async (next: Decision): Promise<void> => {
    decision = next;
    await writeFileAtomic(path.join(recorder.artifactFolder, decisionFiles.decision), `${JSON.stringify(decision, null, 2)}\n`);
  };
  const step = async <T>(name: StepName, work: () => Promise<{ value: T; message: string; change?: Partial<Decision>; skipped?: boolean }>): Promise<T> => {
    const began = performance.now();
    const seconds = (): number => Math.round(performance.now() - began) / 1000;
    await keep(withStep(decision, name, { status: 'running' }));
    try {
      signal.throwIfAborted();
      const { value, message, change, skipped } = await work();
      recorder.log(message);
      await keep(withStep({ ...decision, ...change }, name, { status: skipped === true ? 'skipped' : 'done', seconds: seconds(), message }));
      return value;
    } catch (error) {
      const message = signal.aborted ? 'It was cancelled.' : toFailure(error).message;
      await keep(withoutTheRest(withStep({ ...decision, sentence: message }, name, { status: 'failed', seconds: seconds(), message }), 'An earlier step failed.'));
      throw error;
    }
  };

  recorder.write({ type: 'progress', fraction: 0.01, message: 'checking the data' });
  const { table, champion } = await step('check', async () => {
    const checked = await check(spec, signal);
    const rows = checked.table.rows;
    return { value: checked, message: `${path.basename(spec.request.file)} has ${rows.toLocaleString('en')} rows, and every column that the models need.`, change: { data: { path: shownPath(task, spec), sha256: checked.table.sha256, rows } } };
  });
  const id = ulid();
  const outcome = await step('train', async () => {
    const trained = await trainAndKeep(task, spec.request, recorder, signal, { table, share: [0.05, 0.9] });
    const { header } = trained.fitted;
    const until = header.time === null ? null : dayOf(header.time.fitted_until);
    return {
      value: trained,
      message: `The challenger was fitted on ${header.fitted.rows.toLocaleString('en')} rows${until === null ? '' : ` until ${until}`}.`,
      change: { challenger: { ulid: id, version: null, run_id: task.job_id, trainer: trained.report.trainer, fitted_rows: header.fitted.rows, fitted_until: until } },
    };
  });
  recorder.write({ type: 'progress', fraction: 0.92, message: 'comparing with the champion' });
  await step('compare', async () => {
    if (champion === null || spec.champion === null) {
      return { value: null, message: 'There is no champion to compare with.', skipped: true };
    }
    const comparison = fairComparison({
      champion,
      challenger: compileModel(outcome.model),
      championSeen: await readFitted(spec.champion.fitted_file, recorder),
      challengerSeen: outcome.fitted,
      table,
      request: { ...spec.request, metric: outcome.report.metric },
      min_gain: spec.min_gain,
      margin: spec.margin,
      slices: spec.slices,
      policy: spec.policy,
      seed: spec.request.seed,
    });
    return { value: null, message: comparison.reasons[0] ?? '', change: { comparison } };
  });
  await step('propose', async () => {
    const candidate = await storeCandidate(task, spec, id, outcome);
    await writeFileAtomic(path.join(recorder.artifactFolder, decisionFiles.candidate), `${JSON.stringify(candidate, null, 2)}\n`);
    await recorder.noteArtifact(decisionFiles.candidate);
    return { value: null, message: 'The challenger is kept with its record of fitted rows and its reference for monitoring.' };
  });
  await recorder.noteArtifact(decisionFiles.decision);
  recorder.write({ type: 'progress', fraction: 1, message: 'done' });
}

/** @throws UserError where the data or the champion do not allow a retraining, naming the file and the column. */
async function check(spec: RetrainJob, signal: AbortSignal): Promise<{ table: Table; champion: LoadedModel | null }> {
  const { file, target } = spec.request;
  const name = path.basename(file);
  const table = await readTable(file, { signal });
  if (table.dropped > 0) {
    throw new UserError(`${table.dropped.toLocaleString('en')} ${table.dropped === 1 ? 'line' : 'lines'} of ${name} do not fit its header. Mend the file: an unattended retraining takes whole deliveries only.`, { file });
  }
  const wanted = table.columns.find((column) => column.name === target);
  if (wanted === undefined) {
    throw new UserError(`${name} has no column \`${target}\`, which is to be predicted.`, { file, field: target });
  }
  const known = Array.from(wanted.values as ArrayLike<string | number | null>).filter((value) => value !== null && !Number.isNaN(value)).length;
  if (known < fewestRows) {
    throw new UserError(`${name} has ${known} rows with a value of \`${target}\`; at least ${fewestRows} are needed.`, { file, field: target });
  }
  const slice = spec.slices.find((each) => !table.columns.some((column) => column.name === each));
  if (slice !== undefined) {
    throw new UserError(`${name} has no column \`${slice}\` to make slices of.`, { file, field: 'slices' });
  }
  if (spec.champion === null) {
    return { table, champion: null };
  }
  const champion = await loadChampion(spec.champion.model_file, spec.model);
  if (champion.file.task === 'regression' && wanted.type !== 'number') {
    throw new UserError(`\`${target}\` in ${name} does not hold numbers any more, but the champion of ${spec.model} predicts one.`, { file, field: target });
  }
  champion.scoreTable(rowsOf(table, Int32Array.from({ length: Math.min(trialRows, table.rows) }, (_, row) => row)));
  return { table, champion };
}

/** The object that the registry names; its name is its hash. */
async function loadChampion(file: string, model: string): Promise<LoadedModel> {
  const content = await readFile(file).catch(() => null);
  if (content === null) {
    throw new UserError(`The champion of ${model} is not on this machine (${file}). Copy that file from where it was registered, or promote another version.`, { file });
  }
  if (createHash('sha256').update(content).digest('hex') !== path.basename(file)) {
    throw new UserError(`The champion of ${model} is damaged: its content does not match the hash that was registered. Replace ${file} from where it was registered.`, { file });
  }
  return loadModelFolder(file);
}

async function readFitted(file: string | null, recorder: Recorder): Promise<FittedRows | null> {
  if (file === null) {
    return null;
  }
  try {
    return decodeFittedRows(await readFile(file));
  } catch (error) {
    recorder.log(`${file}: ${toFailure(error).message}`);
    return null;
  }
}

/** Objects are files by their hash, so a runner may store them; the database is the server's. */
async function storeCandidate(task: RunnerTask, spec: RetrainJob, id: string, { folder, report, fitted, reference, dataSha256, rows }: TrainingOutcome & { folder: string }): Promise<CandidateVersion> {
  const { objectsFolder } = projectAt(task.project);
  const store = async (name: string): Promise<{ sha256: string; bytes: number }> => {
    const content = await readFile(path.join(folder, name));
    return { sha256: await storeObject(objectsFolder, content), bytes: content.length };
  };
  const { time, fitted: counted } = fitted.header;
  return {
    model: spec.model,
    ulid: id,
    created: new Date().toISOString(),
    run_id: task.job_id,
    task: report.task,
    target: report.target,
    trainer: report.trainer,
    artifact: await store(modelFileName),
    fitted: { rows: counted.rows, ...(time === null ? {} : { until: dayOf(time.fitted_until) }), sha256: (await store(fittedRowsFile)).sha256 },
    reference: { rows: reference[0]?.values.length ?? 0, sha256: (await store(referenceFile)).sha256 },
    data: { path: shownPath(task, spec), sha256: dataSha256, rows },
    git: null,
    metrics: Object.fromEntries(Object.entries(report.metrics).map(([metric, { value }]) => [metric, value])),
    description: '',
    tags: { retraining: spec.retraining },
  };
}

/** As people write it: relative with forward slashes inside the project, else as it is. */
function shownPath(task: RunnerTask, spec: RetrainJob): string {
  const relative = path.relative(task.project, spec.request.file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? spec.request.file : relative.split(path.sep).join('/');
}

function dayOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}
