import * as z from 'zod/mini';
import { Endpoint, EndpointPredictions, EndpointStats } from '../endpoints.ts';
import { Failure } from '../errors.ts';
import { Row, Signature } from '../model.ts';
import { RegisteredModel } from '../registry.ts';

/** How to call the endpoint; the key stands as a placeholder here and in full in what is copied. */
export const Snippet = z.object({ label: z.string(), language: z.string(), text: z.string() });
export type Snippet = z.infer<typeof Snippet>;

export const ToEndpointPanel = z.discriminatedUnion('type', [
  /** Everything: on `ready` and when the endpoint changes. `models`: what else it could serve. `key_kept`: this editor holds the key. */
  z.object({
    type: z.literal('endpoint'),
    endpoint: Endpoint,
    stats: z.nullable(EndpointStats),
    signature: z.nullable(Signature),
    snippets: z.array(Snippet),
    output: z.string(),
    models: z.array(RegisteredModel),
    key_kept: z.boolean(),
  }),
  z.object({ type: z.literal('stats'), stats: EndpointStats }),
  z.object({ type: z.literal('prediction'), ticket: z.number(), result: EndpointPredictions }),
  z.object({ type: z.literal('prediction_failed'), ticket: z.number(), failure: Failure }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);
export type ToEndpointPanel = z.infer<typeof ToEndpointPanel>;

export const FromEndpointPanel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('predict'), ticket: z.number(), row: Row }),
  z.object({ type: z.literal('set_traffic'), versions: z.array(z.object({ version: z.string(), weight: z.int(), shadow: z.boolean() })) }),
  /** Serves this version beside the others. */
  z.object({ type: z.literal('add_version'), model: z.string(), version: z.int(), weight: z.int(), shadow: z.boolean() }),
  z.object({ type: z.literal('roll_back') }),
  z.object({ type: z.literal('start') }),
  z.object({ type: z.literal('stop') }),
  z.object({ type: z.literal('copy_snippet'), index: z.int() }),
  z.object({ type: z.literal('copy_url') }),
  z.object({ type: z.literal('new_key') }),
  z.object({ type: z.literal('open_log') }),
  z.object({ type: z.literal('open_monitor') }),
  z.object({ type: z.literal('open_model'), model: z.string(), version: z.nullable(z.int()) }),
]);
export type FromEndpointPanel = z.infer<typeof FromEndpointPanel>;
