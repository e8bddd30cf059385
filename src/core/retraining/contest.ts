// Two models on the same rows: their values, and the interval of the gain.
import type { ComparedPart } from '../../contracts/retraining.ts';
import { higherIsBetter } from '../../contracts/metrics.ts';
import type { Task } from '../../contracts/training.ts';
import type { Table, TableColumn } from '../data/api.ts';
import type { LoadedModel } from '../serving/api.ts';
import { blocksOfTime, Bootstrap, interval, rowsOf, type Scored } from '../training/api.ts';

/** A part of the contest. */
export interface Part extends ComparedPart {
  /** The gain on each resample, sorted; empty where it could not be measured. */
  draws: number[];
}

export interface ContestOptions {
  champion: LoadedModel;
  challenger: LoadedModel;
  table: Table;
  /** The rows that are compared, in all parts. */
  rows: Int32Array;
  target: TableColumn;
  metric: string;
  /** By row of the table, in milliseconds, where rows follow each other in time. */
  times: Float64Array | null;
  /** By row of the table; rows of one identity are resampled together. */
  identity: BigUint64Array;
  seed: number;
}

/** Scores both models once, and measures any part of the rows. */
export class Contest {
  readonly task: Task;
  /** Whether there are two classes, one of them of interest. */
  readonly hasPositives: boolean;
  readonly #options: ContestOptions;
  readonly #classes: readonly string[];
  readonly #positive: number;
  readonly #place: Map<number, number>;
  readonly #truth: Float64Array;
  readonly #scores: readonly [Float64Array, Float64Array];

  /** @throws UserError where a model cannot read the table. */
  constructor(options: ContestOptions) {
    const { champion, challenger, table, rows, target } = options;
    this.#options = options;
    this.task = challenger.file.task;
    const truth = Array.from(rows, (row) => textOf(target, row));
    const known = (model: LoadedModel): string[] => model.file.signature.output.classes ?? [];
    // A class that only one of them knows is one that the other gives no probability.
    this.#classes = this.task === 'regression' ? [] : [...new Set([...known(champion), ...known(challenger), ...truth])].sort((a, b) => (a < b ? -1 : 1));
    this.hasPositives = this.#classes.length === 2;
    this.#positive = Math.max(0, this.#classes.indexOf(challenger.file.signature.output.positive ?? ''));
    this.#place = new Map(Array.from(rows, (row, index) => [row, index]));
    const places = new Map(this.#classes.map((name, index) => [name, index]));
    this.#truth = this.task === 'regression' ? Float64Array.from(rows, (row) => target.values[row] as number) : Float64Array.from(truth, (text) => places.get(text) ?? 0);
    const chosen = rowsOf(table, rows);
    this.#scores = [this.#spread(champion, chosen), this.#spread(challenger, chosen)];
  }

  /** Both models on some of the rows. @param name as in ComparedPart. */
  part(name: string, rows: Int32Array): Part {
    const at = Int32Array.from(rows, (row) => this.#place.get(row)!);
    const truth = Float64Array.from(at, (place) => this.#truth[place]!);
    const width = Math.max(1, this.#classes.length);
    const scored = this.#scores.map((scores): Scored => ({
      task: this.task,
      classes: width,
      positive: this.#positive,
      truth: this.task === 'regression' ? truth : Int32Array.from(truth),
      scores: rowsOfScores(scores, at, width),
    }));
    const base = { name, rows: rows.length, positives: this.hasPositives ? truth.filter((own) => own === this.#positive).length : null, confidence: 0.95, holds: null };
    const silent = scored.map(({ scores }) => at.filter((_, index) => !scores.subarray(index * width, (index + 1) * width).every(Number.isFinite)).length);
    if (rows.length === 0 || silent.some((count) => count > 0)) {
      const [champion = 0] = silent;
      return { ...base, champion: null, challenger: null, gain: null, draws: [], note: rows.length === 0 ? 'There are no rows.' : `The ${champion > 0 ? 'champion' : 'challenger'} gave no number for ${(champion > 0 ? champion : (silent[1] ?? 0)).toLocaleString('en')} of ${rows.length.toLocaleString('en')} rows.` };
    }
    const { metric, seed } = this.#options;
    const own = new Map(Array.from(rows, (row, index) => [row, index]));
    const bootstrap = new Bootstrap(scored, this.units(rows).map((unit) => unit.map((row) => own.get(row)!)), seed);
    const [champion, challenger] = [0, 1].map((index) => bootstrap.values(index)[metric] ?? Number.NaN) as [number, number];
    const better = higherIsBetter(metric);
    const draws = better ? bootstrap.differences(1, 0, metric) : bootstrap.differences(0, 1, metric);
    const value = better ? challenger - champion : champion - challenger;
    if (!Number.isFinite(value) || draws.length === 0) {
      return { ...base, champion: finite(champion), challenger: finite(challenger), gain: null, draws: [], note: 'The metric is not defined on these rows.' };
    }
    const [low, high] = interval(draws);
    return { ...base, champion, challenger, gain: { value, low, high }, draws, note: null };
  }

  /** Rows that are resampled together: blocks of time, groups, and what stands there twice. */
  units(rows: Int32Array): Int32Array[] {
    const { times, identity } = this.#options;
    if (times !== null) {
      return blocksOfTime(this.ordered(rows));
    }
    return [...Map.groupBy(rows, (row) => identity[row]!).values()].map((unit) => Int32Array.from(unit));
  }

  /** In the order of time where there is one. */
  ordered(rows: Int32Array): Int32Array {
    const { times } = this.#options;
    return times === null ? rows : Int32Array.from(rows).sort((a, b) => times[a]! - times[b]! || a - b);
  }

  /** The true number and both predicted ones. Regression only. */
  numbers(row: number): { truth: number; champion: number; challenger: number } {
    const at = this.#place.get(row)!;
    return { truth: this.#truth[at]!, champion: this.#scores[0][at]!, challenger: this.#scores[1][at]! };
  }

  /** A model's scores in the order of all classes. */
  #spread(model: LoadedModel, table: Table): Float64Array {
    const scores = model.scoreTable(table);
    if (this.task === 'regression') {
      return scores;
    }
    const own = model.file.signature.output.classes ?? [];
    const places = own.map((name) => this.#classes.indexOf(name));
    const result = new Float64Array(table.rows * this.#classes.length);
    for (let row = 0; row < table.rows; row += 1) {
      places.forEach((place, index) => {
        result[row * this.#classes.length + place] = scores[row * own.length + index]!;
      });
    }
    return result;
  }
}

/** A cell as classes and slices name it. */
export function textOf({ type, values }: TableColumn, row: number): string {
  const value = values[row];
  if (value === null || value === undefined || Number.isNaN(value)) {
    return '(missing)';
  }
  return type === 'boolean' ? String(value === 1) : type === 'date' ? new Date(value as number).toISOString().slice(0, 10) : type === 'datetime' ? new Date(value as number).toISOString() : String(value);
}

/** The scores of some rows; `width` numbers a row. */
function rowsOfScores(scores: Float64Array, rows: Int32Array, width: number): Float64Array {
  const chosen = new Float64Array(rows.length * width);
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index]!;
    chosen.set(scores.subarray(row * width, (row + 1) * width), index * width);
  }
  return chosen;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
