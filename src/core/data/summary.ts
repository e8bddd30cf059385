import type { TableSummary } from '../../contracts/profile.ts';
import { openSource } from './source.ts';
import { chunked, identifier } from './sql.ts';

/** All values are listed up to this many. */
const listed = 50;

/** What the training form needs to know about each column: type, missing, exact distinct, and few values with counts. */
export async function summariseFile(file: string, options: { signal?: AbortSignal } = {}): Promise<TableSummary> {
  const { session, columns, rows, close } = await openSource(file, { signal: options.signal });
  try {
    const counts: number[][] = [];
    for (const part of chunked(columns, 100)) {
      const row = await session.row(`SELECT ${part.map(({ name }) => `count(${identifier(name)})::DOUBLE, count(DISTINCT ${identifier(name)})::DOUBLE`).join(', ')} FROM source`);
      counts.push(...chunked(row.map(Number), 2));
    }
    const choices: TableSummary['columns'] = [];
    for (const [index, { name, type }] of columns.entries()) {
      const [present = 0, distinct = 0] = counts[index] ?? [];
      const column = identifier(name);
      const values =
        distinct <= listed
          ? await session.rows(`SELECT ${column}::VARCHAR, count(*)::DOUBLE FROM source WHERE ${column} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1`)
          : null;
      choices.push({ name, type, missing: rows - present, distinct, ...(values === null ? {} : { values: values.map(([value, count]) => ({ value: String(value), count: Number(count) })) }) });
    }
    return { rows, columns: choices };
  } finally {
    await close();
  }
}
