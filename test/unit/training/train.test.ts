import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TrainRequest } from '../../../src/contracts/training.ts';
import { readTable } from '../../../src/core/data/api.ts';
import { compileModel } from '../../../src/core/serving/api.ts';
import { train, type TrainingHost, type TrainingOutcome } from '../../../src/core/training/api.ts';
import { random } from '../../../src/core/training/random.ts';

const loans = path.resolve(import.meta.dirname, '../../../examples/loans/loans.csv');

describe('training', function () {
  this.timeout(60_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'train-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const host = (change: Partial<TrainingHost> = {}): TrainingHost => ({ signal: new AbortController().signal, param: () => undefined, metric: () => undefined, tag: () => undefined, progress: () => undefined, log: () => undefined, holdoutLooks: 0, ...change });
  const request = (file: string, target: string, change: Partial<TrainRequest> = {}): TrainRequest => ({ file, target, exclude: [], trainers: ['linear'], folds: 3, seed: 0, ...change });
  async function table(name: string, rows: number, line: (row: number, next: () => number) => string, header: string): Promise<string> {
    const next = random(5);
    const file = path.join(folder, name);
    await writeFile(file, `${header}\n${Array.from({ length: rows }, (_, row) => line(row, next)).join('\n')}\n`);
    return file;
  }
  /** Two classes that x separates but for noise, a text that says a little, and missing values. */
  const classes = (name: string, rows: number): Promise<string> =>
    table(
      name,
      rows,
      (row, next) => {
        const x = next() * 4 - 2;
        const yes = x + (next() - 0.5) * 3 > 0;
        return `${row},${next() < 0.1 ? '' : x.toFixed(4)},${yes === next() > 0.3 ? 'red' : 'blue'},${yes ? 'yes' : 'no'}`;
      },
      'row_id,x,colour,y',
    );

  it('gives the same model to the byte for the same seed', async () => {
    const file = await classes('same.csv', 1500);
    const once = await train(request(file, 'y', { trainers: ['linear', 'mlp'] }), host());
    const again = await train(request(file, 'y', { trainers: ['linear', 'mlp'] }), host());
    assert.equal(JSON.stringify(again.model), JSON.stringify(once.model));
    assert.deepEqual({ ...again.report, seconds: 0 }, { ...once.report, seconds: 0 });
  });

  it('lets a linear model settle on few rows', async () => {
    const file = await table('few.csv', 150, (row, next) => `${(row % 3) + (next() - 0.5) * 0.9},${next()},${['low', 'middle', 'high'][row % 3]}`, 'x,noise,y');
    const { report } = await train(request(file, 'y'), host());
    assert.ok(report.metrics['accuracy']!.value >= 0.97, JSON.stringify(report.metrics));
  });

  it('puts a constant that ranks nothing beside a model of few rows', async () => {
    const file = await table('rare.csv', 200, (row) => `${((row * 7919) % 211) / 7},${row % 20 === 0 ? 'ill' : 'well'}`, 'x,y');
    const { report } = await train(request(file, 'y'), host());
    assert.equal(report.evaluation, 'nested');
    assert.equal(report.baselines[0]?.metrics['roc_auc'], 0.5);
  });

  it('learns what is there, leaves the row’s number out, and is well calibrated', async () => {
    const { report, model } = await train(request(await classes('learn.csv', 4000), 'y'), host());
    assert.ok(report.metrics['roc_auc']!.value > 0.8, JSON.stringify(report.metrics));
    assert.deepEqual(report.excluded.map(({ column }) => column), ['row_id']);
    assert.deepEqual(report.inputs, ['x', 'colour']);
    assert.equal(report.evaluation, 'set_aside');
    assert.equal(model.signature.inputs[0]?.optional, true);
    const all = await readTable(path.join(folder, 'learn.csv'));
    const scores = compileModel(model).scoreTable(all);
    const meanYes = scores.filter((_, index) => index % 2 === 1).reduce((sum, value) => sum + value, 0) / all.rows;
    assert.ok(Math.abs(meanYes - 0.5) < 0.05, String(meanYes));
  });

  it('claims nothing where there is nothing to learn', async () => {
    const file = await table('noise.csv', 3000, (_row, next) => `${next().toFixed(3)},${next() < 0.5 ? 'a' : 'b'},${next() < 0.5 ? 'yes' : 'no'}`, 'x,c,y');
    const { report } = await train(request(file, 'y', { trainers: ['linear', 'mlp'] }), host());
    const { low, high } = report.metrics['roc_auc']!;
    assert.ok(low < 0.55 && high > 0.45, JSON.stringify(report.metrics['roc_auc']));
    assert.ok(!report.verdicts.some(({ kind }) => kind === 'good'), JSON.stringify(report.verdicts));
  });

  it('measures few rows by nested cross-validation', async () => {
    const { report } = await train(request(await classes('few.csv', 300), 'y'), host());
    assert.equal(report.evaluation, 'nested');
    assert.equal(report.rows.evaluated, 300);
    assert.match(report.verdicts.map(({ text }) => text).join(), /nested cross-validation/);
  });

  it('learns numbers and several classes', async () => {
    const file = await table('many.csv', 2000, (_row, next) => {
      const [a, b] = [next(), next()];
      return `${a.toFixed(4)},${b.toFixed(4)},${(10 + 5 * a - 3 * b + (next() - 0.5)).toFixed(4)},${a > 0.66 ? 'high' : b > 0.5 ? 'middle' : 'low'}`;
    }, 'a,b,n,c');
    const numbers = await train(request(file, 'n', { exclude: ['c'] }), host());
    assert.ok(numbers.report.metrics['r2']!.value > 0.95, JSON.stringify(numbers.report.metrics));
    const several = await train(request(file, 'c', { exclude: ['n'], trainers: ['mlp'] }), host());
    assert.ok(several.report.metrics['accuracy']!.value > 0.9, JSON.stringify(several.report.metrics));
    assert.deepEqual(several.report.classes, ['high', 'low', 'middle']);
  });

  it('puts the naive forecasts beside a model of time', async () => {
    const day = 86_400_000;
    const file = await table('days.csv', 1200, (row, next) => `${new Date(Date.UTC(2020, 0, 1) + row * day).toISOString().slice(0, 10)},${(10 + 5 * Math.sin((2 * Math.PI * row) / 7) + next()).toFixed(3)},${next().toFixed(3)}`, 'day,y,x');
    const { report } = await train(request(file, 'y', { split: 'time', time: 'day', horizon: 3 }), host());
    assert.deepEqual(report.baselines.map(({ name }) => name), ['mean', 'best_single_column', 'last_value', 'seasonal_naive_7']);
    assert.ok(report.metrics['mae']!.value < 0.6, JSON.stringify(report.metrics));
    assert.match(report.split.sentence, /the newest by `day`/);
  });

  it('says how often the rows set aside were looked at', async () => {
    const { report } = await train(request(await classes('looks.csv', 1500), 'y'), host({ holdoutLooks: 4 }));
    assert.equal(report.holdout_looks, 5);
    assert.match(report.verdicts.map(({ text }) => text).join(), /looked at 5 times/);
  });

  it('ends soon after it is cancelled', async () => {
    const stop = new AbortController();
    const running = train(request(loans, 'Class'), host({ signal: stop.signal, metric: () => stop.abort(new Error('enough')) }));
    await assert.rejects(running, /enough/);
  });

  describe('refuses, in words that name the field,', () => {
    const refused = async (file: string, target: string, message: RegExp, field: string, change: Partial<TrainRequest> = {}): Promise<void> => {
      const failure = await train(request(file, target, change), host()).then(
        (outcome: TrainingOutcome) => assert.fail(`trained ${outcome.report.target}`),
        (error: Error & { place?: { field?: string; file?: string } }) => error,
      );
      assert.equal(failure.name, 'UserError', failure.stack ?? failure.message);
      assert.match(failure.message, message);
      assert.equal(failure.place?.field, field);
    };
    it('a target that is not there', () => refused(loans, 'class', /has no column `class`. Did you mean `Class`\?/, 'target'));
    it('a constant target', async () => refused(await table('constant.csv', 100, (row) => `${row},same`, 'x,y'), 'y', /same value in every row/, 'target'));
    it('a target without values', async () => refused(await table('without.csv', 100, (row) => `${row},`, 'x,y'), 'y', /no values/, 'target'));
    it('a header without rows', async () => refused(await table('header.csv', 0, () => '', 'x,y'), 'y', /no rows/, 'file'));
    it('too few rows', async () => refused(await table('small.csv', 20, (row) => `${row},${row % 2 === 0 ? 'a' : 'b'}`, 'x,y'), 'y', /At least 50/, 'file'));
    it('a class that is too rare', async () => refused(await table('rare.csv', 500, (row) => `${row},${row < 3 ? 'a' : 'b'}`, 'x,y'), 'y', /class `a` .* has 3 rows/, 'target'));
    it('too many classes', async () => refused(await table('ids.csv', 500, (row) => `${row % 7},text ${row}`, 'x,y'), 'y', /more than 100 different/, 'target'));
    it('dates', async () => refused(await table('dates.csv', 200, (row) => `${row % 7},${new Date(Date.UTC(2024, 0, 1 + row)).toISOString().slice(0, 10)}`, 'x,y'), 'y', /holds dates/, 'target'));
    it('regression on a text', () => refused(loans, 'Class', /Regression predicts a number/, 'task', { task: 'regression' }));
    it('a metric of another task', () => refused(loans, 'Class', /MAE does not measure classification/, 'metric', { metric: 'mae' }));
    it('a positive class that is none', () => refused(loans, 'Class', /`worse` is not a value/, 'positive', { positive: 'worse' }));
    it('a time that holds no dates', () => refused(loans, 'Class', /holds no dates/, 'time', { split: 'time', time: 'term' }));
    it('an unknown column to leave out', () => refused(loans, 'Class', /no column `nothing`/, 'exclude', { exclude: ['nothing'] }));
    it('nothing left to learn from', async () => refused(await table('nothing.csv', 100, (row) => `same,${row % 2}`, 'x,y'), 'y', /No column is left/, 'exclude'));
    it('a table of one column', async () => refused(await table('single.csv', 100, (row) => String(row % 2), 'y'), 'y', /no other column than `y`/, 'exclude'));
    it('row weights', () => refused(loans, 'Class', /not supported/, 'weight', { weight: 'annual_inc' }));
  });
});
