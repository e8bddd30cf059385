// The queries behind a profile. Own ones rather than SUMMARIZE: they are quicker and say what is exact.
import type { ColumnProfile, Histogram } from '../../contracts/profile.ts';
import { numberExpression, textExpression, type SourceColumn } from './columnTypes.ts';
import type { Session, Value } from './session.ts';
import { identifier, literal } from './sql.ts';

const bins = 40;
const topCount = 20;
/** Above this many rows, distinct counts far from both ends are estimates. */
const exactRows = 200_000;
/** A HyperLogLog estimate this small, or this close to the number of rows, is counted exactly. */
const exactBelow = 10_000;
const exactShare = 0.9;

const quantiles = { p01: 0.01, p05: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95, p99: 0.99 } as const;

/** Counts, range, moments and quantiles of some columns. @param sample the table that quantiles are read from. */
export async function describeColumns(session: Session, columns: readonly SourceColumn[], rows: number, sample: string): Promise<ColumnProfile[]> {
  if (columns.length === 0) {
    return [];
  }
  const parts = columns.map((column) => [...countsOf(column, rows), ...momentsOf(column)]);
  const row = await session.row(`SELECT ${parts.flat().join(', ')} FROM source`);
  const numeric = columns.filter((column) => column.type === 'number');
  const cut = numeric.length === 0 ? [] : await session.row(`SELECT ${numeric.map((column) => `quantile_cont(${numberExpression(column)}, [${Object.values(quantiles).join(', ')}])`).join(', ')} FROM ${sample}`);
  const profiles: ColumnProfile[] = [];
  for (let index = 0, at = 0; index < columns.length; index += 1) {
    const column = columns[index]!;
    const width = parts[index]?.length ?? 0;
    const own = row.slice(at, at + width);
    at += width;
    const present = Number(own[0]);
    const estimated = rows > exactRows;
    const guess = Math.min(Number(own[1]), present);
    const exact = !estimated || guess < exactBelow || guess >= exactShare * present;
    const distinct = estimated && exact ? Number((await session.row(`SELECT count(DISTINCT ${exactExpression(column)})::DOUBLE FROM source`))[0]) : guess;
    profiles.push({
      name: column.name,
      type: column.type,
      sql_type: column.sqlType,
      missing: rows - present,
      distinct,
      distinct_approximate: !exact,
      ...(column.type === 'number' ? numbersOf(own, cut[numeric.indexOf(column)] ?? null) : {}),
      ...(column.type === 'date' || column.type === 'datetime' ? datesOf(own) : {}),
    });
  }
  return profiles;
}

function countsOf(column: SourceColumn, rows: number): string[] {
  const value = exactExpression(column);
  return [`count(${value})::DOUBLE`, rows > exactRows ? `approx_count_distinct(${value})::DOUBLE` : `count(DISTINCT ${value})::DOUBLE`];
}

/** The value as it is told from others: as a DOUBLE, long identifiers would fall together. */
function exactExpression(column: SourceColumn): string {
  return column.sqlType === 'DOUBLE' || column.sqlType === 'FLOAT' ? numberExpression(column) : identifier(column.name);
}

function momentsOf(column: SourceColumn): string[] {
  if (column.type === 'number') {
    const value = numberExpression(column);
    // Squares of huge numbers overflow; such columns have no deviation rather than no profile.
    const safe = `CASE WHEN abs(${value}) < 1e100 THEN ${value} END`;
    return [`min(${value})`, `max(${value})`, `avg(${value})`, `stddev_pop(${safe})`, `skewness(${safe})`, `count(*) FILTER (${value} = 0)::DOUBLE`];
  }
  if (column.type === 'date' || column.type === 'datetime') {
    const value = numberExpression(column);
    return [`min(${value})`, `max(${value})`];
  }
  return [];
}

function numbersOf([, , minimum, maximum, mean, deviation, skewness, zeros]: Value[], cut: unknown): Partial<ColumnProfile> {
  const values = Array.isArray(cut) ? (cut as unknown[]).map(Number) : ((cut as { items?: unknown[] } | null)?.items ?? []).map(Number);
  const known = (name: string, value: Value | undefined): Record<string, number> => (typeof value === 'number' && Number.isFinite(value) ? { [name]: value } : {});
  return {
    ...known('minimum', minimum),
    ...known('maximum', maximum),
    ...known('mean', mean),
    ...known('standard_deviation', deviation),
    ...known('skewness', skewness),
    ...known('zeros', zeros),
    ...(values.length === 7 && values.every(Number.isFinite)
      ? { quantiles: Object.fromEntries(Object.keys(quantiles).map((name, index) => [name, values[index]])) as NonNullable<ColumnProfile['quantiles']> }
      : {}),
  };
}

function datesOf([, , minimum, maximum]: Value[]): Partial<ColumnProfile> {
  if (typeof minimum !== 'number' || typeof maximum !== 'number') {
    return {};
  }
  return { first: new Date(minimum).toISOString(), last: new Date(maximum).toISOString(), minimum, maximum };
}

/** Counts in bins of equal width; whole numbers with few values get one bin each. null where there is nothing to draw. */
export async function histogramOf(session: Session, column: SourceColumn, profile: ColumnProfile): Promise<Histogram | null> {
  const { minimum, maximum } = profile;
  if (minimum === undefined || maximum === undefined || !Number.isFinite(maximum - minimum)) {
    return null;
  }
  const value = numberExpression(column);
  const span = maximum - minimum;
  const whole = column.type === 'number' && /INT|BIGNUM/.test(column.sqlType) && span < bins;
  const count = span === 0 ? 1 : whole ? span + 1 : bins;
  const [low, high] = whole ? [minimum - 0.5, maximum + 0.5] : [minimum, maximum];
  const width = (high - low) / count;
  const bin = width === 0 ? '0' : `least(${count - 1}, floor((${value} - (${low}::DOUBLE)) / ${width}::DOUBLE))::INTEGER`;
  const found = await session.rows(`SELECT ${bin} AS bin, count(*)::DOUBLE FROM source WHERE ${value} IS NOT NULL GROUP BY 1`);
  const counts = new Array<number>(count).fill(0);
  for (const [at, size] of found) {
    counts[Math.max(0, Number(at))] = (counts[Math.max(0, Number(at))] ?? 0) + Number(size);
  }
  return { minimum: low, maximum: high, counts };
}

/** The most frequent values with exact counts; which they are is an estimate for very many distinct values. */
export async function topValues(session: Session, column: SourceColumn, rows: number, distinct: number): Promise<{ value: string; count: number }[]> {
  const value = textExpression(column);
  let among = '';
  if (rows > exactRows && distinct > exactBelow) {
    const [candidates] = await session.row(`SELECT approx_top_k(${value}, ${topCount * 5}) FROM source WHERE ${value} IS NOT NULL`);
    const list = Array.isArray(candidates) ? (candidates as unknown[]) : ((candidates as unknown as { items?: unknown[] } | null)?.items ?? []);
    among = list.length === 0 ? '' : `AND ${value} IN (${list.map((each) => literal(String(each))).join(', ')})`;
  }
  const found = await session.rows(`SELECT left(${value}, 200), count(*)::DOUBLE FROM source WHERE ${value} IS NOT NULL ${among} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${topCount}`);
  return found.map(([text, count]) => ({ value: String(text), count: Number(count) }));
}
