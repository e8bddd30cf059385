import type { KnownColumn } from '../../contracts/runTable.ts';
import type { Database } from '../store/api.ts';
import { attributeKeys, readCells } from './runCells.ts';

interface Seen {
  group: KnownColumn['group'];
  key: string;
  runs: number;
  low: string | number | null;
  high: string | number | null;
  numbers: boolean;
}

/** So many runs are looked through at once: a thousand columns of each take some milliseconds. */
const runsAtOnce = 20;

const groups: KnownColumn['group'][] = ['attribute', 'metric', 'param', 'tag'];

/** Texts that cannot be numbers. */
const word = `value = '' OR value GLOB '*[^-+0-9.eE]*' OR value NOT GLOB '*[0-9]*'`;

/** Which columns some runs have, and in which they differ: found bit by bit, since every value must be looked at. */
export class ColumnCatalogue {
  readonly #database: Database;
  readonly #ids: readonly string[];
  readonly #seen = new Map<string, Seen>();
  #looked = 0;

  /** @param ids the runs. */
  constructor(database: Database, ids: readonly string[]) {
    this.#database = database;
    this.#ids = ids;
  }

  get looked(): number {
    return this.#looked;
  }

  get of(): number {
    return this.#ids.length;
  }

  get complete(): boolean {
    return this.#looked >= this.#ids.length;
  }

  /** Goes on for about so many milliseconds. */
  advance(milliseconds: number): void {
    const end = performance.now() + milliseconds;
    while (!this.complete && performance.now() < end) {
      this.#look(this.#ids.slice(this.#looked, this.#looked + runsAtOnce));
      this.#looked += runsAtOnce;
    }
    this.#looked = Math.min(this.#looked, this.#ids.length);
  }

  /** What was found so far, by group and name. */
  columns(): KnownColumn[] {
    return [...this.#seen.values()]
      .map(({ group, key, runs, low, high, numbers }) => ({ group, key, runs, differs: runs < this.#looked || low !== high, numbers }))
      .sort((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group) || (a.group === 'attribute' ? attributeKeys.indexOf(a.key) - attributeKeys.indexOf(b.key) : a.key < b.key ? -1 : 1));
  }

  /** The lowest and the highest last value of a metric; null where it has none. */
  range(metric: string): [number, number] | null {
    const seen = this.#seen.get(`metric ${metric}`);
    return typeof seen?.low === 'number' && typeof seen.high === 'number' && Number.isFinite(seen.high - seen.low) ? [seen.low, seen.high] : null;
  }

  #look(ids: readonly string[]): void {
    const values = { ids: JSON.stringify(ids) };
    const among = 'run_id IN (SELECT value FROM json_each(:ids))';
    for (const row of this.#database.all(`SELECT key, count(*) AS runs, min(value) AS low, max(value) AS high, count(value) AS finite FROM series WHERE ${among} GROUP BY key`, values)) {
      // What is not a number is a value too, and differs from all that are.
      const mixed = Number(row['finite']) < Number(row['runs']) && Number(row['finite']) > 0;
      this.#note('metric', String(row['key']), Number(row['runs']), row['low'] as number | null, mixed ? Infinity : (row['high'] as number | null), true);
    }
    for (const [group, table] of [['param', 'params'], ['tag', 'tags']] as const) {
      for (const row of this.#database.all(`SELECT key, count(*) AS runs, min(value) AS low, max(value) AS high, sum(${word}) AS words FROM ${table} WHERE ${among} GROUP BY key`, values)) {
        this.#note(group, String(row['key']), Number(row['runs']), String(row['low']), String(row['high']), row['words'] === 0);
      }
    }
    readCells(this.#database, ids, attributeKeys.map((key) => ({ group: 'attribute', key }))).forEach((cells, index) => {
      const there = cells.filter((cell) => cell !== null);
      const [low, high] = [there.reduce(lower, null), there.reduce(higher, null)];
      if (there.length > 0) {
        this.#note('attribute', attributeKeys[index] ?? '', there.length, low, high, there.every((cell) => typeof cell === 'number'));
      }
    });
  }

  #note(group: Seen['group'], key: string, runs: number, low: Seen['low'], high: Seen['high'], numbers: boolean): void {
    const id = `${group} ${key}`;
    const seen = this.#seen.get(id);
    if (seen === undefined) {
      this.#seen.set(id, { group, key, runs, low, high, numbers });
      return;
    }
    seen.runs += runs;
    // All that one part has is no number, and the other has some.
    const mixed = (seen.low === null) !== (low === null);
    seen.low = lower(seen.low, low);
    seen.high = mixed ? Infinity : higher(seen.high, high);
    seen.numbers &&= numbers;
  }
}

function lower(a: Seen['low'], b: Seen['low']): Seen['low'] {
  return a === null ? b : b === null ? a : b < a ? b : a;
}

function higher(a: Seen['high'], b: Seen['high']): Seen['high'] {
  return a === null ? b : b === null ? a : b > a ? b : a;
}
