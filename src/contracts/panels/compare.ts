import * as z from 'zod/mini';
import { Comparison } from '../runs.ts';

export const ToComparePanel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('comparison'), comparison: Comparison }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);
export type ToComparePanel = z.infer<typeof ToComparePanel>;

export const FromComparePanel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('open_run'), run_id: z.string() }),
  z.object({ type: z.literal('register'), run_id: z.string() }),
  z.object({ type: z.literal('remove'), run_id: z.string() }),
]);
export type FromComparePanel = z.infer<typeof FromComparePanel>;
