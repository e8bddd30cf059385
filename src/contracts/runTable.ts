// The table of many runs: what a panel or the command line asks of it, and what it answers.
import * as z from 'zod/mini';
import { RunKind, RunStatus } from './runs.ts';

export const ColumnGroup = z.enum(['attribute', 'metric', 'param', 'tag']);
export type ColumnGroup = z.infer<typeof ColumnGroup>;

/** What of a metric's history stands in the table; `best` is `max` or `min`, by what the metric's name says. */
export const Aggregate = z.enum(['last', 'best', 'min', 'max']);
export type Aggregate = z.infer<typeof Aggregate>;

/** A column as it is asked for. Without an aggregate, the last value. */
export const RunColumn = z.object({ group: ColumnGroup, key: z.string(), aggregate: z.optional(Aggregate) });
export type RunColumn = z.infer<typeof RunColumn>;

/** Null where the run has no such value. What is no finite number travels as text: NaN, Infinity, -Infinity. */
export const RunCell = z.nullable(z.union([z.string(), z.number()]));
export type RunCell = z.infer<typeof RunCell>;

/** Which runs a table is about: chosen ones in their order, those of an experiment, or all; archived ones only where they were chosen. */
export const RunScope = z.object({ run_ids: z.optional(z.array(z.string()).check(z.maxLength(20_000))), experiment: z.optional(z.string()) });
export type RunScope = z.infer<typeof RunScope>;

export const RunSort = z.object({ column: RunColumn, descending: z.boolean() });
export type RunSort = z.infer<typeof RunSort>;

/** `filter`: the search language. `sort`: the first counts most; runs without the value come last, in either direction. */
export const RunTableQuery = z.object({ scope: RunScope, filter: z.string(), sort: z.array(RunSort) });
export type RunTableQuery = z.infer<typeof RunTableQuery>;

/** `created` in milliseconds since 1970. */
export const RunHead = z.object({ run_id: z.string(), name: z.string(), experiment: z.string(), kind: RunKind, status: RunStatus, created: z.number() });
export type RunHead = z.infer<typeof RunHead>;

/** A column that some run has. `differs`: not all runs have it with one value. `numbers`: every value reads as a number. */
export const KnownColumn = z.object({ group: ColumnGroup, key: z.string(), runs: z.number(), differs: z.boolean(), numbers: z.boolean() });
export type KnownColumn = z.infer<typeof KnownColumn>;

const columns = z.array(RunColumn).check(z.maxLength(2000));

export const RunTableQuestion = z.discriminatedUnion('type', [
  /** Which columns there are. Thousands of runs are looked through bit by bit: ask again until `looked` is `of`. */
  z.object({ type: z.literal('columns'), query: RunTableQuery }),
  /** Some rows, of some columns. */
  z.object({ type: z.literal('rows'), query: RunTableQuery, offset: z.int(), limit: z.int().check(z.maximum(1000)), columns }),
  /** Whole columns for a picture, of the first `max` runs. */
  z.object({ type: z.literal('values'), query: RunTableQuery, columns, max: z.int() }),
  /** The history of one metric of several runs, thinned so that no lowest and no highest value is lost. */
  z.object({ type: z.literal('curves'), run_ids: z.array(z.string()).check(z.maxLength(200)), key: z.string(), buckets: z.int().check(z.minimum(1), z.maximum(5000)) }),
]);
export type RunTableQuestion = z.infer<typeof RunTableQuestion>;

/** Cells come by column: `cells[column][row]`. */
export const RunTableAnswer = z.discriminatedUnion('type', [
  /** `of`: how many runs the filter leaves, of `total`. `warnings`: sentences about what makes a comparison of these runs unfair. */
  z.object({ type: z.literal('columns'), columns: z.array(KnownColumn), looked: z.number(), of: z.number(), total: z.number(), warnings: z.array(z.string()) }),
  z.object({
    type: z.literal('rows'),
    /** How many runs the filter leaves, and of how many. */
    found: z.number(),
    of: z.number(),
    /** Without the baseline, which stands before the first. */
    runs: z.array(RunHead),
    cells: z.array(z.array(RunCell)),
    /** Of each column with numbers the lowest and the highest among all runs found, where that is known. */
    ranges: z.array(z.nullable(z.tuple([z.number(), z.number()]))),
    baseline: z.nullable(z.object({ run: RunHead, cells: z.array(RunCell) })),
  }),
  z.object({ type: z.literal('values'), found: z.number(), runs: z.array(z.object({ run_id: z.string(), name: z.string() })), cells: z.array(z.array(RunCell)) }),
  z.object({ type: z.literal('curves'), curves: z.array(z.object({ run_id: z.string(), name: z.string(), points: z.array(z.tuple([z.number(), z.number()])) })) }),
]);
export type RunTableAnswer = z.infer<typeof RunTableAnswer>;

/** The answer to a question of this type. */
export type AnswerTo<Type extends RunTableQuestion['type']> = Extract<RunTableAnswer, { type: Type }>;

/** Writes the runs found to `file`, an absolute path that ends in .csv, .tsv or .parquet. No columns: all that there are. */
export const RunExportRequest = z.object({ query: RunTableQuery, columns: z.nullable(columns), file: z.string() });
export type RunExportRequest = z.infer<typeof RunExportRequest>;

export const RunExportResult = z.object({ runs: z.number(), columns: z.number() });
export type RunExportResult = z.infer<typeof RunExportResult>;

const axis = z.object({ column: RunColumn, higherIsBetter: z.boolean() });

/** How a comparison is arranged. Columns go by their id, `columnId`. */
const Whole = z.object({
  tab: z.enum(['side', 'table', 'curves', 'parallel', 'scatter']),
  filter: z.string(),
  sort: z.array(RunSort),
  differences: z.boolean(),
  toBaseline: z.boolean(),
  aggregate: Aggregate,
  /** Where a metric has another than all. */
  aggregates: z.record(z.string(), Aggregate),
  pinned: z.array(z.string()),
  hidden: z.array(z.string()),
  /** Columns that are hidden at first. */
  unhidden: z.array(z.string()),
  /** In pixels. */
  widths: z.record(z.string(), z.number()),
  curve: z.nullable(z.string()),
  axes: z.nullable(z.array(RunColumn)),
  colour: z.nullable(RunColumn),
  scatter: z.nullable(z.object({ x: axis, y: axis })),
});
export type Arranged = z.infer<typeof Whole>;

/** As a person left it: what is missing is as it is at first. */
export const Arrangement = z.partial(Whole);
export type Arrangement = z.infer<typeof Arrangement>;

export const CompareView = z.object({ name: z.string(), arrangement: Arrangement });
export type CompareView = z.infer<typeof CompareView>;
export const CompareViewList = z.object({ views: z.array(CompareView) });
/** `name`: also renames it. */
export const CompareViewEdit = z.object({ name: z.string().check(z.trim(), z.minLength(1), z.maxLength(100)), arrangement: Arrangement });
export type CompareViewEdit = z.infer<typeof CompareViewEdit>;

export function columnId({ group, key }: { group: ColumnGroup; key: string }): string {
  return `${group}:${key}`;
}
