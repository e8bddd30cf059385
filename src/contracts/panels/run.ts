import * as z from 'zod/mini';
import { VegaSpec } from '../query.ts';
import { MetricPoint, RunDetail, RunEdit } from '../runs.ts';

export const ToRunPanel = z.discriminatedUnion('type', [
  /** Everything at once: on `ready`, and when the run ends. */
  z.object({
    type: z.literal('run'),
    detail: RunDetail,
    points: z.array(MetricPoint),
    charts: z.record(z.string(), VegaSpec),
    /** The last 200 kB of the output at most; `output_start` is the byte it starts at. */
    output: z.string(),
    output_start: z.number(),
  }),
  /** While it runs: what changed. */
  z.object({ type: z.literal('detail'), detail: RunDetail }),
  z.object({ type: z.literal('points'), points: z.array(MetricPoint) }),
  z.object({ type: z.literal('output'), text: z.string() }),
  z.object({ type: z.literal('failed'), message: z.string() }),
  /** What the person last changed of the run was not kept. */
  z.object({ type: z.literal('not_edited'), message: z.string() }),
]);
export type ToRunPanel = z.infer<typeof ToRunPanel>;

export const FromRunPanel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('cancel') }),
  z.object({ type: z.literal('register') }),
  z.object({ type: z.literal('compare') }),
  z.object({ type: z.literal('show_output') }),
  z.object({ type: z.literal('open_source') }),
  z.object({ type: z.literal('open_artifact'), path: z.string() }),
  z.object({ type: z.literal('open_model'), model: z.string() }),
  z.object({ type: z.literal('edit'), edit: RunEdit }),
]);
export type FromRunPanel = z.infer<typeof FromRunPanel>;
