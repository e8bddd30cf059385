import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import type { Session } from './session.ts';
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
  const format = formatOf(out);
  const temporary = temporaryBeside(out);
  const source = await openSource(file, { signal: options.signal, asText: !format.includes('parquet'), writable: [temporary] });
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
    await appendAll(session, added.map((column, index) => ({ name: names[index] ?? column.name, values: column.values })), rows);
    await session.run(`COPY (SELECT * FROM source POSITIONAL JOIN added) TO ${literal(temporary)} (${format})`);
    await rename(temporary, out);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await source.close();
  }
}

/** @throws UserError where the extension is none that can be written. */
function formatOf(out: string): string {
  const format = { '.csv': 'FORMAT csv, HEADER', '.tsv': "FORMAT csv, HEADER, DELIMITER '\t'", '.parquet': 'FORMAT parquet, COMPRESSION zstd' }[path.extname(out).toLowerCase()];
  if (format === undefined) {
    throw new UserError(`${path.basename(out)} cannot be written: its name must end in .csv, .tsv or .parquet.`, { file: out });
  }
  return format;
}

function temporaryBeside(out: string): string {
  return path.join(path.dirname(out), `.${path.basename(out)}.${randomBytes(6).toString('hex')}.tmp`);
}

/** Makes the table `added`. */
async function appendAll(session: Session, columns: AddedColumn[], rows: number): Promise<void> {
  const types = columns.map((column) => (column.values.every((value) => typeof value !== 'string') ? 'DOUBLE' : 'VARCHAR'));
  await session.append('added', columns.map(({ name }, index) => `${identifier(name)} ${types[index] ?? 'VARCHAR'}`).join(', '), (appender) => {
    for (let row = 0; row < rows; row += 1) {
      for (const [index, { values }] of columns.entries()) {
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
}
