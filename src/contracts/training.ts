// What a training job is asked for and what it reports.
import * as z from 'zod/mini';

export const Task = z.enum(['classification', 'regression']);
export type Task = z.infer<typeof Task>;

/** `linear`: regularised logistic or linear regression. `mlp`: a small neural network. */
export const TrainerName = z.enum(['linear', 'mlp']);
export type TrainerName = z.infer<typeof TrainerName>;

export const MetricName = z.enum(['accuracy', 'roc_auc', 'average_precision', 'log_loss', 'f1', 'r2', 'rmse', 'mae']);
export type MetricName = z.infer<typeof MetricName>;

export const SplitKind = z.enum(['random', 'group', 'time']);
export type SplitKind = z.infer<typeof SplitKind>;

/** Everything that decides a training run. `file` is absolute. */
export const TrainRequest = z.object({
  file: z.string(),
  /** Name of the data set in ml.yaml where it has one. */
  dataset: z.optional(z.string()),
  target: z.string(),
  task: z.optional(Task),
  positive: z.optional(z.string()),
  metric: z.optional(MetricName),
  split: z.optional(SplitKind),
  time: z.optional(z.string()),
  /** For time: how many rows ahead a prediction is wanted; naive baselines look this far back. */
  horizon: z.optional(z.int().check(z.minimum(1))),
  /** With a horizon: columns that are not known ahead; they are left out. */
  observed: z.optional(z.array(z.string())),
  /** Columns that are declared as known in time (known ahead, or lagged by the horizon). */
  known: z.optional(z.array(z.string())),
  /** With split `time`: so many of the newest rows are set aside, instead of a fifth. */
  aside_rows: z.optional(z.int().check(z.minimum(1))),
  group: z.optional(z.string()),
  key: z.optional(z.array(z.string())),
  weight: z.optional(z.string()),
  exclude: z.array(z.string()),
  trainers: z.array(TrainerName).check(z.minLength(1)),
  folds: z.int().check(z.minimum(2), z.maximum(20)),
  seed: z.int().check(z.minimum(0)),
});
export type TrainRequest = z.infer<typeof TrainRequest>;

const Values = z.record(z.string(), z.number());

/** A metric on rows that no fit saw, with its 95 % bootstrap interval. */
export const Estimate = z.object({ value: z.number(), low: z.number(), high: z.number() });
export type Estimate = z.infer<typeof Estimate>;

/** Mean and standard deviation over the inner folds; used for selection. */
export const Spread = z.object({ mean: z.number(), sd: z.number() });
export type Spread = z.infer<typeof Spread>;

/** One trainer with one set of hyperparameters, as cross-validation saw it. */
export const Candidate = z.object({
  /** Also the middle part of its metric keys, for example `linear_l2_0.01`. */
  name: z.string(),
  trainer: TrainerName,
  /** For people: "Logistic regression, L2 0.01". */
  label: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  cv: z.record(z.string(), Spread),
  chosen: z.boolean(),
});
export type Candidate = z.infer<typeof Candidate>;

/** What stands beside the model so that its score cannot flatter. */
export const Baseline = z.object({
  /** `majority`, `mean`, `best_single_column`, `last_value`, `seasonal_naive_7`… */
  name: z.string(),
  label: z.string(),
  column: z.optional(z.string()),
  /** On the same rows as the model's metrics. */
  metrics: Values,
});
export type Baseline = z.infer<typeof Baseline>;

export const TrainingReport = z.object({
  task: Task,
  target: z.string(),
  classes: z.optional(z.array(z.string())),
  positive: z.optional(z.string()),
  /** Share of the positive class in the rows that `metrics` are measured on. */
  base_rate: z.optional(z.number()),
  /** The metric that selection used. */
  metric: MetricName,
  /** The metric that is shown first. */
  headline: MetricName,
  trainer: TrainerName,
  rows: z.object({ total: z.number(), fitted: z.number(), evaluated: z.number(), dropped: z.number() }),
  /** `set_aside`: 20 % touched once. `nested`: nested cross-validation, below 1,000 rows. */
  evaluation: z.enum(['set_aside', 'nested']),
  split: z.object({ kind: SplitKind, column: z.optional(z.string()), folds: z.number(), sentence: z.string() }),
  metrics: z.record(z.string(), Estimate),
  cv: z.record(z.string(), Spread),
  candidates: z.array(Candidate),
  baselines: z.array(Baseline),
  /** In plain words: does the model beat the baselines, what to watch out for. */
  verdicts: z.array(z.object({ kind: z.enum(['good', 'note', 'warning']), text: z.string() })),
  /** Columns that were left out, and why. */
  excluded: z.array(z.object({ column: z.string(), reason: z.string() })),
  /** Columns that the model reads. */
  inputs: z.array(z.string()),
  /** How often the set-aside rows of this data set and target have now been looked at, this run included. */
  holdout_looks: z.number(),
  /** `tfjs-node`, `wasm` or `cpu`. */
  backend: z.string(),
  seconds: z.number(),
});
export type TrainingReport = z.infer<typeof TrainingReport>;

export const trainingReportFile = 'report.json';
/** Beside model.json: which rows the model was fitted on and which were set aside, as hashes. */
export const fittedRowsFile = 'fitted.bin';
/** Beside model.json: what monitoring compares with, a Parquet file. */
export const referenceFile = 'reference.parquet';
/** A reference holds this many rows at most; drift needs no more, and every version keeps one. */
export const mostReferenceRows = 100_000;

/** The first line of fitted.bin. Two blocks follow: the hashes of the fitted rows, then of those set aside; 8 bytes each, sorted. */
export const FittedHeader = z.object({
  format: z.literal('ml-lifecycle-fitted/1'),
  /** SHA-256 of the data file. */
  data: z.string(),
  /** What the hashes are of: these columns, as text, in this order. A column of another type has other text. */
  identity: z.array(z.object({ name: z.string(), type: z.string() })).check(z.minLength(1)),
  /** With a split by time: the date column, and the newest date that was fitted and that the data held. Milliseconds since 1970. */
  time: z.nullable(z.object({ column: z.string(), fitted_until: z.number(), until: z.number() })),
  /** Rows, and the different hashes that they have. */
  fitted: z.object({ rows: z.int(), hashes: z.int() }),
  aside: z.object({ rows: z.int(), hashes: z.int() }),
});
export type FittedHeader = z.infer<typeof FittedHeader>;
