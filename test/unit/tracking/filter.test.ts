import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseFilter, parseOrdering, Refusal } from '../../../src/core/tracking/api.ts';
import type { Clause, Operator } from '../../../src/core/tracking/filter.ts';

function clause(prefix: string | null, key: string, operator: Operator, value: Clause['value']): Clause {
  return { name: { prefix, key }, operator, value };
}

const readable: [string, Clause[]][] = [
  ['', []],
  ['   ', []],
  ['metrics.rmse < 1', [clause('metrics', 'rmse', '<', 1)]],
  ['metrics.rmse<=-1.5e3', [clause('metrics', 'rmse', '<=', -1500)]],
  ["params.model = 'tree' AND metric.acc>.9", [clause('params', 'model', '=', 'tree'), clause('metric', 'acc', '>', 0.9)]],
  ["params.model == \"tree\" and tags.`a b` <> 'c'", [clause('params', 'model', '=', 'tree'), clause('tags', 'a b', '!=', 'c')]],
  ['tags."mlflow.parentRunId" = \'x\'', [clause('tags', 'mlflow.parentRunId', '=', 'x')]],
  ["tags.mlflow.source.name LIKE '%train%'", [clause('tags', 'mlflow.source.name', 'LIKE', '%train%')]],
  ["`params`.lr = '1' AND params.'a b' = '2'", [clause('params', 'lr', '=', '1'), clause('params', 'a b', '=', '2')]],
  ["name ilike 'A_%'", [clause(null, 'name', 'ILIKE', 'A_%')]],
  ["`run name` = 'x'", [clause(null, 'run name', '=', 'x')]],
  ["attributes.run_id IN ('a', 'b')", [clause('attributes', 'run_id', 'IN', ['a', 'b'])]],
  ["run_id not in ('a')", [clause(null, 'run_id', 'NOT IN', ['a'])]],
  ['params.depth IS NULL and tags.x is not null', [clause('params', 'depth', 'IS NULL', null), clause('tags', 'x', 'IS NOT NULL', null)]],
  ["tags.note = 'it''s \\'so\\''", [clause('tags', 'note', '=', "it's 'so'")]],
  ["tags.note = 'a AND b = (c)'", [clause('tags', 'note', '=', 'a AND b = (c)')]],
  ['metrics.val/acc >= 1 AND metrics.top-5 > 0', [clause('metrics', 'val/acc', '>=', 1), clause('metrics', 'top-5', '>', 0)]],
];

const unreadable = ['metrics.a', 'metrics.a >', "= 'x'", 'metrics.a > 1 OR metrics.b > 2', 'metrics.a > 1 AND', 'metrics.a > 1 metrics.b > 2', "name = 'open", "name IN 'a'", "name IN ()", "name IN ('a',)", 'metrics.a > one', 'params. = 1', 'metrics.a IS 5', "(name = 'a')", "name NOT LIKE 'a'", "'metrics'.a > 1", 'name = `x`', 'a > 1; DROP TABLE runs'];

describe('the search language', () => {
  for (const [text, expected] of readable) {
    it(`reads ${text.trim() || 'nothing'}`, () => assert.deepEqual(parseFilter(text), expected));
  }

  for (const text of unreadable) {
    it(`refuses ${text}`, () => assert.throws(() => parseFilter(text), Refusal));
  }

  it('says where it stopped reading', () => {
    assert.throws(() => parseFilter("params.a = 'b' OR params.c = 'd'"), /"OR params\.c = 'd'" at position 16/);
  });

  it('reads orders', () => {
    assert.deepEqual(parseOrdering('metrics.acc DESC'), { name: { prefix: 'metrics', key: 'acc' }, ascending: false });
    assert.deepEqual(parseOrdering('start_time'), { name: { prefix: null, key: 'start_time' }, ascending: true });
    assert.deepEqual(parseOrdering('tags.`a b` asc'), { name: { prefix: 'tags', key: 'a b' }, ascending: true });
    for (const text of ['', 'metrics.a DESC, b', 'metrics.a down']) {
      assert.throws(() => parseOrdering(text), Refusal);
    }
  });

  it('reads back whatever was written in it', () => {
    const plain = { noNullPrototype: true } as const;
    const key = fc.string({ minLength: 1 }).filter((text) => !text.includes('`') && !text.endsWith('\\'));
    const text = fc.string().filter((value) => !value.includes('\\'));
    const name = fc.record({ prefix: fc.constantFrom('metrics', 'params', 'tags', null), key }, plain);
    const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;
    const any: fc.Arbitrary<Clause> = fc.oneof(
      fc.record({ name, operator: fc.constantFrom<Operator>('=', '!=', '<', '<=', '>', '>='), value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0) }, plain),
      fc.record({ name, operator: fc.constantFrom<Operator>('=', '!=', 'LIKE', 'ILIKE'), value: text }, plain),
      fc.record({ name, operator: fc.constantFrom<Operator>('IN', 'NOT IN'), value: fc.array(text, { minLength: 1, maxLength: 4 }) }, plain),
      fc.record({ name, operator: fc.constantFrom<Operator>('IS NULL', 'IS NOT NULL'), value: fc.constant(null) }, plain),
    );
    const written = ({ name: { prefix, key: own }, operator, value }: Clause): string => {
      const shown = value === null ? '' : Array.isArray(value) ? `(${value.map(quoted).join(', ')})` : typeof value === 'string' ? quoted(value) : String(value);
      return `${prefix === null ? '' : `${prefix}.`}\`${own}\` ${operator} ${shown}`;
    };
    fc.assert(fc.property(fc.array(any, { minLength: 1, maxLength: 5 }), (clauses) => assert.deepEqual(parseFilter(clauses.map(written).join(' AND ')), clauses)));
  });

  it('refuses in words whatever else it is given', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom('metrics.a', '>', "'x'", 'AND', 'IN', '(', ')', ',', '`', 'IS', 'NULL', 'NOT', '1e5'));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        try {
          parseFilter(pieces.join(' '));
        } catch (error) {
          assert.ok(error instanceof Refusal && error.code === 'INVALID_PARAMETER_VALUE', String(error));
        }
      }),
    );
  });
});
