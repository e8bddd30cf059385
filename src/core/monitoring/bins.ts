// Bins that are fixed on the reference, so that the score of a window depends on nothing but the window.
import type { TableColumn } from '../data/api.ts';
import { sorted } from './statistics/sort.ts';

/** So many distinct numbers get a bin each; more are cut at the reference's deciles. */
const fewNumbers = 10;
/** A category has a bin of its own from this share of the reference on, and at most so many do. */
const leastShare = 0.01;
const mostLevels = 30;

/** Values of one column: numbers (NaN is missing), or texts (null is missing). */
export type ColumnValues = Float64Array | readonly (string | null)[];

/** How one column is cut. The last bin holds missing values; the one before, where `other`, what the reference hardly or never had. */
export interface Bins {
  labels: string[];
  /** Gives the bin of each value. */
  encode(values: ColumnValues): Uint8Array;
}

/** Numbers as they are, booleans as texts. */
export function valuesOf(column: TableColumn): ColumnValues {
  return column.type === 'boolean' ? Array.from(column.values, (value) => (Number.isNaN(value) ? null : String(value === 1))) : column.values;
}

export function binsOf(reference: ColumnValues): Bins {
  return reference instanceof Float64Array ? numberBins(reference) : categoryBins(reference);
}

function numberBins(reference: Float64Array): Bins {
  const present = sorted(reference.filter((value) => !Number.isNaN(value)));
  const distinct = new Set<number>();
  for (const value of present) {
    distinct.add(value);
    if (distinct.size > fewNumbers) {
      return decileBins(present);
    }
  }
  const places = new Map([...distinct].map((value, index) => [value, index]));
  return {
    labels: [...[...distinct].map(short), 'other', 'missing'],
    encode: (values) => Uint8Array.from(values as Float64Array, (value) => (Number.isNaN(value) ? distinct.size + 1 : (places.get(value) ?? distinct.size))),
  };
}

/** Bins up to and with each decile; ties merge, the outer bins are open. */
function decileBins(present: Float64Array): Bins {
  const at = (share: number): number => {
    const place = share * (present.length - 1);
    const low = Math.floor(place);
    return present[low]! + (place - low) * (present[Math.min(low + 1, present.length - 1)]! - present[low]!);
  };
  const greatest = present[present.length - 1]!;
  const edges = [...new Set(Array.from({ length: 9 }, (_, index) => at((index + 1) / 10)))].filter((edge) => edge < greatest);
  const labels = [...edges.map((edge, index) => (index === 0 ? `≤ ${short(edge)}` : `${short(edges[index - 1]!)} – ${short(edge)}`)), `> ${short(edges.at(-1) ?? greatest)}`, 'missing'];
  return {
    labels,
    encode: (values) =>
      Uint8Array.from(values as Float64Array, (value) => {
        if (Number.isNaN(value)) {
          return labels.length - 1;
        }
        let bin = 0;
        while (bin < edges.length && value > edges[bin]!) {
          bin += 1;
        }
        return bin;
      }),
  };
}

function categoryBins(reference: readonly (string | null)[]): Bins {
  const counts = new Map<string, number>();
  let present = 0;
  for (const value of reference) {
    if (value !== null) {
      present += 1;
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  const levels = [...counts]
    .filter(([, count]) => count >= leastShare * present)
    .sort(([a, first], [b, second]) => second - first || (a < b ? -1 : 1))
    .slice(0, mostLevels)
    .map(([level]) => level);
  const places = new Map(levels.map((level, index) => [level, index]));
  return {
    labels: [...levels, 'other', 'missing'],
    encode: (values) => Uint8Array.from(values as readonly (string | null)[], (value) => (value === null ? levels.length + 1 : (places.get(value) ?? levels.length))),
  };
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** How many rows fall into each bin; of the rows from `from` up to `to`, or those listed. */
export function countBins(codes: Uint8Array, size: number, rows?: Int32Array): Float64Array {
  const counts = new Float64Array(size);
  if (rows === undefined) {
    for (const code of codes) {
      counts[code]! += 1;
    }
  } else {
    for (const row of rows) {
      counts[codes[row]!]! += 1;
    }
  }
  return counts;
}
