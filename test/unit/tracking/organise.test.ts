// Putting runs in order: the archive, the baseline, lists in parts, and what a person's filter finds.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { findRuns, isComparison } from '../../../src/core/tracking/api.ts';
import { openStores, type Stores } from './support.ts';

describe('organising runs', () => {
  let folder: string;
  let stores: Stores;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'organise-'));
    stores = openStores(path.join(folder, 'ml.db'));
    const add = (run_id: string, created: number, experiment: string, params: Record<string, string>, tags: Record<string, string>): void =>
      stores.runs.create({ run_id, name: `run ${run_id}`, experiment, kind: 'script', created, source: `${experiment}.py`, git: null, command: null, params, tags });
    add('a', 1, 'trees', { depth: '3' }, { team: 'Blue' });
    add('b', 2, 'trees', { depth: '7' }, { team: 'red' });
    add('c', 3, 'nets', { layers: '3' }, { 'mlflow.note.content': 'the blue one, 100 %' });
    add('d', 3, 'nets', {}, {});
    stores.runs.metrics.append('a', [{ key: 'accuracy', step: 0, timestamp: 1, value: 0.9 }], true);
  });
  afterEach(async () => {
    stores.database.close();
    await rm(folder, { recursive: true, force: true });
  });
  const found = (text: string, rest = {}): string => findRuns(stores.database, { text, ...rest }).join('');

  it('gives the list in parts, each run once, also where several began at once', () => {
    const seen: string[] = [];
    let next: string | null = null;
    do {
      const page = stores.runs.page(1, next);
      seen.push(...page.runs.map((run) => run.run_id));
      next = page.next;
    } while (next !== null);
    assert.deepEqual(seen, stores.runs.list().map((run) => run.run_id));
    assert.equal(seen.join(''), 'dcba');
  });

  it('gives so much of a wide run in a list, and always what views are drawn by', () => {
    const wide = (name: string): Record<string, string> => Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`${name}${String(index).padStart(2, '0')}`, 'x']));
    stores.runs.create({ run_id: 'wide', name: 'wide', experiment: 'wide', kind: 'script', created: 9, source: 'w.py', git: null, command: null, params: wide('p'), tags: { ...wide('a'), headline: 'zeta', 'mlflow.parentRunId': 'a' } });
    stores.runs.metrics.append('wide', ['alpha', 'beta', 'gamma', 'eta', 'zeta'].map((key, index) => ({ key, step: 0, timestamp: 1, value: key === 'alpha' ? Infinity : index })), true);
    const { experiments } = stores;
    experiments.setTag(experiments.byName('wide')?.experiment_id ?? '', 'ml_lifecycle.key_metric', 'gamma');
    const [run] = stores.runs.page(1, null, false, 2).runs;
    assert.deepEqual(Object.keys(run?.params ?? {}), ['p00', 'p01']);
    assert.deepEqual(Object.keys(run?.tags ?? {}).sort(), ['a00', 'a01', 'headline', 'mlflow.parentRunId']);
    assert.deepEqual(run?.metrics, { alpha: null, beta: 1, gamma: 2, zeta: 4 });
    assert.deepEqual(stores.runs.page(1, null).runs, [stores.runs.get('wide')]);
    const [grouped] = stores.runs.page(1, null, false, 2, { params: ['p29', 'none'], tags: ['a29'] }).runs;
    assert.deepEqual([grouped?.params['p29'], grouped?.tags['a29'], Object.keys(grouped?.params ?? {}).length], ['x', 'x', 3]);
    stores.runs.metrics.append('wide', [{ key: 'rmse', step: 0, timestamp: 1, value: 5 }], true);
    assert.equal(stores.runs.page(1, null, false, 2).runs[0]?.metrics['rmse'], 5);
  });

  it('keeps archived runs out of the list and the filter, and gives them back', () => {
    stores.runs.edit('b', { archived: true });
    assert.equal(stores.runs.page(9, null).runs.map((run) => run.run_id).join(''), 'dca');
    assert.equal(stores.runs.page(9, null, true).runs.map((run) => run.run_id).join(''), 'b');
    assert.equal(found('trees'), 'a');
    assert.equal(found('trees', { archived: true }), 'b');
    stores.runs.edit('b', { archived: false });
    assert.equal(found('trees'), 'ba');
  });

  it('finds words in names, experiments, parameters, tags and notes', () => {
    assert.equal(found('blue'), 'ca');
    assert.equal(found('blue depth'), 'a');
    assert.equal(found('NETS layers'), 'c');
    assert.equal(found('100 %'), 'c');
    assert.equal(found('nobody'), '');
    assert.equal(found(''), 'dcba');
    assert.equal(found('blue', { experiment: 'nets' }), 'c');
  });

  it('reads a comparison as the search language, and says what is wrong with it', () => {
    assert.equal(found(`params.depth = '7'`), 'b');
    assert.equal(found('metrics.accuracy > 0.5', { experiment: 'trees' }), 'a');
    assert.throws(() => found('metrics.accuracy >'), /filter/i);
    assert.throws(() => found('x', { experiment: 'none' }), /none/);
  });

  it('knows a comparison from words', () => {
    for (const text of ['metrics.a > 1', `tags.x LIKE '%y%'`, `params.a in ('b')`, 'params.a IS NOT NULL', 'accuracy = ']) {
      assert.ok(isComparison(text), text);
    }
    for (const text of ['trees', 'looks like a tree', 'what is it', 'train.py 0.1', 'in order']) {
      assert.ok(!isComparison(text), text);
    }
  });

  it('writes and clears a note, which is the tag that tracking clients know', () => {
    stores.runs.edit('a', { note: 'good', tags: { team: null, rank: '1' } });
    assert.deepEqual(stores.runs.get('a').tags, { 'mlflow.note.content': 'good', rank: '1' });
    stores.runs.edit('a', { note: '' });
    assert.deepEqual(stores.runs.get('a').tags, { rank: '1' });
  });

  it('edits an experiment as a whole: name, archive, tags', () => {
    const { experiments, runs } = stores;
    const id = experiments.byName('trees')?.experiment_id ?? '';
    experiments.edit(id, { name: 'woods', tags: { 'ml_lifecycle.key_metric': 'accuracy', none: null } });
    assert.deepEqual(experiments.get(id).tags, { 'ml_lifecycle.key_metric': 'accuracy' });
    assert.equal(runs.get('a').experiment, 'woods');
    experiments.edit(id, { archived: true });
    experiments.edit(id, { archived: true });
    assert.equal(runs.list().map((run) => run.run_id).join(''), 'dc');
    experiments.edit(id, { archived: false, tags: { 'ml_lifecycle.key_metric': null } });
    assert.deepEqual(experiments.get(id).tags, {});
    assert.throws(() => experiments.edit(id, { name: 'nets' }), /exists/);
    assert.equal(experiments.get(id).name, 'woods');
  });
});
