import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ModelFile, Row } from '../../../src/contracts/model.ts';
import type { Table } from '../../../src/core/data/api.ts';
import { compileModel, encodeWeights, predictionColumns } from '../../../src/core/serving/api.ts';

const model: ModelFile = {
  format: 'ml-lifecycle-model/1',
  task: 'classification',
  trainer: 'linear',
  signature: {
    inputs: [
      { name: 'age', type: 'number', optional: true, minimum: 0, maximum: 99, typical: 40 },
      { name: 'city', type: 'text', optional: false, categories: ['rome', 'paris'], typical: 'rome' },
      { name: 'member', type: 'boolean', optional: false, typical: true },
      { name: 'since', type: 'date', optional: false, typical: '2024-01-01' },
    ],
    output: { name: 'churn', task: 'classification', classes: ['no', 'yes'], positive: 'yes' },
  },
  recipe: {
    columns: [
      { kind: 'number', input: 'age', impute: 40, mean: 40, scale: 10, indicator: true },
      { kind: 'category', input: 'city', levels: ['rome', 'paris'], missing: false },
      { kind: 'number', input: 'member', impute: 1, mean: 0, scale: 1, indicator: false },
      { kind: 'date', input: 'since', origin: '2024-01-01T00:00:00.000Z', scale: 100 },
    ],
    width: 2 + 3 + 1 + 20,
  },
  layers: [{ inputs: 26, units: 1, activation: 'linear', kernel: encodeWeights(Float32Array.from({ length: 26 }, (_, index) => (index - 10) / 16)), bias: encodeWeights(Float32Array.of(0.25)) }],
  calibration: { slope: 2, intercept: -1 },
};
const loaded = compileModel(model);
const good = { age: 50, city: 'paris', member: true, since: '2024-01-03' } satisfies Row;

describe('predicting with a model', () => {
  it('computes the recipe, the layer and the calibration', () => {
    // age (1, not missing), paris is the second level, member 1, Wednesday, January, 2 of 100 days.
    const weight = (index: number): number => (index - 10) / 16;
    const logit = 0.25 + 1 * weight(0) + weight(3) + weight(5) + weight(6 + 2) + weight(13) + 0.02 * weight(25);
    const expected = 1 / (1 + Math.exp(-(2 * logit - 1)));
    const { predictions, probabilities } = loaded.predictRows([good]);
    assert.ok(Math.abs(probabilities![0]!['yes']! - expected) < 1e-6, `${probabilities![0]!['yes']} instead of ${expected}`);
    assert.deepEqual(predictions, [expected >= 0.5 ? 'yes' : 'no']);
  });

  it('gives the same for a row as for a table', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ age: fc.option(fc.double({ min: 0, max: 99, noNaN: true })), city: fc.constantFrom('rome', 'paris', 'oslo'), member: fc.boolean(), since: fc.integer({ min: 0, max: 900 }).map((days) => new Date(Date.UTC(2023, 0, 1) + days * 86_400_000).toISOString().slice(0, 10)) }), { minLength: 1 }), (rows) => {
        const table: Table = {
          rows: rows.length,
          sha256: '',
          dropped: 0,
          columns: [
            { name: 'extra', type: 'text', values: rows.map(() => 'ignored') },
            { name: 'age', type: 'number', values: Float64Array.from(rows, (row) => row.age ?? Number.NaN) },
            { name: 'city', type: 'text', values: rows.map((row) => row.city) },
            { name: 'member', type: 'boolean', values: Float64Array.from(rows, (row) => Number(row.member)) },
            { name: 'since', type: 'date', values: Float64Array.from(rows, (row) => Date.parse(row.since)) },
          ],
        };
        assert.deepEqual(loaded.predictTable(table), loaded.predictRows(rows));
        for (const each of loaded.predictTable(table).probabilities ?? []) {
          assert.ok(Math.abs(each['yes']! + each['no']! - 1) < 1e-12);
        }
      }),
    );
  });

  const wrong: [string, Row, RegExp, string][] = [
    ['a missing field', { city: 'rome', member: true }, /`since` is missing/, 'since'],
    ['an extra field', { ...good, colour: 'red' }, /`colour` is not a field of this model/, 'colour'],
    ['a field of another name', { city: 'rome', member: true, since: '2024-01-01', Age: 3 }, /did you mean `age`\?/, 'Age'],
    ['the target itself', { ...good, churn: 'no' }, /`churn` is what the model predicts/, 'churn'],
    ['a text for a number', { ...good, age: 'old' }, /`age` must be a number, got the text "old"/, 'age'],
    ['a number for a text', { ...good, city: 5 }, /`city` must be a text, got the number 5/, 'city'],
    ['no truth value', { ...good, member: 'yes' }, /`member` must be true or false/, 'member'],
    ['no date', { ...good, since: 'yesterday' }, /`since` must be a date/, 'since'],
    ['null where none was seen', { ...good, city: null }, /`city` must have a value/, 'city'],
  ];
  for (const [what, row, message, field] of wrong) {
    it(`refuses ${what}`, () => {
      assert.throws(() => loaded.predictRows([row]), (error: Error & { place?: { field?: string } }) => error.name === 'UserError' && message.test(error.message) && error.place?.field === field);
    });
  }

  it('says which row is wrong among several', () => {
    assert.throws(() => loaded.predictRows([good, { ...good, age: 'x' }]), /: `age` must be a number, got the text "x" \(in row 2\)/);
  });

  it('names a wrong field once, however many rows have it', () => {
    const rows = Array.from({ length: 500 }, (_, index) => ({ ...good, churn: 'no', ...(index % 2 === 1 ? { age: `x${index}` } : {}) }));
    assert.throws(() => loaded.predictRows(rows), { message: '`churn` is what the model predicts; leave it out (in all 500 rows); `age` must be a number, got the text "x1" (in row 2 and 249 more).' });
  });

  it('accepts an unknown category and an optional field left out', () => {
    assert.equal(loaded.predictRows([{ city: 'oslo', member: false, since: '2024-05-05' }]).predictions.length, 1);
  });

  it('names a column that a table lacks, and one that holds something else', () => {
    const table = (columns: Table['columns']): Table => ({ rows: 1, columns, sha256: '', dropped: 0 });
    assert.throws(() => loaded.predictTable(table([])), /no column `age`, `city`, `member`, `since`/);
    const rest: Table['columns'] = [{ name: 'city', type: 'text', values: ['rome'] }, { name: 'member', type: 'boolean', values: Float64Array.of(1) }, { name: 'since', type: 'date', values: Float64Array.of(0) }];
    assert.throws(() => loaded.predictTable(table([...rest, { name: 'age', type: 'text', values: ['old'] }])), /`age` must hold numbers, but row 1 has the text "old"/);
  });

  it('refuses a file whose parts do not fit', () => {
    assert.throws(() => compileModel({ ...model, recipe: { ...model.recipe, width: 3 } }), /damaged/);
    assert.throws(() => compileModel({ ...model, layers: [{ ...model.layers[0]!, kernel: encodeWeights(Float32Array.of(1)) }] }), /Weights hold/);
  });

  it('names the columns of a scored file', () => {
    assert.deepEqual(predictionColumns(loaded.predictRows([good])).map(({ name }) => name), ['prediction', 'probability_no', 'probability_yes']);
  });
});
