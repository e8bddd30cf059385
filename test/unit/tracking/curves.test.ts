import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type { Curve, CurvesRequest } from '../../../src/contracts/curves.ts';
import { thin, type SeriesPoint } from '../../../src/core/tracking/api.ts';
import { clientRun, openStores, type Stores } from './support.ts';

const value = fc.oneof({ weight: 20, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) }, { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) });
const series = fc.array(value, { minLength: 1, maxLength: 2000 }).map((values) => values.map((each, index): SeriesPoint => ({ step: index, timestamp: 1000 + index, value: each })));

describe('a thinned series', () => {
  it('keeps the extremes of every bucket, its ends, and what is no number', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 60 }), (points, buckets) => {
        const kept = new Set(thin(points, buckets).points);
        assert.ok([...kept].every((point) => points.includes(point)), 'a point that was never logged');
        if (points.length <= buckets * 4) {
          assert.equal(kept.size, points.length);
          return;
        }
        assert.ok(kept.size <= buckets * 7);
        for (let bucket = 0; bucket < buckets; bucket += 1) {
          const part = points.filter((_, index) => Math.floor((index * buckets) / points.length) === bucket);
          const finite = part.filter((each) => Number.isFinite(each.value)).map((each) => each.value);
          const drawn = part.filter((each) => kept.has(each)).map((each) => each.value);
          assert.ok(kept.has(part[0]!) && kept.has(part.at(-1)!));
          if (finite.length > 0) {
            assert.ok(drawn.includes(Math.min(...finite)) && drawn.includes(Math.max(...finite)));
          }
          for (const odd of [NaN, Infinity, -Infinity]) {
            assert.equal(drawn.some((each) => Object.is(each, odd)), part.some((each) => Object.is(each.value, odd)));
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('stays in order, and its means are those of the buckets', () => {
    const points = Array.from({ length: 1000 }, (_, index): SeriesPoint => ({ step: index, timestamp: index, value: index % 10 }));
    const { points: kept, means } = thin(points, 10);
    assert.deepEqual(kept.map((each) => each.step), kept.map((each) => each.step).sort((a, b) => a - b));
    assert.deepEqual(means?.map((each) => each.value), Array.from({ length: 10 }, () => 4.5));
    assert.deepEqual(means?.map((each) => each.step), Array.from({ length: 10 }, (_, index) => index * 100 + 49.5));
  });
});

describe('the curves of a run', function () {
  this.timeout(30_000);
  let folder: string;
  let stores: Stores;
  let run_id: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'curves-'));
    stores = openStores(path.join(folder, 'ml.db'));
    run_id = stores.tracked.create(clientRun());
  });
  afterEach(async () => {
    stores.database.close();
    await rm(folder, { recursive: true, force: true });
  });

  const all: CurvesRequest = { keys: ['loss'], axis: 'step', from: null, to: null, buckets: 100, after: null };
  const ask = async (change: Partial<CurvesRequest> = {}): ReturnType<typeof stores.runs.metrics.curves.curves> => stores.runs.metrics.curves.curves(run_id, { ...all, ...change });
  const log = (steps: readonly number[], valueOf: (step: number) => number, key = 'loss'): void =>
    stores.runs.metrics.append(run_id, steps.map((step) => ({ key, step, timestamp: 1_000_000 + step, value: valueOf(step) })), false);
  const steps = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
  const only = ({ curves }: { curves: Curve[] }): Curve => {
    assert.equal(curves.length, 1);
    return curves[0]!;
  };

  it('are thinned, with one spike among fifty thousand points, and whole where one looks closely', async () => {
    log(steps(0, 50_000), (step) => (step === 31_234 ? 1e6 : step === 7 ? NaN : Math.sin(step)));
    const answer = await ask();
    const curve = only(answer);
    assert.ok(curve.whole && curve.points.steps.length <= 420, String(curve.points.steps.length));
    assert.equal(curve.points.values[curve.points.steps.indexOf(31_234)], 1e6);
    assert.equal(curve.points.values[curve.points.steps.indexOf(7)], 'NaN');
    assert.equal(curve.points.steps[0], 0);
    assert.equal(curve.points.steps.at(-1), 49_999);
    assert.deepEqual(answer.figures['loss']?.max, { step: 31_234, timestamp: 1_031_234, value: 1e6 });
    const near = only(await ask({ from: 31_000, to: 31_300 }));
    assert.deepEqual([near.points.steps, near.means], [steps(30_999, 31_302), null]);
    const inTime = only(await ask({ axis: 'time', from: 1_031_000, to: 1_031_300 }));
    assert.deepEqual(inTime.points.steps, steps(30_999, 31_302));
    assert.deepEqual(only(await ask({ from: 60_000, to: 70_000 })).points.steps, []);
  });

  it('give what is new after a mark, and nothing where nothing is', async () => {
    log(steps(0, 10_000), (step) => step);
    log([1], () => 5, 'other');
    const first = await ask();
    assert.deepEqual(await ask({ after: first.last }), { curves: [], figures: {}, last: first.last });
    log([10_000, 10_001], (step) => -step);
    const second = await ask({ after: first.last });
    assert.deepEqual([only(second).whole, only(second).points.steps, Object.keys(second.figures)], [false, [10_000, 10_001], ['loss']]);
    assert.deepEqual([second.figures['loss']?.min?.step, second.figures['loss']?.max?.step, second.figures['loss']?.last.step], [10_001, 9999, 10_001]);
    // Too far back to tell what is new: the whole curve again.
    log(steps(20_000, 40_000), (step) => step);
    assert.equal(only(await ask({ after: second.last })).whole, true);
  });

  it('are the same from memory as read anew, whatever the order of arrival', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.record({ step: fc.integer({ min: 0, max: 3000 }), value }), { maxLength: 300 }), { minLength: 1, maxLength: 6 }), async (batches) => {
        const id = stores.tracked.create(clientRun());
        const request = { ...all, buckets: 5 };
        await stores.runs.metrics.curves.curves(id, request);
        for (const batch of batches) {
          stores.runs.metrics.append(id, batch.map((point) => ({ key: 'loss', timestamp: point.step * 2, ...point })), false);
          await stores.runs.metrics.curves.curves(id, request);
        }
        const kept = await stores.runs.metrics.curves.curves(id, request);
        const anew = openStores(path.join(folder, 'ml.db'));
        const fresh = await anew.runs.metrics.curves.curves(id, request);
        anew.database.close();
        assert.deepEqual(Object.values(kept.figures).map(({ min, max }) => [min?.value, max?.value]), Object.values(fresh.figures).map(({ min, max }) => [min?.value, max?.value]));
        assert.equal(kept.last, fresh.last);
        const ends = (curves: Curve[]): unknown[] => curves.map(({ points }) => [points.steps[0], points.steps.at(-1), Math.max(...points.values.map(Number).filter(Number.isFinite)), Math.min(...points.values.map(Number).filter(Number.isFinite))]);
        assert.deepEqual(ends(kept.curves), ends(fresh.curves));
      }),
      { numRuns: 30 },
    );
  });

  it('forget the points of the output where a client logs the same metric', async () => {
    stores.runs.metrics.append(run_id, [{ key: 'loss', step: 1, timestamp: 1, value: 99 }], true);
    assert.equal((await ask()).figures['loss']?.max?.value, 99);
    log([1, 2], (step) => step);
    const answer = await ask();
    assert.deepEqual([only(answer).points.values, answer.figures['loss']?.max?.value], [[1, 2], 2]);
  });

  it('hold what is logged while a long series is read for the first time', async () => {
    log(steps(0, 50_000), (step) => step);
    const anew = openStores(path.join(folder, 'ml.db'));
    const asked = anew.runs.metrics.curves.curves(run_id, all);
    anew.runs.metrics.append(run_id, [{ key: 'loss', step: 50_000, timestamp: 1_050_000, value: -7 }], false);
    const answer = await asked;
    assert.equal(answer.figures['loss']?.min?.value, -7);
    assert.deepEqual((await anew.runs.metrics.curves.curves(run_id, { ...all, after: answer.last })).curves, []);
    anew.database.close();
  });
});
