import * as z from 'zod/mini';
import { Direction, Objective, Sampler, Study } from '../tuning.ts';

/** An option of the script as the form has it; numbers as they are typed. */
export const TuneParameter = z.object({
  name: z.string(),
  option: z.string(),
  vary: z.boolean(),
  kind: z.enum(['float', 'int', 'choice', 'flag']),
  low: z.string(),
  high: z.string(),
  log: z.boolean(),
  step: z.string(),
  /** Separated by commas. */
  values: z.string(),
  off: z.nullable(z.string()),
  /** As the script has it; null where it has none, or it is not known. */
  default: z.nullable(z.string()),
  hint: z.string(),
  /** A person typed its name. */
  typed: z.boolean(),
});
export type TuneParameter = z.infer<typeof TuneParameter>;

export const TuneForm = z.object({
  parameters: z.array(TuneParameter),
  metric: z.string(),
  /** Empty: as the metric's name says. */
  direction: z.union([Direction, z.literal('')]),
  objective: Objective,
  limit: z.enum(['trials', 'time']),
  trials: z.string(),
  minutes: z.string(),
  parallel: z.string(),
  sampler: Sampler,
  seed: z.string(),
  /** Arguments that all trials share, as they are typed. */
  fixed: z.string(),
});
export type TuneForm = z.infer<typeof TuneForm>;

/** What the extension makes of the form. */
export const TunePlan = z.object({
  sentences: z.array(z.string()),
  /** What must be mended first, by field: a parameter's name, or one of the form. */
  problems: z.array(z.object({ field: z.string(), message: z.string() })),
  direction: Direction,
});
export type TunePlan = z.infer<typeof TunePlan>;

export const ToTunePanel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('loading'), file: z.string(), message: z.string() }),
  /** `metrics`: what the last runs of this script logged. `note`: why no options are listed. */
  z.object({ type: z.literal('form'), file: z.string(), form: TuneForm, metrics: z.array(z.string()), note: z.nullable(z.string()), plan: TunePlan }),
  z.object({ type: z.literal('plan'), plan: TunePlan }),
  z.object({ type: z.literal('starting') }),
  /** Nothing was started, as was said elsewhere. */
  z.object({ type: z.literal('not_started') }),
  z.object({ type: z.literal('study'), file: z.string(), study: Study }),
  z.object({ type: z.literal('failed'), file: z.string(), message: z.string() }),
]);
export type ToTunePanel = z.infer<typeof ToTunePanel>;

export const FromTunePanel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('change'), form: TuneForm }),
  z.object({ type: z.literal('start'), form: TuneForm }),
  z.object({ type: z.literal('copy_command'), form: z.nullable(TuneForm) }),
  z.object({ type: z.literal('stop') }),
  z.object({ type: z.literal('more'), trials: z.number() }),
  z.object({ type: z.literal('open_run'), run_id: z.string() }),
  z.object({ type: z.literal('compare') }),
  z.object({ type: z.literal('run_best') }),
  /** Back to the form, for another study of the same script. */
  z.object({ type: z.literal('again') }),
]);
export type FromTunePanel = z.infer<typeof FromTunePanel>;
