import * as z from 'zod/mini';
import { EndpointStats } from '../endpoints.ts';
import { Monitor } from '../monitoring.ts';
import { VegaSpec } from '../query.ts';
import { Decision } from '../retraining.ts';

export const ToMonitorPanel = z.discriminatedUnion('type', [
  /** `decisions`: the retrainings of this endpoint, newest first. `retraining`: the entry that a click would start; null where there is none. */
  z.object({ type: z.literal('monitor'), monitor: Monitor, decisions: z.array(Decision), retraining: z.nullable(z.string()), charts: z.record(z.string(), VegaSpec) }),
  z.object({ type: z.literal('stats'), stats: EndpointStats }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);
export type ToMonitorPanel = z.infer<typeof ToMonitorPanel>;

export const FromMonitorPanel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('look') }),
  z.object({ type: z.literal('acknowledge'), alert_id: z.string(), acknowledged: z.boolean() }),
  /** In milliseconds; 0 ends the muting. */
  z.object({ type: z.literal('mute'), alert_id: z.string(), muted_for: z.number() }),
  z.object({ type: z.literal('add_labels') }),
  z.object({ type: z.literal('retrain') }),
  /** Writes an entry into `retraining` of ml.yaml, and opens it. */
  z.object({ type: z.literal('add_retraining') }),
  z.object({ type: z.literal('open_endpoint') }),
  z.object({ type: z.literal('open_decision'), decision_id: z.string() }),
  z.object({ type: z.literal('open_settings') }),
]);
export type FromMonitorPanel = z.infer<typeof FromMonitorPanel>;
