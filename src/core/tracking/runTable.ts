import type { AnswerTo, RunCell, RunColumn, RunScope, RunSort, RunTableAnswer, RunTableQuery, RunTableQuestion } from '../../contracts/runTable.ts';
import { baselineTag } from '../../contracts/runs.ts';
import type { Database } from '../store/api.ts';
import { ColumnCatalogue } from './columnCatalogue.ts';
import { warningsOf } from './compare.ts';
import { thinnedCurve } from './thinnedCurve.ts';
import { readCells, readHeads } from './runCells.ts';
import { RunSearch } from './runSearch.ts';

/** The runs that a query finds, in its order. */
interface Found {
  version: number;
  ids: string[];
  /** How many runs the query is about, before the filter. */
  of: number;
  baseline: string | null;
  /** Once they were asked for. */
  warnings?: string[];
}

/** The columns of some runs: the last that were found whole, and the ones that are being looked for. */
interface Catalogues {
  version: number;
  whole: ColumnCatalogue | null;
  next: ColumnCatalogue | null;
  /** When the last was begun and how long it took, in milliseconds. */
  began: number;
  took: number;
}

/** One answer looks for columns for so many milliseconds at most, so that a question behind it need not wait. */
const patience = 40;
/** So much is done at once where nobody asks, so that a question that comes then does not wait either. */
const bite = 10;
/** Among so many runs the range of a column is found with its rows; among more it comes with the columns. */
const fewRuns = 500;
/** So many queries are remembered. */
const remembered = 8;

/**
 * Thousands of runs with thousands of columns, a window of them at a time. It only reads, so it may work beside the
 * process that writes; what it remembers is dropped when that has written.
 */
export class RunTable {
  readonly #database: Database;
  readonly #search: RunSearch;
  readonly #found = new Map<string, Found>();
  readonly #catalogues = new Map<string, Catalogues>();

  constructor(database: Database) {
    this.#database = database;
    this.#search = new RunSearch(database);
  }

  /** @throws Refusal for a filter that cannot be read; it says where. */
  answer(question: RunTableQuestion): RunTableAnswer {
    switch (question.type) {
      case 'columns':
        return this.#columns(question.query);
      case 'rows':
        return this.#rows(question.query, question.offset, question.limit, question.columns);
      case 'values':
        return this.#values(question.query, question.columns, question.max);
      case 'curves': {
        const heads = readHeads(this.#database, question.run_ids);
        return { type: 'curves', curves: heads.map(({ run_id, name }) => ({ run_id, name, points: thinnedCurve(this.#database, run_id, question.key, question.buckets) })) };
      }
    }
  }

  /** Goes on with the columns that were asked for last, for about ten milliseconds. False where nothing is left to do. */
  work(): boolean {
    const last = [...this.#catalogues.values()].at(-1);
    this.#advance(last, bite);
    return last?.next !== null && last !== undefined;
  }

  #advance(known: Catalogues | undefined, milliseconds: number): void {
    known?.next?.advance(milliseconds);
    if (known?.next?.complete) {
      known.took = performance.now() - known.began;
      known.whole = known.next;
      known.next = null;
    }
  }

  /** The ids of the runs found, in their order. */
  ids(query: RunTableQuery): readonly string[] {
    return this.#find(query).ids;
  }

  #rows(query: RunTableQuery, offset: number, limit: number, columns: readonly RunColumn[]): AnswerTo<'rows'> {
    const { ids, of, baseline } = this.#find(query);
    const others = baseline === null ? ids : ids.filter((id) => id !== baseline);
    const page = others.slice(Math.max(0, offset), Math.max(0, offset) + limit);
    const cells = readCells(this.#database, page, columns);
    const ofBaseline = baseline === null ? undefined : readHeads(this.#database, [baseline])[0];
    return {
      type: 'rows',
      found: ids.length,
      of,
      runs: readHeads(this.#database, page),
      cells,
      ranges: this.#ranges(query, ids, columns, others.length === page.length ? cells : null),
      baseline: ofBaseline === undefined ? null : { run: ofBaseline, cells: readCells(this.#database, [ofBaseline.run_id], columns).map(([cell = null]) => cell) },
    };
  }

  #values(query: RunTableQuery, columns: readonly RunColumn[], max: number): AnswerTo<'values'> {
    const { ids } = this.#find(query);
    const some = ids.slice(0, max);
    return { type: 'values', found: ids.length, runs: readHeads(this.#database, some).map(({ run_id, name }) => ({ run_id, name })), cells: readCells(this.#database, some, columns) };
  }

  #columns(query: RunTableQuery): AnswerTo<'columns'> {
    const found = this.#find({ ...query, sort: [] });
    const { ids, of: total } = found;
    const known = this.#cataloguesOf(query, ids);
    this.#advance(known, patience);
    const shown = known.whole ?? known.next;
    const { looked = ids.length, of = ids.length } = known.next ?? {};
    // They need values of every run, so those of many come with the last columns, not before the first rows.
    const warnings = looked < of ? (found.warnings ?? []) : (found.warnings ??= this.#warnings(ids));
    return { type: 'columns', columns: shown?.columns() ?? [], looked, of, total, warnings };
  }

  /** The columns of these runs as far as they are known. Those of many runs are looked for again only after a while. */
  #cataloguesOf(query: RunTableQuery, ids: readonly string[]): Catalogues {
    const version = this.#version();
    const key = JSON.stringify([query.scope, query.filter]);
    const known = this.#catalogues.get(key) ?? { version: -1, whole: null, next: null, began: 0, took: 0 };
    const rested = performance.now() - known.began > 20 * known.took;
    if (known.next === null && known.version !== version && (rested || known.whole?.of !== ids.length)) {
      known.next = new ColumnCatalogue(this.#database, ids);
      known.began = performance.now();
      known.version = version;
    }
    remember(this.#catalogues, key, known);
    return known;
  }

  #ranges(query: RunTableQuery, ids: readonly string[], columns: readonly RunColumn[], all: readonly RunCell[][] | null): ([number, number] | null)[] {
    if (ids.length > fewRuns) {
      const { whole = null } = this.#catalogues.get(JSON.stringify([query.scope, query.filter])) ?? {};
      return columns.map(({ group, key, aggregate = 'last' }) => (group === 'metric' && aggregate === 'last' ? (whole?.range(key) ?? null) : null));
    }
    const cells = all ?? readCells(this.#database, ids, columns);
    return columns.map(({ group }, index) => (group === 'metric' ? rangeOf(cells[index] ?? []) : null));
  }

  #find(query: RunTableQuery): Found {
    const version = this.#version();
    const key = JSON.stringify(query);
    const known = this.#found.get(key);
    if (known?.version === version) {
      return known;
    }
    const scoped = this.#scoped(query.scope, '');
    const filtered = query.filter.trim() === '' ? scoped : this.#scoped(query.scope, query.filter);
    const found = { version, ids: this.#sorted(filtered, query.sort), of: scoped.length, baseline: this.#baseline(scoped) };
    remember(this.#found, key, found);
    return found;
  }

  /** Newest first, chosen ones as they were chosen. */
  #scoped({ run_ids, experiment }: RunScope, filter: string): string[] {
    const experiment_ids = experiment === undefined ? null : this.#database.all('SELECT experiment_id FROM experiments WHERE name = :experiment', { experiment }).map((row) => String(row['experiment_id']));
    if (run_ids !== undefined && filter === '') {
      return readHeads(this.#database, [...new Set(run_ids)]).map(({ run_id }) => run_id);
    }
    const { ids } = this.#search.ids({ filter, order_by: [], experiment_ids, view: run_ids === undefined ? 'active' : 'all', max: 10_000_000, token: '' });
    const there = new Set(ids);
    return run_ids === undefined ? ids : [...new Set(run_ids)].filter((id) => there.has(id));
  }

  #sorted(ids: string[], sort: readonly RunSort[]): string[] {
    if (sort.length === 0) {
      return ids;
    }
    const keys = readCells(this.#database, ids, sort.map(({ column }) => column));
    const order = ids.map((_, index) => index);
    order.sort((a, b) => {
      for (const [index, { descending }] of sort.entries()) {
        const result = compareCells(keys[index]?.[a] ?? null, keys[index]?.[b] ?? null, descending);
        if (result !== 0) {
          return result;
        }
      }
      return a - b;
    });
    return order.map((index) => ids[index] ?? '');
  }

  /** The run by which all of them are measured: that of the experiment, where they have but one. */
  #baseline(ids: readonly string[]): string | null {
    const rows = this.#database.all(
      `SELECT DISTINCT runs.experiment_id, tag.value FROM json_each(:ids) AS r CROSS JOIN runs ON runs.run_id = r.value
       LEFT JOIN experiment_tags AS tag ON tag.experiment_id = runs.experiment_id AND tag.key = :key LIMIT 2`,
      { ids: JSON.stringify(ids), key: baselineTag },
    );
    const value = rows.length === 1 ? rows[0]?.['value'] : null;
    return typeof value === 'string' && readHeads(this.#database, [value]).length === 1 ? value : null;
  }

  #warnings(ids: readonly string[]): string[] {
    const [kinds = [], status = [], targets = [], data = [], evaluations = []] = readCells(this.#database, ids, [
      { group: 'attribute', key: 'kind' },
      { group: 'attribute', key: 'status' },
      { group: 'param', key: 'target' },
      { group: 'tag', key: 'data_sha256' },
      { group: 'tag', key: 'evaluation' },
    ]);
    const different = (cells: RunCell[]): number => new Set(cells.filter((cell) => cell !== null)).size;
    return warningsOf({
      targets: different(targets.filter((_, index) => kinds[index] === 'training')),
      data: different(data),
      evaluations: different(evaluations),
      kinds: different(kinds),
      open: status.filter((each) => each !== 'finished').length,
    });
  }

  /** Another number after each write by another connection. */
  #version(): number {
    return Number(this.#database.get('PRAGMA data_version')?.['data_version'] ?? 0);
  }
}

/** Numbers by size, then texts as people sort them; what is not a number after those that are, nothing last of all. */
function compareCells(a: RunCell, b: RunCell, descending: boolean): number {
  if (a === null || b === null) {
    return a === b ? 0 : a === null ? 1 : -1;
  }
  const [x, y] = [numberIn(a), numberIn(b)];
  if (Number.isNaN(x) !== Number.isNaN(y)) {
    return Number.isNaN(x) ? 1 : -1;
  }
  const result = Number.isNaN(x) ? collator.compare(String(a), String(b)) : x === y ? 0 : x < y ? -1 : 1;
  return descending ? -result : result;
}

const collator = new Intl.Collator('en', { numeric: true });

function numberIn(cell: string | number): number {
  return typeof cell === 'number' ? cell : cell.trim() === '' ? NaN : Number(cell);
}

function rangeOf(cells: readonly RunCell[]): [number, number] | null {
  const numbers = cells.filter((cell) => typeof cell === 'number');
  return numbers.length === 0 ? null : [Math.min(...numbers), Math.max(...numbers)];
}

/** Keeps what was used last. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > remembered && oldest !== undefined) {
    map.delete(oldest);
  }
}

