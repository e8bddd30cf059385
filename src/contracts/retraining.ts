// Retraining: what starts it, how champion and challenger are compared, and the page that each decision is.
import * as z from 'zod/mini';

export const TriggerKind = z.enum(['manual', 'schedule', 'new_data', 'drift', 'worse_score']);
export type TriggerKind = z.infer<typeof TriggerKind>;

/** Promote, keep, or not enough evidence: then the champion stays. */
export const Verdict = z.enum(['promote', 'keep', 'inconclusive']);
export type Verdict = z.infer<typeof Verdict>;

/** Champion and challenger on the same rows. */
export const ComparedPart = z.object({
  /** `newest`, `old` or the slice as `column = value`. */
  name: z.string(),
  rows: z.int(),
  /** Rows of the class of interest, where there is one. */
  positives: z.nullable(z.int()),
  champion: z.nullable(z.number()),
  challenger: z.nullable(z.number()),
  /** How much better the challenger is (more is better whatever the metric), with its paired bootstrap interval at `confidence`. */
  gain: z.nullable(z.object({ value: z.number(), low: z.number(), high: z.number() })),
  /** 0.95; higher for slices, corrected by Holm's method. */
  confidence: z.number(),
  /** The condition that this part must meet is met; null where it was not judged, as `note` says. */
  holds: z.nullable(z.boolean()),
  note: z.nullable(z.string()),
});
export type ComparedPart = z.infer<typeof ComparedPart>;

export const FairComparison = z.object({
  metric: z.string(),
  min_gain: z.number(),
  /** Slices and the old window may be worse by this at most. */
  margin: z.number(),
  policy: z.enum(['better', 'refresh']),
  /** Rows on offer, and how many of them each model's fit, tuning, calibration or early stopping saw. */
  rows: z.object({ offered: z.int(), seen_by_champion: z.int(), seen_by_challenger: z.int(), compared: z.int() }),
  /** The dates of the newest window, where rows have one. */
  from: z.nullable(z.string()),
  to: z.nullable(z.string()),
  newest: z.nullable(ComparedPart),
  old: z.nullable(ComparedPart),
  slices: z.array(ComparedPart),
  verdict: Verdict,
  /** Why, in sentences; the first one is the answer. */
  reasons: z.array(z.string()),
  /** By row of the newest window in the order of time (at most 400 points): truth and both models, for a chart of numbers. */
  points: z.array(z.object({ at: z.nullable(z.number()), truth: z.number(), champion: z.number(), challenger: z.number() })),
});
export type FairComparison = z.infer<typeof FairComparison>;

export const StepName = z.enum(['check', 'train', 'compare', 'propose', 'promote', 'deploy']);
export type StepName = z.infer<typeof StepName>;

export const DecisionStep = z.object({
  name: StepName,
  status: z.enum(['waiting', 'running', 'done', 'failed', 'skipped']),
  seconds: z.nullable(z.number()),
  /** What happened, in a sentence. */
  message: z.string(),
});
export type DecisionStep = z.infer<typeof DecisionStep>;

/** A version as a decision names it. */
export const Contestant = z.object({
  ulid: z.string(),
  version: z.nullable(z.int()),
  run_id: z.nullable(z.string()),
  trainer: z.string(),
  /** Rows that it was fitted on, and the newest date among them. */
  fitted_rows: z.nullable(z.int()),
  fitted_until: z.nullable(z.string()),
});
export type Contestant = z.infer<typeof Contestant>;

/** One retraining, from its trigger to what became of it. Its id is that of its job. */
export const Decision = z.object({
  decision_id: z.string(),
  /** The entry in ml.yaml, or the model's name where it was started by hand without one. */
  retraining: z.string(),
  model: z.string(),
  endpoint: z.nullable(z.string()),
  trigger: z.object({ kind: TriggerKind, detail: z.string() }),
  created: z.number(),
  ended: z.nullable(z.number()),
  status: z.enum(['running', 'decided', 'failed', 'cancelled']),
  steps: z.array(DecisionStep),
  champion: z.nullable(Contestant),
  challenger: z.nullable(Contestant),
  data: z.nullable(z.object({ path: z.string(), sha256: z.string(), rows: z.int() })),
  comparison: z.nullable(FairComparison),
  /** `proposed`: a person may promote it. `discarded`: a person said no. */
  outcome: z.enum(['running', 'promoted', 'proposed', 'kept', 'discarded', 'failed']),
  /** What came out of it and why, in a sentence. */
  sentence: z.string(),
});
export type Decision = z.infer<typeof Decision>;

/** Among the artifacts of a retrain job: the decision as far as it has come, and what was proposed. */
export const decisionFiles = { decision: 'decision.json', candidate: 'candidate.json' } as const;

/** An entry as it stands now. */
export const RetrainingState = z.object({
  name: z.string(),
  model: z.string(),
  endpoint: z.nullable(z.string()),
  promotion: z.enum(['manual', 'automatic']),
  triggers: z.array(z.string()),
  next_schedule: z.nullable(z.number()),
  cooling_until: z.nullable(z.number()),
  running: z.nullable(z.string()),
  last: z.nullable(Decision),
  /** Why it cannot run, for example a data set that ml.yaml does not have. */
  problem: z.nullable(z.string()),
});
export type RetrainingState = z.infer<typeof RetrainingState>;

/** `retraining`: an entry of ml.yaml, or the name of a registered model. */
export const RetrainRequest = z.object({ retraining: z.string(), detail: z.optional(z.string()) });
export type RetrainRequest = z.infer<typeof RetrainRequest>;

export const DecisionAnswer = z.object({ answer: z.enum(['promote', 'discard']) });
export type DecisionAnswer = z.infer<typeof DecisionAnswer>;

export const DecisionList = z.object({ decisions: z.array(Decision) });
export const RetrainingList = z.object({ retrainings: z.array(RetrainingState) });
