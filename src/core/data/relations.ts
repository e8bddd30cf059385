import type { ColumnProfile, Profile } from '../../contracts/profile.ts';
import { numberExpression, type SourceColumn } from './columnTypes.ts';
import type { Session } from './session.ts';
import { chunked } from './sql.ts';

/** Pearson is looked at between the first so many numeric columns. */
const correlatedColumns = 40;
const shownFrom = 0.5;
const shown = 50;
/** Tables wider or longer than this are not searched for duplicate rows. */
const widest = 500;
const longest = 20_000_000;

/** Pearson's r of numeric columns that vary, |r| ≥ 0.5, strongest first. @param sample the table they are read from. */
export async function correlationsOf(session: Session, columns: readonly SourceColumn[], profiles: readonly ColumnProfile[], sample: string): Promise<Profile['correlations']> {
  const numeric = columns.filter((column, index) => column.type === 'number' && (profiles[index]?.distinct ?? 0) > 1).slice(0, correlatedColumns);
  const pairs = numeric.flatMap((a, index) => numeric.slice(index + 1).map((b) => [a, b] as const));
  const found: Profile['correlations'] = [];
  for (const part of chunked(pairs, 200)) {
    // Overflow makes corr() an error rather than a missing value.
    const row = await session.row(`SELECT ${part.map(([a, b]) => `corr(${bounded(a)}, ${bounded(b)})`).join(', ')} FROM ${sample}`);
    part.forEach(([a, b], index) => {
      const r = row[index];
      if (typeof r === 'number' && Math.abs(r) >= shownFrom) {
        found.push({ a: a.name, b: b.name, r: Math.max(-1, Math.min(1, r)) });
      }
    });
  }
  return found.sort((x, y) => Math.abs(y.r) - Math.abs(x.r)).slice(0, shown);
}

function bounded(column: SourceColumn): string {
  const value = numberExpression(column);
  return `CASE WHEN abs(${value}) < 1e100 THEN ${value} END`;
}

/** How many rows repeat an earlier one exactly; 0 where the table is too large to look. */
export async function duplicateRows(session: Session, columns: number, rows: number): Promise<number> {
  if (columns > widest || rows > longest || rows < 2) {
    return 0;
  }
  const [distinct] = await session.row('SELECT count(*)::DOUBLE FROM (SELECT DISTINCT * FROM source)');
  return rows - Number(distinct);
}
