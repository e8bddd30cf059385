// Which rows are set aside, and which fold each other row belongs to. Never depends on a seed or on the order of rows.
import type { Table, TableColumn } from '../data/api.ts';
import { setAsideShare } from '../planning/api.ts';

/** This share of a fit's rows decides when a network stops. */
const stopShare = 0.15;

export interface Fold {
  training: Int32Array;
  validation: Int32Array;
}

export interface Sides {
  /** Rows that are touched once, at the end; none where the evaluation is nested. */
  aside: Int32Array;
  /** All other rows. */
  rest: Int32Array;
  /** Folds of any rows. */
  folds(rows: Int32Array, count: number): Fold[];
  /** Cuts the rows of one fit: `stop` decides when to stop. */
  early(rows: Int32Array): { fit: Int32Array; stop: Int32Array };
  /** Rows that belong together in the bootstrap: groups, blocks of time, single rows. */
  units(rows: Int32Array): Int32Array[];
}

/** Sides by a stable hash of each row's text: its key, its group or its whole content. */
export function hashedSides(rows: Int32Array, keys: readonly string[], options: { nested: boolean; grouped: boolean }): Sides {
  const first = new Float64Array(keys.length);
  const second = new Uint32Array(keys.length);
  for (const row of rows) {
    const [a, b] = hash(keys[row] ?? '');
    first[row] = a / 4294967296;
    second[row] = b;
  }
  const isAside = (row: number): boolean => !options.nested && first[row]! < setAsideShare;
  return {
    aside: rows.filter(isAside),
    rest: rows.filter((row) => !isAside(row)),
    folds: (some, count) =>
      Array.from({ length: count }, (_, fold) => ({
        training: some.filter((row) => second[row]! % count !== fold),
        validation: some.filter((row) => second[row]! % count === fold),
      })),
    early: (some) => {
      // Other bits than the folds': the slice must not be one fold.
      const stops = (row: number): boolean => ((second[row]! >>> 12) % 1000) / 1000 < stopShare;
      return { fit: some.filter((row) => !stops(row)), stop: some.filter(stops) };
    },
    units: (some) => (options.grouped ? [...Map.groupBy(some, (row) => keys[row] ?? '').values()].map((unit) => Int32Array.from(unit)) : Array.from(some, (row) => Int32Array.of(row))),
  };
}

/**
 * Sides by time: the newest part is set aside, folds are expanding windows. Rows of one moment stay together.
 * @param asideRows how many rows are set aside, fewer where that would part a moment; a fifth by default.
 */
export function timedSides(rows: Int32Array, times: Float64Array, asideRows?: number): Sides {
  const ordered = (some: Int32Array): Int32Array => Int32Array.from(some).sort((a, b) => times[a]! - times[b]! || a - b);
  const cut = (some: Int32Array, share: number): [Int32Array, Int32Array] => {
    let at = Math.min(some.length, Math.max(0, Math.round(some.length * share)));
    while (at > 0 && at < some.length && times[some[at]!] === times[some[at - 1]!]) {
      at += 1;
    }
    return [some.slice(0, at), some.slice(at)];
  };
  const [rest, aside] = cut(ordered(rows), asideRows === undefined ? 1 - setAsideShare : 1 - asideRows / Math.max(1, rows.length));
  return {
    aside,
    rest,
    folds: (some, count) => {
      const all = ordered(some);
      return Array.from({ length: count }, (_, fold) => {
        const [training, later] = cut(all, (fold + 1) / (count + 1));
        const [known] = cut(all, (fold + 2) / (count + 1));
        return { training, validation: later.slice(0, Math.max(0, known.length - training.length)) };
      });
    },
    early: (some) => {
      const [fit, stop] = cut(ordered(some), 1 - stopShare);
      return { fit, stop };
    },
    units: (some) => blocksOfTime(ordered(some)),
  };
}

/** Cuts rows in the order of time into blocks. Neighbouring days resemble each other; resampling whole blocks keeps that. */
export function blocksOfTime(ordered: Int32Array): Int32Array[] {
  const length = Math.max(1, Math.round(Math.cbrt(ordered.length)));
  return Array.from({ length: Math.ceil(ordered.length / length) }, (_, block) => ordered.slice(block * length, (block + 1) * length));
}

/** The text of every row that its side hangs on: some columns, in the order of their names, whatever the file's order is. */
export function rowKeys(table: Table, columns: readonly string[]): string[] {
  const chosen = table.columns.filter((column) => columns.includes(column.name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  return Array.from({ length: table.rows }, (_, row) => chosen.map((column) => cellText(column, row)).join('\u001f'));
}

/** Numbers as JavaScript writes them, so that 1, 1.0 and 1e0 are the same text. */
function cellText({ values }: TableColumn, row: number): string {
  const value = values[row];
  return value === null || value === undefined || Number.isNaN(value) ? '\u0000' : String(value);
}

/** Both hashes of each text as one of 64 bits. */
export function hashesOf(keys: readonly string[]): BigUint64Array {
  return BigUint64Array.from(keys, (key) => {
    const [a, b] = hash(key);
    return (BigInt(a) << 32n) | BigInt(b);
  });
}

/** Two independent hashes of 32 bits of a text: FNV-1a over its UTF-16 units, then murmur3's finaliser. */
export function hash(text: string): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b) + 0x9e3779b9;
  }
  return [mixed(a ^ text.length), mixed(b ^ Math.imul(text.length, 0x27d4eb2f))];
}

function mixed(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
