import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import { MetricName, SplitKind, Task, TrainerName, type TrainingReport, type TrainRequest } from '../../contracts/training.ts';
import type { Job } from '../../contracts/jobs.ts';
import { rolesOf } from '../../core/planning/api.ts';
import { oneOf } from '../arguments.ts';
import { dataSource, projectOrNew, required, withClient, type Command, type Context, type DataSource } from '../context.ts';
import { score } from '../format.ts';

export const train: Command = {
  name: 'train',
  positionals: '<file|dataset>',
  summary: 'Train a model and measure it on rows that it never saw',
  options: {
    target: { value: 'COLUMN', help: 'The column to predict' },
    task: { value: 'TASK', help: 'classification or regression; the target decides by default' },
    positive: { value: 'VALUE', help: 'The class of interest where there are two; the rarer by default' },
    metric: { value: 'METRIC', help: 'What cross-validation picks by' },
    split: { value: 'KIND', help: 'random, group or time' },
    time: { value: 'COLUMN', help: 'The date of a row; the newest part is set aside' },
    horizon: { value: 'N', help: 'With --time: how many rows ahead a prediction is wanted (1)' },
    group: { value: 'COLUMN', help: 'Rows of one group stay on one side' },
    weight: { value: 'COLUMN', help: 'How much a row counts' },
    exclude: { value: 'A,B', help: 'Columns that the model must not see' },
    trainer: { value: 'NAME', help: 'linear or mlp; both compete by default' },
    folds: { value: 'N', help: 'Folds of cross-validation (5)' },
    seed: { value: 'N', help: 'The same seed gives the same model (0)' },
    out: { value: 'DIR', help: 'Also write the model folder here' },
    as: { value: 'NAME', help: 'Register the model under this name' },
  },
  async run(context) {
    const name = required(context, 0, '<file|dataset>');
    const project = await projectOrNew(context);
    const request = requestFor(context, await dataSource(context, project, name));
    const out = context.arguments.text('out');
    return withClient(context, project, async (client) => {
      const submitted = await client.submit({ kind: 'train', request, ...(out ? { out: path.resolve(context.cwd, out) } : {}) });
      const cancel = () => void client.cancel(submitted.job_id);
      context.signal.addEventListener('abort', cancel, { once: true });
      let said = '';
      const ended = await client.waitForJob(submitted.job_id, (job: Job) => {
        const message = job.progress?.message ?? '';
        if (message !== '' && message !== said) {
          said = message;
          context.log(`${Math.round((job.progress?.fraction ?? 0) * 100)} %  ${message}`);
        }
      });
      if (ended.status !== 'finished') {
        const reason = ended.error ?? `Training ended as ${ended.status}.`;
        const detail = await client.run(submitted.job_id);
        if (detail.run.tags['error_kind'] === 'user') {
          throw new UserError(reason);
        }
        context.log(reason);
        return 1;
      }
      const { report, artifact_folder } = await client.run(submitted.job_id);
      if (report === null) {
        throw new Error(`Run ${submitted.job_id} finished without a report in ${artifact_folder}.`);
      }
      const as = context.arguments.text('as');
      const version = as === undefined ? undefined : await client.register({ run_id: submitted.job_id, name: as });
      context.result(
        {
          run_id: submitted.job_id,
          trainer: report.trainer,
          task: report.task,
          metrics: mapValues(report.metrics, (estimate) => estimate.value),
          intervals: mapValues(report.metrics, ({ low, high }) => [low, high]),
          n: report.rows.evaluated,
          cv: report.cv,
          baselines: baselines(report),
          verdicts: report.verdicts.map((verdict) => verdict.text),
          model: path.join(artifact_folder, 'model'),
          ...(version ? { registered: { model: version.model, version: version.version } } : {}),
        },
        summary(report, version ? `Registered as ${version.model} version ${version.version}.` : undefined),
      );
      return 0;
    });
  },
};

function requestFor(context: Context, source: DataSource): TrainRequest {
  const { arguments: given } = context;
  const target = given.text('target') ?? source.entry?.target;
  if (target === undefined) {
    throw new UserError('Missing option --target: the column to predict.', { field: 'target' });
  }
  const roles = rolesOf(source.entry);
  const time = given.text('time') ?? source.entry?.time;
  const group = given.text('group') ?? source.entry?.group;
  const trainers = given.list('trainer').map((name) => oneOf('trainer', name, TrainerName.options)!);
  const split = oneOf('split', given.text('split'), SplitKind.options) ?? (time ? 'time' : group ? 'group' : 'random');
  if (split === 'time' && time === undefined) {
    throw new UserError('--split time needs --time: the column with the date of a row.', { field: 'time' });
  }
  if (split === 'group' && group === undefined) {
    throw new UserError('--split group needs --group: the column that names the group of a row.', { field: 'group' });
  }
  const optional = {
    dataset: source.dataset,
    task: oneOf('task', given.text('task'), Task.options),
    positive: given.text('positive'),
    metric: oneOf('metric', given.text('metric'), MetricName.options),
    time,
    group,
    key: source.entry?.key,
    horizon: given.integer('horizon', 1, 100_000) ?? roles.horizon,
    observed: roles.observed,
    known: roles.known,
    weight: given.text('weight'),
  };
  return {
    file: source.file,
    target,
    split,
    exclude: given.list('exclude'),
    trainers: trainers.length > 0 ? trainers : [...TrainerName.options],
    folds: given.integer('folds', 2, 20) ?? 5,
    seed: given.integer('seed', 0, 2 ** 31 - 1) ?? 0,
    ...defined(optional),
  };
}

/** An object without its undefined members, for exact optional properties. */
function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function mapValues<V, R>(object: Record<string, V>, map: (value: V) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}

/** By name; a second best-single-column baseline gets its column's name behind it. */
function baselines(report: TrainingReport): Record<string, Record<string, number | string>> {
  const named: Record<string, Record<string, number | string>> = {};
  for (const baseline of report.baselines) {
    const key = baseline.name in named ? `${baseline.name}_${baseline.column ?? ''}` : baseline.name;
    named[key] = { ...(baseline.column === undefined ? {} : { column: baseline.column }), ...baseline.metrics };
  }
  return named;
}

function summary(report: TrainingReport, registered: string | undefined): string {
  const metrics = Object.entries(report.metrics).map(
    ([name, { value, low, high }]) => `  ${name.padEnd(18)}${score(value)}  (95 % interval ${score(low)} to ${score(high)})`,
  );
  return [
    `${report.candidates.find((candidate) => candidate.chosen)?.label ?? report.trainer}, measured on ${report.rows.evaluated.toLocaleString('en')} rows it never saw:`,
    ...metrics,
    ...report.verdicts.map((verdict) => `${verdict.kind === 'warning' ? '!' : '-'} ${verdict.text}`),
    ...(registered ? [registered] : []),
  ].join('\n');
}
