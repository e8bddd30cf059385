// Curves of metrics as they are drawn: thinned so that no spike is lost.
import * as z from 'zod/mini';

/** JSON has no numbers for these; they are values of a metric all the same. */
export type CurveValue = number | 'NaN' | 'Infinity' | '-Infinity';

const isValue = (value: unknown): boolean => typeof value === 'number' || value === 'NaN' || value === 'Infinity' || value === '-Infinity';

// Checked by one loop each: a schema for every number of a long series costs more than drawing it.
const numbers = z.custom<number[]>((value) => Array.isArray(value) && value.every((each) => typeof each === 'number'));
const values = z.custom<CurveValue[]>((value) => Array.isArray(value) && value.every(isValue));

/** Points in the order of time, by columns of one length; `timestamps` in milliseconds since 1970. */
export const CurvePoints = z
  .object({ steps: numbers, timestamps: numbers, values })
  .check(z.refine(({ steps, timestamps, values }) => steps.length === values.length && timestamps.length === values.length, 'the columns have different lengths'));
export type CurvePoints = z.infer<typeof CurvePoints>;

export const CurvePoint = z.object({ step: z.number(), timestamp: z.number(), value: z.custom<CurveValue>(isValue) });
export type CurvePoint = z.infer<typeof CurvePoint>;

/** What a metric came to. `min` and `max` are null where it never was a finite number; `count` is about how often it was logged. */
export const MetricFigures = z.object({ count: z.number(), last: CurvePoint, min: z.nullable(CurvePoint), max: z.nullable(CurvePoint) });
export type MetricFigures = z.infer<typeof MetricFigures>;

export const Curve = z.object({
  key: z.string(),
  /** True where the points are all that there is to draw; false where they come after what was sent before. */
  whole: z.boolean(),
  points: CurvePoints,
  /** The mean of each bucket where points were left out, for a smooth line; null where none was. */
  means: z.nullable(CurvePoints),
});
export type Curve = z.infer<typeof Curve>;

export const CurveAxis = z.enum(['step', 'time']);
export type CurveAxis = z.infer<typeof CurveAxis>;

/** The most buckets that one request may ask for. */
const mostBuckets = 5000;

export const CurvesRequest = z.object({
  /** The metrics to draw; the figures are those of all. */
  keys: z.array(z.string()),
  /** Only this part: steps, or milliseconds since 1970; null: to the end. */
  axis: CurveAxis,
  from: z.nullable(z.number()),
  to: z.nullable(z.number()),
  /** Four points at most come from each bucket, besides those that are no finite numbers. */
  buckets: z.number().check(z.int(), z.minimum(1), z.maximum(mostBuckets)),
  /** Only what was stored after this mark, the `last` of an earlier answer; null: all. */
  after: z.nullable(z.number()),
});
export type CurvesRequest = z.infer<typeof CurvesRequest>;

export const Curves = z.object({
  curves: z.array(Curve),
  /** By metric: all of the run, or those that changed after the mark. */
  figures: z.record(z.string(), MetricFigures),
  /** Pass as `after` to get only what came later. */
  last: z.number(),
});
export type Curves = z.infer<typeof Curves>;
