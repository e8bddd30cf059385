// Whole MLflow clients, with the libraries that log through them.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { environments, pythonOf } from '../../scripts/lib/python.mjs';
import { root, run } from '../../scripts/lib/run.mjs';
import type { RunSummary } from '../../src/contracts/runs.ts';
import type { Accepted } from '../../src/contracts/server.ts';
import { trackingVariables } from '../../src/core/jobs/api.ts';
import { token, TrackingServer } from '../package/trackingServer.ts';

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
    it(`makes runs of scripts from the command line and from terminals with version ${major}`, async function () {
      const python = await pythonOf(`mlflow-${major}`).catch(() => this.skip());
      const before = new Set((await server.runs()).map((each) => each.run_id));
      // A script that never calls MLflow, with the switch; one that does; the same from a terminal that is tracked.
      const switched = await server.job(python, 'plain.py', [], ['--autolog']);
      const logged = await server.job(python, 'autologged.py');
      await run(python, [path.join(root, 'test', 'clients', 'scripts', 'autologged.py')], { cwd: server.folder, env: { ...process.env, ...trackingVariables({ uri: server.uri, token }) } });
      const made = (await server.runs()).filter((each) => !before.has(each.run_id));
      const told = (run_id: string): RunSummary => made.find((each) => each.run_id === run_id) ?? assert.fail(`no run ${run_id}`);
      const fromTerminal = made.find((each) => each.kind === 'external') ?? assert.fail('no run from the terminal');
      assert.equal(made.length, 3);
      assert.deepEqual([told(switched.run_id).kind, told(switched.run_id).tags['autologging'], told(switched.run_id).status], ['script', 'on', 'finished']);
      assert.equal(told(switched.run_id).metrics['accuracy'], 0.9667);
      for (const each of [told(switched.run_id), told(logged.run_id), fromTerminal]) {
        assert.equal(each.params['C'], '0.5', each.name);
        assert.ok((each.metrics['training_accuracy_score'] ?? 0) > 0.9, JSON.stringify(each.metrics));
      }
      assert.deepEqual([told(logged.run_id), fromTerminal].map((each) => [each.status, each.metrics['checked']]), [['finished', 0.75], ['finished', 0.75]]);
    });
  }

  it('leaves nothing beside the project', () => {
    assert.ok(!existsSync(path.join(server.folder, 'mlruns')) && readdirSync(path.join(server.folder, '.ml')).includes('artifacts'));
  });
});
