// The model artifact: one folder with model.json, readable without TensorFlow.
import * as z from 'zod/mini';
import { Task, TrainerName } from './training.ts';

export const InputType = z.enum(['number', 'text', 'boolean', 'date']);
export type InputType = z.infer<typeof InputType>;

export const ModelInput = z.object({
  name: z.string(),
  type: InputType,
  /** A missing value is accepted (it was seen, or can be imputed). */
  optional: z.boolean(),
  /** For text: the values seen in training, most frequent first (at most 100). */
  categories: z.optional(z.array(z.string())),
  /** For number: the range seen in training. */
  minimum: z.optional(z.number()),
  maximum: z.optional(z.number()),
  /** A typical value (median or most frequent), to start a form with. */
  typical: z.union([z.string(), z.number(), z.boolean(), z.null()]),
});
export type ModelInput = z.infer<typeof ModelInput>;

export const Signature = z.object({
  inputs: z.array(ModelInput),
  output: z.object({
    name: z.string(),
    task: Task,
    classes: z.optional(z.array(z.string())),
    positive: z.optional(z.string()),
  }),
});
export type Signature = z.infer<typeof Signature>;

/** One input column turned into numbers; fitted on training rows, frozen here. */
export const RecipeColumn = z.discriminatedUnion('kind', [
  /** (value or `impute` − mean) / scale; then, with `indicator`, 1 where missing. */
  z.object({ kind: z.literal('number'), input: z.string(), impute: z.number(), mean: z.number(), scale: z.number(), indicator: z.boolean() }),
  /** One column per level, then one for any other value; missing is its own level where `missing`. */
  z.object({ kind: z.literal('category'), input: z.string(), levels: z.array(z.string()), missing: z.boolean() }),
  /** Weekday (7, Monday first) and month (12) one-hot, then days since `origin` divided by `scale`. A missing date gives zeros. */
  z.object({ kind: z.literal('date'), input: z.string(), origin: z.string(), scale: z.number() }),
]);
export type RecipeColumn = z.infer<typeof RecipeColumn>;

export const RecipeState = z.object({ columns: z.array(RecipeColumn), width: z.int() });
export type RecipeState = z.infer<typeof RecipeState>;

/** A dense layer: `kernel` is inputs × units row-major and `bias` units long, float32 little-endian in base64. */
export const DenseLayer = z.object({
  inputs: z.int(),
  units: z.int(),
  activation: z.enum(['linear', 'relu']),
  kernel: z.string(),
  bias: z.string(),
});
export type DenseLayer = z.infer<typeof DenseLayer>;

export const ModelFile = z.object({
  format: z.literal('ml-lifecycle-model/1'),
  task: Task,
  trainer: TrainerName,
  signature: Signature,
  recipe: RecipeState,
  /** The last layer gives one logit (two classes), one logit per class, or one standardised number. */
  layers: z.array(DenseLayer).check(z.minLength(1)),
  /** Two classes: probability of the positive class = sigmoid(slope × logit + intercept). More: logits × slope. Fitted on out-of-fold predictions. */
  calibration: z.object({ slope: z.number(), intercept: z.number() }),
  /** Regression: prediction = output × scale + mean. */
  target: z.optional(z.object({ mean: z.number(), scale: z.number() })),
});
export type ModelFile = z.infer<typeof ModelFile>;

export const modelFileName = 'model.json';

export const Cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type Cell = z.infer<typeof Cell>;
export const Row = z.record(z.string(), Cell);
export type Row = z.infer<typeof Row>;

/** In the order of the rows asked for; `probabilities` for classifiers. */
export const Predictions = z.object({
  predictions: z.array(z.union([z.string(), z.number()])),
  probabilities: z.optional(z.array(z.record(z.string(), z.number()))),
});
export type Predictions = z.infer<typeof Predictions>;
