// Runs as they are stored, listed, shown and compared.
import * as z from 'zod/mini';
import { TrainingReport } from './training.ts';

export { baselineTag, jobTag } from './tags.ts';

export const RunStatus = z.enum(['queued', 'running', 'finished', 'failed', 'cancelled']);
export type RunStatus = z.infer<typeof RunStatus>;

/** `training`: a built-in trainer. `script`: a person's own script. `external`: a tracking client made it, without a job of ours. `study`: the parent of a script's trials. */
export const RunKind = z.enum(['training', 'script', 'external', 'study']);
export type RunKind = z.infer<typeof RunKind>;

/** Times are milliseconds since 1970. */
export const RunSummary = z.object({
  run_id: z.string(),
  name: z.string(),
  experiment: z.string(),
  kind: RunKind,
  status: RunStatus,
  created: z.number(),
  started: z.nullable(z.number()),
  ended: z.nullable(z.number()),
  /** The script or data file, relative to the project where it lies inside. */
  source: z.string(),
  params: z.record(z.string(), z.string()),
  /** The last value of each metric; NaN and infinities travel as null. */
  metrics: z.record(z.string(), z.nullable(z.number())),
  tags: z.record(z.string(), z.string()),
  /** One sentence where it failed. */
  error: z.nullable(z.string()),
  /** Out of the way, and not lost: MLflow calls such a run deleted. */
  archived: z.boolean(),
  /** 0…1 while it runs, and what it is doing. */
  progress: z.nullable(z.object({ fraction: z.number(), message: z.string() })),
});
export type RunSummary = z.infer<typeof RunSummary>;

/** Only what is given changes. A tag of null is removed. */
export const RunEdit = z.object({
  name: z.optional(z.string().check(z.minLength(1), z.maxLength(500))),
  /** Empty: no note any more. */
  note: z.optional(z.string().check(z.maxLength(8000))),
  tags: z.optional(z.record(z.string().check(z.minLength(1), z.maxLength(250)), z.nullable(z.string().check(z.maxLength(8000))))),
  archived: z.optional(z.boolean()),
  /** Whether it is the baseline of its experiment. */
  baseline: z.optional(z.boolean()),
});
export type RunEdit = z.infer<typeof RunEdit>;

export const MetricPoint = z.object({
  key: z.string(),
  step: z.number(),
  timestamp: z.number(),
  value: z.nullable(z.number()),
});
export type MetricPoint = z.infer<typeof MetricPoint>;

export const MetricHistory = z.object({
  points: z.array(MetricPoint),
  /** Pass as `after` to get only what came later. */
  last: z.number(),
});
export type MetricHistory = z.infer<typeof MetricHistory>;

export const Artifact = z.object({ path: z.string(), bytes: z.number() });
export type Artifact = z.infer<typeof Artifact>;

export const GitState = z.object({
  commit: z.string(),
  branch: z.nullable(z.string()),
  /** True where the work tree differs from the commit; the difference is the artifact `uncommitted.diff`. */
  dirty: z.boolean(),
});
export type GitState = z.infer<typeof GitState>;

export const RunDetail = z.object({
  run: RunSummary,
  artifacts: z.array(Artifact),
  git: z.nullable(GitState),
  /** Scripts: the interpreter and the arguments. */
  command: z.nullable(z.array(z.string())),
  exit_code: z.nullable(z.number()),
  report: z.nullable(TrainingReport),
  /** Absolute path of the folder with the artifacts. */
  artifact_folder: z.string(),
  /** Absolute path of the output file. */
  output_file: z.string(),
  /** `name/version` of every registered version that came from this run. */
  registered: z.array(z.object({ model: z.string(), version: z.number() })),
  /** The pinned baseline of its experiment, where that is another run. */
  baseline: z.nullable(RunSummary),
  /** Whether it is that baseline itself. */
  pinned: z.boolean(),
});
export type RunDetail = z.infer<typeof RunDetail>;

/** What tracking clients said a run read, and the models that they logged from it. */
export const RunLinks = z.object({
  /** `context`: training, evaluation, … */
  datasets: z.array(z.object({ name: z.string(), digest: z.string(), source_type: z.string(), context: z.nullable(z.string()) })),
  /** `folder`: absolute; empty where the files lie elsewhere. `ready`: its files are all there. */
  models: z.array(z.object({ model_id: z.string(), name: z.string(), ready: z.boolean(), folder: z.string(), registered: z.array(z.object({ model: z.string(), version: z.number() })) })),
});
export type RunLinks = z.infer<typeof RunLinks>;

/** A column of the comparison table; `differs` where its values are not all equal. */
export const ComparisonColumn = z.object({
  group: z.enum(['metric', 'param', 'attribute']),
  key: z.string(),
  differs: z.boolean(),
  /** Metrics only: the index of the best run, null where none has it. */
  best: z.nullable(z.number()),
  values: z.array(z.nullable(z.union([z.string(), z.number()]))),
});
export type ComparisonColumn = z.infer<typeof ComparisonColumn>;

export const Comparison = z.object({
  runs: z.array(RunSummary),
  columns: z.array(ComparisonColumn),
  /** Sentences about what makes the comparison unfair, for example different data or targets. */
  warnings: z.array(z.string()),
});
export type Comparison = z.infer<typeof Comparison>;
