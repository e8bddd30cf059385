import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UserError } from '../../../src/contracts/errors.ts';
import type { ModelInput, Row, Signature } from '../../../src/contracts/model.ts';
import { inferenceResponse, parseInferenceRequest, parseJsonBody, parseScoringRequest, rowsOfCsv, tensorsOf } from '../../../src/core/serving/api.ts';

const inputs: ModelInput[] = [
  { name: 'age', type: 'number', optional: true, typical: 40 },
  { name: 'city', type: 'text', optional: false, typical: 'rome' },
  { name: 'member', type: 'boolean', optional: false, typical: true },
  { name: 'since', type: 'date', optional: false, typical: '2024-01-01' },
];
const signature: Signature = { inputs, output: { name: 'churn', task: 'classification', classes: ['no', 'yes'], positive: 'yes' } };

/** What a parser does with anything: an answer, or words. @returns whether it took it. */
function holds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    assert.ok(error.message.length < 2000 && error.message.endsWith('.'), error.message);
    return false;
  }
}

const cell = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null), fc.jsonValue());
const anyKeys = fc.constantFrom('dataframe_split', 'dataframe_records', 'instances', 'inputs', 'params', 'columns', 'data', 'index', 'ids', 'name', 'shape', 'datatype', 'outputs', 'id', 'age', 'city', '__proto__', 'constructor');
const anything = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 6 }, cell, fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(anyKeys, tie('value'), { maxKeys: 5 })),
})).value;

describe('the protocols', () => {
  it('answer anything that JSON can say with rows or with words', () => {
    fc.assert(
      fc.property(anything, (body) => {
        holds(() => parseScoringRequest(body, inputs));
        holds(() => parseInferenceRequest(body, signature));
      }),
      { numRuns: 3000 },
    );
    fc.assert(fc.property(fc.string(), (text) => void holds(() => parseJsonBody(text))), { numRuns: 1000 });
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', ' ', '1') }), (text) => void holds(() => rowsOfCsv(text, inputs))), { numRuns: 2000 });
  });

  it('stay upright however deep a body is nested', () => {
    for (const depth of [10_000, 1_000_000]) {
      const deep = parseJsonBody('['.repeat(depth) + ']'.repeat(depth));
      assert.ok(!holds(() => parseScoringRequest(deep, inputs)));
      assert.ok(!holds(() => parseScoringRequest({ instances: deep }, inputs)));
      assert.ok(!holds(() => parseScoringRequest({ dataframe_records: [{ age: deep }] }, inputs)));
      assert.ok(!holds(() => parseInferenceRequest({ inputs: deep }, signature)));
      assert.ok(!holds(() => parseInferenceRequest({ inputs: [{ name: 'age', shape: [1], datatype: 'FP64', data: deep }] }, signature)));
    }
    assert.ok(!holds(() => rowsOfCsv(`a\n"${'""'.repeat(1_000_000)}`, inputs)));
  });

  const rows = fc.array(fc.record({ age: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)), city: fc.string(), member: fc.boolean(), since: fc.constant('2024-02-03') }, { noNullPrototype: true }), { minLength: 1, maxLength: 20 });

  it('read the same rows out of every form', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const columns = inputs.map(({ name }) => name);
        const lists = given.map((row) => Object.values(row));
        const byColumn = Object.fromEntries(columns.map((name) => [name, given.map((row) => (row as Row)[name])]));
        for (const body of [{ dataframe_records: given }, { dataframe_split: { columns, data: lists } }, { instances: given }, { instances: lists }, { inputs: byColumn }]) {
          assert.deepEqual(parseScoringRequest(body, inputs).rows, given);
        }
      }),
    );
  });

  it('read tensors of either shape, flat or nested, and give them back', () => {
    fc.assert(
      fc.property(rows, fc.boolean(), fc.boolean(), fc.string({ minLength: 1, unit: 'grapheme-ascii' }), (given, wide, nested, id) => {
        const tensors = tensorsOf(signature).inputs.map(({ name, datatype }) => {
          const values = given.map((row) => (row as Row)[name]);
          return { name, datatype, shape: wide ? [given.length, 1] : [given.length], data: wide && nested ? values.map((value) => [value]) : values };
        });
        const parsed = parseInferenceRequest(JSON.parse(JSON.stringify({ id, inputs: tensors })), signature);
        assert.deepEqual([parsed.id, parsed.rows], [id, JSON.parse(JSON.stringify(given))]);
        const probabilities = given.map((_, index) => ({ no: index / 100, yes: 1 - index / 100 }));
        const response = inferenceResponse({ name: 'm', version: '1' }, id, { predictions: given.map(() => 'no'), probabilities }, signature, parsed.outputs);
        assert.deepEqual(response.outputs.map(({ shape }) => shape), [[given.length], [given.length, 2]]);
        assert.equal(response.outputs[1]?.data.length, given.length * 2);
      }),
    );
  });

  it('read CSV as RFC 4180 has it, by the types of the model', () => {
    assert.deepEqual(rowsOfCsv('\uFEFFcity,age,member\r\n"a ""b"", c",1.5,TRUE\r\n\r\n,,0\n', inputs), [
      { city: 'a "b", c', age: 1.5, member: true },
      { city: null, age: null, member: false },
    ]);
    assert.deepEqual(rowsOfCsv('age,member\nold,yes', inputs), [{ age: 'old', member: 'yes' }]);
    assert.throws(() => rowsOfCsv('age,age\n1,2', inputs), /`age` stands twice/);
    assert.throws(() => rowsOfCsv(',age\n0,1', inputs), /Column 1 of the header has no name.*index=False/);
  });

  it('name what JSON does not have', () => {
    assert.throws(() => parseJsonBody('{"a": "NaN\\"", "b": NaN}'), /NaN stands at character 21/);
    assert.throws(() => parseJsonBody('[-Infinity]'), /-Infinity stands at character 2/);
    assert.throws(() => parseJsonBody(''), /it is empty/);
  });
});
