// Whole MLflow clients, with the libraries that log through them.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { environments, pythonOf } from '../../scripts/lib/python.mjs';
import { root, run } from '../../scripts/lib/run.mjs';
import type { Accepted } from '../../src/contracts/server.ts';
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

  for (const major of ['3', '2'] as const) {
    it(`loads a candidate that a person accepted, after its run is gone, with version ${major}`, async function () {
      const python = await pythonOf(`mlflow-${major}`).catch(() => this.skip());
      const { version } = JSON.parse(await run(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), 'models', 'accept', `iris${major}/1`, '--json'], { cwd: server.folder })) as Accepted;
      assert.deepEqual([version.format, version.flavors], ['mlflow', ['sklearn', 'python_function']]);
      const { body } = await server.ask('GET', `experiments/get-by-name?experiment_name=${encodeURIComponent(`models of ${major}`)}`);
      rmSync(path.join(server.folder, '.ml', 'artifacts', (body['experiment'] as { experiment_id: string }).experiment_id), { recursive: true });
      const told = await server.client(python, 'reloaded.py', [`iris${major}`]);
      assert.deepEqual(told, { accuracy: 0.97, flavours: ['python_function', 'sklearn'] });
    });
  }

  for (const major of ['3', '2'] as const) {
    it(`gives back tables, pictures, data sets, resumed runs, what processes log side by side and later, with version ${major}`, async function () {
      const python = await pythonOf(`mlflow-${major}`).catch(() => this.skip());
      const told = await server.client(python, 'everything.py');
      const images = (told['files'] as string[]).filter((file) => file.startsWith('images/'));
      assert.deepEqual(images.map((file) => path.extname(file)), ['.webp', '.png']);
      assert.deepEqual((told['files'] as string[]).filter((file) => !images.includes(file)), ['answers.json', 'black.png', 'folder/deep/er/x y.csv', 'notes.md', 'plots/line.png', 'settings.yaml']);
      assert.deepEqual(told['table'], ['a', 'b', 'c']);
      assert.deepEqual(told['inputs'], [['iris', 'local', 'training'], ['matrix', 'code', 'validation']]);
      assert.deepEqual(told['marks'], ['[{"path": "answers.json", "type": "table"}]', 'True']);
      assert.deepEqual([told['resumed'], told['after']], [['FINISHED', 1], 'FINISHED']);
      assert.deepEqual([told['processes'], told['shared']], [Array.from({ length: 8 }, () => 20), 160]);
      assert.deepEqual(told['asynchronous'], [500, 30, 'later', 'FINISHED']);
      assert.ok((told['machine'] as string[]).includes('system/cpu_utilization_percentage'), String(told['machine']));
      assert.deepEqual((told['registered'] as unknown[]).slice(1), ['READY', true]);
      assert.deepEqual(told['models'], major === '3' ? [['tree', true, 'READY']] : undefined);
      assert.deepEqual(told['stages'], [['Staging'], ['Production'], ['Archived']]);
      const [metrics, files, datasets] = told['evaluated'] as [string[], string[], string[][]];
      assert.deepEqual(metrics, ['accuracy_score', 'example_count', 'f1_score', 'log_loss', 'precision_score', 'recall_score', 'roc_auc', 'score']);
      assert.ok(['confusion_matrix.png', 'per_class_metrics.csv', 'roc_curve_plot.png'].every((file) => files.includes(file)), files.join());
      assert.deepEqual(datasets, [['dataset']]);
    });
  }

  it('leaves nothing beside the project', () => {
    assert.ok(!existsSync(path.join(server.folder, 'mlruns')) && readdirSync(path.join(server.folder, '.ml')).includes('artifacts'));
  });
});
