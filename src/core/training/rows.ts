import type { Table } from '../data/api.ts';

/** Some rows of a table, in the order given. */
export function rowsOf(table: Table, rows: Int32Array): Table {
  return {
    ...table,
    rows: rows.length,
    columns: table.columns.map((column) => (column.values instanceof Float64Array ? { ...column, values: Float64Array.from(rows, (row) => (column.values as Float64Array)[row]!) } : { ...column, values: Array.from(rows, (row) => (column.values as (string | null)[])[row] ?? null) })) as Table['columns'],
  };
}
