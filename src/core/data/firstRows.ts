// The first rows of a table, to be looked at.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import type { TableRows } from '../../contracts/query.ts';
import { openSource } from './source.ts';
import { identifier } from './sql.ts';

/** Columns beyond these are counted and not shown. */
const mostColumns = 100;
/** A cell is cut after so many characters. */
const longestCell = 300;
/** A split table is one JSON document that is read whole. In bytes. */
const largestSplit = 50_000_000;

/** As `mlflow.log_table` and pandas' `to_json(orient="split")` write tables. */
const Split = z.object({ columns: z.array(z.unknown()), data: z.array(z.array(z.unknown())) });

/**
 * The first rows of a CSV, TSV, Parquet or JSON-lines file, or of a table in JSON's split form.
 *
 * @throws UserError where the file is missing, damaged or no table.
 */
export async function firstRows(file: string, limit: number, options: { signal?: AbortSignal } = {}): Promise<TableRows> {
  if (path.extname(file).toLowerCase() === '.json') {
    const split = await splitTable(file, limit);
    if (split !== null) {
      return split;
    }
  }
  const { session, columns, rows, close } = await openSource(file, { signal: options.signal });
  try {
    const shown = columns.slice(0, mostColumns);
    const found = await session.rows(`SELECT ${shown.map(({ name }) => `${identifier(name)}::VARCHAR`).join(', ')} FROM source LIMIT ${Math.round(limit)}`);
    return {
      columns: shown.map(({ name, sqlType }) => ({ name, number: /INT|DOUBLE|FLOAT|DECIMAL|REAL/.test(sqlType) })),
      rows: found.map((row) => row.map(cell)),
      total: rows,
      width: columns.length,
    };
  } finally {
    await close();
  }
}

async function splitTable(file: string, limit: number): Promise<TableRows | null> {
  const { size } = await stat(file);
  if (size > largestSplit) {
    throw new UserError(`${path.basename(file)} is too large to be shown as a table. Open the whole file instead.`, { file });
  }
  const parsed = Split.safeParse(jsonOrNull(await readFile(file, 'utf8')));
  if (!parsed.success) {
    return null;
  }
  const { columns, data } = parsed.data;
  return {
    columns: columns.slice(0, mostColumns).map((name, index) => ({ name: String(name), number: data.every((row) => row[index] === null || typeof row[index] === 'number') })),
    rows: data.slice(0, limit).map((row) => row.slice(0, mostColumns).map(cell)),
    total: data.length,
    width: columns.length,
  };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // JSON lines: not one document.
    return null;
  }
}

function cell(value: unknown): string | null {
  if (value === null || value === undefined) {
    return null;
  }
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.length > longestCell ? `${text.slice(0, longestCell)}…` : text;
}
