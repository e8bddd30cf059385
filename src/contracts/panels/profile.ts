import * as z from 'zod/mini';
import { Profile } from '../profile.ts';
import { VegaSpec } from '../query.ts';

/** From the extension to the profile panel. */
export const ToProfilePanel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('loading'), file: z.string(), message: z.string() }),
  z.object({
    type: z.literal('profile'),
    file: z.string(),
    profile: Profile,
    charts: z.record(z.string(), VegaSpec),
    /** False in an untrusted workspace: then training is not offered. */
    can_train: z.boolean(),
    /** The data set's name in ml.yaml, null where it is not there yet. */
    dataset: z.nullable(z.string()),
  }),
  z.object({ type: z.literal('failed'), file: z.string(), message: z.string() }),
]);
export type ToProfilePanel = z.infer<typeof ToProfilePanel>;

/** From the profile panel to the extension. */
export const FromProfilePanel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('refresh') }),
  z.object({ type: z.literal('cancel') }),
  z.object({ type: z.literal('open_file') }),
  z.object({ type: z.literal('add_dataset') }),
  z.object({ type: z.literal('train'), target: z.nullable(z.string()) }),
]);
export type FromProfilePanel = z.infer<typeof FromProfilePanel>;
