import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { Bootstrap } from '../../../src/core/training/bootstrap.ts';
import { evaluator, measure, type Scored } from '../../../src/core/training/metrics.ts';

interface Case {
  task: 'classification' | 'regression';
  classes: number;
  positive: number;
  truth: number[];
  weights: number[] | null;
  scores: number[];
  metrics: Record<string, number>;
}

const cases = JSON.parse(readFileSync(path.join(import.meta.dirname, 'fixtures', 'metrics.json'), 'utf8')) as Case[];

function scoredOf({ task, classes, positive, truth, scores }: Case): Scored {
  return { task, classes, positive, truth: task === 'regression' ? Float64Array.from(truth) : Int32Array.from(truth), scores: Float64Array.from(scores) };
}

describe('metrics', () => {
  cases.forEach((each, index) => {
    it(`are those of scikit-learn (case ${index}: ${each.task}, ${each.classes} classes${each.weights ? ', weighted' : ''})`, () => {
      const values = evaluator(scoredOf(each))(Float64Array.from(each.weights ?? each.truth.map(() => 1)));
      for (const [name, expected] of Object.entries(each.metrics)) {
        assert.ok(Math.abs((values[name] ?? Number.NaN) - expected) < 1e-9 * Math.max(1, Math.abs(expected)), `${name}: ${values[name]} instead of ${expected}`);
      }
    });
  });

  it('weigh a row as often as it is copied', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 10 }), fc.integer({ min: 1, max: 3 })), { minLength: 4, maxLength: 30 }), (rows) => {
        const scored = (list: typeof rows): Scored => ({ task: 'classification', classes: 2, positive: 1, truth: Int32Array.from(list, ([own]) => (own ? 1 : 0)), scores: Float64Array.from(list.flatMap(([, score]) => [1 - score / 11, score / 11])) });
        const weighted = evaluator(scored(rows))(Float64Array.from(rows, ([, , times]) => times));
        const copied = measure(scored(rows.flatMap((row) => Array.from({ length: row[2] }, () => row))));
        for (const name of Object.keys(copied)) {
          const [a, b] = [weighted[name]!, copied[name]!];
          assert.ok((Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) < 1e-9, `${name}: ${a} and ${b}`);
        }
      }),
    );
  });

  it('are not defined where there is one class only', () => {
    const values = measure({ task: 'classification', classes: 2, positive: 1, truth: Int32Array.of(0, 0), scores: Float64Array.of(0.5, 0.5, 0.5, 0.5) });
    assert.ok(Number.isNaN(values['roc_auc']));
    assert.ok(Number.isNaN(values['average_precision']));
  });
});

describe('the bootstrap', () => {
  const each = cases[4]!;
  const units = each.truth.map((_, row) => Int32Array.of(row));

  it('gives an interval around the value, the same for the same seed', () => {
    const first = new Bootstrap([scoredOf(each)], units, 1).estimate(0, 'roc_auc');
    assert.ok(first !== null && first.low < first.value && first.value < first.high);
    assert.deepEqual(new Bootstrap([scoredOf(each)], units, 1).estimate(0, 'roc_auc'), first);
  });

  it('sees no difference between a predictor and itself', () => {
    assert.deepEqual(new Bootstrap([scoredOf(each), scoredOf(each)], units, 1).difference(0, 1, 'log_loss'), [0, 0]);
  });

  it('covers the truth about as often as it claims', () => {
    // 200 samples of a coin; the 95 % interval of its mean must cover 0.5 in most of them.
    let covered = 0;
    for (let sample = 0; sample < 100; sample += 1) {
      const truth = Float64Array.from({ length: 100 }, (_, row) => (Math.sin((sample * 100 + row + 1) * 12.9898) * 43758.5453) % 1 > 0 ? 1 : 0);
      const scored: Scored = { task: 'regression', classes: 1, positive: 0, truth, scores: new Float64Array(100) };
      const estimate = new Bootstrap([scored], Array.from({ length: 100 }, (_, row) => Int32Array.of(row)), sample).estimate(0, 'mae');
      covered += estimate !== null && estimate.low <= 0.5 && 0.5 <= estimate.high ? 1 : 0;
    }
    assert.ok(covered >= 85, `${covered} of 100`);
  });
});
