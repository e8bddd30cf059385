// Whole MLflow clients, with the libraries that log through them.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { environments, pythonOf } from '../../scripts/lib/python.mjs';
import { TrackingServer } from '../package/trackingServer.ts';

describe('MLflow with scikit-learn and LightGBM', function () {
  this.timeout(1_800_000);
  const server = new TrackingServer();
  before(() => server.start());
  after(() => server.dispose());

  for (const major of ['3', '2'] as const) {
    it(`logs, finds, registers and loads models with version ${major}`, async function () {
      let python: string;
      try {
        python = await pythonOf(`mlflow-${major}`);
      } catch (error) {
        this.runnable().title += ` (${error instanceof Error ? error.message : String(error)})`;
        return this.skip();
      }
      const told = await server.client(python, 'models.py');
      assert.equal(told['version'], environments[`mlflow-${major}`][0]?.split('==')[1]);
      assert.deepEqual(told['search'], {
        metrics: ['best_cv_score', 'training_accuracy_score'],
        children: 3,
        dataset: [['dataset', ['train']]],
        files: ['cv_results.csv', 'estimator.html', 'training_confusion_matrix.png'],
        // Version 3 notes the data set of each candidate's run too.
        by_dataset: major === '3' ? 4 : 1,
      });
      assert.deepEqual(told['loaded'], [true, true, true, true, true]);
      assert.deepEqual([told['staged'], told['copied']], [true, true]);
      assert.deepEqual(told['version_of'], [true, 'READY', ['champion']]);
      assert.deepEqual(told['table'], [true, 0.973]);
      if (major === '3') {
        assert.deepEqual(told['logged'], [['model', 'accuracy', 'READY']]);
        assert.deepEqual(told['outputs'], [true]);
        assert.equal(told['rounds'], 10);
      }
    });
  }

  it('leaves nothing beside the project', () => {
    assert.ok(!existsSync(path.join(server.folder, 'mlruns')) && readdirSync(path.join(server.folder, '.ml')).includes('artifacts'));
  });
});
