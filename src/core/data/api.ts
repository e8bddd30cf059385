// Data files as tables. DuckDB is loaded when the first one is opened, and only in child processes.
export { appendColumns, type AddedColumn } from './append.ts';
export { numberExpression, textExpression, type SourceColumn } from './columnTypes.ts';
export { firstRows } from './firstRows.ts';
export { profileFile } from './profile.ts';
export { Session, type Value } from './session.ts';
export { openSource, type Source } from './source.ts';
export { identifier, literal } from './sql.ts';
export { summariseFile } from './summary.ts';
export { toParquet } from './toParquet.ts';
export { writeTable } from './write.ts';
export { readTable, type NumberColumn, type Table, type TableColumn, type TextColumn } from './table.ts';
