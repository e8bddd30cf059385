// What a panel shows of a file, without opening it in an editor.
import * as z from 'zod/mini';
import { TableRows } from '../query.ts';

/** A column, tensor or parameter of a model's signature, in words. */
const Field = z.object({ name: z.string(), type: z.string(), required: z.boolean() });

/** What the file MLmodel says of a model. */
export const ModelFacts = z.object({
  flavors: z.array(z.object({ name: z.string(), version: z.nullable(z.string()) })),
  /** Null where the model was logged without one. */
  signature: z.nullable(z.object({ inputs: z.array(Field), outputs: z.array(Field), params: z.array(Field) })),
  facts: z.array(z.object({ name: z.string(), value: z.string() })),
});
export type ModelFacts = z.infer<typeof ModelFacts>;

export const Preview = z.discriminatedUnion('kind', [
  /** `data`: Base64. */
  z.object({ kind: z.literal('image'), mime: z.string(), data: z.string() }),
  z.object({ kind: z.literal('table'), table: TableRows }),
  /** The bytes from `from` up to `to` of a file of `size` bytes. */
  z.object({ kind: z.literal('text'), text: z.string(), from: z.number(), to: z.number(), size: z.number() }),
  z.object({ kind: z.literal('json'), text: z.string() }),
  /** A page that somebody wrote. */
  z.object({ kind: z.literal('html'), html: z.string() }),
  /** What was made into a page here, to be shown in the editor's colours. `source`: what it was made of, null where that is no use to read. */
  z.object({ kind: z.literal('document'), html: z.string(), source: z.nullable(z.string()) }),
  /** Sound, or a film. `data`: Base64. */
  z.object({ kind: z.literal('media'), mime: z.string(), data: z.string() }),
  z.object({ kind: z.literal('model'), model: ModelFacts }),
  /** Why there is nothing to see. */
  z.object({ kind: z.literal('none'), reason: z.string() }),
]);
export type Preview = z.infer<typeof Preview>;
