import type { MetricHistory } from '../../contracts/runs.ts';
import type { Database, DatabaseRow } from '../store/api.ts';
import { CurveStore, type StoredPoint } from './curveStore.ts';
import { pageToken, readPageToken } from './pageToken.ts';
import { numberOf, stored } from './storedNumbers.ts';

/** One value as it was logged; NaN and infinities are values. `timestamp` in milliseconds since 1970. */
export interface LoggedPoint {
  key: string;
  step: number;
  timestamp: number;
  value: number;
}

/** Read at once: some milliseconds. */
const sinceAtOnce = 5000;

interface Series {
  series_id: number;
  step: number;
  timestamp: number;
  value: number;
  journalled: boolean;
}

/** The history of every metric of every run. */
export class MetricStore {
  readonly #database: Database;
  #mark: number;
  #series: number;
  /** The same, thinned for drawing. */
  readonly curves: CurveStore;

  constructor(database: Database) {
    this.#database = database;
    this.curves = new CurveStore(database);
    this.#mark = Number(database.get('SELECT max(last_mark) AS mark FROM series')?.['mark'] ?? 0);
    this.#series = Number(database.get('SELECT max(series_id) AS last FROM series')?.['last'] ?? 0);
  }

  /**
   * Stores points of a run; one that is there exactly so is left out, so that a request may be repeated.
   *
   * @param journalled true for what our own job reads out of its output. Where a tracking client logs the same metric,
   * the client's points take the place of those, and later ones from the output are left out: nothing counts twice.
   * A client that only says again what it read here (MLflow 3 does, for the models that it autologs) changes nothing.
   */
  append(run_id: string, points: readonly LoggedPoint[], journalled: boolean): void {
    const byKey = new Map<string, LoggedPoint[]>();
    for (const point of points) {
      const list = byKey.get(point.key);
      if (list === undefined) {
        byKey.set(point.key, [point]);
      } else {
        list.push(point);
      }
    }
    this.#database.transaction(() => {
      const rows = [...byKey].flatMap(([key, list]) => this.#advance(run_id, key, list, journalled));
      this.#database.insert(
        'INSERT OR IGNORE INTO points (series_id, timestamp, step, value, mark) VALUES',
        rows.map((row) => [row.series_id, row.timestamp, row.step, stored(row.value), row.mark]),
      );
      this.curves.take(rows);
    });
  }

  /** Every point of a run that was stored after the mark `after` (0: all), in the order of storing. */
  history(run_id: string, after: number): MetricHistory {
    const rows = this.#database.all(
      `SELECT key, points.step, points.timestamp, points.value, mark FROM series JOIN points USING (series_id)
       WHERE run_id = :run_id AND last_mark > :after AND mark > :after ORDER BY mark`,
      { run_id, after },
    );
    return {
      points: rows.map((row) => {
        const value = numberOf(row['value']);
        return { key: String(row['key']), step: Number(row['step']), timestamp: Number(row['timestamp']), value: Number.isFinite(value) ? value : null };
      }),
      last: Number(rows.at(-1)?.['mark'] ?? after),
    };
  }

  /**
   * A metric's points by (timestamp, step, value), at most `limit` of them behind the token of the page before.
   *
   * @throws Refusal for a token that is none of ours.
   */
  page(run_id: string, key: string, limit: number, token: string): { points: LoggedPoint[]; next: string } {
    const after = token === '' ? null : readPageToken(token, 3);
    const rows = this.#database.all(
      `SELECT points.timestamp, points.step, points.value FROM series JOIN points USING (series_id) WHERE run_id = :run_id AND key = :key
       ${after === null ? '' : 'AND (points.timestamp, points.step, points.value) > (:timestamp, :step, :value)'}
       ORDER BY points.timestamp, points.step, points.value LIMIT :limit`,
      { run_id, key, limit: limit + 1, ...(after === null ? {} : { timestamp: Number(after[0]), step: Number(after[1]), value: stored(numberOf(after[2])) }) },
    );
    const points = rows.slice(0, limit).map((row) => pointOf(key, row));
    const last = points.at(-1);
    return { points, next: rows.length > limit && last !== undefined ? pageToken([last.timestamp, last.step, String(last.value)]) : '' };
  }

  /** The least or greatest value that was logged of a metric; null where none is a finite number. */
  extreme(run_id: string, key: string, which: 'least' | 'greatest'): number | null {
    const row = this.#database.get(
      `SELECT ${which === 'least' ? 'min' : 'max'}(points.value) AS value FROM series JOIN points USING (series_id)
       WHERE run_id = :run_id AND key = :key AND typeof(points.value) <> 'text' AND abs(points.value) <= 1.7976931348623157e308`,
      { run_id, key },
    );
    return typeof row?.['value'] === 'number' ? row['value'] : null;
  }

  /** The mark of the point of a run that was stored last; 0 where there is none. */
  lastMark(run_id: string): number {
    return Number(this.#database.get('SELECT max(last_mark) AS mark FROM series WHERE run_id = :run_id', { run_id })?.['mark'] ?? 0);
  }

  /** Lets the latest point of a metric be the one that was stored last, where the points before it came later. */
  moveLatestToEnd(run_id: string, key: string): void {
    const found = this.#find(run_id, key);
    if (found !== null) {
      this.#mark += 1;
      const { series_id, timestamp, step, value } = found;
      this.#database.transaction(() => {
        this.#database.run('UPDATE points SET mark = :mark WHERE series_id = :series_id AND (timestamp, step, value) = (:timestamp, :step, :value)', { mark: this.#mark, series_id, timestamp, step, value: stored(value) });
        this.#database.run('UPDATE series SET last_mark = :mark WHERE series_id = :series_id', { mark: this.#mark, series_id });
      });
    }
  }

  /** The points of a run that were stored after a mark, a few thousand at a time. */
  *since(run_id: string, mark: number): Generator<LoggedPoint[]> {
    const changed = this.#database.all('SELECT key, series_id FROM series WHERE run_id = :run_id AND last_mark > :mark ORDER BY key', { run_id, mark });
    for (const { key, series_id } of changed) {
      for (let after: DatabaseRow | undefined = { timestamp: Number.MIN_SAFE_INTEGER, step: 0, value: 0 }; after !== undefined; ) {
        const rows: DatabaseRow[] = this.#database.all(
          `SELECT timestamp, step, value, mark FROM points WHERE series_id = :series_id AND (timestamp, step, value) > (:timestamp, :step, :value) ORDER BY timestamp, step, value LIMIT ${sinceAtOnce}`,
          { series_id: Number(series_id), timestamp: Number(after['timestamp']), step: Number(after['step']), value: stored(numberOf(after['value'])) },
        );
        yield rows.filter((row) => Number(row['mark']) > mark).map((row) => pointOf(String(key), row));
        after = rows.length < sinceAtOnce ? undefined : rows.at(-1);
      }
    }
  }

  /**
   * A metric's points by step, thinned to about `limit` rows, the first and the last always among them.
   *
   * @param steps only these, both ends included; null: all.
   */
  sample(run_id: string, key: string, limit: number, steps: [number, number] | null): LoggedPoint[] {
    const [from, to] = steps ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
    const rows = this.#database.all(
      `WITH numbered AS (
         SELECT points.timestamp, points.step, points.value, row_number() OVER (ORDER BY points.step, points.timestamp, points.value) - 1 AS place, count(*) OVER () AS total
         FROM series JOIN points USING (series_id) WHERE run_id = :run_id AND key = :key AND points.step BETWEEN :from AND :to
       ) SELECT timestamp, step, value FROM numbered
       WHERE place = 0 OR place = total - 1 OR place * CAST(:limit AS INTEGER) / total <> (place - 1) * CAST(:limit AS INTEGER) / total ORDER BY place`,
      { run_id, key, from, to, limit },
    );
    return rows.map((row) => pointOf(key, row));
  }

  /** Brings the latest point of a series up to date, and gives the rows that its points are. */
  #advance(run_id: string, key: string, points: readonly LoggedPoint[], journalled: boolean): StoredPoint[] {
    const [first] = points;
    const found = this.#find(run_id, key);
    if (first === undefined || (found !== null && journalled && !found.journalled)) {
      return [];
    }
    const replaced = found !== null && !journalled && found.journalled;
    if (replaced && points.every((point) => this.#has(found.series_id, point))) {
      return [];
    }
    if (replaced) {
      this.#database.run('DELETE FROM points WHERE series_id = :series_id', { series_id: found.series_id });
      this.curves.forget(found.series_id);
    }
    if (found === null) {
      this.#series += 1;
    }
    const series_id = found?.series_id ?? this.#series;
    const before: Omit<LoggedPoint, 'key'> = replaced || found === null ? first : found;
    const latest = points.reduce((last, point) => (isLater(point, last) ? point : last), before);
    const mark = this.#mark;
    this.#mark += points.length;
    this.#database.run(
      `INSERT INTO series (run_id, key, series_id, step, timestamp, value, last_mark, journalled) VALUES (:run_id, :key, :series_id, :step, :timestamp, :value, :mark, :journalled)
       ON CONFLICT (run_id, key) DO UPDATE SET step = excluded.step, timestamp = excluded.timestamp, value = excluded.value, last_mark = excluded.last_mark, journalled = excluded.journalled`,
      { run_id, key, series_id, step: latest.step, timestamp: latest.timestamp, value: latest.value, mark: this.#mark, journalled: Number(journalled) },
    );
    return points.map(({ timestamp, step, value }, index) => ({ series_id, timestamp, step, value, mark: mark + 1 + index }));
  }

  #has(series_id: number, { timestamp, step, value }: LoggedPoint): boolean {
    return this.#database.get('SELECT 1 FROM points WHERE series_id = :series_id AND (timestamp, step, value) = (:timestamp, :step, :value)', { series_id, timestamp, step, value: stored(value) }) !== undefined;
  }

  #find(run_id: string, key: string): Series | null {
    const row = this.#database.get('SELECT series_id, step, timestamp, value, journalled FROM series WHERE run_id = :run_id AND key = :key', { run_id, key });
    return row === undefined
      ? null
      : { series_id: Number(row['series_id']), step: Number(row['step']), timestamp: Number(row['timestamp']), value: row['value'] === null ? NaN : Number(row['value']), journalled: row['journalled'] === 1 };
  }
}

/** Greatest step, then time, then value; not a number comes before all numbers. */
function isLater(a: Omit<LoggedPoint, 'key'>, b: Omit<LoggedPoint, 'key'>): boolean {
  return a.step !== b.step ? a.step > b.step : a.timestamp !== b.timestamp ? a.timestamp > b.timestamp : a.value > b.value || Number.isNaN(b.value);
}

function pointOf(key: string, row: DatabaseRow): LoggedPoint {
  return { key, step: Number(row['step']), timestamp: Number(row['timestamp']), value: numberOf(row['value']) };
}
