// Two tables side by side: which of their columns can be compared, and how their values are read.
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import { identifier, numberExpression, openSource, textExpression, type Source, type SourceColumn } from '../data/api.ts';

/** A column of both tables. Dates are `date`: they are an axis, not a value whose distribution could stay the same. */
export interface SharedColumn {
  name: string;
  type: 'number' | 'category' | 'date';
  reference: SourceColumn;
  current: SourceColumn;
}

export interface TablePair {
  reference: Source;
  current: Source;
  columns: SharedColumn[];
  /** Sentences about columns that cannot be compared. */
  problems: string[];
  close(): Promise<void>;
}

/**
 * Opens both files.
 *
 * @throws UserError where one is no table, has no rows, or they have no column in common.
 */
export async function openPair(files: { reference: string; current: string }, options: { ignore: readonly string[]; signal?: AbortSignal | undefined }): Promise<TablePair> {
  const opened = await Promise.allSettled([openSource(files.reference, { signal: options.signal }), openSource(files.current, { signal: options.signal })]);
  const close = async (): Promise<void> => void (await Promise.all(opened.map((each) => (each.status === 'fulfilled' ? each.value.close() : undefined))));
  try {
    const [reference, current] = opened.map((each) => {
      if (each.status === 'rejected') {
        throw each.reason;
      }
      return each.value;
    }) as [Source, Source];
    for (const [source, file] of [[reference, files.reference], [current, files.current]] as const) {
      if (source.rows === 0) {
        throw new UserError(`${path.basename(file)} has a header but no rows, so there is nothing to compare.`, { file });
      }
    }
    const { columns, problems } = shared(reference.columns, current.columns, new Set(options.ignore));
    if (columns.length === 0) {
      throw new UserError(`${path.basename(files.reference)} and ${path.basename(files.current)} have no column in common that can be compared.${problems.length > 0 ? ` ${problems[0] ?? ''}` : ''}`, { file: files.current });
    }
    return { reference, current, columns, problems, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function shared(reference: readonly SourceColumn[], current: readonly SourceColumn[], ignored: ReadonlySet<string>): Pick<TablePair, 'columns' | 'problems'> {
  const others = new Map(current.map((column) => [column.name, column]));
  const columns: SharedColumn[] = [];
  const problems: string[] = [];
  for (const column of reference.filter(({ name }) => !ignored.has(name))) {
    const other = others.get(column.name);
    others.delete(column.name);
    const type = typeOf(column);
    if (other === undefined) {
      problems.push(`The column \`${column.name}\` is in the reference only.`);
    } else if (type === null || typeOf(other) !== type) {
      problems.push(`The column \`${column.name}\` cannot be compared: it holds ${kindOf(column)} in the reference and ${kindOf(other)} now.`);
    } else {
      columns.push({ name: column.name, type, reference: column, current: other });
    }
  }
  for (const name of others.keys()) {
    if (!ignored.has(name)) {
      problems.push(`The column \`${name}\` is not in the reference.`);
    }
  }
  return { columns, problems };
}

const types: Record<SourceColumn['type'], SharedColumn['type'] | null> = { number: 'number', text: 'category', boolean: 'category', date: 'date', datetime: 'date', other: null };
const kinds: Record<SourceColumn['type'], string> = { number: 'numbers', text: 'texts', boolean: 'true or false', date: 'dates', datetime: 'dates', other: 'lists or other structures' };

function typeOf(column: SourceColumn): SharedColumn['type'] | null {
  return types[column.type];
}

function kindOf(column: SourceColumn): string {
  return kinds[column.type];
}

/** All present, finite values of a numeric column, in no order. */
export function presentNumbers(source: Source, column: SourceColumn): Promise<Float64Array> {
  return source.session.doubles(`SELECT v FROM (SELECT ${numberExpression(column)} AS v FROM source) WHERE v IS NOT NULL`);
}

/**
 * How often each present value occurs, by a hash of 53 bits and sorted by it: `[hash, count, hash, count, …]`. Two
 * values of one column share a hash once in 10,000 columns of a million distinct texts.
 */
export function hashedCounts(source: Source, column: SourceColumn): Promise<Float64Array> {
  const value = column.type === 'number' ? numberExpression(column) : textExpression(column);
  return source.session.doubles(
    `SELECT unnest([h, n]) FROM (SELECT (hash(v) >> 11)::DOUBLE AS h, count(*)::DOUBLE AS n FROM (SELECT ${value} AS v FROM source) WHERE v IS NOT NULL GROUP BY 1 ORDER BY 1)`,
  );
}

/** How many rows lack a value. */
export async function missingOf(source: Source, column: SourceColumn): Promise<number> {
  const [count] = await source.session.row(`SELECT (count(*) - count(${identifier(column.name)}))::DOUBLE FROM source`);
  return Number(count);
}
