// What served models are asked and how they do: drift, data quality, performance, alerts.
import * as z from 'zod/mini';
import { EndpointStats } from './endpoints.ts';
import { Signature } from './model.ts';

/**
 * `monitor`: for live alarms: bins fixed on the reference, an effect over its threshold and over its 99 % null quantile.
 * `evidently`: Evidently's defaults, for reports and agreement.
 */
export const DriftMode = z.enum(['monitor', 'evidently']);
export type DriftMode = z.infer<typeof DriftMode>;

export const DriftMethod = z.enum(['ks', 'chisquare', 'z', 'jensenshannon', 'wasserstein', 'psi']);
export type DriftMethod = z.infer<typeof DriftMethod>;

/** Shares of the rows by bin, to be drawn side by side; `labels` are ranges or categories. */
export const BinShares = z.object({ labels: z.array(z.string()), reference: z.array(z.number()), current: z.array(z.number()) });
export type BinShares = z.infer<typeof BinShares>;

export const ColumnDrift = z.object({
  name: z.string(),
  /** `prediction`: the model's output. */
  role: z.enum(['input', 'prediction']),
  type: z.enum(['number', 'category']),
  method: DriftMethod,
  /** The test's p-value where the method decides by it, else the distance; null where it could not be measured. */
  statistic: z.nullable(z.number()),
  /** What `statistic` is held against. */
  threshold: z.number(),
  p_value: z.nullable(z.number()),
  /** Mode `monitor`: the effect that 99 % of windows without a change stay below. */
  null_quantile: z.nullable(z.number()),
  drift: z.boolean(),
  n_reference: z.int(),
  n_current: z.int(),
  bins: z.nullable(BinShares),
  /** Why it was not judged, or how: "all values are missing", "same season of 7 years". */
  note: z.nullable(z.string()),
});
export type ColumnDrift = z.infer<typeof ColumnDrift>;

/** Also the JSON of `ml-lifecycle monitor`. */
export const DriftReport = z.object({
  mode: DriftMode,
  /** `evidently`: at least half of the columns drift. `monitor`: any column does. */
  dataset_drift: z.boolean(),
  /** Share of the judged columns that drift, 0…1. */
  drifted_share: z.number(),
  columns: z.array(ColumnDrift),
  /** Sentences about what could not be compared, for example columns that one side lacks. */
  problems: z.array(z.string()),
});
export type DriftReport = z.infer<typeof DriftReport>;

/** What is asked of the query worker; files are absolute. */
export const DriftRequest = z.object({
  reference: z.string(),
  current: z.string(),
  mode: DriftMode,
  /** Columns that are not compared. */
  ignore: z.array(z.string()),
  /** A date column of both: rows are compared with the same season. */
  time: z.optional(z.string()),
});
export type DriftRequest = z.infer<typeof DriftRequest>;

export const ColumnQuality = z.object({
  name: z.string(),
  missing: z.number(),
  reference_missing: z.number(),
  /** Shares of rows, 0…1: outside the range that training saw, or a category that it did not see. */
  outside: z.number(),
  /** Examples of unseen categories, at most 5. */
  unseen: z.array(z.string()),
});
export type ColumnQuality = z.infer<typeof ColumnQuality>;

export const WindowPerformance = z.object({
  metric: z.string(),
  value: z.number(),
  /** 95 % bootstrap interval. */
  low: z.number(),
  high: z.number(),
  /** The same metric on the rows that were set aside in training. */
  reference: z.nullable(z.number()),
  /** Beyond this the window counts as worse. */
  limit: z.nullable(z.number()),
  worse: z.boolean(),
});
export type WindowPerformance = z.infer<typeof WindowPerformance>;

/** A window of consecutive predictions of one version, and what was found. */
export const MonitorWindow = z.object({
  window_id: z.int(),
  endpoint: z.string(),
  ulid: z.string(),
  version: z.nullable(z.int()),
  kind: z.enum(['data', 'performance']),
  /** First and last prediction: by the rows' own date where the model reads one, else when they were asked. Milliseconds since 1970. */
  from: z.number(),
  to: z.number(),
  rows: z.int(),
  /** kind `data` */
  drift: z.nullable(DriftReport),
  quality: z.array(ColumnQuality),
  /** kind `performance`; null where the metric is not defined on the window, as `note` says. */
  performance: z.nullable(WindowPerformance),
  note: z.nullable(z.string()),
});
export type MonitorWindow = z.infer<typeof MonitorWindow>;

export const AlertKind = z.enum(['drift', 'quality', 'performance', 'errors']);
export type AlertKind = z.infer<typeof AlertKind>;

/** Opened once and kept open while windows confirm it; closed by a window that does not. */
export const Alert = z.object({
  alert_id: z.string(),
  endpoint: z.string(),
  ulid: z.string(),
  version: z.nullable(z.int()),
  kind: AlertKind,
  column: z.nullable(z.string()),
  /** A sentence with its figures. */
  message: z.string(),
  opened: z.number(),
  closed: z.nullable(z.number()),
  acknowledged: z.nullable(z.number()),
  /** No new notification for this endpoint, kind and column before; milliseconds since 1970. */
  muted_until: z.nullable(z.number()),
  /** How many windows in a row confirm it. */
  windows: z.int(),
});
export type Alert = z.infer<typeof Alert>;

export const MonitorSettings = z.object({
  /** Predictions in a window. */
  window: z.int(),
  /** Windows in a row that an alarm needs. */
  consecutive: z.int(),
  /** PSI above which a column counts as drifted. */
  drift_threshold: z.number(),
  /** The metric whose worsening is an alarm, and by which share of the reference. */
  metric: z.nullable(z.string()),
  worse_by: z.number(),
  ignore: z.array(z.string()),
});
export type MonitorSettings = z.infer<typeof MonitorSettings>;

/** How far a version was judged, so that no prediction is judged twice. */
export const LogPosition = z.object({
  /** Predictions in windows so far; for labels: labelled predictions. */
  judged: z.int(),
  /** By file of predictions: the byte before which nothing waits. */
  files: z.record(z.string(), z.int()),
  /** The last label in a window: labels are judged in the order in which an id got its first one. */
  label: z.nullable(z.object({ at: z.number(), id: z.string() })),
});
export type LogPosition = z.infer<typeof LogPosition>;

/** What is asked of the query worker: the next full windows of a version; paths are absolute. */
export const WindowRequest = z.object({
  kind: z.enum(['data', 'performance']),
  endpoint: z.string(),
  /** The endpoint's folder. */
  folder: z.string(),
  ulid: z.string(),
  version: z.nullable(z.int()),
  settings: MonitorSettings,
  position: LogPosition,
  /** The reference, a Parquet file; null where there is none: then drift is left out. */
  reference: z.nullable(z.string()),
  /** Null: predictions are counted and not judged. */
  signature: z.nullable(Signature),
  /** Measured on the rows that were set aside in training. */
  metrics: z.record(z.string(), z.number()),
});
export type WindowRequest = z.infer<typeof WindowRequest>;

const NewWindow = z.omit(MonitorWindow, { window_id: true });
export type NewWindow = z.infer<typeof NewWindow>;

export const WindowAnswer = z.object({
  /** Each with the position after it. */
  windows: z.array(z.object({ window: NewWindow, position: LogPosition })),
  /** Where to go on; at least that of the last window. */
  position: LogPosition,
  /** Whether more full windows may wait. */
  more: z.boolean(),
  waiting: z.int(),
  /** kind `performance`: of the version and of the whole endpoint. */
  labels: z.nullable(z.object({ labelled: z.int(), unknown: z.int(), repeated: z.int() })),
});
export type WindowAnswer = z.infer<typeof WindowAnswer>;

/** Labels from a table, to be appended to those of an endpoint; `id` and `value` are columns, paths are absolute. */
export const LabelsFileRequest = z.object({ folder: z.string(), file: z.string(), id: z.string(), value: z.string() });
export type LabelsFileRequest = z.infer<typeof LabelsFileRequest>;

/** Body of POST /api/endpoints/:name/labels-file. */
export const LabelsFileBody = z.omit(LabelsFileRequest, { folder: true });

/** How one version is watched. */
export const WatchedVersion = z.object({
  ulid: z.string(),
  version: z.nullable(z.int()),
  shadow: z.boolean(),
  predictions: z.int(),
  labelled: z.int(),
  /** Predictions and labelled predictions that no window holds yet. */
  waiting: z.int(),
  waiting_labelled: z.int(),
  /** Why it cannot be watched, for example no reference on this machine. */
  problem: z.nullable(z.string()),
});
export type WatchedVersion = z.infer<typeof WatchedVersion>;

export const Monitor = z.object({
  endpoint: z.string(),
  model: z.string(),
  settings: MonitorSettings,
  versions: z.array(WatchedVersion),
  /** Newest last, at most 400. */
  windows: z.array(MonitorWindow),
  /** Open ones first, then newest first, at most 200. */
  alerts: z.array(Alert),
  /** Labels for ids that were never predicted, and ids that got more than one. */
  unknown_labels: z.int(),
  repeated_labels: z.int(),
  stats: z.nullable(EndpointStats),
});
export type Monitor = z.infer<typeof Monitor>;

/** `muted_for`: milliseconds; 0 ends the muting. */
export const AlertEdit = z.object({ acknowledged: z.optional(z.boolean()), muted_for: z.optional(z.number()) });
export type AlertEdit = z.infer<typeof AlertEdit>;

export const AlertList = z.object({ alerts: z.array(Alert) });
