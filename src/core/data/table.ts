import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import { numberExpression, textExpression, type SourceColumn } from './columnTypes.ts';
import { openSource } from './source.ts';

/** NaN is missing; booleans are 0 and 1; dates are milliseconds since 1970 (UTC). */
export interface NumberColumn {
  name: string;
  type: 'number' | 'boolean' | 'date' | 'datetime';
  values: Float64Array;
}

/** null is missing. `other`: a type without a better form, as DuckDB writes it. */
export interface TextColumn {
  name: string;
  type: 'text' | 'other';
  values: (string | null)[];
}

export type TableColumn = NumberColumn | TextColumn;

/** A file in memory, its rows in the order of the file. */
export interface Table {
  rows: number;
  columns: TableColumn[];
  /** Of the file's bytes, in hex. */
  sha256: string;
  /** Lines of the file that are no rows. */
  dropped: number;
}

/**
 * Reads a table into typed arrays. The order of `columns` is that of the file.
 *
 * @throws UserError for a file that is no table, or where one of `options.columns` is not in it.
 */
export async function readTable(file: string, options: { columns?: string[]; signal?: AbortSignal } = {}): Promise<Table> {
  const [source, sha256] = await Promise.all([openSource(file, { signal: options.signal }), sha256Of(file)]);
  try {
    const missing = options.columns?.find((name) => !source.columns.some((column) => column.name === name));
    if (missing !== undefined) {
      throw new UserError(`${path.basename(file)} has no column \`${missing}\`. It has ${source.columns.map((column) => `\`${column.name}\``).slice(0, 30).join(', ')}.`, { file, field: missing });
    }
    const chosen = source.columns.filter((column) => options.columns?.includes(column.name) ?? true);
    const columns = chosen.map((column): TableColumn => (isNumeric(column) ? { name: column.name, type: column.type, values: new Float64Array(source.rows) } : { name: column.name, type: column.type === 'text' ? 'text' : 'other', values: new Array<string | null>(source.rows).fill(null) }));
    if (chosen.length > 0 && source.rows > 0) {
      const result = await source.session.stream(`SELECT ${chosen.map((column) => (isNumeric(column) ? numberExpression(column) : textExpression(column))).join(', ')} FROM source`);
      for (let start = 0; ; ) {
        source.session.check();
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) {
          break;
        }
        columns.forEach((column, index) => {
          const vector = chunk.getColumnVector(index);
          for (let row = 0; row < chunk.rowCount; row += 1) {
            const value = vector.getItem(row);
            if (column.values instanceof Float64Array) {
              column.values[start + row] = value === null ? Number.NaN : (value as number);
            } else {
              column.values[start + row] = value as string | null;
            }
          }
        });
        start += chunk.rowCount;
      }
    }
    return { rows: source.rows, columns, sha256, dropped: source.dropped?.rows ?? 0 };
  } finally {
    await source.close();
  }
}

function isNumeric(column: SourceColumn): column is SourceColumn & { type: NumberColumn['type'] } {
  return column.type !== 'text' && column.type !== 'other';
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      hash.update(chunk);
    }
  } catch {
    // openSource says what is wrong with the file, in better words.
    return '';
  }
  return hash.digest('hex');
}
