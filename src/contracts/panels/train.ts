import * as z from 'zod/mini';
import { TableSummary } from '../profile.ts';
import { MetricName, SplitKind, Task, TrainerName } from '../training.ts';

/** The form as it stands. Empty text means "not chosen". */
export const TrainForm = z.object({
  target: z.string(),
  task: z.union([Task, z.literal('')]),
  positive: z.string(),
  metric: z.union([MetricName, z.literal('')]),
  split: SplitKind,
  time: z.string(),
  group: z.string(),
  exclude: z.array(z.string()),
  /** What ml.yaml says about time: how many rows ahead, which columns are not known then, and which are. */
  horizon: z.nullable(z.int()),
  observed: z.array(z.string()),
  known: z.array(z.string()),
  trainers: z.array(TrainerName),
  folds: z.int(),
  seed: z.int(),
  /** Keep these settings under this name in ml.yaml; empty: do not. */
  save_as: z.string(),
});
export type TrainForm = z.infer<typeof TrainForm>;

/** What the extension makes of the form. */
export const TrainPlan = z.object({
  /** In plain words, what pressing the button will do. */
  sentences: z.array(z.string()),
  /** What must be mended first, by field; training is offered where it is empty. */
  problems: z.array(z.object({ field: z.string(), message: z.string() })),
  /** Filled from the target where the form leaves it open. */
  task: z.nullable(Task),
  positive: z.nullable(z.string()),
  metric: z.nullable(MetricName),
});
export type TrainPlan = z.infer<typeof TrainPlan>;

export const ToTrainPanel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('loading'), file: z.string(), message: z.string() }),
  z.object({ type: z.literal('form'), file: z.string(), table: TableSummary, form: TrainForm, plan: TrainPlan }),
  z.object({ type: z.literal('plan'), plan: TrainPlan }),
  z.object({ type: z.literal('starting') }),
  z.object({ type: z.literal('failed'), file: z.string(), message: z.string() }),
]);
export type ToTrainPanel = z.infer<typeof ToTrainPanel>;

export const FromTrainPanel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('change'), form: TrainForm }),
  /** Starts the run; the extension then shows the run panel with its live curves. */
  z.object({ type: z.literal('start'), form: TrainForm }),
  z.object({ type: z.literal('profile') }),
]);
export type FromTrainPanel = z.infer<typeof FromTrainPanel>;
