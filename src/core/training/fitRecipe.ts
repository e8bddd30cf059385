import type { RecipeColumn, RecipeState } from '../../contracts/model.ts';
import { recipeWidth, type InputColumns } from '../serving/api.ts';
import type { Feature } from './problem.ts';

const day = 86_400_000;
/** A level must be seen this often in the rows that a fit uses; the rest fall together into "other". */
const leastSeen = 5;
const mostLevels = 40;

/** Learns how inputs become numbers, from these rows only. */
export function fitRecipe(features: readonly Feature[], inputs: InputColumns, rows: Int32Array): RecipeState {
  const columns = features.map((feature): RecipeColumn => {
    const values = inputs.get(feature.name)!;
    if (!(values instanceof Float64Array)) {
      return fitCategory(feature.name, values as readonly (string | null)[], rows);
    }
    return feature.type === 'date' ? fitDate(feature.name, values, rows) : fitNumber(feature.name, values, rows);
  });
  return { columns, width: columns.reduce((sum, column) => sum + recipeWidth(column), 0) };
}

/** Missing values become the median; the scale is the population standard deviation, 1 where nothing varies. */
function fitNumber(input: string, values: Float64Array, rows: Int32Array): RecipeColumn {
  const present = Float64Array.from(rows, (row) => values[row]!).filter((value) => !Number.isNaN(value)).sort();
  const indicator = present.length < rows.length;
  const impute = median(present);
  let sum = 0;
  let squares = 0;
  for (const row of rows) {
    const value = Number.isNaN(values[row]!) ? impute : values[row]!;
    sum += value;
  }
  const mean = sum / Math.max(1, rows.length);
  for (const row of rows) {
    const value = Number.isNaN(values[row]!) ? impute : values[row]!;
    squares += (value - mean) ** 2;
  }
  const deviation = Math.sqrt(squares / Math.max(1, rows.length));
  return { kind: 'number', input, impute, mean, scale: deviation > 1e-12 * Math.max(1, Math.abs(mean)) ? deviation : 1, indicator };
}

function fitCategory(input: string, values: readonly (string | null)[], rows: Int32Array): RecipeColumn {
  const counts = new Map<string, number>();
  let missing = false;
  for (const row of rows) {
    const value = values[row] ?? null;
    if (value === null) {
      missing = true;
    } else {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  const levels = byFrequency(counts).filter(([, count]) => count >= leastSeen).slice(0, mostLevels).map(([level]) => level);
  return { kind: 'category', input, levels, missing };
}

function fitDate(input: string, values: Float64Array, rows: Int32Array): RecipeColumn {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    if (!Number.isNaN(values[row]!)) {
      first = Math.min(first, values[row]!);
      last = Math.max(last, values[row]!);
    }
  }
  return { kind: 'date', input, origin: new Date(Number.isFinite(first) ? first : 0).toISOString(), scale: Math.max(1, (last - first) / day) || 1 };
}

/** The most frequent first; equal counts in the order of their text. */
export function byFrequency(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

/** @param sorted ascending. 0 where there are none. */
export function median(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  return sorted.length === 0 ? 0 : sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
