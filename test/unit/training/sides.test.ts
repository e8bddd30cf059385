import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Table } from '../../../src/core/data/api.ts';
import { hash, hashedSides, rowKeys, timedSides } from '../../../src/core/training/sides.ts';

const all = (count: number): Int32Array => Int32Array.from({ length: count }, (_, row) => row);
const keysOf = (count: number): string[] => Array.from({ length: count }, (_, row) => `row ${row}`);

describe('the sides of rows', () => {
  it('set about a fifth aside and spread the rest evenly over the folds', () => {
    const rows = all(20_000);
    const { aside, rest, folds, early } = hashedSides(rows, keysOf(20_000), { nested: false, grouped: false });
    assert.ok(Math.abs(aside.length / 20_000 - 0.2) < 0.01);
    for (const { training, validation } of folds(rest, 5)) {
      assert.ok(Math.abs(validation.length / rest.length - 0.2) < 0.01);
      assert.equal(training.length + validation.length, rest.length);
      const { fit, stop } = early(training);
      assert.ok(Math.abs(stop.length / training.length - 0.15) < 0.02);
      assert.equal(fit.length + stop.length, training.length);
    }
  });

  it('never change as data grow or are put in another order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 5, maxLength: 60 }), fc.nat(), (keys, seed) => {
        const before = hashedSides(all(keys.length), keys, { nested: false, grouped: false });
        const more = [...keys, 'a new row', 'and another'].map((key, index) => ({ key, order: (index * 7919 + seed) % 1009 })).sort((a, b) => a.order - b.order).map(({ key }) => key);
        const after = hashedSides(all(more.length), more, { nested: false, grouped: false });
        const aside = new Set(Array.from(after.aside, (row) => more[row]));
        for (const [row, key] of keys.entries()) {
          assert.equal(before.aside.includes(row), aside.has(key));
        }
        const foldOf = (sides: typeof before, names: string[]): Map<string, number> => new Map(sides.folds(sides.rest, 5).flatMap(({ validation }, fold) => Array.from(validation, (row) => [names[row]!, fold] as [string, number])));
        const later = foldOf(after, more);
        for (const [key, fold] of foldOf(before, keys)) {
          assert.equal(later.get(key), fold);
        }
      }),
    );
  });

  it('keep groups whole', () => {
    const keys = Array.from({ length: 3000 }, (_, row) => `group ${row % 100}`);
    const { aside, rest, folds, units } = hashedSides(all(3000), keys, { nested: false, grouped: true });
    const groups = (rows: Int32Array): Set<string> => new Set(Array.from(rows, (row) => keys[row]!));
    assert.equal([...groups(aside)].filter((group) => groups(rest).has(group)).length, 0);
    for (const { training, validation } of folds(rest, 5)) {
      assert.equal([...groups(training)].filter((group) => groups(validation).has(group)).length, 0);
    }
    assert.ok(units(aside).every((unit) => groups(unit).size === 1 && unit.length === 30));
  });

  it('tell 1, 1.0 and 1e0 as the same row, whatever the order of the columns', () => {
    const table = (columns: Table['columns']): Table => ({ rows: 1, columns, sha256: '', dropped: 0 });
    const a = { name: 'a', type: 'number' as const, values: Float64Array.of(1.0) };
    const b = { name: 'b', type: 'text' as const, values: ['x'] };
    assert.deepEqual(rowKeys(table([a, b]), ['a', 'b']), rowKeys(table([b, a]), ['b', 'a']));
    assert.notDeepEqual(rowKeys(table([a, b]), ['a', 'b']), rowKeys(table([{ ...a, values: Float64Array.of(2) }, b]), ['a', 'b']));
  });

  it('are cut by time with the newest aside, and never inside one moment', () => {
    const times = Float64Array.from({ length: 1000 }, (_, row) => Math.floor(((row * 37) % 1000) / 3));
    const { aside, rest, folds } = timedSides(all(1000), times);
    const newest = (rows: Int32Array): number => Math.max(...Array.from(rows, (row) => times[row]!));
    const oldest = (rows: Int32Array): number => Math.min(...Array.from(rows, (row) => times[row]!));
    assert.ok(newest(rest) < oldest(aside));
    assert.ok(Math.abs(aside.length - 200) <= 3);
    for (const { training, validation } of folds(rest, 5)) {
      assert.ok(validation.length > 0 && newest(training) < oldest(validation));
    }
  });

  it('come from two hashes that do not know each other', () => {
    let agree = 0;
    for (let index = 0; index < 4000; index += 1) {
      const [a, b] = hash(`key ${index}`);
      agree += a % 2 === b % 2 ? 1 : 0;
    }
    assert.ok(Math.abs(agree - 2000) < 150, String(agree));
  });
});
