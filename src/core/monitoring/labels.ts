// Labels from a table: checked against what was predicted, then appended to the endpoint's labels.
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { UserError } from '../../contracts/errors.ts';
import { endpointFiles, type LabelLine, type LabelsResult } from '../../contracts/endpoints.ts';
import type { LabelsFileRequest } from '../../contracts/monitoring.ts';
import { literal, numberExpression, openSource, Session, textExpression, type Source, type SourceColumn } from '../data/api.ts';
import { logFiles } from './logReader.ts';

/** Ids that are named in a result. */
const named = 20;

/**
 * Appends a label for each row that has an id and a value. Labels for ids that were never predicted are kept, since
 * their predictions may still be on the way, and counted.
 *
 * @throws UserError where the file is no table, lacks a column, or no row has both.
 */
export async function appendLabels({ folder, file, id, value }: LabelsFileRequest, signal?: AbortSignal): Promise<LabelsResult> {
  const at = Date.now();
  const lines = await labelsOf(file, id, value, at, signal);
  const result = await checked(folder, lines, signal);
  await append(path.join(folder, endpointFiles.labels), `${new Date(at).toISOString().slice(0, 10)}-${process.pid}.ndjson`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return result;
}

async function labelsOf(file: string, id: string, value: string, at: number, signal: AbortSignal | undefined): Promise<LabelLine[]> {
  const source = await openSource(file, { signal });
  try {
    const ids = columnOf(source, file, id, 'id');
    const values = columnOf(source, file, value, 'value');
    const rows = await source.session.rows(`SELECT ${textExpression(ids)}, ${values.type === 'number' ? numberExpression(values) : textExpression(values)} FROM source`);
    const lines = rows.flatMap(([key, label]) => (key === null || key === undefined || label === null || label === undefined ? [] : [{ id: String(key), value: typeof label === 'number' ? label : String(label), at }]));
    if (lines.length === 0) {
      throw new UserError(`No row of ${path.basename(file)} has both an id in \`${id}\` and a value in \`${value}\`.`, { file, field: value });
    }
    return lines;
  } finally {
    await source.close();
  }
}

function columnOf({ columns }: Source, file: string, name: string, option: string): SourceColumn {
  const found = columns.find((column) => column.name === name);
  if (found === undefined) {
    throw new UserError(`${path.basename(file)} has no column \`${name}\`. It has ${columns.slice(0, 30).map((column) => `\`${column.name}\``).join(', ')}.`, { file, field: option });
  }
  return found;
}

async function checked(folder: string, lines: readonly LabelLine[], signal: AbortSignal | undefined): Promise<LabelsResult> {
  const [predictions, labels] = await Promise.all([logFiles(folder, 'predictions'), logFiles(folder, 'labels')]);
  const session = await Session.open({ files: [...predictions, ...labels].map(({ file }) => file), signal });
  try {
    const known = (files: readonly { file: string }[]): string =>
      files.length === 0 ? '(SELECT NULL::VARCHAR AS id WHERE false)' : `read_json([${files.map(({ file }) => literal(file)).join(', ')}], format = 'newline_delimited', ignore_errors = true, columns = {id: 'VARCHAR'})`;
    await session.append('added', 'id VARCHAR', (appender) => {
      for (const { id } of lines) {
        appender.appendVarchar(id);
        appender.endRow();
      }
    });
    await session.run(`CREATE TABLE ids AS SELECT id, count(*) AS lines,
      id IN (SELECT id FROM ${known(predictions)} WHERE id IS NOT NULL) AS predicted,
      id IN (SELECT id FROM ${known(labels)} WHERE id IS NOT NULL) AS labelled FROM added GROUP BY id`);
    const [unknown, repeated] = (await session.row('SELECT coalesce(sum(lines) FILTER (NOT predicted), 0)::DOUBLE, count(*) FILTER (labelled OR lines > 1)::DOUBLE FROM ids')).map(Number) as [number, number];
    const examples = await session.rows(`SELECT id FROM ids WHERE NOT predicted ORDER BY id LIMIT ${named}`);
    return { accepted: lines.length - unknown, unknown, unknown_ids: examples.map(([id]) => String(id)), repeated };
  } finally {
    await session.close();
  }
}

/** Appends whole lines and waits until they are on disk; a line that a crash cut short before stays by itself. */
async function append(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const handle = await open(path.join(folder, name), 'a+');
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    const cut = size > 0 && (await handle.read(last, 0, 1, size - 1)).bytesRead === 1 && last[0] !== 10;
    await handle.appendFile(cut ? `\n${text}` : text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
