import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { Refusal } from '../../../src/core/tracking/api.ts';
import { clientRun, openStores, query, type Stores } from './support.ts';

describe('searching runs', () => {
  let folder: string;
  let stores: Stores;
  const names = new Map<string, string>();
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'search-'));
    stores = openStores(path.join(folder, 'ml.db'));
    const add = (name: string, started: number, metrics: Record<string, number>, params: [string, string][], tags: [string, string][]): string => {
      const run_id = stores.tracked.create(clientRun({ name, started, tags }));
      stores.tracked.log(run_id, { metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, step: 0, timestamp: 1 })), params, tags: [] });
      names.set(run_id, name);
      return run_id;
    };
    const a = add('a', 100, { acc: 0.9, loss: NaN }, [['model', 'tree']], [['team', 'Blue']]);
    add('b', 200, { acc: 0.8, loss: Infinity }, [['model', 'linear'], ['depth', '3']], [['team', 'blue%']]);
    add('c', 300, { acc: 0.95, loss: -Infinity }, [['model', 'tree'], ['long', 'x'.repeat(5000)]], []);
    const d = add('d', 400, {}, [], [['team', 'red']]);
    stores.tracked.update(a, { status: 'finished', ended: 150 });
    stores.tracked.addInputs(d, [{ name: 'iris', digest: 'abc', source_type: 'local', source: '{}', schema: null, profile: null, tags: { 'mlflow.data.context': 'training' } }], []);
  });
  after(async () => {
    stores.database.close();
    await rm(folder, { recursive: true, force: true });
  });
  const found = (filter: string, order_by: string[] = ['run_name']): string => stores.search.ids(query({ filter, order_by })).ids.map((id) => names.get(id)).join('');

  const cases: [string, string][] = [
    ['', 'abcd'],
    ['metrics.acc > 0.85', 'ac'],
    ['metrics.acc >= 0.9 AND metrics.acc < 0.95', 'a'],
    ['metrics.acc != 0.9', 'bc'],
    ['metrics.nope > 0', ''],
    // Not a number matches no comparison; infinities compare as numbers do.
    ['metrics.loss > 5', 'b'],
    ['metrics.loss < 5', 'c'],
    ["params.model = 'tree'", 'ac'],
    ["params.model != 'tree'", 'b'],
    ["parameters.model LIKE 'T%'", ''],
    ["params.model ILIKE 'T%'", 'ac'],
    ["params.model LIKE '_ree'", 'ac'],
    ['params.depth IS NULL', 'acd'],
    ['params.depth IS NOT NULL', 'b'],
    [`params.long = '${'x'.repeat(5000)}'`, 'c'],
    [`params.long = '${'x'.repeat(4999)}'`, ''],
    ["tags.team LIKE 'blue%'", 'b'],
    ["tag.team ILIKE 'BLUE%'", 'ab'],
    ["tags.team LIKE '[b]%'", ''],
    ["attributes.status = 'FINISHED'", 'a'],
    ["status IN ('FINISHED', 'RUNNING')", 'abcd'],
    ["status NOT IN ('FINISHED')", 'bcd'],
    ["run_name IN ('a', 'd')", 'ad'],
    ["attr.`run name` != 'a'", 'bcd'],
    ["tags.mlflow.runName = 'c'", 'c'],
    ['tags.mlflow.runName IS NULL', ''],
    ['start_time > 150 AND created <= 300', 'bc'],
    ['end_time > 0', 'a'],
    ["user_id = 'ada'", 'abcd'],
    ["datasets.name = 'iris' AND dataset.context = 'training'", 'd'],
    ["dataset.digest IN ('abc')", 'd'],
  ];
  for (const [filter, expected] of cases) {
    it(`finds ${expected || 'none'} by ${filter.slice(0, 60) || 'no filter'}`, () => assert.equal(found(filter), expected));
  }

  it('sorts, with what is missing last and what is not a number before it', () => {
    assert.equal(found('', ['metrics.acc DESC']), 'cabd');
    assert.equal(found('', ['metrics.loss']), 'cbad');
    assert.equal(found('', ['metrics.loss DESC']), 'bcad');
    assert.equal(found('', ['params.model', 'metrics.acc']), 'bacd');
    assert.equal(found('', []), 'dcba');
    assert.equal(found('', ['end_time DESC']), 'adcb');
  });

  it('gives pages that make up the whole, and a token only where more is left', () => {
    const first = stores.search.ids(query({ max: 3, order_by: ['run_name'] }));
    const second = stores.search.ids(query({ max: 3, order_by: ['run_name'], token: first.next }));
    assert.deepEqual([...first.ids, ...second.ids].map((id) => names.get(id)), ['a', 'b', 'c', 'd']);
    assert.equal(second.next, '');
    for (const token of ['rubbish', 'W10', Buffer.from('[-1]').toString('base64url'), Buffer.from('["x"]').toString('base64url')]) {
      assert.throws(() => stores.search.ids(query({ token })), /Invalid page token/);
    }
  });

  for (const filter of ["metrics.acc = 'x'", "metrics.acc LIKE 'x'", 'params.model = 1', "attributes.nope = 'x'", "colour.x = 'x'", 'tags.team IN (1)', "dataset.size = 'x'", "status > 'A'"]) {
    it(`refuses ${filter}`, () => assert.throws(() => found(filter), Refusal));
  }

  it('gives our own views the same runs', () => {
    const { runs, next } = stores.runs.search(query({ filter: 'metrics.acc > 0.85', order_by: ['metrics.acc DESC'], max: 1 }));
    assert.deepEqual(runs.map((run) => [run.name, run.kind, run.metrics['acc']]), [['c', 'external', 0.95]]);
    assert.notEqual(next, '');
  });

  it('agrees with a plain loop over the values', () => {
    const { experiments, tracked, search } = stores;
    const value = fc.constantFrom(-1, 0, 0.5, 1, NaN, Infinity, -Infinity, undefined);
    let round = 0;
    fc.assert(
      fc.property(fc.array(fc.record({ x: value, p: fc.constantFrom('a', 'b', undefined) }), { maxLength: 8 }), fc.constantFrom('=', '!=', '<', '<=', '>', '>='), fc.constantFrom(-1, 0, 0.5), fc.boolean(), (rows, operator, limit, withParam) => {
        round += 1;
        const experiment_id = experiments.create(`round ${round}`, '', {});
        const ids = rows.map(({ x, p }) => {
          const id = tracked.create(clientRun({ experiment_id }));
          tracked.log(id, { metrics: x === undefined ? [] : [{ key: 'x', value: x, step: 0, timestamp: 1 }], params: p === undefined ? [] : [['p', p]], tags: [] });
          return id;
        });
        const holds = (x: number | undefined): boolean => x !== undefined && !Number.isNaN(x) && { '=': x === limit, '!=': x !== limit, '<': x < limit, '<=': x <= limit, '>': x > limit, '>=': x >= limit }[operator]!;
        const expected = ids.filter((_, index) => holds(rows[index]?.x) && (!withParam || rows[index]?.p === 'a'));
        const got = search.ids(query({ experiment_ids: [experiment_id], filter: `metrics.x ${operator} ${limit}${withParam ? " AND params.p = 'a'" : ''}` })).ids;
        assert.deepEqual(new Set(got), new Set(expected));
      }),
      { numRuns: 60 },
    );
  });
});
