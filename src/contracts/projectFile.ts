// The schema of ml.yaml. Descriptions here are what hover and completion show.
import * as z from 'zod/mini';
import { MetricName, Task, TrainerName } from './training.ts';

const described = <T extends z.core.$ZodType>(schema: T, description: string): T => {
  z.globalRegistry.add(schema, { description });
  return schema;
};

/** A name that is also a file name and a YAML key on every system. */
export const EntryName = z.string().check(
  z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'a name starts with a letter or digit and holds letters, digits, dots, dashes and underscores'),
);

export const AliasName = z.string().check(z.regex(/^[a-z][a-z0-9_-]{0,39}$/, 'an alias is lower case letters, digits, dashes and underscores'));

const columnName = () => z.string().check(z.minLength(1));

export const DatasetEntry = z.strictObject({
  path: described(z.string().check(z.minLength(1)), 'The file, relative to ml.yaml: CSV, TSV, Parquet or JSON lines.'),
  description: described(z.optional(z.string()), 'What the rows are, in a sentence.'),
  target: described(z.optional(columnName()), 'The column that models learn to predict.'),
  key: described(z.optional(z.array(columnName()).check(z.minLength(1))), 'Columns that identify a row. They decide on which side of the split it falls; without them the whole content of the row does.'),
  group: described(z.optional(columnName()), 'Rows with the same value here always stay on one side of the split, for example one customer.'),
  time: described(z.optional(columnName()), 'The date of a row. The newest part is set aside, so that a model is judged on its future.'),
  horizon: described(z.optional(z.int().check(z.minimum(1))), 'How many rows ahead a prediction is wanted. With `time`: naive forecasts look this far back, and `observed` columns are left out.'),
  known_ahead: described(z.optional(z.array(columnName())), 'Columns that are known when a prediction is wanted, such as holidays.'),
  observed: described(z.optional(z.array(columnName())), 'Columns that become known only with the row itself, such as its weather. At their own date they would leak, so a model with a `horizon` does not see them.'),
  lagged: described(z.optional(z.array(columnName())), 'Columns that hold values of at least `horizon` rows before.'),
});
export type DatasetEntry = z.infer<typeof DatasetEntry>;

/** A check of a gate. Either `min`, `max` or both, or `not_worse_than`. */
export const GateCheck = z.strictObject({
  name: described(z.string().check(z.minLength(1)), 'What this check is called where it refuses.'),
  metric: described(z.string().check(z.minLength(1)), 'A metric of the version’s run; its last value counts. One that the run does not have does not pass.'),
  min: described(z.optional(z.number()), 'The least that passes.'),
  max: described(z.optional(z.number()), 'The most that passes.'),
  not_worse_than: described(z.optional(AliasName), 'An alias: the version that has it is the measure. Where none has it, the check passes.'),
  margin: described(z.optional(z.number().check(z.minimum(0))), 'With `not_worse_than`: how much worse passes, in the units of the metric (0).'),
});
export type GateCheck = z.infer<typeof GateCheck>;

/** alias → what a version must show to get it. */
export const Gates = z.record(AliasName, z.array(GateCheck));
export type Gates = z.infer<typeof Gates>;

export const ModelEntry = z.strictObject({
  dataset: described(z.optional(EntryName), 'A name from `datasets`. It may be left out where only programs train this model, and `gates` are all that is said here.'),
  target: described(z.optional(columnName()), 'The column to predict, if it is not the one of the data set.'),
  task: described(z.optional(Task), '`classification` predicts a class, `regression` a number. Without it the target column decides.'),
  positive: described(z.optional(z.string()), 'The class of interest where there are two. The rarer one by default.'),
  metric: described(z.optional(MetricName), 'What cross-validation picks by. By default average precision below 10 % positives, ROC AUC above, log loss for many classes, MAE for numbers.'),
  exclude: described(z.optional(z.array(columnName())), 'Columns that the model must not see.'),
  trainers: described(z.optional(z.array(TrainerName).check(z.minLength(1))), 'Which trainers compete: `linear` and `mlp`. Cross-validation picks the better one.'),
  folds: described(z.optional(z.int().check(z.minimum(2), z.maximum(20))), 'How many folds cross-validation uses (5).'),
  seed: described(z.optional(z.int().check(z.minimum(0))), 'The same seed gives the same model (0).'),
  gates: described(z.optional(Gates), 'What a version must show before it gets an alias, by alias: a list of checks. They hold for whoever moves the alias.'),
});
export type ModelEntry = z.infer<typeof ModelEntry>;

export const DeploymentEntry = z.strictObject({
  model: described(z.string().check(z.minLength(1)), 'What is served: `name` (its champion), `name@alias` or `name/version`. The endpoint pins that version; it moves only when somebody deploys again.'),
  port: described(z.optional(z.int().check(z.minimum(1), z.maximum(65_535))), 'The port on 127.0.0.1; a free one by default, kept over restarts.'),
  workers: described(z.optional(z.int().check(z.minimum(1), z.maximum(32))), 'How many processes answer requests (2). When one dies, the others go on.'),
  key: described(z.optional(z.boolean()), '`false`: requests need no key. By default they do.'),
  log: described(z.optional(z.boolean()), '`false`: predictions are not logged, so they cannot be monitored.'),
  flush: described(z.optional(z.int().check(z.minimum(10), z.maximum(60_000))), 'Logged predictions reach the disk after so many milliseconds at most (1000).'),
  durable: described(z.optional(z.boolean()), '`true`: an answer leaves only once its prediction is on disk.'),
});
export type DeploymentEntry = z.infer<typeof DeploymentEntry>;

export const MonitorEntry = z.strictObject({
  deployment: described(EntryName, 'The endpoint that is watched.'),
  window: described(z.optional(z.int().check(z.minimum(30), z.maximum(1_000_000))), 'How many predictions are judged together (500).'),
  consecutive: described(z.optional(z.int().check(z.minimum(1), z.maximum(20))), 'How many windows in a row must confirm before there is an alarm (2).'),
  drift_threshold: described(z.optional(z.number().check(z.gt(0), z.maximum(10))), 'The population stability index above which a column has drifted (0.1).'),
  metric: described(z.optional(MetricName), 'The metric that labelled predictions are measured by; the one of the model by default.'),
  worse_by: described(z.optional(z.number().check(z.minimum(0), z.maximum(10))), 'How much worse than on the rows set aside in training is an alarm, as a share of that value (0.2).'),
  ignore: described(z.optional(z.array(columnName())), 'Columns whose drift does not matter.'),
});
export type MonitorEntry = z.infer<typeof MonitorEntry>;

export const RetrainingEntry = z.strictObject({
  model: described(EntryName, 'A name from `models`: how it is trained.'),
  deployment: described(z.optional(EntryName), 'The endpoint whose alarms start a retraining, and that serves a promoted version.'),
  schedule: described(z.optional(z.string().check(z.minLength(1))), 'When, as a cron pattern, for example `0 3 * * 1` for Mondays at three.'),
  new_rows: described(z.optional(z.int().check(z.minimum(1))), 'Start when the data have so many more rows than the champion was trained on.'),
  on_drift: described(z.optional(z.boolean()), 'Start when an input or the output drifts.'),
  on_worse_score: described(z.optional(z.boolean()), 'Start when labelled predictions score worse.'),
  cool_down: described(z.optional(z.string().check(z.regex(/^\d+(s|m|h|d)$/, 'a cool-down is a whole number with s, m, h or d, such as 12h'))), 'No automatic start so soon after the last one (1h).'),
  window: described(z.optional(z.int().check(z.minimum(30))), 'With `time`: how many of the newest rows are set aside, for champion and challenger to be compared on (a fifth).'),
  min_gain: described(z.optional(z.number().check(z.minimum(0))), 'How much better the challenger must be, in the units of the metric (0).'),
  margin: described(z.optional(z.number().check(z.minimum(0))), 'How much worse it may be on older rows and on slices, in the units of the metric (5 % of the champion’s value).'),
  slices: described(z.optional(z.array(columnName())), 'Columns whose values are slices on which the challenger must not be worse.'),
  policy: described(z.optional(z.enum(['better', 'refresh'])), '`better`: promote only what is better. `refresh`: promote what is newer and not worse.'),
  promotion: described(z.optional(z.enum(['manual', 'automatic'])), '`manual`: a person promotes. `automatic`: a challenger that wins is registered, made champion and served.'),
  branch: described(z.optional(z.string().check(z.minLength(1))), 'Automatic promotion writes into models/ only on this branch and a clean work tree.'),
});
export type RetrainingEntry = z.infer<typeof RetrainingEntry>;

export const TrackingEntry = z.strictObject({
  uri: described(
    z.string().check(z.regex(/^https?:\/\/[^\s@]+$/, 'the address of an MLflow server, such as https://mlflow.example.org, without a user or a password')),
    'The address of an MLflow server whose runs this project shows, and to which it sends its own. A token or password is asked for and never written here.',
  ),
  every: described(z.optional(z.string().check(z.regex(/^\d+(s|m|h)$/, 'a whole number with s, m or h, such as 10s'))), 'How often that server is asked for news while a window is open (10s).'),
});
export type TrackingEntry = z.infer<typeof TrackingEntry>;

export const ProjectFile = z.strictObject({
  project: described(EntryName, 'The name of this project.'),
  datasets: described(z.optional(z.record(EntryName, DatasetEntry)), 'The data that this project works with, each under a name.'),
  models: described(z.optional(z.record(EntryName, ModelEntry)), 'How each model is trained, each under a name.'),
  deployments: described(z.optional(z.record(EntryName, DeploymentEntry)), 'What is served on this machine, each endpoint under a name.'),
  monitors: described(z.optional(z.record(EntryName, MonitorEntry)), 'How served models are watched. Without an entry an endpoint is watched with the usual settings.'),
  retraining: described(z.optional(z.record(EntryName, RetrainingEntry)), 'When models are trained again, and when a new one takes over.'),
  tracking: described(z.optional(TrackingEntry), 'A remote MLflow server that has the last word on runs. Without it runs are kept on this machine only.'),
  registry: described(z.optional(z.enum(['files', 'mlflow'])), '`files`: registered models are files under models/. `mlflow`: those of the server that `tracking` names are shown beside them, and their aliases are moved there.'),
});
export type ProjectFile = z.infer<typeof ProjectFile>;
