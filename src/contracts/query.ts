// The query worker: a forked child of a window or of the CLI for quick questions about files.
import * as z from 'zod/mini';
import { Failure } from './errors.ts';
import { LabelsResult } from './endpoints.ts';
import { DriftReport, DriftRequest, LabelsFileRequest, WindowAnswer, WindowRequest } from './monitoring.ts';
import { Profile, TableSummary } from './profile.ts';

export const ChartName = z.enum(['histogram', 'date_histogram', 'top_values', 'curves', 'intervals', 'bins', 'timeline', 'truth']);
export type ChartName = z.infer<typeof ChartName>;

/** A compiled Vega specification, drawn in a webview. Its data set `values` is filled there. */
export const VegaSpec = z.record(z.string(), z.unknown());
export type VegaSpec = z.infer<typeof VegaSpec>;

/** The first rows of a table, as text; null where a value is missing. */
export const TableRows = z.object({
  columns: z.array(z.object({ name: z.string(), number: z.boolean() })),
  rows: z.array(z.array(z.nullable(z.string()))),
  /** All rows and columns of the file. */
  total: z.number(),
  width: z.number(),
});
export type TableRows = z.infer<typeof TableRows>;
/** A CSV file of ours that becomes Parquet. `number`: the column holds numbers only. */
export const ParquetRequest = z.object({ from: z.string(), to: z.string(), columns: z.array(z.object({ name: z.string(), number: z.boolean() })) });
export type ParquetRequest = z.infer<typeof ParquetRequest>;

/** Each worker reads the clicked file and nothing else. */
export const QueryRequest = z.discriminatedUnion('type', [
  z.object({ id: z.number(), type: z.literal('profile'), file: z.string() }),
  z.object({ id: z.number(), type: z.literal('summary'), file: z.string() }),
  z.object({ id: z.number(), type: z.literal('rows'), file: z.string(), limit: z.number() }),
  z.object({ id: z.number(), type: z.literal('charts'), names: z.array(ChartName) }),
  z.object({ id: z.number(), type: z.literal('drift'), request: DriftRequest }),
  z.object({ id: z.number(), type: z.literal('window'), request: WindowRequest }),
  z.object({ id: z.number(), type: z.literal('labels'), request: LabelsFileRequest }),
  z.object({ id: z.number(), type: z.literal('parquet'), request: ParquetRequest }),
  z.object({ id: z.number(), type: z.literal('cancel') }),
]);
export type QueryRequest = z.infer<typeof QueryRequest>;

export const QueryResponse = z.discriminatedUnion('type', [
  z.object({ id: z.number(), type: z.literal('progress'), message: z.string(), fraction: z.nullable(z.number()) }),
  z.object({ id: z.number(), type: z.literal('profile'), profile: Profile }),
  z.object({ id: z.number(), type: z.literal('summary'), summary: TableSummary }),
  z.object({ id: z.number(), type: z.literal('rows'), table: TableRows }),
  z.object({ id: z.number(), type: z.literal('charts'), charts: z.record(z.string(), VegaSpec) }),
  z.object({ id: z.number(), type: z.literal('drift'), report: DriftReport }),
  z.object({ id: z.number(), type: z.literal('window'), answer: WindowAnswer }),
  z.object({ id: z.number(), type: z.literal('labels'), result: LabelsResult }),
  z.object({ id: z.number(), type: z.literal('parquet') }),
  z.object({ id: z.number(), type: z.literal('failure'), failure: Failure }),
]);
export type QueryResponse = z.infer<typeof QueryResponse>;
