import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FittedHeader } from '../../../src/contracts/training.ts';
import type { Table } from '../../../src/core/data/api.ts';
import { decodeFittedRows, encodeFittedRows, holds, rowHashes } from '../../../src/core/training/fittedRows.ts';

const hashes = fc.uniqueArray(fc.bigInt(0n, 2n ** 64n - 1n), { maxLength: 30 }).map((values) => BigUint64Array.from(values).sort());
const header = (fitted: number, aside: number, name = 'key'): FittedHeader => ({ format: 'ml-lifecycle-fitted/1', data: 'abc', identity: [{ name, type: 'number' }], time: null, fitted: { rows: fitted, hashes: fitted }, aside: { rows: aside, hashes: aside } });

describe('the record of fitted rows', function () {
  this.timeout(20_000);
  it('comes back as it was, whatever the hashes and the names of columns', () => {
    fc.assert(
      fc.property(hashes, hashes, fc.string({ unit: 'binary', minLength: 1 }).filter((name) => name.isWellFormed()), (fitted, aside, name) => {
        const record = { header: header(fitted.length, aside.length, name), fitted, aside };
        assert.deepEqual(decodeFittedRows(encodeFittedRows(record)), record);
      }),
    );
  });

  it('finds what it holds and nothing else', () => {
    fc.assert(
      fc.property(hashes, fc.bigInt(0n, 2n ** 64n - 1n), (sorted, other) => {
        assert.ok([...sorted].every((value) => holds(sorted, value)));
        assert.equal(holds(sorted, other), sorted.includes(other));
      }),
    );
  });

  it('refuses bytes that are cut, longer, or something else', () => {
    const bytes = encodeFittedRows({ header: header(2, 1), fitted: BigUint64Array.of(1n, 2n), aside: BigUint64Array.of(3n) });
    assert.throws(() => decodeFittedRows(bytes.subarray(0, bytes.length - 1)), /damaged/);
    assert.throws(() => decodeFittedRows(Uint8Array.from([...bytes, 0])), /damaged/);
    for (const other of [new Uint8Array(), new TextEncoder().encode('{}\n'), new TextEncoder().encode('no line'), Uint8Array.of(0xff, 0xfe, 0x0a)]) {
      assert.throws(() => decodeFittedRows(other), /damaged/);
    }
  });

  it('tells rows by their content, whatever their order and that of the columns', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double(), fc.option(fc.string())), { minLength: 1, maxLength: 20 }), (cells) => {
        const table = (rows: typeof cells, flip: boolean): Table => {
          const columns: Table['columns'] = [
            { name: 'a', type: 'number', values: Float64Array.from(rows, ([a]) => a) },
            { name: 'b', type: 'text', values: rows.map(([, b]) => b) },
          ];
          return { rows: rows.length, columns: flip ? columns.reverse() : columns, sha256: '', dropped: 0 };
        };
        assert.deepEqual([...rowHashes(table(cells, false), ['a', 'b'])], [...rowHashes(table([...cells].reverse(), true), ['b', 'a'])].reverse());
      }),
    );
  });
});
