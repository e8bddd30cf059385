import assert from 'node:assert/strict';
import type { RunSummary } from '../../../src/contracts/runs.ts';
import { compareRuns } from '../../../src/core/tracking/api.ts';

function run(run_id: string, change: Partial<RunSummary>): RunSummary {
  return { run_id, name: run_id, experiment: 'Default', kind: 'training', status: 'finished', created: 1, started: 1000, ended: 3500, source: 'loans.csv', params: {}, metrics: {}, tags: {}, error: null, archived: false, progress: null, ...change };
}

describe('comparing runs', () => {
  const a = run('a', { metrics: { roc_auc: 0.7, log_loss: 0.3, 'train_loss/linear/fold_1': 1 }, params: { target: 'Class', l2: '0.1' }, tags: { headline: 'roc_auc', data_sha256: 'x' } });
  const b = run('b', { metrics: { roc_auc: 0.8, log_loss: 0.4 }, params: { target: 'Class' }, tags: { data_sha256: 'y' } });

  it('puts every metric, parameter and attribute into a column, in the order of the runs', () => {
    const { columns } = compareRuns([a, b], ['0123456789', null]);
    const find = (key: string) => columns.find((column) => column.key === key);
    assert.deepEqual(find('roc_auc')?.values, [0.7, 0.8]);
    assert.deepEqual(find('l2')?.values, ['0.1', null]);
    assert.deepEqual(find('git commit')?.values, ['01234567', null]);
    assert.deepEqual(find('seconds')?.values, [2.5, 2.5]);
    assert.equal(columns[0]?.key, 'roc_auc');
    assert.equal(find('train_loss/linear/fold_1'), undefined);
  });

  it('knows what is best and what differs', () => {
    const { columns } = compareRuns([a, b], [null, null]);
    const find = (key: string) => columns.find((column) => column.key === key);
    assert.equal(find('roc_auc')?.best, 1);
    assert.equal(find('log_loss')?.best, 0);
    assert.equal(find('target')?.differs, false);
    assert.equal(find('l2')?.differs, true);
    assert.equal(find('target')?.best, null);
  });

  it('says what makes a comparison unfair', () => {
    assert.match(compareRuns([a, b], [null, null]).warnings.join(), /different data/);
    assert.match(compareRuns([a, run('c', { params: { target: 'int_rate' } })], [null, null]).warnings.join(), /different targets/);
    assert.deepEqual(compareRuns([a], [null]).warnings, []);
  });

  it('names no best among equals', () => {
    const { columns } = compareRuns([run('a', { metrics: { auc: 1 } }), run('b', { metrics: { auc: 1 } })], [null, null]);
    assert.equal(columns[0]?.best, null);
  });
});
