// The reference of a version, read once: what its windows are compared with.
import type { InputType, Signature } from '../../contracts/model.ts';
import { readTable, type Table, type TableColumn } from '../data/api.ts';
import { valuesOf, type ColumnValues } from './bins.ts';
import { timeOf } from './dates.ts';
import { Reference, type ReferenceColumn } from './reference.ts';

/** References that are kept in memory; they are the same for every window, and so are the nulls that were drawn. */
const kept = 4;
/** From so many rows that were set aside on, predictions are compared with those: on fitted rows a model is surer than it should be. */
const enoughAside = 500;

export interface VersionReference {
  drift: Reference;
  /** By input. */
  inputs: ReadonlyMap<string, { missing: number; levels: ReadonlySet<string> | null }>;
  /** Share of the positive class where there are two, null where unknown. */
  positives: number | null;
}

const cache = new Map<string, Promise<VersionReference>>();

/** @param file its name changes with its content. */
export function versionReference(file: string, signature: Signature, ignore: readonly string[]): Promise<VersionReference> {
  const key = JSON.stringify([file, signature.output, ignore]);
  const found = cache.get(key) ?? load(file, signature, ignore);
  cache.delete(key);
  cache.set(key, found);
  found.catch(() => cache.delete(key));
  for (const oldest of [...cache.keys()].slice(0, -kept)) {
    cache.delete(oldest);
  }
  return found;
}

/** The input that dates a row: the only date among the inputs; null where there is none, or more than one. */
export function timeInput(signature: Signature): string | null {
  const dates = signature.inputs.filter((input) => input.type === 'date');
  return dates.length === 1 ? dates[0]!.name : null;
}

/** Which column of a reference holds the output that is compared: a number, or with more than two classes the class. */
export function outputColumn({ output }: Signature): '__score' | '__prediction' {
  return output.task === 'regression' || output.classes?.length === 2 ? '__score' : '__prediction';
}

async function load(file: string, signature: Signature, ignore: readonly string[]): Promise<VersionReference> {
  const table = await readTable(file);
  const column = (name: string): Table['columns'][number] | undefined => table.columns.find((each) => each.name === name);
  const time = timeInput(signature);
  const times = time === null ? undefined : column(time);
  const dated = times === undefined ? null : (valuesAs(times, 'date') as Float64Array);
  const columns: ReferenceColumn[] = [];
  const inputs = new Map<string, { missing: number; levels: ReadonlySet<string> | null }>();
  for (const { name, type } of signature.inputs) {
    const found = column(name);
    if (found !== undefined) {
      const values = valuesAs(found, type);
      inputs.set(name, { missing: shareMissing(values), levels: values instanceof Float64Array ? null : new Set(values.filter((value) => value !== null)) });
      if (type !== 'date' && !ignore.includes(name)) {
        columns.push({ name, role: 'input', values });
      }
    }
  }
  const output = column(outputColumn(signature));
  if (output !== undefined && !ignore.includes(signature.output.name)) {
    columns.push({ name: signature.output.name, role: 'prediction', values: dated === null ? asideOf(table, valuesOf(output)) : valuesOf(output) });
  }
  return { drift: new Reference(columns, dated), inputs, positives: positivesOf(table, signature) };
}

/** The values as windows have them, whichever way the reference keeps them: a flag may be 0 and 1, a date a number or a text. */
function valuesAs(column: TableColumn, type: InputType): ColumnValues {
  const values = type === 'boolean' || type === 'text' ? valuesOf(column) : column.values;
  switch (type) {
    case 'number':
      return values instanceof Float64Array ? values : Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value)));
    case 'date':
      return values instanceof Float64Array ? values : Float64Array.from(values, (value) => (value === null ? Number.NaN : timeOf(value)));
    case 'boolean':
      return values instanceof Float64Array ? Array.from(values, (value) => (Number.isNaN(value) ? null : String(value === 1))) : values;
    case 'text':
      return values instanceof Float64Array ? Array.from(values, (value) => (Number.isNaN(value) ? null : String(value))) : values;
  }
}

function asideOf(table: Table, values: ColumnValues): ColumnValues {
  const aside = table.columns.find((column) => column.name === '__aside')?.values;
  const rows = aside instanceof Float64Array ? [...aside.keys()].filter((row) => aside[row] === 1) : [];
  return rows.length < enoughAside ? values : values instanceof Float64Array ? Float64Array.from(rows, (row) => values[row]!) : rows.map((row) => values[row] ?? null);
}

function shareMissing(values: ColumnValues): number {
  let missing = 0;
  for (const value of values) {
    missing += value === null || Number.isNaN(value) ? 1 : 0;
  }
  return values.length === 0 ? 0 : missing / values.length;
}

function positivesOf(table: Table, { output }: Signature): number | null {
  const truth = table.columns.find((column) => column.name === '__truth');
  if (truth === undefined || output.classes?.length !== 2) {
    return null;
  }
  const known = textsOf(valuesOf(truth)).filter((value) => value !== null);
  return known.length === 0 ? null : known.filter((value) => value === output.positive).length / known.length;
}

function textsOf(values: ColumnValues): (string | null)[] {
  return Array.from(values as Iterable<string | number | null>, (value) => (value === null || Number.isNaN(value) ? null : String(value)));
}
