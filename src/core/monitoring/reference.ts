// A reference with its bins, and the judgement of windows against it.
import { createHash } from 'node:crypto';
import type { ColumnDrift, DriftReport } from '../../contracts/monitoring.ts';
import { binsOf, countBins, type Bins, type ColumnValues } from './bins.ts';
import { blockNull, effectOf, independentNull, larger, type NullDistribution } from './effect.ts';
import { seasonsOf, type Seasons } from './seasons.ts';
import { total } from './statistics/distances.ts';
import { adjusted } from './statistics/tests.ts';

/** Fewer rows are not judged. */
export const fewestRows = 30;
/** At most this share of the columns that alarm in a window do so by chance (Benjamini and Hochberg). */
const falseShare = 0.01;

export interface ReferenceColumn {
  name: string;
  role: ColumnDrift['role'];
  values: ColumnValues;
}

interface Prepared {
  name: string;
  role: ColumnDrift['role'];
  type: ColumnDrift['type'];
  bins: Bins;
  codes: Uint8Array;
  counts: Float64Array;
  /** By size of the window. */
  nulls: Map<number, NullDistribution>;
}

/** Windows to be judged: values by column, all of the same length. */
export interface WindowData {
  rows: number;
  columns: ReadonlyMap<string, ColumnValues>;
  /** Dates of the rows, where they have one and seasons are to be compared. Milliseconds since 1970. */
  times: Float64Array | null;
}

export class Reference {
  readonly rows: number;
  readonly #columns: Prepared[];
  readonly #times: Float64Array | null;

  /** @param times dates of the rows; null where rows have none. */
  constructor(columns: readonly ReferenceColumn[], times: Float64Array | null) {
    this.rows = columns[0]?.values.length ?? 0;
    this.#times = times;
    this.#columns = columns.map(({ name, role, values }) => {
      const bins = binsOf(values);
      const codes = bins.encode(values);
      return { name, role, type: values instanceof Float64Array ? 'number' : 'category', bins, codes, counts: countBins(codes, bins.labels.length), nulls: new Map() };
    });
  }

  /**
   * Judges a window in mode `monitor`. A column alarms where its effect reaches `threshold`, lies above what 99 % of
   * windows without a change stay below, and is too rare for chance among so many columns.
   */
  judge(window: WindowData, threshold: number): DriftReport {
    const seasons = this.#times !== null && window.times !== null && window.rows >= fewestRows ? seasonsOf(this.#times, window.times) : null;
    const problems: string[] = [];
    const columns: ColumnDrift[] = [];
    for (const column of this.#columns) {
      const values = window.columns.get(column.name);
      if (values === undefined || values instanceof Float64Array !== (column.type === 'number')) {
        problems.push(values === undefined ? `The column \`${column.name}\` is in the reference only.` : `The column \`${column.name}\` cannot be compared: its type is not that of the reference.`);
      } else {
        columns.push(this.#judgeColumn(column, values, window.rows, threshold, seasons));
      }
    }
    const known = new Set(this.#columns.map((column) => column.name));
    problems.push(...[...window.columns.keys()].filter((name) => !known.has(name)).map((name) => `The column \`${name}\` is not in the reference.`));
    const judged = columns.filter((column) => column.p_value !== null);
    const rare = adjusted(judged.map((column) => column.p_value ?? 1));
    judged.forEach((column, index) => {
      column.drift = column.statistic! >= column.threshold && column.statistic! > column.null_quantile! && rare[index]! <= falseShare;
    });
    const drifted = judged.filter((column) => column.drift).length;
    return { mode: 'monitor', dataset_drift: drifted > 0, drifted_share: judged.length === 0 ? 0 : drifted / judged.length, columns, problems };
  }

  #judgeColumn(column: Prepared, values: ColumnValues, n: number, threshold: number, seasons: Seasons | null): ColumnDrift {
    const { name, role, type, bins, codes } = column;
    const size = bins.labels.length;
    const current = countBins(bins.encode(values), size);
    const reference = seasons === null ? column.counts : countBins(codes, size, seasons.rows);
    const [before, now] = [total(reference), total(current)];
    const shares = { labels: bins.labels, reference: Array.from(reference, (count) => (before === 0 ? 0 : count / before)), current: Array.from(current, (count) => (now === 0 ? 0 : count / now)) };
    const found: ColumnDrift = { name, role, type, method: 'psi', statistic: null, threshold, p_value: null, null_quantile: null, drift: false, n_reference: before, n_current: now, bins: shares, note: null };
    const few = before < fewestRows ? 'the reference' : n < fewestRows ? 'the window' : null;
    if (few !== null) {
      return { ...found, note: `not judged: ${few} has fewer than ${fewestRows} rows` };
    }
    const chance = this.#nullOf(column, reference, n, seasons);
    const statistic = effectOf(reference, current);
    const missing = current[size - 1] === n ? 'all values are missing' : null;
    return { ...found, statistic, p_value: chance.upper(statistic), null_quantile: chance.quantile, note: [missing, seasons?.note ?? null].filter((part) => part !== null).join('; ') || null };
  }

  #nullOf(column: Prepared, reference: Float64Array, n: number, seasons: Seasons | null): NullDistribution {
    const independent = (): NullDistribution => independentNull(reference, n, seedOf(column.name));
    if (seasons === null) {
      const known = column.nulls.get(n) ?? independent();
      column.nulls.set(n, known);
      return known;
    }
    if (seasons.blocks.length === 0) {
      return independent();
    }
    const size = reference.length;
    const effects = seasons.blocks.map(({ block, others }) => effectOf(countBins(column.codes, size, others), countBins(column.codes, size, block)));
    return larger(independent(), blockNull(effects, seasons.independent, size));
  }
}

/** From the name, so that a column is judged alike whatever stands beside it. */
function seedOf(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32LE();
}
