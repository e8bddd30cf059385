import assert from 'node:assert/strict';
import path from 'node:path';
import type { TrainForm } from '../../../src/contracts/panels/train.ts';
import type { TableSummary } from '../../../src/contracts/profile.ts';
import { summariseFile } from '../../../src/core/data/api.ts';
import { defaultForm, planTraining, requestFrom, trainingOf } from '../../../src/core/planning/api.ts';

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

  it('takes over what ml.yaml says about time', () => {
    const roles = { horizon: 14, observed: ['term'], lagged: ['int_rate'], known_ahead: ['annual_inc'] };
    const timed = defaultForm(table, { path: 'loans.csv', target: 'Class', ...roles });
    const plan = planTraining(file, table, timed);
    assert.deepEqual(plan.problems, []);
    assert.match(plan.sentences.join(' '), /`term` \(it is `observed`: 14 rows ahead it is not known yet\)/);
    assert.match(plan.sentences.join(' '), /wanted 14 rows ahead\. \d+ columns are taken as known by then, since ml\.yaml does not say/);
    const { horizon, observed, known } = requestFrom(file, timed, plan);
    assert.deepEqual({ horizon, observed, known }, { horizon: 14, observed: ['term'], known: ['annual_inc', 'int_rate'] });
    assert.deepEqual(problemsOf({ observed: ['nothing'] }), ['time']);
    assert.deepEqual(problemsOf({ observed: ['term'], known: ['term'] }), ['time']);
  });

  it('is the request of an entry in ml.yaml', () => {
    const dataset = { path: 'a/days.csv', target: 'y', time: 'day', horizon: 2, lagged: ['lag'], key: ['id'] };
    const project = { project: 'p', datasets: { d: dataset, e: { path: 'e.csv' } }, models: { m: { dataset: 'd', metric: 'mae' as const, exclude: ['x'] }, n: { dataset: 'e' } } };
    assert.deepEqual(trainingOf('/root', project, 'm', 90), { file: path.resolve('/root/a/days.csv'), dataset: 'd', target: 'y', metric: 'mae', split: 'time', time: 'day', key: ['id'], horizon: 2, known: ['lag'], aside_rows: 90, exclude: ['x'], trainers: ['linear', 'mlp'], folds: 5, seed: 0 });
    assert.throws(() => trainingOf('/root', project, 'o'), /no `o` under `models`\. It has m, n/);
    assert.throws(() => trainingOf('/root', project, 'n'), /does not say what `n` predicts/);
    assert.throws(() => trainingOf('/root', { ...project, datasets: { ...project.datasets, e: { path: 'e.csv', target: 'y' } } }, 'n', 90), /needs a date/);
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
