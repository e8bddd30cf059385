// Data files as tables. DuckDB is loaded when the first one is opened, and only in child processes.
export { appendColumns, writeColumns, type AddedColumn } from './append.ts';
export { profileFile } from './profile.ts';
export { summariseFile } from './summary.ts';
export { readTable, type NumberColumn, type Table, type TableColumn, type TextColumn } from './table.ts';
