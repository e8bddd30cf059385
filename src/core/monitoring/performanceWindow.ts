// The next windows of labelled predictions: how well the model did, held against the rows set aside in training.
import type { Signature } from '../../contracts/model.ts';
import type { LogPosition, NewWindow, WindowAnswer, WindowPerformance, WindowRequest } from '../../contracts/monitoring.ts';
import { higherIsBetter } from '../../contracts/metrics.ts';
import { literal, Session, type Value } from '../data/api.ts';
import { Bootstrap, type Scored } from '../training/api.ts';
import { common, scoreOf } from './dataWindow.ts';
import { timeOf } from './dates.ts';
import { logFiles } from './logReader.ts';
import { timeInput, versionReference } from './versionReference.ts';

/** The logs are joined once for so many windows. */
const windowsAtOnce = 40;
/** Below this share of positives average precision tells more than the area under the ROC curve. */
const rare = 0.1;

interface Labelled {
  id: string;
  /** When it got its first label. */
  labelled: number;
  truth: string;
  at: number;
  prediction: string | number;
  probabilities: Record<string, number> | undefined;
  time: number;
}

/** Labels are joined by id; of two the later counts. */
export async function judgePerformance(request: WindowRequest, signal?: AbortSignal): Promise<WindowAnswer> {
  const { position, settings, signature } = request;
  const [predictions, labels] = await Promise.all([logFiles(request.folder, 'predictions'), logFiles(request.folder, 'labels')]);
  if (labels.every(({ size }) => size === 0)) {
    return { windows: [], position, more: false, waiting: 0, labels: { labelled: 0, unknown: 0, repeated: 0 } };
  }
  const session = await Session.open({ files: [...predictions, ...labels].map(({ file }) => file), signal });
  try {
    await join(session, request, predictions.map(({ file }) => file), labels.map(({ file }) => file));
    const [labelled, unknown, repeated, waiting] = (await session.row(`SELECT
      (SELECT count(*) FROM labelled)::DOUBLE,
      (SELECT count(*) FROM labels WHERE id NOT IN (SELECT id FROM predictions))::DOUBLE,
      (SELECT count(*) FROM labels WHERE lines > 1)::DOUBLE,
      (SELECT count(*) FROM labelled WHERE ${after(position)})::DOUBLE`)).map(Number) as [number, number, number, number];
    const windows: WindowAnswer['windows'] = [];
    let last = position;
    if (signature !== null && waiting >= settings.window) {
      const count = Math.min(windowsAtOnce, Math.floor(waiting / settings.window)) * settings.window;
      const rows = (await session.rows(`SELECT id, labelled, truth, "at", prediction, probabilities, time FROM labelled WHERE ${after(position)} ORDER BY labelled, id LIMIT ${count}`)).map(toLabelled);
      for (let start = 0; start < rows.length; start += settings.window) {
        const part = rows.slice(start, start + settings.window);
        const { labelled: at, id } = part.at(-1)!;
        last = { ...last, judged: last.judged + part.length, label: { at, id } };
        windows.push({ window: await judged(request, signature, part), position: last });
      }
    }
    const left = waiting - (last.judged - position.judged);
    return { windows, position: last, more: windows.length > 0 && left >= settings.window, waiting: left, labels: { labelled, unknown, repeated } };
  } finally {
    await session.close();
  }
}

/** The tables `predictions` (ids of all versions), `labels` (one row an id) and `labelled` (of this version). Damaged lines are left out. */
async function join(session: Session, request: WindowRequest, predictions: readonly string[], labels: readonly string[]): Promise<void> {
  const read = (files: readonly string[], columns: string): string => `read_json([${files.map(literal).join(', ')}], format = 'newline_delimited', ignore_errors = true, columns = {${columns}})`;
  const time = request.signature === null ? null : timeInput(request.signature);
  await session.run(`CREATE TABLE labels AS
    SELECT id, arg_max(value, row("at", place)) AS value, min("at") AS first, count(*) AS lines
    FROM (SELECT id, value ->> '$' AS value, "at", row_number() OVER () AS place FROM ${read(labels, `id: 'VARCHAR', value: 'JSON', "at": 'DOUBLE'`)})
    WHERE id IS NOT NULL AND value IS NOT NULL AND "at" IS NOT NULL GROUP BY id`);
  const source = predictions.length === 0 ? '(SELECT NULL::VARCHAR AS id, NULL::VARCHAR AS ulid, 0::DOUBLE AS "at", NULL::JSON AS prediction, NULL::JSON AS probabilities, NULL::JSON AS inputs WHERE false)' : read(predictions, `id: 'VARCHAR', ulid: 'VARCHAR', "at": 'DOUBLE', prediction: 'JSON', probabilities: 'JSON', inputs: 'JSON'`);
  // Only what has a label is kept, so that a long log costs reading and no memory.
  await session.run(`CREATE TABLE predictions AS
    SELECT p.id, p.ulid, p."at", p.prediction, p.probabilities, ${time === null ? 'NULL' : `json_extract_string(p.inputs, ${literal(`$."${time.replaceAll('"', '\\"')}"`)})`} AS time
    FROM ${source} p SEMI JOIN labels USING (id) WHERE p.id IS NOT NULL AND p."at" IS NOT NULL`);
  await session.run(`CREATE VIEW labelled AS
    SELECT id, l.first AS labelled, l.value AS truth, p."at", p.prediction::VARCHAR AS prediction, p.probabilities::VARCHAR AS probabilities, p.time
    FROM predictions p JOIN labels l USING (id) WHERE p.ulid = ${literal(request.ulid)}`);
}

function after({ label }: LogPosition): string {
  return label === null ? 'true' : `(labelled > ${label.at}::DOUBLE OR (labelled = ${label.at}::DOUBLE AND id > ${literal(label.id)}))`;
}

function toLabelled([id, labelled, truth, at, prediction, probabilities, time]: Value[]): Labelled {
  return {
    id: String(id),
    labelled: Number(labelled),
    truth: String(truth),
    at: Number(at),
    prediction: JSON.parse(String(prediction)) as string | number,
    probabilities: probabilities === null || probabilities === undefined ? undefined : (JSON.parse(String(probabilities)) as Record<string, number>),
    time: time === null || time === undefined ? Number.NaN : timeOf(String(time)),
  };
}

async function judged(request: WindowRequest, signature: Signature, rows: readonly Labelled[]): Promise<NewWindow> {
  const metric = request.settings.metric ?? (await usualMetric(request, signature, rows));
  const { scored, left } = scoredOf(rows, signature);
  const found = scored === null ? null : performance(scored, metric, request);
  const undefinedHere = found === null ? `${metric} is not defined on this window${scored !== null && scored.task === 'classification' && new Set(scored.truth).size < 2 ? ': all labels are of one class' : ''}.` : null;
  return {
    ...common(request, rows, Float64Array.from(rows, (row) => row.time)),
    kind: 'performance',
    drift: null,
    quality: [],
    performance: found,
    note: [undefinedHere, left > 0 ? `${left} of ${rows.length} labels are no ${signature.output.task === 'regression' ? 'numbers' : 'classes of the model'} and were left out.` : null].filter((part) => part !== null).join(' ') || null,
  };
}

async function usualMetric({ reference }: WindowRequest, signature: Signature, rows: readonly Labelled[]): Promise<string> {
  const { task, classes, positive } = signature.output;
  if (task === 'regression') {
    return 'mae';
  }
  if (classes?.length !== 2) {
    return 'log_loss';
  }
  const known = reference === null ? null : (await versionReference(reference, signature, [])).positives;
  return (known ?? rows.filter((row) => row.truth === positive).length / rows.length) < rare ? 'average_precision' : 'roc_auc';
}

/** What can be measured, and how many rows cannot: a label that is no class of the model, or no number. */
function scoredOf(rows: readonly Labelled[], signature: Signature): { scored: Scored | null; left: number } {
  const { task, classes = [], positive } = signature.output;
  if (task === 'regression') {
    const usable = rows.filter((row) => row.truth.trim() !== '' && Number.isFinite(Number(row.truth)) && scoreOf(row, signature) !== null);
    const scored: Scored = { task, classes: 1, positive: 0, truth: Float64Array.from(usable, (row) => Number(row.truth)), scores: Float64Array.from(usable, (row) => scoreOf(row, signature) ?? Number.NaN) };
    return { scored: usable.length === 0 ? null : scored, left: rows.length - usable.length };
  }
  const usable = rows.filter((row) => classes.includes(row.truth) && classes.every((name) => Number.isFinite(row.probabilities?.[name])));
  const scored: Scored = {
    task,
    classes: classes.length,
    positive: Math.max(0, classes.indexOf(positive ?? '')),
    truth: Int32Array.from(usable, (row) => classes.indexOf(row.truth)),
    scores: Float64Array.from(usable.flatMap((row) => classes.map((name) => row.probabilities![name]!))),
  };
  return { scored: usable.length === 0 ? null : scored, left: rows.length - usable.length };
}

function performance(scored: Scored, metric: string, { metrics, settings }: WindowRequest): WindowPerformance | null {
  const estimate = new Bootstrap([scored], Array.from(scored.truth, (_, row) => Int32Array.of(row)), 0).estimate(0, metric);
  if (estimate === null || !Number.isFinite(estimate.low) || !Number.isFinite(estimate.high)) {
    return null;
  }
  const reference = metrics[metric] ?? null;
  const more = higherIsBetter(metric);
  const limit = reference === null ? null : reference + (more ? -1 : 1) * settings.worse_by * Math.abs(reference);
  return { metric, ...estimate, reference, limit, worse: limit !== null && (more ? estimate.high < limit : estimate.low > limit) };
}
