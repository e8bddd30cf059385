// Which rows a model saw, so that it is never judged on them: fitted.bin, written by each training.
import { FittedHeader } from '../../contracts/training.ts';
import type { Table } from '../data/api.ts';
import type { Problem } from './problem.ts';
import { hashesOf, rowKeys } from './sides.ts';

/** The rows that a model saw and those that it did not, each by the hash of its identity. Hashes are sorted and differ. */
export interface FittedRows {
  header: FittedHeader;
  fitted: BigUint64Array;
  aside: BigUint64Array;
}

/** What a final fit with its cross-validation, calibration and early stopping saw of a problem's rows. @param sha256 of the data file. */
export function fittedRowsOf(problem: Problem, sha256: string): FittedRows {
  const { sides, identity, hashes, times, split } = problem;
  const fitted = distinct(hashes, sides.rest);
  const aside = distinct(hashes, sides.aside);
  const newest = (rows: Int32Array): number => rows.reduce((most, row) => Math.max(most, times?.[row] ?? most), Number.NEGATIVE_INFINITY);
  return {
    header: {
      format: 'ml-lifecycle-fitted/1',
      data: sha256,
      identity,
      time: times === null ? null : { column: split.column ?? '', fitted_until: newest(sides.rest), until: newest(problem.rows) },
      fitted: { rows: sides.rest.length, hashes: fitted.length },
      aside: { rows: sides.aside.length, hashes: aside.length },
    },
    fitted,
    aside,
  };
}

/** 64 bits for each row of a table: both halves of `hash` over its text in these columns. */
export function rowHashes(table: Table, columns: readonly string[]): BigUint64Array {
  return hashesOf(rowKeys(table, columns));
}

/** Whether a sorted list of hashes holds this one. */
export function holds(sorted: BigUint64Array, wanted: bigint): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return sorted[low] === wanted;
}

/** As bytes: a line of JSON, then both blocks, little-endian on every machine. */
export function encodeFittedRows({ header, fitted, aside }: FittedRows): Uint8Array {
  const line = new TextEncoder().encode(`${JSON.stringify(header)}\n`);
  const bytes = new Uint8Array(line.length + 8 * (fitted.length + aside.length));
  bytes.set(line);
  const view = new DataView(bytes.buffer, line.length);
  fitted.forEach((value, index) => view.setBigUint64(index * 8, value, true));
  aside.forEach((value, index) => view.setBigUint64((fitted.length + index) * 8, value, true));
  return bytes;
}

/** @throws Error where the bytes are not what `encodeFittedRows` writes: the file is damaged. */
export function decodeFittedRows(bytes: Uint8Array): FittedRows {
  const end = bytes.indexOf(0x0a);
  const header = readHeader(bytes, end);
  const body = bytes.subarray(end + 1);
  const count = header.fitted.hashes + header.aside.hashes;
  if (body.length !== 8 * count) {
    throw new Error(`The record of fitted rows is damaged: it holds ${body.length} bytes of hashes, not ${8 * count}.`);
  }
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const all = BigUint64Array.from({ length: count }, (_, index) => view.getBigUint64(index * 8, true));
  return { header, fitted: all.slice(0, header.fitted.hashes), aside: all.slice(header.fitted.hashes) };
}

function readHeader(bytes: Uint8Array, end: number): FittedHeader {
  try {
    return FittedHeader.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, Math.max(0, end)))));
  } catch (error) {
    throw new Error('The record of fitted rows is damaged: its first line is not what a training writes.', { cause: error });
  }
}

function distinct(hashes: BigUint64Array, rows: Int32Array): BigUint64Array {
  const sorted = BigUint64Array.from(rows, (row) => hashes[row]!).sort();
  return sorted.filter((value, index) => index === 0 || value !== sorted[index - 1]);
}
