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

const columnName = () => z.string().check(z.minLength(1));

export const DatasetEntry = z.strictObject({
  path: described(z.string().check(z.minLength(1)), 'The file, relative to ml.yaml: CSV, TSV, Parquet or JSON lines.'),
  description: described(z.optional(z.string()), 'What the rows are, in a sentence.'),
  target: described(z.optional(columnName()), 'The column that models learn to predict.'),
  key: described(z.optional(z.array(columnName()).check(z.minLength(1))), 'Columns that identify a row. They decide on which side of the split it falls; without them the whole content of the row does.'),
  group: described(z.optional(columnName()), 'Rows with the same value here always stay on one side of the split, for example one customer.'),
  time: described(z.optional(columnName()), 'The date of a row. The newest part is set aside, so that a model is judged on its future.'),
});
export type DatasetEntry = z.infer<typeof DatasetEntry>;

export const ModelEntry = z.strictObject({
  dataset: described(EntryName, 'A name from `datasets`.'),
  target: described(z.optional(columnName()), 'The column to predict, if it is not the one of the data set.'),
  task: described(z.optional(Task), '`classification` predicts a class, `regression` a number. Without it the target column decides.'),
  positive: described(z.optional(z.string()), 'The class of interest where there are two. The rarer one by default.'),
  metric: described(z.optional(MetricName), 'What cross-validation picks by. By default average precision below 10 % positives, ROC AUC above, log loss for many classes, MAE for numbers.'),
  exclude: described(z.optional(z.array(columnName())), 'Columns that the model must not see.'),
  trainers: described(z.optional(z.array(TrainerName).check(z.minLength(1))), 'Which trainers compete: `linear` and `mlp`. Cross-validation picks the better one.'),
  folds: described(z.optional(z.int().check(z.minimum(2), z.maximum(20))), 'How many folds cross-validation uses (5).'),
  seed: described(z.optional(z.int().check(z.minimum(0))), 'The same seed gives the same model (0).'),
});
export type ModelEntry = z.infer<typeof ModelEntry>;

export const ProjectFile = z.strictObject({
  project: described(EntryName, 'The name of this project.'),
  datasets: described(z.optional(z.record(EntryName, DatasetEntry)), 'The data that this project works with, each under a name.'),
  models: described(z.optional(z.record(EntryName, ModelEntry)), 'How each model is trained, each under a name.'),
});
export type ProjectFile = z.infer<typeof ProjectFile>;

/** The file's name at a project's root. */
export const projectFileName = 'ml.yaml';
/** The tool's own folder beside it. */
export const stateFolderName = '.ml';
