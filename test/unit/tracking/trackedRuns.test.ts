import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { jobTag } from '../../../src/contracts/runs.ts';
import { Refusal, type LoggedPoint } from '../../../src/core/tracking/api.ts';
import { clientRun, openStores, startJob, type Stores } from './support.ts';

const nothing = { metrics: [], params: [], tags: [] };

function point(key: string, step: number, value: number, timestamp = 1000 + step): LoggedPoint {
  return { key, step, timestamp, value };
}

describe('what a tracking client logs', () => {
  let folder: string;
  let stores: Stores;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'tracked-'));
    stores = openStores(path.join(folder, 'ml.db'));
  });
  afterEach(async () => {
    stores.database.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is stored once, however often it is sent, and read back exactly', () => {
    const value = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, Number.MAX_VALUE, 5e-324));
    const any = fc.record({ key: fc.constantFrom('a', 'b'), step: fc.integer({ min: -5, max: 5 }), timestamp: fc.integer({ min: 0, max: 5 }), value });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), fc.array(fc.nat(29)), (points, repeated) => {
        const run_id = stores.tracked.create(clientRun());
        stores.tracked.log(run_id, { ...nothing, metrics: points });
        for (const index of repeated) {
          stores.tracked.log(run_id, { ...nothing, metrics: points.slice(index, index + 3) });
        }
        for (const key of ['a', 'b']) {
          const order = (each: LoggedPoint): string => `${each.timestamp} ${each.step} ${each.value === 0 ? 0 : each.value}`;
          const expected = new Set(points.filter((each) => each.key === key).map(order));
          const got = stores.runs.metrics.page(run_id, key, 1000, '').points;
          assert.deepEqual(new Set(got.map(order)), expected);
          assert.equal(got.length, expected.size);
          const latest = stores.search.records([run_id])[0]?.metrics.find((each) => each.key === key);
          const greatest = points
            .filter((each) => each.key === key)
            .sort((x, y) => x.step - y.step || x.timestamp - y.timestamp || (Number.isNaN(x.value) ? -1 : Number.isNaN(y.value) ? 1 : x.value < y.value ? -1 : 1))
            .at(-1);
          assert.equal(latest === undefined ? undefined : order(latest), greatest === undefined ? undefined : order(greatest));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('comes back in pages by time, step and value', () => {
    const run_id = stores.tracked.create(clientRun());
    const points = Array.from({ length: 25 }, (_, index) => point('m', (index * 7) % 25, index % 4 === 0 ? NaN : index, 1000 + (index % 3)));
    stores.tracked.log(run_id, { ...nothing, metrics: points });
    const all: LoggedPoint[] = [];
    for (let token = ''; ; ) {
      const page = stores.runs.metrics.page(run_id, 'm', 10, token);
      all.push(...page.points);
      token = page.next;
      if (token === '') {
        break;
      }
    }
    assert.equal(all.length, 25);
    assert.deepEqual(all, [...all].sort((a, b) => a.timestamp - b.timestamp || a.step - b.step));
    assert.throws(() => stores.runs.metrics.page(run_id, 'm', 10, 'x'), /Invalid page token/);
    const sample = stores.runs.metrics.sample(run_id, 'm', 5, null);
    assert.ok(sample.length <= 7 && sample[0]?.step === 0 && sample.at(-1)?.step === 24, JSON.stringify(sample));
    assert.deepEqual(stores.runs.metrics.sample(run_id, 'm', 5, [3, 4]).map(({ step }) => step), [3, 4]);
  });

  it('is whole or not there: a batch with a parameter that changes leaves nothing', () => {
    const run_id = stores.tracked.create(clientRun());
    stores.tracked.log(run_id, { ...nothing, params: [['lr', '1']] });
    assert.throws(() => stores.tracked.log(run_id, { metrics: [point('m', 0, 1)], params: [['new', 'x'], ['lr', '2']], tags: [['t', 'x']] }), /Changing param values is not allowed\. Param with key='lr' was already logged with value='1'/);
    stores.tracked.log(run_id, { ...nothing, params: [['lr', '1']] });
    const { params, metrics, tags } = stores.runs.get(run_id);
    assert.deepEqual([params, metrics, tags], [{ lr: '1' }, {}, {}]);
  });

  it('needs a run and an experiment that are there and not deleted', () => {
    const run_id = stores.tracked.create(clientRun());
    assert.throws(() => stores.tracked.log('nope', nothing), (error: unknown) => error instanceof Refusal && error.code === 'RESOURCE_DOES_NOT_EXIST' && error.message === 'Run with id=nope not found');
    assert.throws(() => stores.tracked.create(clientRun({ experiment_id: '99' })), /No Experiment with id=99 exists/);
    assert.throws(() => stores.tracked.create(clientRun({ experiment_id: '0; DROP' })), /Invalid experiment ID '0; DROP'/);
    stores.tracked.setLifecycle(run_id, 'deleted');
    assert.throws(() => stores.tracked.log(run_id, nothing), /must be in the 'active' state\. Current state is deleted\./);
    assert.equal(stores.runs.list().length, 0);
    stores.tracked.setLifecycle(run_id, 'active');
    stores.tracked.log(run_id, nothing);
    const experiment_id = stores.experiments.create('e', '', {});
    const inside = stores.tracked.create(clientRun({ experiment_id }));
    stores.experiments.delete(experiment_id);
    assert.equal(stores.search.records([inside])[0]?.lifecycle, 'deleted');
    assert.throws(() => stores.tracked.create(clientRun({ experiment_id })), /must be in the 'active' state/);
    assert.throws(() => stores.experiments.create('e', '', {}), /already exists.*deleted/);
    stores.experiments.restore(experiment_id);
    assert.equal(stores.search.records([inside])[0]?.lifecycle, 'active');
  });

  it('gives runs of one script names that tell them apart', () => {
    const { runs } = stores;
    const make = (name: string): string => {
      const free = runs.freeName(name);
      runs.create({ run_id: free, name: free, experiment: 'e', kind: 'script', created: 1, source: name, git: null, command: null, tags: {}, params: {} });
      return free;
    };
    assert.deepEqual([make('train.py'), make('train.py'), make('train.py #x'), make('train.py'), make('a.py')], ['train.py', 'train.py #2', 'train.py #x', 'train.py #3', 'a.py']);
    runs.delete('train.py #2');
    assert.equal(make('train.py'), 'train.py #4');
  });

  it('names a run once: by its name, or by the tag that is the name', () => {
    const made = stores.tracked.create(clientRun());
    assert.match(stores.runs.get(made).name, /^[a-z]+-[a-z]+-\d+$/);
    const tagged = stores.tracked.create(clientRun({ tags: [['mlflow.runName', 'mine']] }));
    assert.equal(stores.runs.get(tagged).name, 'mine');
    stores.tracked.log(tagged, { ...nothing, tags: [['mlflow.runName', 'renamed']] });
    assert.equal(stores.runs.get(tagged).name, 'renamed');
    assert.throws(() => stores.tracked.create(clientRun({ name: 'a', tags: [['mlflow.runName', 'b']] })), /different values/);
  });

  describe('in a script of a job', () => {
    it('goes into the job’s run, once; what follows is a run of its own', () => {
      startJob(stores, 'JOB');
      const experiment_id = stores.experiments.create('its own', '', {});
      const tags: [string, string][] = [[jobTag, 'JOB']];
      assert.equal(stores.tracked.create(clientRun({ experiment_id, name: 'mine', tags })), 'JOB');
      const { name, experiment, kind, user } = { ...stores.runs.get('JOB'), user: stores.search.records(['JOB'])[0]?.user };
      assert.deepEqual([name, experiment, kind, user], ['mine', 'its own', 'script', 'ada']);
      const second = stores.tracked.create(clientRun({ tags }));
      const child = stores.tracked.create(clientRun({ tags: [...tags, ['mlflow.parentRunId', 'JOB']] }));
      assert.equal(new Set(['JOB', second, child]).size, 3);
    });

    it('leaves the state to the job while that runs', () => {
      startJob(stores, 'JOB');
      stores.tracked.update('JOB', { status: 'finished', ended: 5 });
      assert.deepEqual([stores.runs.get('JOB').status, stores.runs.get('JOB').ended], ['running', null]);
      assert.throws(() => stores.tracked.setLifecycle('JOB', 'deleted'), /has not ended/);
      stores.jobs.setStatus('JOB', { status: 'failed', ended: 9 });
      stores.runs.setStatus('JOB', { status: 'failed', ended: 9 });
      stores.tracked.update('JOB', { status: 'finished', ended: 10 });
      assert.equal(stores.runs.get('JOB').status, 'finished');
    });

    it('takes the place of what was read from its output', () => {
      startJob(stores, 'JOB');
      const { runs, tracked } = stores;
      runs.setParam('JOB', 'lr', '1e-3');
      runs.addMetric('JOB', point('loss', 0, 0.5));
      runs.addMetric('JOB', point('printed', 0, 7));
      tracked.log('JOB', { metrics: [point('loss', 0, 0.5, 5), point('loss', 1, 0.25, 6)], params: [['lr', '0.001']], tags: [] });
      runs.addMetric('JOB', point('loss', 1, 0.25));
      runs.setParam('JOB', 'lr', '1e-3');
      assert.deepEqual(runs.history('JOB').points.map(({ key, step, timestamp }) => [key, step, timestamp]), [['printed', 0, 1000], ['loss', 0, 5], ['loss', 1, 6]]);
      assert.deepEqual(runs.get('JOB').params, { lr: '0.001' });
      assert.throws(() => tracked.log('JOB', { ...nothing, params: [['lr', '1']] }), /Changing param values/);
    });

    // MLflow 3 reads what its run has and says it again for the model that it autologged.
    it('takes the place of a parameter that the command line writes with a dash', () => {
      startJob(stores, 'job');
      stores.runs.setParam('job', 'batch-size', '32');
      stores.tracked.log('job', { ...nothing, params: [['batch_size', '64']] });
      assert.deepEqual(stores.runs.get('job').params, { batch_size: '64' });
    });

    it('leaves what was read from its output where it only says that again', () => {
      startJob(stores, 'JOB');
      const { runs, tracked } = stores;
      runs.addMetric('JOB', point('train/epoch_loss', 0, 0.5));
      runs.addMetric('JOB', point('train/epoch_loss', 1, 0.25));
      tracked.log('JOB', { ...nothing, metrics: [point('train/epoch_loss', 0, 0.5)] });
      runs.addMetric('JOB', point('train/epoch_loss', 2, 0.125));
      assert.deepEqual(runs.history('JOB').points.map(({ step, value }) => [step, value]), [[0, 0.5], [1, 0.25], [2, 0.125]]);
    });
  });

  it('belongs to a logged model too, where it names one', () => {
    const { models, tracked } = stores;
    const run_id = tracked.create(clientRun());
    const model = models.create({ experiment_id: '0', name: 'm', model_type: null, source_run_id: run_id, params: [['a', '1']], tags: [] });
    const other = models.create({ experiment_id: '0', name: 'n', model_type: null, source_run_id: run_id, params: [], tags: [['t', 'x']] });
    const on = (model_id: string, value: number, step: number, dataset_name?: string) => ({ ...point('acc', step, value), model_id, dataset_name, dataset_digest: dataset_name });
    tracked.log(run_id, { ...nothing, metrics: [on(model.model_id, 0.5, 2), on(model.model_id, 0.4, 1), on(model.model_id, 0.9, 0, 'test'), on(other.model_id, 0.7, 0), on('m-nope', 1, 0)] });
    assert.deepEqual(models.get(model.model_id).metrics.map(({ value, dataset_name }) => [value, dataset_name]), [[0.9, 'test'], [0.4, ''], [0.5, '']]);
    const search = (filter: string, more: object = {}): string[] => models.search({ experiment_ids: ['0'], filter, order_by: [{ field_name: 'metrics.acc', ascending: false }], datasets: [], max: 10, token: '', ...more }).models.map(({ name }) => name);
    assert.deepEqual(search(''), ['n', 'm']);
    assert.deepEqual(search('metrics.acc > 0.8'), ['m']);
    assert.deepEqual(search('metrics.acc > 0.8', { datasets: [{ dataset_name: 'other', dataset_digest: undefined }] }), []);
    assert.deepEqual(search('', { datasets: [{ dataset_name: 'test', dataset_digest: 'test' }] }), ['m']);
    assert.deepEqual(search('', { order_by: [{ field_name: 'metrics.acc', ascending: false, dataset_name: 'test' }] }), ['m', 'n']);
    assert.throws(() => search('', { order_by: [{ field_name: 'params.a', ascending: true }] }), /order_by/);
    models.addParams(model.model_id, [['a', '1'], ['b', '2']]);
    assert.throws(() => models.addParams(model.model_id, [['a', '2']]), /Changing param values is not allowed/);
    assert.deepEqual(search("params.a = '1' AND name = 'm' AND status = 'LOGGED_MODEL_PENDING'"), ['m']);
    assert.deepEqual(search(`tags.t = 'x' AND source_run_id = '${run_id}'`), ['n']);
    models.delete(other.model_id);
    models.delete(other.model_id);
    assert.throws(() => models.get(other.model_id), /not found/);
    assert.equal(models.get(other.model_id, true).name, 'n');
    assert.throws(() => models.create({ experiment_id: '0', name: 'a/b', model_type: null, source_run_id: null, params: [], tags: [] }), /Invalid model name/);
  });
});
