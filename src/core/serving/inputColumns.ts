import { UserError } from '../../contracts/errors.ts';
import type { Cell, InputType, ModelInput, Row } from '../../contracts/model.ts';
import type { Table, TableColumn } from '../data/api.ts';

/**
 * What a recipe reads, by input name. Numbers: NaN is missing; booleans are 0 and 1, dates milliseconds since 1970.
 * Texts: null is missing.
 */
export type InputColumns = ReadonlyMap<string, Float64Array | readonly (string | null)[]>;

/** How a table's column is read by a model; null for types that no model reads. */
export function inputTypeOf(column: TableColumn): InputType | null {
  switch (column.type) {
    case 'number':
    case 'boolean':
    case 'text':
      return column.type;
    case 'date':
    case 'datetime':
      return 'date';
    case 'other':
      return null;
  }
}

/** The inputs in a table, as they are. */
export function inputsOf(table: Table, names: readonly string[]): InputColumns {
  const wanted = new Set(names);
  return new Map(table.columns.filter((column) => wanted.has(column.name)).map((column) => [column.name, column.values]));
}

/**
 * The inputs of a table that may come from another file than the training data: columns whose type can be taken over
 * without a doubt are.
 *
 * @throws UserError that names the column: it is missing, or holds another type.
 */
export function inputsOfOtherTable(table: Table, inputs: readonly ModelInput[]): InputColumns {
  const columns = new Map(table.columns.map((column) => [column.name, column]));
  const missing = inputs.filter((input) => !columns.has(input.name)).map((input) => `\`${input.name}\``);
  if (missing.length > 0) {
    const field = inputs.find((input) => !columns.has(input.name))?.name ?? '';
    throw new UserError(`The file has no column ${missing.slice(0, 10).join(', ')}${missing.length > 10 ? ` and ${missing.length - 10} more` : ''}, which the model reads.`, { field });
  }
  return new Map(inputs.map((input) => [input.name, converted(columns.get(input.name)!, input)]));
}

/**
 * The rows of a table as JSON gives them: only what the model reads, dates as ISO text.
 *
 * @throws UserError as inputsOfOtherTable.
 */
export function* rowsOfTable(table: Table, inputs: readonly ModelInput[]): Generator<Row> {
  const columns = inputsOfOtherTable(table, inputs);
  for (let index = 0; index < table.rows; index += 1) {
    yield Object.fromEntries(inputs.map((input) => [input.name, cellOf(columns.get(input.name)?.[index] ?? null, input.type)]));
  }
}

function cellOf(value: string | number | null, type: InputType): Cell {
  if (typeof value !== 'number') {
    return value;
  }
  return Number.isNaN(value) ? null : type === 'boolean' ? value === 1 : type === 'date' ? new Date(value).toISOString() : value;
}

function converted(column: TableColumn, input: ModelInput): Float64Array | (string | null)[] {
  const { values } = column;
  if (input.type === 'text') {
    if (!(values instanceof Float64Array)) {
      return values;
    }
    const text = (value: number): string => (column.type === 'boolean' ? String(value === 1) : column.type === 'number' ? String(value) : new Date(value).toISOString().slice(0, column.type === 'date' ? 10 : undefined));
    return Array.from(values, (value) => (Number.isNaN(value) ? null : text(value)));
  }
  if (values instanceof Float64Array) {
    const date = column.type === 'date' || column.type === 'datetime';
    if (date === (input.type === 'date')) {
      return values;
    }
    throw new UserError(`The column \`${input.name}\` must hold ${kinds[input.type]}, but the file has ${date ? 'dates' : 'numbers'} there.`, { field: input.name });
  }
  const row = values.findIndex((value) => value !== null);
  if (row < 0) {
    return new Float64Array(values.length).fill(Number.NaN);
  }
  const wrong = values.findIndex((value) => value !== null && !(input.type === 'number' && value.trim() !== '' && Number.isFinite(Number(value))));
  if (wrong < 0) {
    return Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value)));
  }
  throw new UserError(`The column \`${input.name}\` must hold ${kinds[input.type]}, but row ${(wrong + 1).toLocaleString('en')} has the text "${shortened(values[wrong] ?? '')}".`, { field: input.name });
}

const kinds: Record<InputType, string> = { number: 'numbers', text: 'texts', boolean: 'true or false', date: 'dates' };
const ones: Record<InputType, string> = { number: 'a number', text: 'a text', boolean: 'true or false', date: 'a date such as "2024-12-31"' };

/**
 * The inputs of rows as a form or JSON gives them, taken strictly.
 *
 * @throws UserError that names every wrong field once: missing, extra or of another type, with its first row and how
 * many rows have it. `place.field` is the first.
 */
export function inputsOfRows(rows: readonly Row[], inputs: readonly ModelInput[], target: string): InputColumns {
  const known = new Map(inputs.map((input) => [input.name, input]));
  const problems = new Map<string, Problem>();
  rows.forEach((row, index) => {
    const add = (field: string, message: string): void => {
      const before = problems.get(field);
      problems.set(field, before === undefined ? { field, message, row: index, rows: 1 } : { ...before, rows: before.rows + 1 });
    };
    for (const name of Object.keys(row)) {
      if (!known.has(name)) {
        add(name, name === target ? `\`${name}\` is what the model predicts; leave it out` : `\`${name}\` is not a field of this model${suggestion(name, [...known.keys()], row)}`);
      }
    }
    for (const input of inputs) {
      const value = Object.hasOwn(row, input.name) ? row[input.name] : undefined;
      if (value === undefined || value === null) {
        if (!input.optional) {
          add(input.name, value === null ? `\`${input.name}\` must have a value: the model never saw it missing` : `\`${input.name}\` is missing`);
        }
      } else if (!fits(value, input.type)) {
        add(input.name, `\`${input.name}\` must be ${ones[input.type]}, got ${shown(value)}`);
      }
    }
  });
  if (problems.size > 0) {
    throw refusal([...problems.values()], rows.length);
  }
  return new Map(
    inputs.map((input) => {
      const values = rows.map((row) => (Object.hasOwn(row, input.name) ? (row[input.name] ?? null) : null));
      return [input.name, input.type === 'text' ? values.map((value) => (value === null ? null : String(value))) : Float64Array.from(values, (value) => numeric(value, input.type))];
    }),
  );
}

/** A field that is wrong: what is wrong in the first such row, and how many rows are. */
interface Problem {
  field: string;
  message: string;
  row: number;
  rows: number;
}

function refusal(problems: readonly Problem[], rows: number): UserError {
  const where = (problem: Problem): string => (problem.rows === rows ? `in all ${rows.toLocaleString('en')} rows` : `in row ${(problem.row + 1).toLocaleString('en')}${problem.rows === 1 ? '' : ` and ${(problem.rows - 1).toLocaleString('en')} more`}`);
  const sentences = problems.slice(0, 10).map((problem) => (rows === 1 ? problem.message : `${problem.message} (${where(problem)})`));
  const more = problems.length > 10 ? `; and ${problems.length - 10} more` : '';
  return new UserError(`${sentences.join('; ')}${more}.`, { field: problems[0]?.field ?? '' });
}

function fits(value: string | number | boolean, type: InputType): boolean {
  switch (type) {
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'text':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'date':
      return typeof value === 'string' && !Number.isNaN(dateOf(value));
  }
}

function numeric(value: string | number | boolean | null, type: InputType): number {
  return value === null ? Number.NaN : type === 'date' ? dateOf(String(value)) : Number(value);
}

/** ISO dates and times; without a zone they are UTC, as in files. NaN for any other text. */
function dateOf(text: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[-+]\d{2}:?\d{2})?)?$/.exec(text.trim());
  return match === null ? Number.NaN : Date.parse(`${match[1] ?? ''}T${match[2] ?? '00:00'}${match[3] ?? 'Z'}`);
}

function suggestion(name: string, known: string[], row: Row): string {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const found = known.find((each) => !Object.hasOwn(row, each) && (plain(each) === plain(name) || plain(each).startsWith(plain(name)) || plain(name).startsWith(plain(each))));
  return found === undefined ? '' : `; did you mean \`${found}\`?`;
}

function shown(value: string | number | boolean): string {
  return typeof value === 'string' ? `the text "${shortened(value)}"` : typeof value === 'number' ? `the number ${value}` : String(value);
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
