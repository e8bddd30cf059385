// Tuning of a person's own script: the space that is searched, the study, and the trials that it comes to.
import * as z from 'zod/mini';
import { ScriptJob } from './jobs.ts';

const Name = z.string().check(z.minLength(1), z.maxLength(250));
/** As the script takes it: `--lr`, `-n`. */
const Flag = z.string().check(z.regex(/^--?[A-Za-z][\w.-]*$/, 'an option is written like --lr'));

/** One option of the script that is varied. Both ends of a range belong to it. */
export const SpaceParameter = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('float'), name: Name, option: Flag, low: z.number(), high: z.number(), log: z.optional(z.boolean()) }),
  z.object({ kind: z.literal('int'), name: Name, option: Flag, low: z.int(), high: z.int(), log: z.optional(z.boolean()), step: z.optional(z.int().check(z.minimum(1))) }),
  z.object({ kind: z.literal('choice'), name: Name, option: Flag, values: z.array(z.string()).check(z.minLength(1), z.maxLength(1000)) }),
  /** A switch that is set or not; `off` is what says that it is not, where leaving it out does not. */
  z.object({ kind: z.literal('flag'), name: Name, option: Flag, off: z.nullable(Flag) }),
]);
export type SpaceParameter = z.infer<typeof SpaceParameter>;

export const Space = z.array(SpaceParameter).check(z.minLength(1), z.maxLength(100));
export type Space = z.infer<typeof Space>;

/** One value for each parameter, by name. */
export const TrialParams = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));
export type TrialParams = z.infer<typeof TrialParams>;

export const Sampler = z.enum(['tpe', 'random', 'grid']);
export type Sampler = z.infer<typeof Sampler>;

export const Direction = z.enum(['minimize', 'maximize']);
export type Direction = z.infer<typeof Direction>;

/** What a trial is judged by: the last value of the metric that it logged, or the best. */
export const Objective = z.enum(['last', 'best']);
export type Objective = z.infer<typeof Objective>;

export const mostTrials = 10_000;
const Trials = z.int().check(z.minimum(1), z.maximum(mostTrials));
const Seconds = z.number().check(z.minimum(1), z.maximum(31_536_000));

export const StudySpec = z.object({
  name: z.optional(Name),
  /** The script with the arguments that all trials share. */
  job: ScriptJob,
  space: Space,
  metric: Name,
  direction: Direction,
  objective: Objective,
  sampler: Sampler,
  /** At most so many; null where only time ends it, or a grid does. */
  trials: z.nullable(Trials),
  /** No trial starts after so many seconds; one that runs then is let end. */
  seconds: z.nullable(Seconds),
  /** How many trials wait or run at a time. */
  parallel: z.int().check(z.minimum(1), z.maximum(64)),
  seed: z.int().check(z.minimum(0), z.maximum(4_294_967_295)),
});
export type StudySpec = z.infer<typeof StudySpec>;

export const TrialState = z.enum(['queued', 'running', 'finished', 'failed', 'cancelled']);
export type TrialState = z.infer<typeof TrialState>;

/** Times are milliseconds since 1970. */
export const Trial = z.object({
  /** Counts from 1. */
  number: z.int(),
  run_id: z.string(),
  params: TrialParams,
  state: TrialState,
  value: z.nullable(z.number()),
  /** One sentence where it failed. */
  reason: z.nullable(z.string()),
  /** The metrics that it logged, where the wanted one was not among them. */
  logged: z.nullable(z.array(z.string())),
  started: z.nullable(z.number()),
  ended: z.nullable(z.number()),
});
export type Trial = z.infer<typeof Trial>;

/** How much of the objective's order a parameter explains beyond chance, 0…1. */
export const Importance = z.object({ name: z.string(), share: z.number() });
export type Importance = z.infer<typeof Importance>;

/** `stopped`: by a person. `failed`: no trial came to a value, as `sentence` says. */
export const StudyStatus = z.enum(['running', 'finished', 'stopped', 'failed']);
export type StudyStatus = z.infer<typeof StudyStatus>;

export const Study = z.object({
  /** The id of the parent run, too. */
  study_id: z.string(),
  name: z.string(),
  spec: StudySpec,
  status: StudyStatus,
  created: z.number(),
  ended: z.nullable(z.number()),
  /** No trial starts after it; null where time does not end the study. */
  until: z.nullable(z.number()),
  /** The number of the first trial since it was started or continued. */
  since: z.int(),
  /** Why it ended; empty while it runs. */
  sentence: z.string(),
  /** By number. */
  trials: z.array(Trial),
  /** The number of the best trial so far. */
  best: z.nullable(z.int()),
  /** The strongest first; null with too few finished trials to say. */
  importance: z.nullable(z.array(Importance)),
});
export type Study = z.infer<typeof Study>;

export const StudyList = z.object({ studies: z.array(Study) });

/** Body of POST /api/studies/:id/continue: so many more trials, or so many more seconds. */
export const ContinueRequest = z.object({ trials: z.optional(Trials), seconds: z.optional(Seconds) });
export type ContinueRequest = z.infer<typeof ContinueRequest>;
