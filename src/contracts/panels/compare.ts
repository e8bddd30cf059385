import * as z from 'zod/mini';
import { Comparison } from '../runs.ts';
import { Arrangement, CompareView, RunScope, RunTableAnswer, RunTableQuestion, RunTableQuery, RunColumn } from '../runTable.ts';

export const ToComparePanel = z.discriminatedUnion('type', [
  /** `arrangement`: the last one of this subject; null where there is none. */
  z.object({ type: z.literal('opened'), scope: RunScope, arrangement: z.nullable(Arrangement), views: z.array(CompareView) }),
  z.object({ type: z.literal('answer'), id: z.number(), answer: RunTableAnswer }),
  z.object({ type: z.literal('refused'), id: z.number(), message: z.string() }),
  z.object({ type: z.literal('comparison'), comparison: Comparison }),
  z.object({ type: z.literal('views'), views: z.array(CompareView), chosen: z.nullable(z.string()) }),
  /** Some runs are not as they were. */
  z.object({ type: z.literal('changed') }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);
export type ToComparePanel = z.infer<typeof ToComparePanel>;

export const FromComparePanel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('ask'), id: z.number(), question: RunTableQuestion }),
  /** A few runs side by side. */
  z.object({ type: z.literal('side_by_side') }),
  z.object({ type: z.literal('arranged'), arrangement: Arrangement }),
  z.object({ type: z.literal('save_view'), name: z.nullable(z.string()), arrangement: Arrangement }),
  z.object({ type: z.literal('rename_view'), name: z.string() }),
  z.object({ type: z.literal('delete_view'), name: z.string() }),
  z.object({ type: z.literal('export'), query: RunTableQuery, columns: z.array(RunColumn) }),
  z.object({ type: z.literal('open_run'), run_id: z.string() }),
  z.object({ type: z.literal('compare'), run_ids: z.array(z.string()) }),
  z.object({ type: z.literal('register'), run_id: z.string() }),
  z.object({ type: z.literal('remove'), run_id: z.string() }),
]);
export type FromComparePanel = z.infer<typeof FromComparePanel>;
