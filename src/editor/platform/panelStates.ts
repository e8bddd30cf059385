import * as z from 'zod/mini';

/** What identifies the subject of a panel; enough to fill it again after a reload. Paths are absolute. */
export const panelStates = {
  profile: z.object({ file: z.string() }),
  train: z.object({ file: z.string(), target: z.optional(z.string()) }),
  /** A script's form; with a study, that. */
  tune: z.object({ script: z.string(), project: z.optional(z.string()), study_id: z.optional(z.string()) }),
  run: z.object({ project: z.string(), run_id: z.string() }),
  /** Chosen runs, those of an experiment, or all. */
  compare: z.object({ project: z.string(), run_ids: z.optional(z.array(z.string())), experiment: z.optional(z.string()) }),
  model: z.object({ project: z.string(), model: z.string(), version: z.optional(z.number()) }),
  endpoint: z.object({ project: z.string(), endpoint: z.string() }),
  monitor: z.object({ project: z.string(), endpoint: z.string() }),
  decision: z.object({ project: z.string(), decision_id: z.string() }),
};
