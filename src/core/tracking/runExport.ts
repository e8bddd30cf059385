import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { setImmediate as others } from 'node:timers/promises';
import { UserError } from '../../contracts/errors.ts';
import type { RunCell, RunColumn, RunExportRequest } from '../../contracts/runTable.ts';
import type { Database } from '../store/api.ts';
import { readCells } from './runCells.ts';
import type { RunTable } from './runTable.ts';

/** A column of the written table; `number`: every value is one, or missing. */
export interface WrittenColumn {
  name: string;
  number: boolean;
}

export interface WrittenTable {
  runs: number;
  columns: WrittenColumn[];
}

const times = new Set(['created', 'started', 'ended']);
const names = { metric: 'metrics', param: 'params', tag: 'tags' } as const;
/** In cells: about a megabyte of text each time. */
const atOnce = 100_000;

/**
 * Writes the runs of a query as text with separators, a row each, into a file that appears whole or not at all. What is
 * missing is empty, an empty text is "". Times are ISO 8601.
 *
 * @param separator a comma or a tab.
 */
export async function exportRuns(database: Database, table: RunTable, { query, columns, file }: RunExportRequest, separator: ',' | '\t'): Promise<WrittenTable> {
  const wanted = columns ?? (await allColumns(table, query));
  const written = wanted.map((column): WrittenColumn => ({ name: nameOf(column), number: column.group === 'metric' || column.key === 'seconds' }));
  const ids = table.ids(query);
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  const output = await open(temporary, 'wx').catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${file} cannot be written: ${error.message}.`, { file }, { cause: error });
  });
  try {
    await output.write(`${written.map(({ name }) => quoted(name, separator)).join(separator)}\n`);
    const rows = Math.max(1, Math.floor(atOnce / Math.max(1, wanted.length)));
    for (let at = 0; at < ids.length; at += rows) {
      await write(output, readCells(database, ids.slice(at, at + rows), wanted), wanted, separator);
      // Questions that came meanwhile are answered between two pieces.
      await others();
    }
    await output.close();
    await rename(temporary, file);
  } catch (error) {
    await output.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
  return { runs: ids.length, columns: written };
}

/** Every column that some run has, what is a fact about the run first. */
async function allColumns(table: RunTable, query: RunExportRequest['query']): Promise<RunColumn[]> {
  for (;;) {
    const answer = table.answer({ type: 'columns', query });
    if (answer.type === 'columns' && answer.looked >= answer.of) {
      return answer.columns.map(({ group, key }) => ({ group, key }));
    }
    await others();
  }
}

async function write(output: FileHandle, cells: RunCell[][], columns: readonly RunColumn[], separator: string): Promise<void> {
  const rows = (cells[0] ?? []).map((_, row) => columns.map((column, index) => written(cells[index]?.[row] ?? null, column, separator)).join(separator));
  await output.write(rows.map((row) => `${row}\n`).join(''));
}

function written(cell: RunCell, { group, key }: RunColumn, separator: string): string {
  if (typeof cell === 'number') {
    return group === 'attribute' && times.has(key) ? new Date(cell).toISOString() : String(cell);
  }
  return cell === null ? '' : quoted(cell, separator);
}

function quoted(text: string, separator: string): string {
  return text === '' || text.includes(separator) || /["\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function nameOf({ group, key, aggregate = 'last' }: RunColumn): string {
  return group === 'attribute' ? key : `${names[group]}.${key}${group === 'metric' && aggregate !== 'last' ? ` (${aggregate})` : ''}`;
}
