import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { UserError } from '../../../src/contracts/errors.ts';
import type { ColumnDrift, DriftReport } from '../../../src/contracts/monitoring.ts';
import { compareFiles } from '../../../src/core/monitoring/api.ts';
import { binsOf, countBins } from '../../../src/core/monitoring/bins.ts';
import { effectOf, independentNull } from '../../../src/core/monitoring/effect.ts';
import { Reference } from '../../../src/core/monitoring/reference.ts';
import { seasonsOf } from '../../../src/core/monitoring/seasons.ts';
import { normal, random } from '../../../src/core/training/random.ts';

const ridership = path.resolve(import.meta.dirname, '../../../examples/ridership/ridership.csv');
const day = 86_400_000;

describe('drift in mode monitor', function () {
  this.timeout(60_000);

  it('bins numbers at the deciles of the reference, categories by their share', () => {
    const numbers = binsOf(Float64Array.from({ length: 1000 }, (_, row) => row));
    assert.deepEqual([...countBins(numbers.encode(Float64Array.from({ length: 1000 }, (_, row) => row)), numbers.labels.length)], [100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 0]);
    // Outside the reference's range and missing.
    assert.deepEqual([...numbers.encode(Float64Array.of(-1e9, 1e9, Number.NaN))], [0, 9, 10]);
    // Two thirds of the values are one: its deciles merge.
    const ties = binsOf(Float64Array.from({ length: 900 }, (_, row) => (row < 600 ? 0 : row)));
    assert.ok(ties.labels.length <= 6, ties.labels.join(', '));
    const few = binsOf(Float64Array.of(1, 2, 3, 1, 2, Number.NaN));
    assert.deepEqual(few.labels, ['1', '2', '3', 'other', 'missing']);
    assert.deepEqual([...few.encode(Float64Array.of(1, 7, Number.NaN))], [0, 3, 4]);
    const categories = binsOf([...Array.from({ length: 990 }, (_, row) => 'ab'[row % 2]!), ...Array.from({ length: 9 }, () => 'rare'), null]);
    assert.deepEqual(categories.labels, ['a', 'b', 'other', 'missing']);
    assert.deepEqual([...categories.encode(['b', 'rare', 'never seen', null])], [1, 2, 2, 3]);
  });

  it('never gives NaN, whatever the counts', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const size = Math.min(a.length, b.length);
        const effect = effectOf(a.slice(0, size), b.slice(0, size));
        assert.ok(Number.isFinite(effect) && effect >= -1e-12, String(effect));
      }),
    );
  });

  it('knows what windows without a change show', () => {
    const next = random(3);
    const reference = countBins(binsOf(Float64Array.from({ length: 4000 }, () => normal(next))).encode(Float64Array.from({ length: 4000 }, () => normal(next))), 11);
    const chance = independentNull(reference, 300, 1);
    assert.ok(Math.abs(chance.upper(chance.quantile) - 0.01) < 0.012, String(chance.upper(chance.quantile)));
    assert.equal(chance.upper(0), 1);
    assert.ok(chance.upper(1) < 1e-12 && chance.upper(1) > 0);
    assert.deepEqual(independentNull(reference, 300, 1).quantile, chance.quantile);
  });

  it('is quiet without a change and loud with half a standard deviation', () => {
    // bench/driftAlarms.mjs is this over a million requests.
    const next = random(5);
    const columns = Array.from({ length: 20 }, (_, index) => `c${index}`);
    const sample = (rows: number, shift = 0): Map<string, Float64Array> => new Map(columns.map((name, index) => [name, Float64Array.from({ length: rows }, () => (index % 2 === 0 ? normal(next) : Math.exp(normal(next))) + (index === 0 ? shift : 0))]));
    const reference = new Reference([...sample(5000)].map(([name, values]) => ({ name, role: 'input', values })), null);
    let before = new Set<string>();
    for (let window = 0; window < 60; window += 1) {
      const now = new Set(drifted(reference.judge({ rows: 500, columns: sample(500), times: null }, 0.1)));
      assert.deepEqual([...now].filter((name) => before.has(name)), [], `window ${window}`);
      before = now;
    }
    for (let window = 0; window < 10; window += 1) {
      assert.deepEqual(drifted(reference.judge({ rows: 500, columns: sample(500, 0.5), times: null }, 0.1)), ['c0']);
    }
  });

  it('judges a column whose values are all missing', () => {
    const next = random(9);
    const reference = new Reference([{ name: 'x', role: 'input', values: Float64Array.from({ length: 2000 }, () => normal(next)) }, { name: 'k', role: 'input', values: Array.from({ length: 2000 }, () => 'ab'[Math.floor(next() * 2)]!) }], null);
    const report = reference.judge({ rows: 100, columns: new Map<string, Float64Array | null[]>([['x', new Float64Array(100).fill(Number.NaN)], ['k', Array<null>(100).fill(null)]]), times: null }, 0.1);
    for (const column of report.columns) {
      assert.ok(column.drift && Number.isFinite(column.statistic) && Number.isFinite(column.p_value), JSON.stringify(column));
      assert.match(column.note ?? '', /all values are missing/);
    }
  });

  it('names columns that one side lacks, and does not judge fewer than 30 rows', () => {
    const reference = new Reference([{ name: 'x', role: 'input', values: new Float64Array(50) }, { name: 'gone', role: 'input', values: new Float64Array(50) }], null);
    const report = reference.judge({ rows: 29, columns: new Map([['x', new Float64Array(29)], ['new', new Float64Array(29)]]), times: null }, 0.1);
    assert.deepEqual(report.problems, ['The column `gone` is in the reference only.', 'The column `new` is not in the reference.']);
    assert.equal(report.columns[0]?.statistic, null);
    assert.match(report.columns[0]?.note ?? '', /fewer than 30/);
    assert.equal(report.dataset_drift, false);
  });

  it('finds the same season in other years, also over New Year', () => {
    const start = Date.UTC(2010, 0, 1);
    const times = Float64Array.from({ length: 365 * 6 }, (_, row) => start + row * day);
    const window = Float64Array.from({ length: 40 }, (_, row) => Date.UTC(2017, 11, 12) + row * day);
    const seasons = seasonsOf(times, window);
    assert.match(seasons.note, /same season of/);
    for (const row of seasons.rows) {
      const month = new Date(times[row]!).getUTCMonth();
      assert.ok([10, 11, 0, 1].includes(month), new Date(times[row]!).toISOString());
    }
    assert.match(seasonsOf(times.subarray(0, 700), window).note, /fewer than 3 such seasons/);
    assert.match(seasonsOf(times, Float64Array.of(start, start + 400 * day)).note, /spans all seasons/);
  });

  it('takes no season for drift on real days, and sees what changed for good', async () => {
    const { readTable } = await import('../../../src/core/data/api.ts');
    const table = await readTable(ridership, { columns: ['date', 'temp', 'dew', 'weather_snow', 'Montrose'] });
    const values = (name: string): Float64Array => table.columns.find((column) => column.name === name)!.values as Float64Array;
    const date = values('date');
    const split = date.findIndex((time) => time >= Date.UTC(2009, 0, 1));
    const names = ['temp', 'dew', 'weather_snow', 'Montrose'];
    const reference = new Reference(names.map((name) => ({ name, role: 'input', values: values(name).subarray(0, split) })), date.subarray(0, split));
    const found: string[] = [];
    for (let start = split; start + 60 <= date.length; start += 60) {
      found.push(...drifted(reference.judge({ rows: 60, columns: new Map(names.map((name) => [name, values(name).subarray(start, start + 60)])), times: date.subarray(start, start + 60) }, 0.1)));
    }
    // Without seasons every winter would be an alarm of the temperature.
    assert.deepEqual([...new Set(found)], ['Montrose']);
  });

  describe('of files', () => {
    let folder: string;
    before(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'drift-'));
    });
    after(() => rm(folder, { recursive: true, force: true }));
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(path.join(folder, name), text);
      return path.join(folder, name);
    };
    const rows = (count: number, line: (row: number) => string): string => Array.from({ length: count }, (_, row) => line(row)).join('\n');

    it('has the form that scripts depend on', async () => {
      const reference = await file('a.csv', `x,kind,flag,day\n${rows(300, (row) => `${row % 50},${'ab'[row % 2]},${row % 3 === 0},2024-01-01`)}\n`);
      const current = await file('b.csv', `x,kind,flag,day\n${rows(200, (row) => `${100 + (row % 50)},${'ab'[row % 2]},${row % 3 === 0},2024-01-01`)}\n`);
      const report = await compareFiles({ reference, current, mode: 'monitor', ignore: [] });
      assert.equal(report.dataset_drift, true);
      assert.deepEqual(drifted(report), ['x']);
      assert.deepEqual(report.columns.map((column) => column.name), ['x', 'kind', 'flag']);
      const [x] = report.columns as [ColumnDrift];
      assert.deepEqual([x.method, x.threshold, x.n_reference, x.n_current], ['psi', 0.1, 300, 200]);
      assert.deepEqual(drifted(await compareFiles({ reference, current, mode: 'monitor', ignore: ['x'] })), []);
    });

    it('refuses what cannot be compared, in a sentence', async () => {
      const good = await file('good.csv', `x\n${rows(40, String)}\n`);
      const refused = async (other: string, pattern: RegExp, time?: string): Promise<void> => {
        for (const mode of ['monitor', 'evidently'] as const) {
          if (time === undefined || mode === 'monitor') {
            await assert.rejects(compareFiles({ reference: good, current: other, mode, ignore: [], ...(time === undefined ? {} : { time }) }), (error: Error) => error instanceof UserError && pattern.test(error.message));
          }
        }
      };
      await refused(path.join(folder, 'missing.csv'), /There is no file/);
      await refused(await file('empty.csv', ''), /is empty/);
      await refused(await file('header.csv', 'x\n'), /no rows/);
      await refused(await file('other.csv', 'y\n1\n2\n'), /no column in common/);
      await refused(await file('texts.csv', 'x\na\nb\n'), /no column in common.*`x` cannot be compared: it holds numbers in the reference and texts now/);
      await refused(good, /--time: `x` holds no dates/, 'x');
    });
  });
});

function drifted(report: DriftReport): string[] {
  return report.columns.filter((column) => column.drift).map((column) => column.name);
}
