// Two tables side by side: which of their columns can be compared, and how their values are read.
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import { identifier, numberExpression, openSource, textExpression, type Source, type SourceColumn } from '../data/api.ts';

type Typed = Pick<SourceColumn, 'name' | 'type'>;

/** A column of both tables. Dates are `date`: they are an axis, not a value whose distribution could stay the same. */
export interface SharedColumn<C extends Typed = SourceColumn> {
  name: string;
  type: 'number' | 'category' | 'date';
  reference: C;
  current: C;
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
    requireRows(reference.rows, files.reference);
    requireRows(current.rows, files.current);
    const { columns, problems } = sharedColumns(reference.columns, current.columns, { ...files, ignore: options.ignore });
    return { reference, current, columns, problems, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws UserError for a table without rows. */
export function requireRows(rows: number, file: string): void {
  if (rows === 0) {
    throw new UserError(`${path.basename(file)} has a header but no rows, so there is nothing to compare.`, { file });
  }
}

/**
 * The columns of both that hold the same kind of values, and sentences about the others.
 *
 * @throws UserError where there is none.
 */
export function sharedColumns<C extends Typed>(reference: readonly C[], current: readonly C[], context: { reference: string; current: string; ignore: readonly string[] }): { columns: SharedColumn<C>[]; problems: string[] } {
  const others = new Map(current.map((column) => [column.name, column]));
  const columns: SharedColumn<C>[] = [];
  const problems: string[] = [];
  for (const column of reference.filter(({ name }) => !context.ignore.includes(name))) {
    const other = others.get(column.name);
    others.delete(column.name);
    const type = types[column.type];
    if (other === undefined) {
      problems.push(`The column \`${column.name}\` is in the reference only.`);
    } else if (type === null || types[other.type] !== type) {
      problems.push(`The column \`${column.name}\` cannot be compared: it holds ${kinds[column.type]} in the reference and ${kinds[other.type]} now.`);
    } else {
      columns.push({ name: column.name, type, reference: column, current: other });
    }
  }
  problems.push(...[...others.keys()].filter((name) => !context.ignore.includes(name)).map((name) => `The column \`${name}\` is not in the reference.`));
  if (!columns.some((column) => column.type !== 'date')) {
    throw new UserError(`${path.basename(context.reference)} and ${path.basename(context.current)} have no column in common that can be compared.${problems.length > 0 ? ` ${problems[0] ?? ''}` : ''}`, { file: context.current });
  }
  return { columns, problems };
}

const types: Record<SourceColumn['type'], SharedColumn['type'] | null> = { number: 'number', text: 'category', boolean: 'category', date: 'date', datetime: 'date', other: null };
const kinds: Record<SourceColumn['type'], string> = { number: 'numbers', text: 'texts', boolean: 'true or false', date: 'dates', datetime: 'dates', other: 'lists or other structures' };

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
