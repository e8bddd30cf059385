import type { AnswerTo, KnownColumn, RunCell, RunColumn, RunHead, RunTableQuery } from '../../src/contracts/runTable.ts';
import type { Ask } from './asks.ts';

/** Rows are asked for by so many. */
const blockRows = 50;
/** So many questions are under way at once: what is looked at now should not wait for what was scrolled past. */
const atOnce = 2;

/** While thousands of runs are looked through for their columns, how far that is is asked for so often. In milliseconds. */
const lookAgain = 700;

interface Block<T> {
  generation: number;
  values: T[];
}

/** What is in sight. */
interface Window {
  from: number;
  to: number;
  columns: readonly RunColumn[];
}

/** The part of the table that was asked for so far, and what asks for more. What is shown stays until newer is there. */
export class TableData {
  readonly #ask: Ask;
  readonly #changed: () => void;
  #query: RunTableQuery | null = null;
  #wanted: RunTableQuery | null = null;
  /** Rows of an older one are asked for again. */
  #generation = 0;
  /** Only the newest of the questions about columns counts. */
  #takes = 0;
  #heads = new Map<number, Block<RunHead>>();
  #cells = new Map<string, Map<number, Block<RunCell>>>();
  #baseline = new Map<string, RunCell>();
  #ranges = new Map<string, [number, number] | null>();
  #window: Window | null = null;
  readonly #pending = new Set<string>();
  columns: readonly KnownColumn[] = [];
  looked = 0;
  of = 0;
  /** Null until the first answer. */
  found: number | null = null;
  /** How many there are before the filter; null until known. */
  total: number | null = null;
  warnings: readonly string[] = [];
  /** The baseline of the experiment, which stands before the first row. */
  baseline: RunHead | null = null;
  /** Why the last filter finds nothing, in a sentence. */
  problem: string | null = null;

  /** @param changed is called when there is something new to draw. */
  constructor(ask: Ask, changed: () => void) {
    this.#ask = ask;
    this.#changed = changed;
  }

  /** Shows what this finds. A filter that cannot be read leaves what is shown, and a problem. */
  show(query: RunTableQuery): void {
    if (JSON.stringify(query) !== JSON.stringify(this.#wanted)) {
      this.#wanted = query;
      void this.#take(query);
    }
  }

  /** Asks again for what is shown. */
  refresh(): void {
    if (this.#wanted !== null) {
      void this.#take(this.#wanted);
    }
  }

  /** Says what is in sight, so that it is asked for. */
  look(window: Window): void {
    this.#window = window;
    this.#pump();
  }

  /** What is shown: the last query that could be read. */
  get query(): RunTableQuery | null {
    return this.#query;
  }

  run(row: number): RunHead | undefined {
    return this.#heads.get(Math.floor(row / blockRows))?.values[row % blockRows];
  }

  /** Undefined while it is not there yet. */
  cell(row: number, column: RunColumn): RunCell | undefined {
    return this.#cells.get(keyOf(column))?.get(Math.floor(row / blockRows))?.values[row % blockRows];
  }

  baselineCell(column: RunColumn): RunCell | undefined {
    return this.#baseline.get(keyOf(column));
  }

  range(column: RunColumn): [number, number] | null {
    return this.#ranges.get(keyOf(column)) ?? null;
  }

  async #take(query: RunTableQuery): Promise<void> {
    const before = this.#query;
    const other = before === null || before.filter !== query.filter || JSON.stringify(before.scope) !== JSON.stringify(query.scope);
    this.#takes += 1;
    const take = this.#takes;
    try {
      if (!other) {
        this.#start(query, JSON.stringify(before.sort) !== JSON.stringify(query.sort));
      }
      for (let first = true; ; first = false) {
        const answer = await this.#ask({ type: 'columns', query: { ...query, sort: [] } });
        if (take !== this.#takes) {
          return;
        }
        if (first && other) {
          this.found = answer.of;
          this.#start(query, true);
        }
        this.#learn(answer);
        if (answer.looked >= answer.of) {
          if (!first) {
            // With all columns looked through, the best of each is known: rows that came before do not say it.
            this.#start(query, false);
          }
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, lookAgain));
      }
    } catch (error) {
      if (take === this.#takes) {
        this.problem = error instanceof Error ? error.message : String(error);
        this.#changed();
      }
    }
  }

  /** From now on rows are those of this query; what came before is old. */
  #start(query: RunTableQuery, forget: boolean): void {
    this.#query = query;
    this.#generation += 1;
    this.problem = null;
    if (forget) {
      this.#heads = new Map();
      this.#cells = new Map();
      this.#ranges = new Map();
      this.#baseline = new Map();
    }
    this.#pump();
  }

  #learn(answer: AnswerTo<'columns'>): void {
    this.columns = answer.columns;
    this.looked = answer.looked;
    this.of = answer.of;
    this.found ??= answer.of;
    this.total = answer.total;
    this.warnings = answer.warnings;
    this.#changed();
  }

  #pump(): void {
    const [query, window] = [this.#query, this.#window];
    if (query === null || window === null) {
      return;
    }
    const [first, last] = [Math.floor(Math.max(0, window.from) / blockRows), Math.floor(Math.max(0, window.to - 1) / blockRows)];
    for (let block = first; block <= last && this.#pending.size < atOnce; block += 1) {
      const missing = window.columns.filter((column) => this.#cells.get(keyOf(column))?.get(block)?.generation !== this.#generation);
      const key = `${this.#generation} ${block}`;
      if ((missing.length > 0 || this.#heads.get(block)?.generation !== this.#generation) && !this.#pending.has(key)) {
        void this.#fetch(query, block, missing, key);
      }
    }
  }

  async #fetch(query: RunTableQuery, block: number, columns: readonly RunColumn[], key: string): Promise<void> {
    const generation = this.#generation;
    this.#pending.add(key);
    try {
      const answer = await this.#ask({ type: 'rows', query, offset: block * blockRows, limit: blockRows, columns: [...columns] });
      if (generation === this.#generation) {
        this.#store(answer, block, columns);
      }
    } catch (error) {
      if (generation === this.#generation) {
        this.problem = error instanceof Error ? error.message : String(error);
        this.#changed();
        return;
      }
    } finally {
      this.#pending.delete(key);
    }
    this.#pump();
  }

  #store(answer: AnswerTo<'rows'>, block: number, columns: readonly RunColumn[]): void {
    const generation = this.#generation;
    this.found = answer.found;
    this.total = answer.of;
    this.baseline = answer.baseline?.run ?? null;
    this.#heads.set(block, { generation, values: answer.runs });
    columns.forEach((column, index) => {
      const id = keyOf(column);
      const blocks = this.#cells.get(id) ?? new Map<number, Block<RunCell>>();
      blocks.set(block, { generation, values: answer.cells[index] ?? [] });
      this.#cells.set(id, blocks);
      this.#ranges.set(id, answer.ranges[index] ?? null);
      if (answer.baseline !== null) {
        this.#baseline.set(id, answer.baseline.cells[index] ?? null);
      }
    });
    this.#changed();
  }
}

function keyOf({ group, key, aggregate = 'last' }: RunColumn): string {
  return `${aggregate} ${group}:${key}`;
}
