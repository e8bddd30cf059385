import type { ParquetRequest } from '../../contracts/query.ts';
import { Session } from './session.ts';
import { identifier, literal } from './sql.ts';

/** Writes a CSV file with a head, in which only what is empty and unquoted is missing, as Parquet. Nothing is guessed. */
export async function toParquet({ from, to, columns }: ParquetRequest, options: { signal?: AbortSignal } = {}): Promise<void> {
  const session = await Session.open({ files: [from, to], signal: options.signal });
  try {
    // Names may repeat but for their case, which DuckDB takes for the same: read by place, named last.
    const read = columns.map(({ number }, index) => `'c${index}': '${number ? 'DOUBLE' : 'VARCHAR'}'`).join(', ');
    const names = distinct(columns.map(({ name }) => name));
    const chosen = names.map((name, index) => `c${index} AS ${identifier(name)}`).join(', ');
    await session.run(
      `COPY (SELECT ${chosen} FROM read_csv(${literal(from)}, columns = {${read}}, header = false, skip = 1, delim = ',', quote = '"', escape = '"', allow_quoted_nulls = false, auto_detect = false, max_line_size = 67108864))
       TO ${literal(to)} (FORMAT parquet, COMPRESSION zstd)`,
    );
  } finally {
    await session.close();
  }
}

/** A name that is taken, whatever its case, gets a number. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let number = 2; taken.has(free.toLowerCase()); number += 1) {
      free = `${name} ${number}`;
    }
    taken.add(free.toLowerCase());
    return free;
  });
}
