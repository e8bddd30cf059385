import { setImmediate as turn } from 'node:timers/promises';
import type { Curve, CurvePoint, CurvePoints, Curves, CurvesRequest, CurveValue, MetricFigures } from '../../contracts/curves.ts';
import type { Database, DatabaseRow, Values } from '../store/api.ts';
import { blockSize, Outline } from './outline.ts';
import { numberOf, stored } from './storedNumbers.ts';
import { drawn, grouped, inOrder, thin, type SeriesPoint, type Thinned } from './thinning.ts';

/** Rows that are read before others have their turn: a few milliseconds of work. */
const pageSize = 5_000;
/** Blocks kept in memory, some 60 MB; the series that were asked for least recently go first. */
const mostBlocks = 200_000;

/** A point that was just stored. */
export interface StoredPoint extends SeriesPoint {
  series_id: number;
  mark: number;
}

interface Entry {
  outline: Outline;
  complete: boolean;
  /** Resolves when it is complete. */
  built: Promise<void>;
  /** What was stored before it is. */
  waiting: StoredPoint[];
}

interface Series {
  series_id: number;
  key: string;
  last_mark: number;
  /** The point that counts as the metric's value, by the rules of tracking clients: the greatest step. */
  latest: CurvePoint;
}

/**
 * Curves thinned for a screen. The first look at a series reads it once, in turns with other work; from then on its
 * outline is kept up to date by what is stored, so that following a series costs what is new and not what there is.
 */
export class CurveStore {
  readonly #database: Database;
  /** In the order in which they were asked for. */
  readonly #entries = new Map<number, Entry>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The curves of a run's metrics and the figures of all of them; unknown metrics are left out. */
  async curves(run_id: string, request: CurvesRequest): Promise<Curves> {
    const after = request.after ?? -1;
    let series = this.#changed(run_id, after);
    while (series.some(({ series_id }) => this.#complete(series_id) === null)) {
      for (const { series_id } of series) {
        await this.#outline(series_id);
      }
      series = this.#changed(run_id, after);
    }
    // From here on nothing else has its turn: `last` is exactly what the curves hold.
    const wanted = new Set(request.keys);
    const curves: Curve[] = [];
    const figures: Record<string, MetricFigures> = {};
    for (const { series_id, key, latest } of series) {
      const outline = this.#complete(series_id);
      if (outline !== null && outline.total !== null) {
        figures[key] = { count: outline.total.count, last: latest, min: pointOf(outline.total.min), max: pointOf(outline.total.max) };
        if (wanted.has(key)) {
          curves.push(this.#curve(series_id, key, outline, request));
        }
      }
    }
    this.#tidy(new Set(series.map((each) => each.series_id)));
    return { curves, figures, last: series.reduce((mark, each) => Math.max(mark, each.last_mark), request.after ?? 0) };
  }

  /** Brings the outlines up to date with what was stored. */
  take(points: readonly StoredPoint[]): void {
    for (const point of points) {
      const entry = this.#entries.get(point.series_id);
      if (entry?.complete === true) {
        entry.outline.add(point, point.mark);
      } else {
        entry?.waiting.push(point);
      }
    }
  }

  /** To be called where points of a series were removed. */
  forget(series_id: number): void {
    this.#entries.delete(series_id);
  }

  #curve(series_id: number, key: string, outline: Outline, { axis, from, to, buckets, after }: CurvesRequest): Curve {
    const news = after === null ? null : outline.since(after);
    if (news !== null) {
      return { key, whole: false, ...columns(thin(news, buckets)) };
    }
    const blocks = outline.within(axis, from, to);
    const count = blocks.reduce((sum, block) => sum + block.count, 0);
    if (count > buckets * blockSize) {
      return { key, whole: true, ...columns(drawn(grouped(blocks, buckets))) };
    }
    // Few enough to look at each. The neighbours on both sides let the line go on to the border.
    const points = this.#between(series_id, blocks[0]?.first.timestamp ?? 0, blocks.at(-1)?.last.timestamp ?? -1);
    const inside = points.map((point) => within(axis === 'step' ? point.step : point.timestamp, from, to));
    return { key, whole: true, ...columns(thin(points.slice(Math.max(0, inside.indexOf(true) - 1), inside.lastIndexOf(true) + 2), buckets)) };
  }

  #changed(run_id: string, after: number): Series[] {
    return this.#database.all('SELECT series_id, key, last_mark, step, timestamp, value FROM series WHERE run_id = :run_id AND last_mark > :after', { run_id, after }).map((row) => ({
      series_id: Number(row['series_id']),
      key: String(row['key']),
      last_mark: Number(row['last_mark']),
      latest: { step: Number(row['step']), timestamp: Number(row['timestamp']), value: spoken(numberOf(row['value'])) },
    }));
  }

  #complete(series_id: number): Outline | null {
    const entry = this.#entries.get(series_id);
    return entry === undefined || !entry.complete || entry.outline.coarse ? null : entry.outline;
  }

  /** Resolves when the outline of a series was made, unless points of it were removed meanwhile. */
  async #outline(series_id: number): Promise<void> {
    const found = this.#entries.get(series_id);
    const entry = found === undefined || (found.complete && found.outline.coarse) ? this.#start(series_id) : found;
    this.#entries.delete(series_id);
    this.#entries.set(series_id, entry);
    await entry.built;
  }

  #start(series_id: number): Entry {
    const mark = Number(this.#database.get('SELECT last_mark FROM series WHERE series_id = :series_id', { series_id })?.['last_mark'] ?? 0);
    const entry: Entry = { outline: new Outline(mark), complete: false, built: Promise.resolve(), waiting: [] };
    entry.built = this.#build(series_id, mark, entry).catch((error: unknown) => {
      this.#entries.delete(series_id);
      throw error;
    });
    return entry;
  }

  async #build(series_id: number, mark: number, entry: Entry): Promise<void> {
    let after: SeriesPoint | null = null;
    do {
      const rows = this.#page(series_id, after);
      for (const row of rows) {
        if (Number(row['mark']) <= mark) {
          entry.outline.add(seriesPoint(row), null);
        }
      }
      const last = rows.at(-1);
      after = last === undefined || rows.length < pageSize ? null : seriesPoint(last);
      if (after !== null) {
        await turn();
      }
    } while (after !== null);
    entry.waiting.forEach((point) => entry.outline.add(point, point.mark));
    entry.waiting = [];
    entry.complete = true;
  }

  #page(series_id: number, after: SeriesPoint | null): DatabaseRow[] {
    const values: Values = after === null ? { series_id, limit: pageSize } : { series_id, limit: pageSize, timestamp: after.timestamp, step: after.step, value: stored(after.value) };
    return this.#database.all(
      `SELECT timestamp, step, value, mark FROM points WHERE series_id = :series_id
       ${after === null ? '' : 'AND (timestamp, step, value) > (:timestamp, :step, :value)'} ORDER BY timestamp, step, value LIMIT :limit`,
      values,
    );
  }

  #between(series_id: number, from: number, to: number): SeriesPoint[] {
    return this.#database.all('SELECT timestamp, step, value FROM points WHERE series_id = :series_id AND timestamp BETWEEN :from AND :to', { series_id, from, to }).map(seriesPoint).sort(inOrder);
  }

  #tidy(used: ReadonlySet<number>): void {
    let blocks = 0;
    for (const { outline } of this.#entries.values()) {
      blocks += outline.blocks.length;
    }
    for (const [series_id, { outline, complete }] of this.#entries) {
      if (blocks <= mostBlocks) {
        return;
      }
      if (complete && !used.has(series_id)) {
        this.#entries.delete(series_id);
        blocks -= outline.blocks.length;
      }
    }
  }
}

function within(place: number, from: number | null, to: number | null): boolean {
  return (from === null || place >= from) && (to === null || place <= to);
}

function seriesPoint(row: DatabaseRow): SeriesPoint {
  return { step: Number(row['step']), timestamp: Number(row['timestamp']), value: numberOf(row['value']) };
}

/** As JSON can say it. */
function spoken(value: number): CurveValue {
  return Number.isFinite(value) ? value : (String(value) as CurveValue);
}

function pointOf(point: SeriesPoint | null): CurvePoint | null {
  return point === null ? null : { step: point.step, timestamp: point.timestamp, value: spoken(point.value) };
}

function columns({ points, means }: Thinned): { points: CurvePoints; means: CurvePoints | null } {
  const of = (list: readonly SeriesPoint[]): CurvePoints => ({ steps: list.map(({ step }) => step), timestamps: list.map(({ timestamp }) => timestamp), values: list.map(({ value }) => spoken(value)) });
  return { points: of(points), means: means === null ? null : of(means) };
}
