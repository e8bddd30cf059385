import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../../../src/core/store/api.ts';
import { migrations } from '../../../src/core/store/migrations.ts';
import { ExperimentStore, RunSearch, RunStore } from '../../../src/core/tracking/api.ts';

describe('a database of an earlier version', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'migration-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** As version `version` wrote it, with a run in each of these experiments. */
  function earlier(version: number, experiments: string[]): string {
    const file = path.join(folder, 'ml.db');
    const raw = new DatabaseSync(file);
    raw.exec('PRAGMA foreign_keys = ON');
    for (const step of migrations.slice(0, version)) {
      raw.exec(step);
    }
    raw.exec(`PRAGMA user_version = ${version}`);
    experiments.forEach((name, index) => {
      const id = index + 1;
      raw.exec(`
        INSERT INTO experiments VALUES (${id}, '${name}', ${1000 + id});
        INSERT INTO runs (run_id, experiment_id, name, kind, status, created, started, ended, source) VALUES ('r${id}', ${id}, 'run ${id}', 'training', 'finished', 5, 6, 7, 'a.csv');
        INSERT INTO params VALUES ('r${id}', 'target', 'y');
        INSERT INTO tags VALUES ('r${id}', 'note', 'a note'), ('r${id}', 'headline', 'auc');
        INSERT INTO metrics (run_id, key, step, timestamp, value) VALUES ('r${id}', 'auc', 0, 10, 0.5), ('r${id}', 'loss', 0, 10, NULL), ('r${id}', 'auc', 1, 11, 0.75), ('r${id}', 'auc', 1, 11, 0.75);
        INSERT INTO latest_metrics VALUES ('r${id}', 'auc', 1, 11, 0.75), ('r${id}', 'loss', 0, 10, NULL);
        INSERT INTO artifacts VALUES ('r${id}', 'model/model.json', 3);
        INSERT INTO jobs (job_id, kind, title, spec, status, run_id, created) VALUES ('r${id}', 'train', 't', '{}', 'finished', 'r${id}', 5);`);
    });
    raw.close();
    return file;
  }

  for (const version of [1, 2]) {
    it(`keeps everything of version ${version}, and a copy of it as it was`, async () => {
      const database = openDatabase(earlier(version, ['loans', 'Default']));
      const runs = new RunStore(database);
      assert.equal(runs.list().length, 2);
      const run = runs.get('r1');
      assert.deepEqual([run.experiment, run.params, run.metrics, run.tags], ['loans', { target: 'y' }, { auc: 0.75, loss: null }, { 'mlflow.note.content': 'a note', headline: 'auc' }]);
      // The one exact duplicate is gone; the order of storing stays.
      assert.deepEqual(runs.history('r1').points.map(({ key, step, value }) => [key, step, value]), [['auc', 0, 0.5], ['loss', 0, null], ['auc', 1, 0.75]]);
      assert.equal(runs.facts('r1').artifacts.length, 1);
      assert.equal(database.all('SELECT * FROM jobs').length, 2);
      assert.deepEqual(new ExperimentStore(database).search({ filter: '', order_by: ['name'], view: 'all', max: 10, token: '' }).experiments.map(({ experiment_id, name, artifact_location }) => [experiment_id, name, artifact_location]), [['0', 'Default', 'mlflow-artifacts:/0'], ['1', 'loans', 'mlflow-artifacts:/1']]);
      assert.deepEqual(new RunSearch(database).records(['r2']).map(({ experiment_id, artifact_uri, commit }) => [experiment_id, artifact_uri, commit]), [['0', 'mlflow-artifacts:/jobs/r2/artifacts', null]]);
      assert.deepEqual(database.all('PRAGMA foreign_key_check'), []);
      const { last } = runs.history('r1');
      runs.addMetric('r1', { key: 'auc', step: 2, timestamp: 12, value: 1 });
      assert.deepEqual(runs.history('r1', last).points.map(({ step }) => step), [2]);
      runs.delete('r1');
      assert.equal(database.get('SELECT count(*) AS n FROM points')?.['n'], 3);
      database.close();
      assert.equal((await readdir(folder)).filter((file) => file.startsWith('ml.db.before-')).length, 1);
    });
  }

  it('keeps what a retraining proposed', () => {
    const file = earlier(2, []);
    const raw = new DatabaseSync(file);
    raw.exec(`INSERT INTO candidates VALUES ('U', 'churn', 5, '{}')`);
    raw.close();
    const database = openDatabase(file);
    assert.deepEqual(database.all('SELECT ulid, model FROM retraining_candidates').map((row) => ({ ...row })), [{ ulid: 'U', model: 'churn' }]);
    database.close();
  });

  it('has the experiment 0 from the start', () => {
    const database = openDatabase(path.join(folder, 'new.db'));
    const { name, lifecycle } = new ExperimentStore(database).get('0');
    assert.deepEqual([name, lifecycle], ['Default', 'active']);
    database.close();
  });
});
