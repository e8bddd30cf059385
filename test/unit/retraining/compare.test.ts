import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ModelFile } from '../../../src/contracts/model.ts';
import type { TrainRequest } from '../../../src/contracts/training.ts';
import type { Table, TableColumn } from '../../../src/core/data/api.ts';
import { fairComparison, type ComparisonInput } from '../../../src/core/retraining/compare.ts';
import type { LoadedModel } from '../../../src/core/serving/api.ts';
import { rowHashes, type FittedRows } from '../../../src/core/training/fittedRows.ts';
import { normal, random } from '../../../src/core/training/random.ts';

const day = 86_400_000;

function numbers(name: string, values: ArrayLike<number>, type: 'number' | 'date' = 'number'): TableColumn {
  return { name, type, values: Float64Array.from(values) };
}
function tableOf(...columns: TableColumn[]): Table {
  return { rows: columns[0]!.values.length, columns, sha256: 'now', dropped: 0 };
}
/** A model that predicts what a column holds: a number, or the probability of `yes`. */
function model(column: string, task: 'regression' | 'classification' = 'regression'): LoadedModel {
  const output = task === 'regression' ? { name: 'y', task } : { name: 'y', task, classes: ['no', 'yes'], positive: 'yes' };
  const scoreTable = (table: Table): Float64Array => {
    const values = table.columns.find(({ name }) => name === column)!.values as Float64Array;
    return task === 'regression' ? Float64Array.from(values) : Float64Array.from({ length: values.length * 2 }, (_, index) => (index % 2 === 1 ? values[index >> 1]! : 1 - values[index >> 1]!));
  };
  const unused = (): never => assert.fail('not asked');
  return { file: { task, signature: { inputs: [], output } } as unknown as ModelFile, predictRows: unused, predictTable: unused, scoreTable };
}
/** A record of fitted rows by row number; the identity is the column `key`, or with times the content of `key` as well. */
function seen(table: Table, fitted: number[], aside: number[], change: { time?: boolean; data?: string } = {}): FittedRows {
  const hashes = rowHashes(table, ['key']);
  const block = (rows: number[]): BigUint64Array => BigUint64Array.from(new Set(rows.map((row) => hashes[row]!))).sort();
  const times = table.columns.find(({ name }) => name === 'date')?.values as Float64Array | undefined;
  const newest = (rows: number[]): number => Math.max(...rows.map((row) => times?.[row] ?? 0));
  return {
    header: {
      format: 'ml-lifecycle-fitted/1',
      data: change.data ?? 'before',
      identity: [{ name: 'key', type: 'number' }],
      time: change.time === true ? { column: 'date', fitted_until: newest(fitted), until: newest([...fitted, ...aside]) } : null,
      fitted: { rows: fitted.length, hashes: block(fitted).length },
      aside: { rows: aside.length, hashes: block(aside).length },
    },
    fitted: block(fitted),
    aside: block(aside),
  };
}
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

interface Scene {
  /** Rows that only the champion's data held, set aside by both, and that nobody's data held before. */
  old: number;
  fresh: number;
  task?: 'regression' | 'classification';
  time?: boolean;
  /** Truth and the two predictions of row `row`. */
  draw: (row: number) => [number, number, number];
  extra?: (rows: number) => TableColumn[];
}
/** 50 rows that both were fitted on, then `old` and `fresh` ones. */
function scene({ old, fresh, task = 'regression', time = false, draw, extra }: Scene, change: Partial<ComparisonInput> = {}): ComparisonInput {
  const rows = 50 + old + fresh;
  const drawn = range(0, rows).map(draw);
  const truth: TableColumn = task === 'regression' ? numbers('y', drawn.map(([y]) => y)) : { name: 'y', type: 'text', values: drawn.map(([y]) => (y === 1 ? 'yes' : 'no')) };
  const table = tableOf(numbers('key', range(0, rows)), numbers('date', range(0, rows).map((row) => row * day), 'date'), truth, numbers('a', drawn.map(([, a]) => a)), numbers('b', drawn.map(([, , b]) => b)), ...(extra?.(rows) ?? []));
  const request: TrainRequest = { file: 'x.csv', target: 'y', exclude: [], trainers: ['linear'], folds: 3, seed: 0, ...(time ? { split: 'time', time: 'date' } : {}) };
  return {
    champion: model('a', task),
    challenger: model('b', task),
    championSeen: seen(table, range(0, 50), range(50, 50 + old), { time }),
    challengerSeen: seen(table, range(0, 50), range(50, rows), { time, data: 'now' }),
    table,
    request,
    min_gain: 0,
    margin: null,
    slices: [],
    policy: 'better',
    seed: 1,
    ...change,
  };
}
const noisy = (seed: number, spreadA: number, spreadB: number): Scene['draw'] => {
  const next = random(seed);
  return () => {
    const y = 10 + normal(next);
    return [y, y + spreadA * normal(next), y + spreadB * normal(next)];
  };
};

describe('champion against challenger', function () {
  this.timeout(30_000);
  it('promotes one that is truly better, on the rows that neither saw', () => {
    const found = fairComparison(scene({ old: 100, fresh: 300, time: true, draw: noisy(1, 1, 0.7) }));
    assert.equal(found.verdict, 'promote', found.reasons.join(' '));
    assert.deepEqual(found.rows, { offered: 450, seen_by_champion: 50, seen_by_challenger: 50, compared: 400 });
    assert.deepEqual([found.newest?.rows, found.old?.rows, found.newest?.holds, found.old?.holds], [300, 100, true, true]);
    assert.deepEqual([found.from, found.to], ['1970-05-31', '1971-03-26']);
    assert.equal(found.points.length, 300);
    assert.ok(found.newest!.gain!.low > 0 && found.newest!.champion! > found.newest!.challenger!);
  });

  it('keeps the champion where the challenger is worse, and says neither where it may be chance', () => {
    assert.equal(fairComparison(scene({ old: 0, fresh: 300, draw: noisy(2, 0.7, 1) })).verdict, 'keep');
    const found = fairComparison(scene({ old: 0, fresh: 150, draw: noisy(3, 1, 1) }));
    assert.equal(found.verdict, 'inconclusive');
    assert.match(found.reasons[0]!, /may be chance/);
  });

  it('asks for the gain that was asked for', () => {
    const found = fairComparison(scene({ old: 0, fresh: 300, draw: noisy(1, 1, 0.8) }, { min_gain: 0.5 }));
    assert.equal(found.verdict, 'keep');
    assert.match(found.reasons.join(' '), /must be better by more than 0\.500/);
  });

  it('does not decide on too few fresh rows, positives or groups', () => {
    const few = fairComparison(scene({ old: 300, fresh: 99, time: true, draw: noisy(1, 1, 0.2) }));
    assert.equal(few.verdict, 'inconclusive');
    assert.match(few.reasons[0]!, /Not enough evidence: the champion stays\. 99 rows are new/);
    const window = scene({ old: 0, fresh: 60, time: true, draw: noisy(1, 1, 0.2) });
    assert.match(fairComparison({ ...window, request: { ...window.request, aside_rows: 60 } }).reasons[0]!, /Its `window` sets only 60 rows aside/);
    const rare = fairComparison(scene({ old: 0, fresh: 400, task: 'classification', draw: (row) => (row % 20 === 0 ? [1, 0.1, 0.9] : [0, 0.2, 0.1]) }));
    assert.equal(rare.verdict, 'inconclusive');
    assert.match(rare.reasons[0]!, /20 of the class of interest/);
    // 300 rows of 3 customers are three rows.
    const grouped = scene({ old: 0, fresh: 300, draw: noisy(1, 1, 0.2) });
    const keys = numbers('key', range(0, grouped.table.rows).map((row) => (row < 50 ? row : 1000 + (row % 3))));
    const table = { ...grouped.table, columns: grouped.table.columns.map((column) => (column.name === 'key' ? keys : column)) };
    assert.match(fairComparison({ ...grouped, table, request: { ...grouped.request, split: 'group', group: 'key' } }).reasons[0]!, /Not enough evidence/);
    assert.match(fairComparison({ ...grouped, table }).reasons[0]!, /Not enough evidence/);
  });

  it('never promotes without a record of what was fitted, or one that cannot be held against the data', () => {
    const better = scene({ old: 100, fresh: 300, time: true, draw: noisy(1, 1, 0.2) });
    const without = (columns: TableColumn[]): ComparisonInput => ({ ...better, table: { ...better.table, columns } });
    const texts: TableColumn = { name: 'key', type: 'text', values: range(0, better.table.rows).map((row) => `${row}.0`) };
    for (const [input, reason] of [
      [{ ...better, championSeen: null }, /no record .* champion/],
      [{ ...better, challengerSeen: null }, /no record .* challenger/],
      [without(better.table.columns.filter(({ name }) => name !== 'key')), /no column `key` any more/],
      [without(better.table.columns.map((column) => (column.name === 'key' ? texts : column))), /`key` was a number .* a text now/],
    ] as const) {
      const found = fairComparison(input);
      assert.equal(found.verdict, 'inconclusive');
      assert.match(found.reasons[0]!, reason);
      assert.match(found.reasons[0]!, /the champion stays/);
    }
    assert.match(fairComparison({ ...better, champion: model('a', 'classification') }).reasons[0]!, /same question/);
  });

  it('refuses rows that the champion was fitted on', () => {
    // The champion looks perfect on what it learnt by heart, and worse elsewhere.
    const next = random(4);
    const input = scene({ old: 0, fresh: 300, draw: (row) => (row < 50 ? [row, row, row + 1] : [row, row + 2 * normal(next), row + normal(next)]) });
    assert.throws(() => fairComparison({ ...input, rows: Int32Array.from(range(0, 350)) }), { name: 'UserError', message: /contaminated: the champion was fitted on 50 of 350 rows/ });
    assert.throws(() => fairComparison({ ...input, rows: Int32Array.from(range(49, 350)) }), /fitted on 1 of 301 rows/);
    assert.equal(fairComparison({ ...input, rows: Int32Array.from(range(50, 350)) }).verdict, 'promote');
    const timed = scene({ old: 0, fresh: 300, time: true, draw: noisy(1, 1, 0.5) });
    const strange = { ...timed, championSeen: { ...timed.championSeen!, fitted: new BigUint64Array() } };
    assert.throws(() => fairComparison({ ...strange, rows: Int32Array.from(range(0, 350)) }), /contaminated/, 'rows as early as those that were fitted are no evidence, whatever their content');
    assert.equal(fairComparison({ ...strange, challengerSeen: { ...timed.challengerSeen!, fitted: new BigUint64Array() } }).rows.compared, 300);
  });

  it('leaves out copies of rows that a model saw, and counts copies of fresh rows once', () => {
    const input = scene({ old: 0, fresh: 300, draw: noisy(1, 1, 0.5) });
    const keys = (key: (row: number) => number): ComparisonInput => ({ ...input, table: { ...input.table, columns: input.table.columns.map((column) => (column.name === 'key' ? numbers('key', range(0, 350).map(key)) : column)) } });
    const copied = fairComparison(keys((row) => (row < 200 ? row % 50 : row)));
    assert.deepEqual([copied.rows.seen_by_champion, copied.rows.compared], [200, 150]);
    assert.match(fairComparison(keys((row) => (row < 50 ? row : 50 + (row % 60)))).reasons[0]!, /Not enough evidence/);
  });

  it('compares on the shared rows set aside where both come from one file, and says so', () => {
    const input = scene({ old: 300, fresh: 0, draw: noisy(1, 1, 0.6) });
    const same = fairComparison({ ...input, challengerSeen: { ...input.challengerSeen!, header: { ...input.challengerSeen!.header, data: 'before' } } });
    assert.equal(same.verdict, 'promote');
    assert.equal(same.newest, null);
    assert.equal(same.old?.rows, 300);
    assert.match(same.reasons.join(' '), /no row is newer/);
    const other = fairComparison(input);
    assert.equal(other.verdict, 'inconclusive');
    assert.match(other.reasons[0]!, /0 rows are new/);
  });

  it('guards older rows and slices, and judges small slices not at all', () => {
    const next = random(6);
    const kind: TableColumn = { name: 'kind', type: 'text', values: range(0, 950).map((row) => (row < 60 || row > 900 ? 'rare' : row % 3 === 0 ? 'east' : 'west')) };
    const draw: Scene['draw'] = (row) => {
      const [a, b] = [normal(next), normal(next)];
      return [10, 10 + a, 10 + (row % 3 === 0 ? 1.6 * b : 0.3 * b)];
    };
    const input = scene({ old: 0, fresh: 900, draw, extra: () => [kind] }, { slices: ['kind'], margin: 0.2 });
    const found = fairComparison(input);
    assert.equal(found.verdict, 'keep');
    assert.match(found.reasons.join(' '), /worse on `kind = east`/);
    const east = found.slices.find(({ name }) => name === 'kind = east')!;
    const west = found.slices.find(({ name }) => name === 'kind = west')!;
    assert.deepEqual([east.holds, west.holds], [false, true]);
    assert.ok(west.confidence > 0.95);
    assert.equal(fairComparison({ ...input, margin: 5 }).verdict, 'promote');
    const small = fairComparison(scene({ old: 20, fresh: 300, time: true, draw: noisy(1, 1, 0.5) }));
    assert.deepEqual([small.old?.holds, small.verdict], [null, 'promote']);
    const older = fairComparison(scene({ old: 200, fresh: 300, time: true, draw: (row) => [10, 10 + normal(next) * (row < 250 ? 0.3 : 1), 10 + normal(next) * (row < 250 ? 1 : 0.5)] }));
    assert.equal(older.verdict, 'keep');
    assert.match(older.reasons[0]!, /older rows/);
    assert.throws(() => fairComparison({ ...input, slices: ['nothing'] }), /no column `nothing`/);
  });

  it('takes what is newer and not worse with the policy `refresh`', () => {
    const next = random(8);
    const draw: Scene['draw'] = () => {
      const both = normal(next);
      return [10, 10 + both, 10 + both + 0.01 * normal(next)];
    };
    assert.equal(fairComparison(scene({ old: 0, fresh: 400, draw }, { policy: 'refresh' })).verdict, 'promote');
    assert.notEqual(fairComparison(scene({ old: 0, fresh: 400, draw })).verdict, 'promote');
    assert.equal(fairComparison(scene({ old: 0, fresh: 400, draw: noisy(9, 0.7, 1) }, { policy: 'refresh' })).verdict, 'keep');
  });

  it('leaves out rows without a target or a date, and does not decide by a model that gives no number', () => {
    const holes = fairComparison(scene({ old: 0, fresh: 300, time: true, draw: (row) => (row % 3 === 0 ? [Number.NaN, 1, 1] : [row, row + 1, row]) }));
    assert.equal(holes.rows.offered, 233);
    assert.equal(holes.verdict, 'promote');
    const silent = fairComparison(scene({ old: 0, fresh: 300, task: 'classification', draw: (row) => [row % 2, row === 200 ? Number.NaN : 0.5, row % 2] }));
    assert.equal(silent.verdict, 'inconclusive');
    assert.match(silent.reasons[0]!, /champion gave no number for 1 of 300 rows/);
  });

  it('gives a class that only one of them knows no probability by the other', () => {
    const next = random(12);
    const input = scene({ old: 0, fresh: 300, draw: () => [Math.floor(next() * 3), 0, 0] });
    const target: TableColumn = { name: 'y', type: 'text', values: Array.from(input.table.columns[2]!.values as Float64Array, (value) => ['a', 'b', 'c'][value]!) };
    const table = { ...input.table, columns: input.table.columns.map((column) => (column.name === 'y' ? target : column)) };
    const knows = (classes: string[]): LoadedModel => ({
      ...model('a'),
      file: { task: 'classification', signature: { inputs: [], output: { name: 'y', task: 'classification', classes } } } as unknown as ModelFile,
      scoreTable: (some) => {
        const own = some.columns.find(({ name }) => name === 'y')!.values as string[];
        return Float64Array.from(own.flatMap((text) => classes.map((name) => (classes.includes(text) ? (name === text ? 0.9 : 0.1 / (classes.length - 1)) : 1 / classes.length))));
      },
    });
    const found = fairComparison({ ...input, table, champion: knows(['a', 'b']), challenger: knows(['a', 'b', 'c']) });
    assert.deepEqual([found.metric, found.verdict], ['log_loss', 'promote'], found.reasons.join(' '));
    assert.deepEqual([found.newest?.positives, found.points], [null, []]);
    const back = fairComparison({ ...input, table, champion: knows(['a', 'b', 'c']), challenger: knows(['b', 'a']) });
    assert.equal(back.verdict, 'keep', back.reasons.join(' '));
  });

  it('mirrors the gain when the sides are swapped', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.boolean(), fc.boolean(), (seed, time, isClass) => {
        const task = isClass ? ('classification' as const) : ('regression' as const);
        const next = random(seed);
        const draw: Scene['draw'] = isClass ? () => [next() < 0.4 ? 1 : 0, next(), next()] : noisy(seed, 1, 0.9);
        const input = scene({ old: 0, fresh: 120, task, time, draw });
        const there = fairComparison(input);
        const back = fairComparison({ ...input, champion: input.challenger, challenger: input.champion });
        const close = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-12, `${a} and ${b}`);
        close(there.newest!.gain!.value, -back.newest!.gain!.value);
        close(there.newest!.gain!.low, -back.newest!.gain!.high);
        close(there.newest!.gain!.high, -back.newest!.gain!.low);
        assert.equal(there.newest!.champion, back.newest!.challenger);
      }),
      { numRuns: 12 },
    );
  });

  describe('promotes at most 5 % of 200 pairs of equal models', function () {
    this.timeout(60_000);
    const share = (draw: (seed: number) => Scene): number => {
      const promoted = range(0, 200).filter((pair) => fairComparison(scene(draw(pair + 1))).verdict === 'promote').length;
      console.log(`        ${promoted} of 200`);
      return promoted / 200;
    };

    it('on independent rows', () => {
      assert.ok(share((seed) => ({ old: 0, fresh: 300, draw: noisy(seed, 1, 1) })) <= 0.05);
    });
    it('by ROC AUC on two classes', () => {
      assert.ok(
        share((seed) => {
          const next = random(seed);
          return { old: 0, fresh: 250, task: 'classification', draw: () => {
            const yes = next() < 0.3;
            const guess = (): number => 1 / (1 + Math.exp(-((yes ? 0.8 : -0.8) + 1.2 * normal(next))));
            return [yes ? 1 : 0, guess(), guess()];
          } };
        }) <= 0.05,
      );
    });
    it('on days whose errors resemble their neighbours’', () => {
      assert.ok(
        share((seed) => {
          const next = random(seed);
          let [a, b] = [0, 0];
          return { old: 0, fresh: 300, time: true, draw: () => {
            a = 0.6 * a + 0.8 * normal(next);
            b = 0.6 * b + 0.8 * normal(next);
            return [10, 10 + a, 10 + b];
          } };
        }) <= 0.05,
      );
    });
  });
});
