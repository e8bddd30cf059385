// Experiments as windows list and change them, and searches for their runs.
import * as z from 'zod/mini';
import { RunSummary } from './runs.ts';

export const ExperimentSummary = z.object({
  experiment_id: z.string(),
  name: z.string(),
  /** With all its runs. */
  archived: z.boolean(),
  tags: z.record(z.string(), z.string()),
  /** The run that the others are measured by; it may be archived. */
  baseline: z.nullable(RunSummary),
});
export type ExperimentSummary = z.infer<typeof ExperimentSummary>;

export const ExperimentList = z.object({ experiments: z.array(ExperimentSummary) });

/** Only what is given changes. A tag of null is removed. */
export const ExperimentEdit = z.object({
  name: z.optional(z.string().check(z.minLength(1), z.maxLength(500))),
  archived: z.optional(z.boolean()),
  tags: z.optional(z.record(z.string(), z.nullable(z.string()))),
});
export type ExperimentEdit = z.infer<typeof ExperimentEdit>;

/** A part of the list of runs. `next` is null where nothing comes after it. */
export const RunPage = z.object({ runs: z.array(RunSummary), next: z.nullable(z.string()) });
export type RunPage = z.infer<typeof RunPage>;

/** What each run of a part of the list brings along however wide it is: what a view is arranged by. */
export interface NeededKeys {
  params: readonly string[];
  tags: readonly string[];
}

/** Which runs are asked for. */
export interface RunFilter {
  /** In MLflow's search language, or words that each must stand somewhere in the run. */
  text?: string;
  /** The experiment's name. */
  experiment?: string;
  /** Those in the archive instead of the others. */
  archived?: boolean;
}

export const RunIds = z.object({ run_ids: z.array(z.string()) });
