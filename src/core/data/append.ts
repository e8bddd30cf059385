import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import { openSource } from './source.ts';
import { identifier, literal } from './sql.ts';

export interface AddedColumn {
  name: string;
  /** One for each row of the file. */
  values: (string | number | null)[];
}

/**
 * Writes the rows of `file`, in their order and as they are, with more columns into `out` (CSV, TSV or Parquet by its
 * extension). A name that is taken gets a number. The new file appears whole or not at all.
 */
export async function appendColumns(file: string, out: string, added: AddedColumn[], options: { signal?: AbortSignal } = {}): Promise<void> {
  const extension = path.extname(out).toLowerCase();
  const format = { '.csv': 'FORMAT csv, HEADER', '.tsv': "FORMAT csv, HEADER, DELIMITER '\t'", '.parquet': 'FORMAT parquet, COMPRESSION zstd' }[extension];
  if (format === undefined) {
    throw new UserError(`${path.basename(out)} cannot be written: its name must end in .csv, .tsv or .parquet.`, { file: out });
  }
  const temporary = path.join(path.dirname(out), `.${path.basename(out)}.${randomBytes(6).toString('hex')}.tmp`);
  const source = await openSource(file, { signal: options.signal, asText: extension !== '.parquet', writable: [temporary] });
  try {
    const { session, columns, rows } = source;
    const wrong = added.find((column) => column.values.length !== rows);
    if (wrong !== undefined) {
      throw new Error(`${wrong.name} has ${wrong.values.length} values for ${rows} rows.`);
    }
    const taken = new Set(columns.map((column) => column.name));
    const names = added.map(({ name }) => {
      let free = name;
      for (let number = 1; taken.has(free); number += 1) {
        free = `${name}_${number}`;
      }
      taken.add(free);
      return free;
    });
    const types = added.map((column) => (column.values.every((value) => typeof value !== 'string') ? 'DOUBLE' : 'VARCHAR'));
    await session.append('added', names.map((name, index) => `${identifier(name)} ${types[index] ?? 'VARCHAR'}`).join(', '), (appender) => {
      for (let row = 0; row < rows; row += 1) {
        for (const [index, { values }] of added.entries()) {
          const value = values[row] ?? null;
          if (value === null) {
            appender.appendNull();
          } else if (types[index] === 'DOUBLE') {
            appender.appendDouble(Number(value));
          } else {
            appender.appendVarchar(String(value));
          }
        }
        appender.endRow();
      }
    });
    await session.run(`COPY (SELECT * FROM source POSITIONAL JOIN added) TO ${literal(temporary)} (${format})`);
    await rename(temporary, out);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await source.close();
  }
}
