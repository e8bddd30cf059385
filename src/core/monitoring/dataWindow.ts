// The next window of predictions: drift of inputs and output, and data quality.
import type { LoggedPrediction } from '../../contracts/endpoints.ts';
import type { Cell, ModelInput, Signature } from '../../contracts/model.ts';
import type { NewWindow, WindowAnswer, WindowRequest } from '../../contracts/monitoring.ts';
import type { ColumnValues } from './bins.ts';
import { timeOf } from './dates.ts';
import { nextPredictions } from './logReader.ts';
import { qualityOf } from './quality.ts';
import { outputColumn, timeInput, versionReference } from './versionReference.ts';

/** At most one window: what follows is asked for once this one is stored. Without a signature predictions are only counted. */
export async function judgeData(request: WindowRequest): Promise<WindowAnswer> {
  const { signature, settings } = request;
  const { lines, position } = await nextPredictions(request.folder, request.ulid, request.position, settings.window);
  if (lines.length < settings.window) {
    return { windows: [], position, more: false, waiting: lines.length, labels: null };
  }
  return { windows: signature === null ? [] : [{ window: await judged(request, signature, lines), position }], position, more: true, waiting: 0, labels: null };
}

async function judged(request: WindowRequest, signature: Signature, lines: readonly LoggedPrediction[]): Promise<NewWindow> {
  const columns = new Map<string, ColumnValues>(signature.inputs.map((input) => [input.name, inputValues(input, lines)]));
  const output = outputColumn(signature) === '__score' ? Float64Array.from(lines, (line) => scoreOf(line, signature) ?? Number.NaN) : lines.map((line) => String(line.prediction));
  const time = timeInput(signature);
  const times = time === null ? null : (columns.get(time) as Float64Array);
  const reference = request.reference === null ? null : await versionReference(request.reference, signature, request.settings.ignore);
  const compared = new Map([...columns, [signature.output.name, output] as const].filter(([name]) => !request.settings.ignore.includes(name)));
  signature.inputs.filter((input) => input.type === 'date').forEach((input) => compared.delete(input.name));
  return {
    ...common(request, lines, times),
    kind: 'data',
    drift: reference === null ? null : reference.drift.judge({ rows: lines.length, columns: compared, times }, request.settings.drift_threshold),
    quality: qualityOf(signature.inputs, columns, reference),
    performance: null,
    note: reference === null ? 'Drift was not judged: the reference of this version is not on this machine.' : null,
  };
}

/** What every window says; from and to are of the rows' own dates where they have them. */
export function common(request: WindowRequest, lines: readonly { at: number }[], times: Float64Array | null): Pick<NewWindow, 'endpoint' | 'ulid' | 'version' | 'from' | 'to' | 'rows'> {
  const own = times?.filter((time) => !Number.isNaN(time)) ?? [];
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const time of own.length > 0 ? own : lines.map((line) => line.at)) {
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  return { endpoint: request.endpoint, ulid: request.ulid, version: request.version, from, to, rows: lines.length };
}

/** The number that stands for an output: of two classes the probability of the positive one, else what was predicted. */
export function scoreOf(line: Pick<LoggedPrediction, 'prediction' | 'probabilities'>, { output }: Signature): number | null {
  const score = output.task === 'regression' ? Number(line.prediction) : line.probabilities?.[output.positive ?? ''];
  return score === undefined || !Number.isFinite(score) ? null : score;
}

function inputValues(input: ModelInput, lines: readonly LoggedPrediction[]): ColumnValues {
  const cells = lines.map(({ inputs }): Cell => (Object.hasOwn(inputs, input.name) ? (inputs[input.name] ?? null) : null));
  switch (input.type) {
    case 'number':
      return Float64Array.from(cells, (cell) => (cell === null || cell === '' ? Number.NaN : Number(cell)));
    case 'date':
      return Float64Array.from(cells, (cell) => (typeof cell === 'string' ? timeOf(cell) : typeof cell === 'number' ? cell : Number.NaN));
    case 'boolean':
    case 'text':
      return cells.map((cell) => (cell === null ? null : String(cell)));
  }
}
