import * as z from 'zod/mini';
import { VegaSpec } from '../query.ts';
import { Decision } from '../retraining.ts';
import { GitState } from '../runs.ts';

export const ToDecisionPanel = z.discriminatedUnion('type', [
  /** `git`: what the challenger's run was made from; null where it is not known. */
  z.object({ type: z.literal('decision'), decision: Decision, git: z.nullable(GitState), charts: z.record(z.string(), VegaSpec) }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);
export type ToDecisionPanel = z.infer<typeof ToDecisionPanel>;

export const FromDecisionPanel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('promote') }),
  z.object({ type: z.literal('discard') }),
  z.object({ type: z.literal('cancel') }),
  z.object({ type: z.literal('open_run'), run_id: z.string() }),
  z.object({ type: z.literal('open_model'), model: z.string(), version: z.nullable(z.int()) }),
  z.object({ type: z.literal('open_endpoint'), endpoint: z.string() }),
  z.object({ type: z.literal('open_monitor'), endpoint: z.string() }),
]);
export type FromDecisionPanel = z.infer<typeof FromDecisionPanel>;
