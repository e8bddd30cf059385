import type { Database } from '../store/api.ts';

/**
 * A metric's history as (step, value), thinned to the lowest and the highest value of each of `buckets` spans of steps,
 * with the first and the last point: a spike stays, however short it is. What is no finite number is left out.
 */
export function thinnedCurve(database: Database, run_id: string, key: string, buckets: number): [number, number][] {
  const series_id = database.get('SELECT series_id FROM series WHERE run_id = :run_id AND key = :key', { run_id, key })?.['series_id'];
  if (series_id === undefined) {
    return [];
  }
  const finite = `series_id = :series_id AND typeof(value) <> 'text' AND abs(value) <= 1.7976931348623157e308`;
  const { count, first, last } = database.get(`SELECT count(*) AS count, min(step) AS first, max(step) AS last FROM points WHERE ${finite}`, { series_id: Number(series_id) }) ?? {};
  if (Number(count) <= 2 * buckets) {
    const rows = database.all(`SELECT step, value FROM points WHERE ${finite} ORDER BY step, timestamp`, { series_id: Number(series_id) });
    return rows.map((row) => [Number(row['step']), Number(row['value'])]);
  }
  const width = Math.ceil((Number(last) - Number(first) + 1) / buckets);
  // With one min() or max(), SQLite takes the other columns from the row that has it.
  const extremes = ['min', 'max'].flatMap((extreme) =>
    database.all(`SELECT step, ${extreme}(value) AS value FROM points WHERE ${finite} GROUP BY (step - CAST(:first AS INTEGER)) / CAST(:width AS INTEGER)`, { series_id: Number(series_id), first: Number(first), width }),
  );
  const ends = database.all(`SELECT step, value FROM points WHERE ${finite} AND step IN (:first, :last)`, { series_id: Number(series_id), first: Number(first), last: Number(last) });
  const points = new Map([...ends, ...extremes].map((row) => [`${String(row['step'])} ${String(row['value'])}`, [Number(row['step']), Number(row['value'])] as [number, number]]));
  return [...points.values()].sort((a, b) => a[0] - b[0]);
}
