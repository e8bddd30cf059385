// What profiling a file gives. Also the JSON of `ml-lifecycle profile`.
import * as z from 'zod/mini';

/** What a column holds, for people and for training. */
export const ColumnType = z.enum(['number', 'text', 'boolean', 'date', 'datetime', 'other']);
export type ColumnType = z.infer<typeof ColumnType>;

/** Counts of `bins` of equal width from `minimum` to `maximum`. */
export const Histogram = z.object({
  minimum: z.number(),
  maximum: z.number(),
  counts: z.array(z.number()),
});
export type Histogram = z.infer<typeof Histogram>;

export const ColumnProfile = z.object({
  name: z.string(),
  type: ColumnType,
  /** DuckDB's own type name. */
  sql_type: z.string(),
  missing: z.number(),
  distinct: z.number(),
  /** True where `distinct` is an estimate (HyperLogLog, a few percent). */
  distinct_approximate: z.boolean(),
  /** Numbers. Dates give minimum and maximum as ISO text in `first` and `last`. */
  minimum: z.optional(z.number()),
  maximum: z.optional(z.number()),
  mean: z.optional(z.number()),
  /** Population standard deviation. */
  standard_deviation: z.optional(z.number()),
  zeros: z.optional(z.number()),
  /** 1, 5, 25, 50, 75, 95 and 99 %; on a sample of 200,000 rows where there are more. */
  quantiles: z.optional(z.object({ p01: z.number(), p05: z.number(), p25: z.number(), p50: z.number(), p75: z.number(), p95: z.number(), p99: z.number() })),
  skewness: z.optional(z.number()),
  first: z.optional(z.string()),
  last: z.optional(z.string()),
  /** Numbers, dates (in milliseconds since 1970). */
  histogram: z.optional(Histogram),
  /** Text and boolean: most frequent values; the count is approximate above 10,000 distinct values. */
  top_values: z.optional(z.array(z.object({ value: z.string(), count: z.number() }))),
});
export type ColumnProfile = z.infer<typeof ColumnProfile>;

export const ProfileAlert = z.object({
  kind: z.enum(['empty', 'constant', 'missing', 'identifier', 'high_cardinality', 'imbalanced', 'skewed', 'correlated', 'duplicate_rows', 'zeros', 'numbers_as_text', 'dropped_rows', 'header', 'encoding']),
  /** null for an alert about the whole file. */
  column: z.nullable(z.string()),
  severity: z.enum(['warning', 'note']),
  message: z.string(),
});
export type ProfileAlert = z.infer<typeof ProfileAlert>;

export const Profile = z.object({
  file: z.string(),
  bytes: z.number(),
  rows: z.number(),
  columns: z.array(ColumnProfile),
  alerts: z.array(ProfileAlert),
  duplicate_rows: z.number(),
  /** Pearson, pairs with |r| ≥ 0.5, strongest first, at most 50. */
  correlations: z.array(z.object({ a: z.string(), b: z.string(), r: z.number() })),
  /** True where quantiles rest on a sample. */
  sampled: z.boolean(),
  seconds: z.number(),
});
export type Profile = z.infer<typeof Profile>;

/** A column as the training form needs it. */
export const ColumnChoice = z.object({
  name: z.string(),
  type: ColumnType,
  missing: z.number(),
  distinct: z.number(),
  /** All values with their counts where there are at most 50. */
  values: z.optional(z.array(z.object({ value: z.string(), count: z.number() }))),
});
export type ColumnChoice = z.infer<typeof ColumnChoice>;

export const TableSummary = z.object({ rows: z.number(), columns: z.array(ColumnChoice) });
export type TableSummary = z.infer<typeof TableSummary>;
