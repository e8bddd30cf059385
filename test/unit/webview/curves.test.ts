// What the run panel makes of the points that it is sent.
import assert from 'node:assert/strict';
import type { CurvePoints, Curves, MetricFigures } from '../../../src/contracts/curves.ts';
import { chartsOf, grouped, matching } from '../../../webview-ui/run/charts.ts';
import { axisScale, elapsed, valueScale } from '../../../webview-ui/run/scale.ts';
import { drawnOf, nearest, noCurves, smoothed, withCurves } from '../../../webview-ui/run/series.ts';

const points = (steps: number[], values: CurvePoints['values'] = steps): CurvePoints => ({ steps, timestamps: steps.map((step) => step * 1000), values });
const figures = (count: number): MetricFigures => ({ count, last: { step: 0, timestamp: 0, value: 0 }, min: null, max: null });
const came = (key: string, whole: boolean, steps: number[], means: number[] | null = null): Curves => ({ curves: [{ key, whole, points: points(steps), means: means === null ? null : points(means) }], figures: { [key]: figures(steps.length) }, last: 1 });

describe('curves in the run panel', () => {
  it('are smoothed without a pull towards zero, over what is no number', () => {
    const { ys } = smoothed({ xs: [0, 1, 2, 3], ys: [10, 10, NaN, 20] }, 0.5);
    assert.deepEqual(ys.slice(0, 2), [10, 10]);
    assert.ok(Number.isNaN(ys[2]));
    // Weights 1/8, 1/4 and 1/2 of three values, out of 7/8.
    assert.ok(Math.abs((ys[3] ?? 0) - (10 / 8 + 10 / 4 + 20 / 2) / (7 / 8)) < 1e-12);
    assert.deepEqual(smoothed({ xs: [0, 1], ys: [3, 5] }, 0).ys, [3, 5]);
  });

  it('grow by what is new, and begin anew where the whole comes', () => {
    const first = withCurves(noCurves, came('loss', true, [1, 5], [3]), null);
    const grown = withCurves(first, came('loss', false, [6, 7]), null);
    assert.deepEqual([grown.series['loss']?.points.steps, grown.series['loss']?.means?.steps], [[1, 5, 6, 7], [3, 6, 7]]);
    const zoomed = withCurves(grown, came('loss', true, [4, 5]), { axis: 'step', from: 4, to: 9 });
    assert.deepEqual(zoomed.series['loss'], grown.series['loss']);
    const live = withCurves(zoomed, came('loss', false, [8]), null);
    assert.deepEqual([live.series['loss']?.points.steps.at(-1), live.zoomed?.series['loss']?.points.steps], [8, [4, 5, 8]]);
    assert.deepEqual(withCurves(live, came('loss', true, [1, 9]), null).series['loss']?.points.steps, [1, 9]);
  });

  it('lie in the order of their axis, with values that JSON cannot say', () => {
    assert.deepEqual(drawnOf({ steps: [2, 1, 3], timestamps: [1, 2, 3], values: ['NaN', 'Infinity', 5] }, 'step'), { xs: [1, 2, 3], ys: [Infinity, NaN, 5] });
    assert.deepEqual(drawnOf({ steps: [2, 1, 3], timestamps: [1, 2, 3], values: [7, 8, 9] }, 'wall'), { xs: [1, 2, 3], ys: [7, 8, 9] });
    assert.deepEqual([nearest([1, 4, 9], 6), nearest([1, 4, 9], 7), nearest([1, 4, 9], 100), nearest([], 1)], [1, 2, 2, -1]);
  });

  it('share charts and headings by their names', () => {
    const script = chartsOf({ 'train/loss': figures(9), 'train/accuracy': figures(9), lr: figures(9), test_accuracy: figures(1), 'system/memory_mb': figures(9) }, 'script', 'metrics');
    assert.deepEqual(grouped(script).map(([group, plans]) => [group, plans.map(({ title }) => title)]), [['', ['lr']], ['train', ['train/accuracy', 'train/loss']]]);
    assert.deepEqual(matching(script, 'LOSS tr').map(({ title }) => title), ['train/loss']);
    assert.deepEqual(chartsOf({ 'system/memory_mb': figures(9) }, 'script', 'machine').map(({ title }) => title), ['memory, MB']);
    const training = chartsOf({ 'train_loss/linear_l2_0.1/fold_1': figures(1), 'train_loss/linear_l2_0.1/fold_2': figures(1), roc_auc: figures(1) }, 'training', 'metrics');
    assert.deepEqual(training.map(({ title, lines }) => [title, lines.map(({ name }) => name)]), [['linear, L2 0.1: training loss', ['fold_1', 'fold_2']]]);
  });

  it('have axes that a person can read', () => {
    assert.deepEqual(valueScale([0, 1], [100, 0], false).ticks.map(({ label }) => label), ['0', '0.5', '1']);
    assert.deepEqual(valueScale([0.001, 1000], [100, 0], true).ticks.map(({ value }) => value), [0.01, 1, 100]);
    assert.equal(valueScale([5, 5], [100, 0], false).place(5), 50);
    assert.deepEqual(axisScale('relative', [1_000_000, 1_600_000], [0, 300], 1_000_000).ticks.map(({ label }) => label), ['0 s', '5 min', '10 min']);
    assert.deepEqual([elapsed(1500), elapsed(90_000), elapsed(9_000_000), elapsed(-1000)], ['1.5 s', '1 min 30 s', '2 h 30 min', '−1 s']);
    const scale = axisScale('step', [10, 20], [50, 150], 0);
    assert.deepEqual([scale.place(15), scale.at(100)], [100, 15]);
  });
});
