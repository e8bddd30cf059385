import { UserError } from '../../contracts/errors.ts';
import type { DriftReport, DriftRequest } from '../../contracts/monitoring.ts';
import { readTable, type Table } from '../data/api.ts';
import { valuesOf } from './bins.ts';
import { evidentlyReport } from './evidently.ts';
import { Reference } from './reference.ts';
import { defaultMonitorSettings } from './settings.ts';
import { openPair, requireRows, sharedColumns } from './tables.ts';

/** @throws UserError as compareFiles in api.ts. */
export async function compare(request: DriftRequest, signal: AbortSignal | undefined): Promise<DriftReport> {
  if (request.mode === 'monitor') {
    return monitorReport(request, signal);
  }
  const pair = await openPair(request, { ignore: request.ignore, signal });
  try {
    return await evidentlyReport(pair);
  } finally {
    await pair.close();
  }
}

/** Mode `monitor` with the whole of the current file as one window. */
async function monitorReport(request: DriftRequest, signal: AbortSignal | undefined): Promise<DriftReport> {
  const options = signal === undefined ? {} : { signal };
  const [reference, current] = await Promise.all([readTable(request.reference, options), readTable(request.current, options)]);
  requireRows(reference.rows, request.reference);
  requireRows(current.rows, request.current);
  const { columns, problems } = sharedColumns(reference.columns, current.columns, request);
  const judged = columns.filter((column) => column.type !== 'date');
  const times = request.time === undefined ? null : { reference: timesOf(reference, request.reference, request.time), current: timesOf(current, request.current, request.time) };
  const report = new Reference(judged.map(({ name, reference: column }) => ({ name, role: 'input', values: valuesOf(column) })), times?.reference ?? null).judge(
    { rows: current.rows, columns: new Map(judged.map(({ name, current: column }) => [name, valuesOf(column)])), times: times?.current ?? null },
    defaultMonitorSettings.drift_threshold,
  );
  return { ...report, problems: [...problems, ...report.problems] };
}

function timesOf(table: Table, file: string, name: string): Float64Array {
  const column = table.columns.find((each) => each.name === name);
  if (column?.type !== 'date' && column?.type !== 'datetime') {
    const dates = table.columns.filter((each) => each.type === 'date' || each.type === 'datetime').map((each) => `\`${each.name}\``);
    throw new UserError(`--time: ${column === undefined ? `there is no column \`${name}\`` : `\`${name}\` holds no dates`}. ${dates.length === 0 ? 'The file has no dates.' : `Columns with dates: ${dates.join(', ')}.`}`, { file, field: 'time' });
  }
  return column.values;
}
