import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { figure, headline, headlineKey } from '../../../src/editor/experiments/figures.ts';
import { readTail } from '../../../src/editor/experiments/outputTail.ts';
import type { RunSummary } from '../../../src/contracts/runs.ts';
import { lastAndBest, ofScript } from '../../../src/editor/experiments/scriptFigures.ts';
import { missingPackage } from '../../../src/editor/experiments/pythonPackages.ts';

describe('the tail of an output file', () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'tail-'));
    file = path.join(folder, 'output.log');
  });
  after(() => rm(folder, { recursive: true }));

  it('is empty where there is no file', async () => {
    assert.deepEqual(await readTail(path.join(folder, 'none'), 10), { text: '', start: 0, end: 0 });
  });

  it('starts at a line when something is cut off', async () => {
    await writeFile(file, 'first\nsecond\nthird\n');
    assert.deepEqual(await readTail(file, 10), { text: 'third\n', start: 13, end: 19 });
  });

  it('leaves a character that is still being written', async () => {
    await writeFile(file, Buffer.concat([Buffer.from('a'), Buffer.from('😀').subarray(0, 2)]));
    assert.deepEqual(await readTail(file, 10), { text: 'a', start: 0, end: 1 });
  });

  it('never cuts a character, wherever the file ends and the tail begins', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\n') }), fc.nat(40), fc.integer({ min: 1, max: 20 }), async (text, end, length) => {
        const bytes = Buffer.from(text).subarray(0, end);
        await writeFile(file, bytes);
        const tail = await readTail(file, length);
        assert.equal(tail.text.includes('\uFFFD'), false);
        assert.deepEqual(Buffer.from(tail.text), bytes.subarray(tail.start, tail.end));
        assert.ok(bytes.length - tail.end < 4, 'only the rest of one character may be left');
      }),
      { numRuns: 300 },
    );
  });
});

describe('figures in views', () => {
  it('begin with what tells how good a model is, as libraries name it', () => {
    const first = (...names: string[]): string | null => headlineKey({ metrics: Object.fromEntries(names.map((name) => [name, 1])), tags: {} });
    assert.equal(first('mean_fit_time', 'mean_score_time', 'mean_test_score', 'rank_test_score'), 'mean_test_score');
    assert.equal(first('best_iteration', 'stopped_iteration', 'train-multi_error', 'valid-multi_error'), 'valid-multi_error');
    assert.equal(first('epoch', 'train_loss', 'val_loss'), 'val_loss');
    assert.equal(first('epoch', 'train_loss'), 'train_loss');
    assert.equal(first('epoch'), 'epoch');
    assert.equal(first('system/cpu_percent'), null);
    assert.equal(first('a', 'val_loss', 'accuracy'), 'accuracy');
  });

  it('names the metric that the run says comes first', () => {
    assert.equal(headline({ metrics: { accuracy: 0.94, average_precision: 0.1234 }, tags: { headline: 'accuracy' } }), '0.940 accuracy');
  });
  it('else prefers what cannot flatter', () => {
    assert.equal(headline({ metrics: { accuracy: 0.94, roc_auc: 0.73649, average_precision: 0.1234 }, tags: {} }), '0.123 average precision');
  });
  it('takes a script’s own metric, and never a curve', () => {
    assert.equal(headline({ metrics: { 'train_loss/mlp/fold_1': 0.2, score: 12.5 }, tags: {} }), '12.5 score');
  });
  it('says nothing where there is nothing', () => {
    assert.equal(headline({ metrics: { accuracy: null }, tags: {} }), '');
  });
  it('keeps sensible precision', () => {
    assert.deepEqual([0.7368421, 0, 1.640123, -0.5].map(figure), ['0.737', '0', '1.64', '-0.500']);
  });
});

describe('the last run of a script, and its best', () => {
  const ran = (run_id: string, created: number, metrics: Record<string, number | null>, source = 'code/train.py'): RunSummary => ({ run_id, name: run_id, experiment: 'train.py', kind: 'script', status: 'finished', created, started: created, ended: created, source, params: {}, metrics, tags: {}, error: null, archived: false, progress: null });
  it('are those of its own file, whichever way is better', () => {
    const runs = ofScript([ran('a', 1, { accuracy: 0.9 }), ran('b', 2, { accuracy: 0.7 }), ran('other', 3, { accuracy: 1 }, 'train.py')], '/p', '/p/code/train.py');
    assert.deepEqual(runs.map((run) => run.run_id), ['b', 'a']);
    assert.deepEqual(lastAndBest(runs), { metric: 'accuracy', last: { run_id: 'b', value: 0.7 }, best: { run_id: 'a', value: 0.9 } });
    assert.equal(lastAndBest([ran('b', 2, { loss: 0.1 }), ran('a', 1, { loss: 0.5 })])?.best, null);
    assert.equal(lastAndBest([ran('b', 2, { loss: 0.5 }), ran('a', 1, { loss: 0.1 })])?.best?.run_id, 'a');
  });
  it('are not there before a run has a figure, and never what it cost the machine', () => {
    assert.equal(lastAndBest([]), null);
    assert.equal(lastAndBest([ran('a', 1, { 'system/cpu_percent': 90, loss: null })]), null);
    assert.equal(lastAndBest([ran('b', 2, {}), ran('a', 1, { loss: 1 })])?.last.run_id, 'a');
  });
});

describe('missing Python packages', () => {
  it('are named as PyPI names them', () => {
    assert.equal(missingPackage("ModuleNotFoundError: No module named 'sklearn.linear_model' (train.py, line 3)"), 'scikit-learn');
    assert.equal(missingPackage("ModuleNotFoundError: No module named 'pandas'"), 'pandas');
    assert.equal(missingPackage('ValueError: no module'), null);
  });
});
