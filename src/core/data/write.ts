import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import { renamePatiently } from '../files/api.ts';
import { Session } from './session.ts';
import { identifier, literal } from './sql.ts';
import type { TableColumn } from './table.ts';

/** How a column of numbers becomes one of its own type. */
const restored: Record<TableColumn['type'], (name: string) => string> = {
  number: (name) => name,
  boolean: (name) => `${name} <> 0`,
  date: (name) => `epoch_ms(${name}::BIGINT)::DATE`,
  datetime: (name) => `epoch_ms(${name}::BIGINT)`,
  text: (name) => name,
  other: (name) => name,
};

/**
 * Writes columns of equal length as a Parquet file that `readTable` gives back as they are. NaN and null are missing.
 * The file appears whole or not at all; its folder is made.
 */
export async function writeTable(file: string, columns: readonly TableColumn[], options: { signal?: AbortSignal } = {}): Promise<void> {
  if (path.extname(file).toLowerCase() !== '.parquet') {
    throw new UserError(`${path.basename(file)} cannot be written: its name must end in .parquet.`, { file });
  }
  const rows = columns[0]?.values.length ?? 0;
  const wrong = columns.find((column) => column.values.length !== rows);
  if (wrong !== undefined || columns.length === 0) {
    throw new Error(wrong === undefined ? 'A table needs a column.' : `${wrong.name} has ${wrong.values.length} values for ${rows} rows.`);
  }
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const session = await Session.open({ files: [temporary], signal: options.signal });
  try {
    await session.append('written', columns.map(({ name, values }) => `${identifier(name)} ${values instanceof Float64Array ? 'DOUBLE' : 'VARCHAR'}`).join(', '), (appender) => {
      for (let row = 0; row < rows; row += 1) {
        for (const { values } of columns) {
          const value = values[row];
          if (value === null || value === undefined || Number.isNaN(value)) {
            appender.appendNull();
          } else if (typeof value === 'number') {
            appender.appendDouble(value);
          } else {
            appender.appendVarchar(value);
          }
        }
        appender.endRow();
      }
    });
    session.check();
    await session.run(`COPY (SELECT ${columns.map(({ name, type }) => `${restored[type](identifier(name))} AS ${identifier(name)}`).join(', ')} FROM written) TO ${literal(temporary)} (FORMAT parquet, COMPRESSION zstd)`);
    await renamePatiently(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await session.close();
  }
}
