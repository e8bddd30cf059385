import * as z from 'zod/mini';
import { CurveAxis, Curves } from '../curves.ts';
import { VegaSpec } from '../query.ts';
import { RunDetail, RunEdit, RunLinks } from '../runs.ts';
import { Preview } from './preview.ts';

/** A part of the curves that a person zoomed into; times in milliseconds since 1970. */
export const CurveRange = z.object({ axis: CurveAxis, from: z.number(), to: z.number() });
export type CurveRange = z.infer<typeof CurveRange>;

/** A file or folder of artifacts. `root`: the id of a logged model, or null for the run's own. `path` of the top is ''. */
const Place = { root: z.nullable(z.string()), path: z.string() };

export const ArtifactEntry = z.object({ name: z.string(), folder: z.boolean(), bytes: z.number() });
export type ArtifactEntry = z.infer<typeof ArtifactEntry>;

export const ToRunPanel = z.discriminatedUnion('type', [
  /** Everything but the curves: on `ready`, and when the run ends. */
  z.object({
    type: z.literal('run'),
    detail: RunDetail,
    links: RunLinks,
    charts: z.record(z.string(), VegaSpec),
    /** The last 200 kB of the output at most; `output_start` is the byte it starts at. */
    output: z.string(),
    output_start: z.number(),
  }),
  /** While it runs: what changed. */
  z.object({ type: z.literal('detail'), detail: RunDetail }),
  /** Of the whole run, or of the range that was zoomed into. */
  z.object({ type: z.literal('curves'), curves: Curves, range: z.nullable(CurveRange) }),
  z.object({ type: z.literal('output'), text: z.string() }),
  /** What a folder holds; `more` where only the first are listed. */
  z.object({ type: z.literal('folder'), ...Place, entries: z.array(ArtifactEntry), more: z.boolean() }),
  z.object({ type: z.literal('preview'), ...Place, preview: Preview }),
  z.object({ type: z.literal('failed'), message: z.string() }),
  /** What the person last changed of the run was not kept. */
  z.object({ type: z.literal('not_edited'), message: z.string() }),
]);
export type ToRunPanel = z.infer<typeof ToRunPanel>;

export const FromRunPanel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  /** The curves that it shows now, and the part of them that it zoomed into. */
  z.object({ type: z.literal('draw'), keys: z.array(z.string()), range: z.nullable(CurveRange) }),
  z.object({ type: z.literal('cancel') }),
  z.object({ type: z.literal('register') }),
  z.object({ type: z.literal('compare') }),
  z.object({ type: z.literal('compare_code') }),
  z.object({ type: z.literal('show_output') }),
  z.object({ type: z.literal('open_source') }),
  z.object({ type: z.literal('list'), ...Place }),
  /** `from`: the byte at which a text is read. */
  z.object({ type: z.literal('preview'), ...Place, from: z.number() }),
  z.object({ type: z.literal('open_artifact'), ...Place }),
  z.object({ type: z.literal('open_model'), model: z.string() }),
  z.object({ type: z.literal('edit'), edit: RunEdit }),
]);
export type FromRunPanel = z.infer<typeof FromRunPanel>;
