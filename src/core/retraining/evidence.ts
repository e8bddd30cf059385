// Which rows may decide between two models: those that neither of them saw.
import { UserError } from '../../contracts/errors.ts';
import type { Table, TableColumn } from '../data/api.ts';
import { holds, rowHashes, type FittedRows } from '../training/api.ts';

/** What a comparison may rest on. All are rows of the table. */
export interface Evidence {
  offered: Int32Array;
  seenByChampion: number;
  seenByChallenger: number;
  /** Seen by neither, and newer than everything that the champion's data held. */
  newest: Int32Array;
  /** Seen by neither; the champion's data held them, set aside. */
  old: Int32Array;
  /** Both models come from the same file, so that no row can be newer. */
  sameData: boolean;
  /** By row of the table: what tells it from others. Rows with one identity stand or fall together. */
  identity: BigUint64Array;
}

export interface EvidenceOptions {
  table: Table;
  champion: FittedRows | null;
  challenger: FittedRows | null;
  /** Rows with a target and, where the split is by time, a date. */
  offered: Int32Array;
  /** Whether a person named exactly these rows: then one that was seen is an error rather than left out. */
  named: boolean;
}

/**
 * Sorts the rows on offer into those that a model saw and those that may decide. A row was seen where a fit, its
 * tuning, calibration or early stopping had one of the same identity, or, with a split by time, one as late.
 *
 * @returns why there is no evidence, in a sentence, where a record is missing or cannot be held against the table.
 * @throws UserError where named rows were seen.
 */
export function evidenceOf({ table, champion, challenger, offered, named }: EvidenceOptions): Evidence | string {
  const problem = recordProblem('champion', champion, table) ?? recordProblem('challenger', challenger, table);
  if (problem !== null || champion === null || challenger === null) {
    return problem ?? '';
  }
  const championHashes = hashesFor(champion, table);
  const identity = hashesFor(challenger, table);
  const championTimes = timesFor(champion, table);
  const seen = (record: FittedRows, hashes: BigUint64Array, times: Float64Array | null) => (row: number): boolean =>
    holds(record.fitted, hashes[row]!) || (times !== null && times[row]! <= record.header.time!.fitted_until);
  const byChampion = offered.filter(seen(champion, championHashes, championTimes));
  const byChallenger = offered.filter(seen(challenger, identity, timesFor(challenger, table)));
  if (named) {
    for (const [who, rows] of [['champion', byChampion], ['challenger', byChallenger]] as const) {
      if (rows.length > 0) {
        throw new UserError(`This comparison is contaminated: the ${who} was fitted on ${count(rows.length)} of ${count(offered.length)} rows, so its score on them says nothing. Compare on rows that neither model saw.`, { field: 'rows' });
      }
    }
  }
  const out = new Set([...byChampion, ...byChallenger]);
  const fair = offered.filter((row) => !out.has(row));
  const held = (row: number): boolean => (championTimes === null ? holds(champion.aside, championHashes[row]!) : championTimes[row]! <= champion.header.time!.until);
  return {
    offered,
    seenByChampion: byChampion.length,
    seenByChallenger: byChallenger.length,
    newest: fair.filter((row) => !held(row)),
    old: fair.filter(held),
    sameData: champion.header.data === challenger.header.data,
    identity,
  };
}

function recordProblem(who: 'champion' | 'challenger', record: FittedRows | null, table: Table): string | null {
  if (record === null) {
    return `There is no record on this machine of the rows that the ${who} was fitted on, so no row is known to be fair.`;
  }
  const needed = [...record.header.identity, ...(record.header.time === null ? [] : [{ name: record.header.time.column, type: null }])];
  for (const { name, type } of needed) {
    const column = table.columns.find((each) => each.name === name);
    if (column === undefined) {
      return `The data have no column \`${name}\` any more, by which the rows that the ${who} saw are told from others. So no row is known to be fair.`;
    }
    if (type !== null && column.type !== type) {
      return `\`${name}\` was ${called(type)} when the ${who} was trained and is ${called(column.type)} now, so the rows that it saw cannot be told from others. Give the data set a \`key\`, or mend the column.`;
    }
  }
  return null;
}

function hashesFor({ header }: FittedRows, table: Table): BigUint64Array {
  return rowHashes(table, header.identity.map(({ name }) => name));
}

function timesFor({ header }: FittedRows, table: Table): Float64Array | null {
  return header.time === null ? null : timesOf(table.columns.find(({ name }) => name === header.time!.column));
}

/** A column's dates in milliseconds; NaN for all where it holds none. */
export function timesOf(column: TableColumn | undefined): Float64Array {
  return column?.values instanceof Float64Array ? column.values : new Float64Array(column?.values.length ?? 0).fill(Number.NaN);
}

function called(type: string): string {
  return { number: 'a number', text: 'a text', boolean: 'true or false', date: 'a date', datetime: 'a date with time' }[type] ?? 'of another type';
}

function count(value: number): string {
  return value.toLocaleString('en');
}
