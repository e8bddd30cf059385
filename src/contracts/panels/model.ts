import * as z from 'zod/mini';
import { Failure } from '../errors.ts';
import { Predictions, Row } from '../model.ts';
import { CandidateDetail, RegisteredModel, RegistryMove, VersionDetail } from '../registry.ts';

export const ToModelPanel = z.discriminatedUnion('type', [
  /** Either a version or a candidate is selected. `moves`: newest first. */
  z.object({ type: z.literal('model'), model: RegisteredModel, selected: z.nullable(VersionDetail), candidate: z.nullable(CandidateDetail), moves: z.array(RegistryMove) }),
  z.object({ type: z.literal('prediction'), ticket: z.number(), result: Predictions }),
  /** `failure.place.field` names the input that was wrong. */
  z.object({ type: z.literal('prediction_failed'), ticket: z.number(), failure: Failure }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);
export type ToModelPanel = z.infer<typeof ToModelPanel>;

export const FromModelPanel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('select'), version: z.number() }),
  z.object({ type: z.literal('predict'), ticket: z.number(), version: z.number(), row: Row }),
  z.object({ type: z.literal('promote'), version: z.number() }),
  z.object({ type: z.literal('accept'), version: z.number() }),
  z.object({ type: z.literal('score_file'), version: z.number() }),
  z.object({ type: z.literal('deploy'), version: z.number() }),
  z.object({ type: z.literal('open_run'), run_id: z.string() }),
  z.object({ type: z.literal('open_version_file'), version: z.number() }),
]);
export type FromModelPanel = z.infer<typeof FromModelPanel>;
