import assert from 'node:assert/strict';
import path from 'node:path';
import type { TrainForm } from '../../../src/contracts/panels/train.ts';
import type { TableSummary } from '../../../src/contracts/profile.ts';
import { summariseFile } from '../../../src/core/data/api.ts';
import { defaultForm, planTraining, requestFrom } from '../../../src/core/planning/api.ts';

const file = path.resolve(import.meta.dirname, '../../../examples/loans/loans.csv');

describe('the plan of a training', () => {
  let table: TableSummary;
  let form: TrainForm;
  before(async () => {
    table = await summariseFile(file);
    form = defaultForm(table, { path: 'loans.csv', target: 'Class' });
  });
  const problemsOf = (change: Partial<TrainForm>, summary = table): string[] => planTraining(file, summary, { ...form, ...change }).problems.map(({ field }) => field);

  it('says in words what will happen', () => {
    const { sentences, problems, task, positive, metric } = planTraining(file, table, form);
    assert.deepEqual(problems, []);
    assert.deepEqual([task, positive, metric], ['classification', 'bad', 'average_precision']);
    const text = sentences.join('\n');
    assert.match(text, /^Predict `Class` \(good, bad\) from 22 columns of 9,857 rows\./);
    assert.match(text, /About 1,971 rows are set aside by a stable hash/);
    assert.match(text, /Only 5\.2 % of rows are `bad`, so average precision is shown first/);
  });

  it('becomes a request that says the same', () => {
    const request = requestFrom(file, form, planTraining(file, table, form));
    assert.deepEqual([request.target, request.task, request.positive, request.metric, request.split], ['Class', 'classification', 'bad', 'average_precision', 'random']);
  });

  it('marks what must be mended beside its field', () => {
    assert.deepEqual(problemsOf({ target: '' }), ['target']);
    assert.deepEqual(problemsOf({ target: 'nothing' }), ['target']);
    assert.deepEqual(problemsOf({ task: 'regression' }), ['task']);
    assert.deepEqual(problemsOf({ metric: 'mae' }), ['metric']);
    assert.deepEqual(problemsOf({ positive: 'worse' }), ['positive']);
    assert.deepEqual(problemsOf({ split: 'time' }), ['time']);
    assert.deepEqual(problemsOf({ split: 'time', time: 'term' }), ['time']);
    assert.deepEqual(problemsOf({ split: 'group', group: 'term' }), ['group']);
    assert.deepEqual(problemsOf({ trainers: [] }), ['trainers']);
    assert.deepEqual(problemsOf({ folds: 1 }), ['folds']);
    assert.deepEqual(problemsOf({ seed: -1 }), ['seed']);
    assert.deepEqual(problemsOf({ save_as: 'a b' }), ['save_as']);
    assert.deepEqual(problemsOf({ exclude: table.columns.map(({ name }) => name).filter((name) => name !== 'Class') }), ['exclude']);
    assert.deepEqual(problemsOf({}, { ...table, rows: 0 }), ['file']);
  });

  it('takes few whole numbers for classes and others for numbers', () => {
    assert.equal(planTraining(file, table, { ...form, target: 'int_rate' }).task, 'regression');
    assert.equal(planTraining(file, table, { ...form, target: 'acc_now_delinq' }).task, 'classification');
  });

  it('guesses a target by a telling name only', () => {
    assert.equal(defaultForm(table).target, 'Class');
    assert.equal(defaultForm({ ...table, columns: table.columns.filter(({ name }) => name !== 'Class') }).target, '');
  });
});
