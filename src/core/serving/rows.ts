// Rows out of what clients send. Nothing here looks deeper than a cell, so no nesting can harm it.
import { UserError } from '../../contracts/errors.ts';
import type { Cell, Row } from '../../contracts/model.ts';

/** Rows that one request may hold. */
export const mostRows = 100_000;

/** @throws UserError for an empty batch and for one that is too large. */
export function checkRowCount(count: number): void {
  if (count === 0) {
    throw new UserError('The request holds no rows.');
  }
  if (count > mostRows) {
    throw new UserError(`The request holds ${count.toLocaleString('en')} rows; at most ${mostRows.toLocaleString('en')} are predicted at once. Send several requests.`);
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One value of a row. @param where names it, for example "`age` in row 3". */
export function cellOf(value: unknown, where: () => { text: string; field: string }): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  const { text, field } = where();
  throw new UserError(`${text} must be one value, got ${kindOf(value)}.`, { field });
}

/** What a value is, in words, without looking into it. */
export function kindOf(value: unknown): string {
  return value === undefined ? 'nothing' : value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : typeof value === 'string' ? 'a text' : typeof value === 'boolean' ? 'true or false' : 'a number';
}

/** Rows as objects. @param key what holds them, for messages. */
export function rowsOfRecords(records: readonly unknown[], key: string): Row[] {
  return records.map((record, index) => {
    if (!isObject(record)) {
      throw new UserError(`Row ${index + 1} of ${key} must be an object such as {"field": value}, got ${kindOf(record)}.`, { field: key });
    }
    const names = Object.keys(record);
    return Object.fromEntries(names.map((name) => [name, cellOf(record[name], () => at(name, index))]));
  });
}

/** Rows as lists beside their columns' names. */
export function rowsOfLists(columns: readonly string[], lists: readonly unknown[], key: string): Row[] {
  return lists.map((list, index) => {
    if (!Array.isArray(list) || list.length !== columns.length) {
      throw new UserError(`Row ${index + 1} of ${key} must be a list of ${columns.length} values, got ${Array.isArray(list) ? `${list.length}` : kindOf(list)}.`, { field: key });
    }
    return Object.fromEntries(columns.map((name, column) => [name, cellOf(list[column] as unknown, () => at(name, index))]));
  });
}

/** Rows out of columns that are all of one length. A value may be wrapped in a list of its own, as tensors are. */
export function rowsOfColumns(columns: ReadonlyMap<string, readonly unknown[]>, key: string): Row[] {
  const count = columns.values().next().value?.length ?? 0;
  for (const [name, values] of columns) {
    if (values.length !== count) {
      throw new UserError(`The columns of ${key} must be of one length, but \`${name}\` has ${values.length} values and the first has ${count}.`, { field: name });
    }
  }
  const entries = [...columns];
  return Array.from({ length: count }, (_, index) =>
    Object.fromEntries(
      entries.map(([name, values]) => {
        const value = values[index];
        const bare: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
        return [name, cellOf(bare, () => at(name, index))];
      }),
    ),
  );
}

function at(name: string, index: number): { text: string; field: string } {
  return { text: `\`${shortened(name)}\` in row ${index + 1}`, field: name };
}

/** A text from outside, for a message. */
export function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
