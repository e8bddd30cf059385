// Long work: what the project server is asked to run, and the journal that a job runner writes.
import * as z from 'zod/mini';
import { Failure } from './errors.ts';
import { TrainRequest } from './training.ts';
import { Contestant, TriggerKind } from './retraining.ts';
import { GitState, RunStatus } from './runs.ts';

export const TrainJob = z.object({
  kind: z.literal('train'),
  /** Shown as the run's name; made up where it is missing. */
  name: z.optional(z.string()),
  experiment: z.optional(z.string()),
  request: TrainRequest,
  /** Also copy the model folder here (`--out`). */
  out: z.optional(z.string()),
});
export type TrainJob = z.infer<typeof TrainJob>;

export const ScriptJob = z.object({
  kind: z.literal('script'),
  name: z.optional(z.string()),
  experiment: z.optional(z.string()),
  /** Absolute path of the program that runs the script. */
  interpreter: z.string(),
  /** Arguments of the interpreter itself, before the script. */
  interpreter_arguments: z.array(z.string()),
  script: z.string(),
  arguments: z.array(z.string()),
  cwd: z.string(),
  /** The run that this one belongs to: a study's. */
  parent: z.optional(z.string()),
  /** Turn on MLflow's autologging for what the script imports. */
  autolog: z.optional(z.boolean()),
});
export type ScriptJob = z.infer<typeof ScriptJob>;

/**
 * A notebook that a window runs in a kernel that goes on afterwards. The runner records what the window tells it, and
 * ends the run where the window or the kernel is gone.
 */
export const LiveJob = z.object({
  kind: z.literal('live'),
  name: z.optional(z.string()),
  experiment: z.optional(z.string()),
  notebook: z.string(),
  cwd: z.string(),
  /** The kernel in words, as people chose it. */
  kernel: z.string(),
  /** The Python of the kernel; null where it is on another machine. */
  interpreter: z.nullable(z.string()),
  /** The window's process, and the kernel's where it is on this machine. */
  window_pid: z.int(),
  kernel_pid: z.nullable(z.int()),
});
export type LiveJob = z.infer<typeof LiveJob>;

/** What the window of a live job tells. Only what may lie among a run's artifacts has a path. */
export const LiveEntry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('file'), path: z.string().check(z.regex(/^(executed\.ipynb|pictures\/[\w-][\w.-]*)$/)), base64: z.string() }),
  z.object({ type: z.literal('progress'), fraction: z.number(), message: z.string() }),
  z.object({ type: z.literal('tag'), key: z.string(), value: z.string() }),
  z.object({ type: z.literal('ended'), status: z.enum(['finished', 'failed']), error: z.nullable(z.string()) }),
]);
export type LiveEntry = z.infer<typeof LiveEntry>;

/** Body of POST /api/jobs/:id/live. `first`: the number of the first entry, from 0, so that a repeated request tells nothing twice. */
export const LiveEntries = z.object({ first: z.int(), entries: z.array(LiveEntry) });
export type LiveEntries = z.infer<typeof LiveEntries>;

/** A line of a live job's file. */
export const LiveLine = z.object({ number: z.int(), entry: LiveEntry });
export type LiveLine = z.infer<typeof LiveLine>;

/** Scores a file with a model into a new file. */
export const ScoreJob = z.object({
  kind: z.literal('score'),
  /** `name`, `name@alias`, `name/version` or a path to a model folder. */
  model: z.string(),
  file: z.string(),
  /** CSV or Parquet by its extension; must not exist yet unless `overwrite`. */
  out: z.string(),
  overwrite: z.boolean(),
});
export type ScoreJob = z.infer<typeof ScoreJob>;

/** Trains a challenger and compares it with the champion. Everything that decides is fixed when it is submitted. */
export const RetrainJob = z.object({
  kind: z.literal('retrain'),
  name: z.optional(z.string()),
  experiment: z.optional(z.string()),
  retraining: z.string(),
  model: z.string(),
  trigger: z.object({ kind: TriggerKind, detail: z.string() }),
  request: TrainRequest,
  /** The champion's objects, absolute; null where there is none. */
  champion: z.nullable(z.object({ ulid: z.string(), version: z.nullable(z.int()), model_file: z.string(), fitted_file: z.nullable(z.string()), contestant: Contestant })),
  min_gain: z.number(),
  /** Null: 5 % of the champion's value. */
  margin: z.nullable(z.number()),
  slices: z.array(z.string()),
  policy: z.enum(['better', 'refresh']),
});
export type RetrainJob = z.infer<typeof RetrainJob>;

export const JobSpec = z.discriminatedUnion('kind', [TrainJob, ScriptJob, LiveJob, ScoreJob, RetrainJob]);
export type JobSpec = z.infer<typeof JobSpec>;

export const Job = z.object({
  job_id: z.string(),
  kind: z.enum(['train', 'script', 'live', 'score', 'retrain']),
  title: z.string(),
  status: RunStatus,
  run_id: z.nullable(z.string()),
  created: z.number(),
  started: z.nullable(z.number()),
  ended: z.nullable(z.number()),
  progress: z.nullable(z.object({ fraction: z.number(), message: z.string() })),
  error: z.nullable(z.string()),
});
export type Job = z.infer<typeof Job>;

/** What the server hands a job runner, as job.json in the job's folder. */
export const RunnerTask = z.object({
  job_id: z.string(),
  /** The job's folder: journal.ndjson, output.log and artifacts/ are written there. */
  folder: z.string(),
  /** Absolute root of the project. */
  project: z.string(),
  spec: JobSpec,
  /** Score jobs: the model folder that `spec.model` resolved to. */
  model_folder: z.optional(z.string()),
  /** Train and retrain jobs: how often the holdout was looked at before. */
  holdout_looks: z.optional(z.number()),
  /** Folder that holds an installed @tensorflow/tfjs-node, where there is one. */
  tensorflow_folder: z.optional(z.string()),
});
export type RunnerTask = z.infer<typeof RunnerTask>;

/**
 * One line of journal.ndjson. The runner only appends; the server reads on from where it stopped and stores.
 * So a killed server loses nothing: the next one reads the rest.
 */
export const JournalEntry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), at: z.number() }),
  /** The person's script as a process of its own; `start` as process identity gives it. */
  z.object({ type: z.literal('process'), pid: z.number(), start: z.string() }),
  z.object({ type: z.literal('param'), key: z.string(), value: z.string() }),
  z.object({ type: z.literal('metric'), key: z.string(), value: z.nullable(z.number()), step: z.number(), at: z.number() }),
  z.object({ type: z.literal('tag'), key: z.string(), value: z.string() }),
  z.object({ type: z.literal('progress'), fraction: z.number(), message: z.string() }),
  /** A file that now lies in artifacts/, path relative to it, with forward slashes. */
  z.object({ type: z.literal('artifact'), path: z.string(), bytes: z.number() }),
  z.object({ type: z.literal('git'), state: GitState }),
  z.object({
    type: z.literal('ended'),
    at: z.number(),
    status: z.enum(['finished', 'failed', 'cancelled']),
    exit_code: z.nullable(z.number()),
    failure: z.nullable(Failure),
  }),
]);
export type JournalEntry = z.infer<typeof JournalEntry>;

/** In a job's folder. `live`: what the window of a live job tells. A file named `cancel` asks the runner to end: it works for a runner that outlived its server too. */
export const jobFiles = { task: 'job.json', journal: 'journal.ndjson', output: 'output.log', artifacts: 'artifacts', cancel: 'cancel', live: 'live.ndjson' } as const;

/** A piece of a job's output. `offset` is where the next piece starts, in bytes. */
export const OutputPiece = z.object({ offset: z.number(), text: z.string() });
export type OutputPiece = z.infer<typeof OutputPiece>;
