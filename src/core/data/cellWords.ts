// Words in cells that mean something else than they say to a CSV reader: true and false, and marks of a missing value.
import type { Session } from './session.ts';
import { identifier, literal } from './sql.ts';

/** A column of numbers in which some cells hold a word for a missing value. */
export interface MissingWords {
  column: string;
  words: string[];
  cells: number;
}

/** As R, pandas, spreadsheets and databases write a missing number. Compared without regard to case. */
const missing = ['na', 'n/a', '#n/a', 'nan', 'null', 'none', 'nil', '-', '?', '.'];

/**
 * Gives columns of \`source\` that were read as text the type that their words allow: BOOLEAN where every value is true
 * or false, spelled out (Yes and No stay the texts that they are), and DOUBLE where every value is a number or a word for
 * a missing one. Texts in which such a word is one among others stay as they are: NA may be Namibia.
 *
 * @param booleans columns that DuckDB takes for true or false.
 */
export async function restoreTypes(session: Session, booleans: readonly string[]): Promise<MissingWords[]> {
  for (const name of booleans) {
    const column = identifier(name);
    const [truths] = await session.row(`SELECT bool_and(lower(trim(${column})) IN ('true', 'false')) FROM source`);
    if (truths === true) {
      await session.run(`ALTER TABLE source ALTER ${column} TYPE BOOLEAN USING lower(trim(${column}))::BOOLEAN`);
    }
  }
  const words = missing.map(literal).join(', ');
  const found: MissingWords[] = [];
  const texts = await session.rows("SELECT column_name FROM duckdb_columns() WHERE table_name = 'source' AND data_type = 'VARCHAR' ORDER BY column_index");
  for (const [name] of texts) {
    const column = identifier(String(name));
    const isWord = `lower(trim(${column})) IN (${words})`;
    // The first thousand rows tell most texts apart from numbers.
    const isNumber = `(try_cast(${column} AS DOUBLE) IS NOT NULL AND NOT ${isWord})`;
    const [early] = await session.row(`SELECT bool_and(${isNumber} OR ${isWord}) FROM (SELECT ${column} FROM source WHERE ${column} IS NOT NULL LIMIT 1000)`);
    if (early !== true) {
      continue;
    }
    const [all, numbers, cells] = await session.row(`SELECT bool_and(${isNumber} OR ${isWord}), count(*) FILTER (${isNumber})::DOUBLE, count(*) FILTER (${isWord})::DOUBLE FROM source WHERE ${column} IS NOT NULL`);
    if (all === true && Number(numbers) > 0 && Number(cells) > 0) {
      const seen = await session.rows(`SELECT DISTINCT trim(${column}) FROM source WHERE ${isWord} ORDER BY 1 LIMIT 3`);
      await session.run(`ALTER TABLE source ALTER ${column} TYPE DOUBLE USING CASE WHEN NOT ${isWord} THEN ${column}::DOUBLE END`);
      found.push({ column: String(name), words: seen.map(([word]) => String(word)), cells: Number(cells) });
    }
  }
  return found;
}
