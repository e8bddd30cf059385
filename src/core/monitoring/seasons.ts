// Which rows of a reference a window is compared with where rows have a date, and the blocks that show how much such
// windows differ by themselves.
const day = 86_400_000;
const year = 365.2425 * day;
/** So far beyond the window's own days a row counts as of its season. */
const margin = 15 * day;
/** With fewer seasons, they do not tell what is usual. */
const fewestSeasons = 3;
const fewestRows = 30;

export interface Seasons {
  /** Rows to compare with. */
  rows: Int32Array;
  /** Blocks of the reference as long as the window, each with the rows it is compared with. */
  blocks: { block: Int32Array; others: Int32Array }[];
  /** How many of the blocks lie in seasons, or places, of their own. */
  independent: number;
  note: string;
}

/**
 * @param times of the reference's rows, in milliseconds since 1970; NaN where missing.
 * @param window times of the window's rows.
 */
export function seasonsOf(times: Float64Array, window: Float64Array): Seasons {
  const order = Int32Array.from(times.keys()).filter((row) => !Number.isNaN(times[row]!)).sort((a, b) => times[a]! - times[b]!);
  const known = window.filter((time) => !Number.isNaN(time));
  const n = window.length;
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const time of known) {
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  const half = (to - from) / 2 + margin;
  if (known.length > 0 && 2 * half < year) {
    const seasons = inSeasons(order, times, (from + to) / 2, half).filter((season) => season.length >= Math.max(fewestRows, n / 2));
    if (seasons.length >= fewestSeasons) {
      const blocks = seasons.flatMap((season, index) => {
        const others = joined(seasons.filter((_, other) => other !== index));
        return blocksOf(season, n).map((block) => ({ block, others }));
      });
      return { rows: joined(seasons), blocks, independent: seasons.length, note: `compared with the same season of ${seasons.length} years` };
    }
  }
  const count = Math.floor(order.length / n);
  const blocks = Array.from({ length: count }, (_, index) => ({ block: order.subarray(index * n, (index + 1) * n), others: joined([order.subarray(0, index * n), order.subarray((index + 1) * n)]) }));
  const why = known.length === 0 ? 'the window has no dates' : 2 * half >= year ? 'the window spans all seasons' : `the reference has fewer than ${fewestSeasons} such seasons`;
  return count >= fewestSeasons
    ? { rows: order, blocks, independent: count, note: `compared with all rows: ${why}` }
    : { rows: order, blocks: [], independent: 0, note: `compared with all rows: ${why}, nor ${fewestSeasons} windows of this length` };
}

/** The rows of each year whose time lies at most `half` from the same point of their year as `centre`. */
function inSeasons(order: Int32Array, times: Float64Array, centre: number, half: number): Int32Array[] {
  const seasons = new Map<number, number[]>();
  for (const row of order) {
    const turn = Math.round((times[row]! - centre) / year);
    if (Math.abs(times[row]! - centre - turn * year) <= half) {
      const rows = seasons.get(turn) ?? [];
      rows.push(row);
      seasons.set(turn, rows);
    }
  }
  return [...seasons.values()].map((rows) => Int32Array.from(rows));
}

/** The first, middle and last `n` rows; all of them where there are no more. */
function blocksOf(season: Int32Array, n: number): Int32Array[] {
  const spare = season.length - n;
  return spare <= 0 ? [season] : [...new Set([0, Math.floor(spare / 2), spare])].map((start) => season.subarray(start, start + n));
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
