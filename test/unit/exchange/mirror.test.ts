import assert from 'node:assert/strict';
import { setImmediate as breathe } from 'node:timers/promises';
import type { RemoteState } from '../../../src/contracts/exchange.ts';
import { baselineTag } from '../../../src/contracts/runs.ts';
import { Mirror, MlflowClient } from '../../../src/core/exchange/api.ts';
import { makeProject, startRemote, type RemoteServer, type TestProject } from './support.ts';

/** No round comes by itself. */
const never = 1_000_000_000;

describe('a project that follows a remote server', () => {
  let project: TestProject;
  let remote: RemoteServer;
  let mirror: Mirror;
  let states: RemoteState[];
  let told: string[];
  const faults: unknown[] = [];
  beforeEach(async () => {
    project = makeProject();
    remote = await startRemote();
    [states, told, faults.length] = [[], [], 0];
    mirror = new Mirror({
      stores: project,
      connect: (uri, signal) => new MlflowClient(uri, { signal, pauses: [] }),
      isWatched: () => true,
      onRun: (run_id) => told.push(run_id),
      onExperiments: () => undefined,
      onModels: () => told.push('models'),
      onState: (state) => states.push(state),
      onFault: (error) => faults.push(error),
    });
  });
  afterEach(async () => {
    await mirror.close();
    await remote.stop();
    remote.close();
    project.close();
    assert.deepEqual(faults, []);
  });

  function thereRun(name = 'there', started = 1000): string {
    const id = remote.tracked.create({ experiment_id: remote.experiments.ensure('far'), name, user: 'eve', started, tags: [['k', 'v']] });
    remote.tracked.log(id, { metrics: [0, 1, 2].map((step) => ({ key: 'loss', value: 1 / (step + 1), step, timestamp: step })), params: [['lr', '1']], tags: [] });
    return id;
  }

  function localRun(): string {
    const run_id = project.tracked.create({ experiment_id: project.experiments.ensure('here'), name: 'mine', user: '', started: 5, tags: [] });
    project.tracked.log(run_id, { metrics: [{ key: 'loss', value: 3, step: 0, timestamp: 1 }], params: [['a', '1']], tags: [] });
    return run_id;
  }

  async function follow(): Promise<void> {
    mirror.follow(remote.uri, never);
    await mirror.synchronise();
  }

  it('has its runs with parameters, tags and last values at once, and the history when one is opened', async () => {
    const id = thereRun();
    await fetch(`${remote.uri}/api/2.0/mlflow-artifacts/artifacts/1/${id}/artifacts/a.txt`, { method: 'PUT', body: 'far' });
    remote.runs.addArtifact(id, { path: 'a.txt', bytes: 3 });
    await follow();
    const run = project.runs.get(id);
    assert.deepEqual([run.name, run.experiment, run.params, run.metrics, run.tags['k'], run.status], ['there', 'far', { lr: '1' }, { loss: 1 / 3 }, 'v', 'running']);
    assert.equal(project.runs.history(id).points.length, 1);
    await mirror.runs.open(id, true);
    assert.deepEqual(project.metrics.page(id, 'loss', 10, '').points.map(({ value }) => value), [1, 1 / 2, 1 / 3]);
    assert.deepEqual(project.runs.history(id).points.map(({ step }) => step), [0, 1, 2]);
    assert.equal(mirror.runs.owns(id), true);
    while (told.filter((each) => each === id).length < 2) {
      await breathe();
    }
    assert.deepEqual(project.runs.facts(id).artifacts, [{ path: 'a.txt', bytes: 3 }]);
  });

  it('sees what goes on there: new runs, new values, ends, edits and deletions', async () => {
    const [old, id] = [thereRun('old', 10), thereRun()];
    remote.tracked.update(old, { status: 'finished', ended: 20 });
    await follow();
    remote.tracked.log(id, { metrics: [{ key: 'loss', value: 9, step: 3, timestamp: 9 }], params: [], tags: [] });
    const next = thereRun('next', 2000);
    await mirror.synchronise();
    assert.deepEqual([project.runs.get(id).metrics['loss'], project.runs.get(next).name], [9, 'next']);
    await mirror.runs.open(id, false);
    assert.equal(project.runs.history(id).points.length, 4);
    remote.tracked.update(id, { status: 'failed', ended: 77 });
    remote.runs.edit(old, { name: 'renamed', tags: { k: null, l: 'w' } });
    await mirror.synchronise(true);
    assert.deepEqual([project.runs.get(id).status, project.runs.get(id).ended], ['failed', 77]);
    assert.deepEqual([project.runs.get(old).name, project.runs.get(old).tags['k'], project.runs.get(old).tags['l']], ['renamed', undefined, 'w']);
    remote.tracked.setLifecycle(old, 'deleted');
    remote.runs.delete(next);
    await mirror.synchronise(true);
    assert.deepEqual([project.runs.get(old).archived, project.runs.get(next).archived, project.runs.get(id).archived], [true, true, false]);
    remote.tracked.setLifecycle(old, 'active');
    await mirror.synchronise(true);
    assert.equal(project.runs.get(old).archived, false);
    told.length = 0;
    await mirror.synchronise(true);
    assert.deepEqual(told, []);
  });

  it('asks for runs that go on, however many came after them', async () => {
    const id = thereRun('long', 1);
    for (let each = 0; each < 120; each += 1) {
      remote.tracked.update(thereRun(`run ${each}`, 100 + each), { status: 'finished', ended: 5000 });
    }
    await follow();
    remote.tracked.update(id, { status: 'finished', ended: 6000 });
    remote.asked.length = 0;
    await mirror.synchronise();
    assert.equal(project.runs.get(id).status, 'finished');
    assert.deepEqual(remote.asked, ['POST experiments/search', 'POST runs/search', 'POST runs/search']);
  });

  it('sends its own runs as they go, and they are not shown twice', async () => {
    const before = localRun();
    project.database.run('UPDATE runs SET created = 1');
    await follow();
    const run_id = localRun();
    mirror.touched(run_id);
    mirror.touched(before);
    await mirror.synchronise();
    const there = remote.runs.list();
    assert.deepEqual(there.map(({ name, status, metrics }) => [name, status, metrics['loss']]), [['mine', 'running', 3]]);
    project.tracked.log(run_id, { metrics: [{ key: 'loss', value: 2, step: 1, timestamp: 2 }], params: [], tags: [] });
    project.tracked.update(run_id, { status: 'finished', ended: 50 });
    mirror.touched(run_id);
    await mirror.synchronise(true);
    assert.deepEqual(remote.runs.list().map(({ status, metrics }) => [status, metrics['loss']]), [['finished', 2]]);
    assert.equal(project.runs.list().length, 2);
    assert.equal(mirror.runs.owns(run_id), false);
  });

  it('goes on without the server, and sends later what was made meanwhile, also by a next process', async () => {
    await follow();
    const port = Number(new URL(remote.uri).port);
    await remote.stop();
    const run_id = localRun();
    mirror.touched(run_id);
    await mirror.synchronise();
    assert.match(mirror.state.problem ?? '', /cannot be reached/);
    assert.deepEqual([mirror.state.waiting, mirror.state.synchronised === null], [1, false]);
    mirror.follow(null, 0);
    assert.equal(mirror.state.uri, null);
    remote = await startRemote(port, remote);
    mirror.follow(remote.uri, never);
    await mirror.synchronise();
    assert.deepEqual([remote.runs.list().length, mirror.state.problem, mirror.state.waiting], [1, null, 0]);
    mirror.follow(null, 0);
    remote.asked.length = 0;
    mirror.follow(remote.uri, never);
    await mirror.synchronise();
    assert.deepEqual(remote.asked.filter((each) => !each.endsWith('search')), []);
  });

  it('makes edits there first, and not at all where they are refused', async () => {
    const id = thereRun();
    await follow();
    const edit = { name: 'new name', note: 'a note', tags: { k: null, team: 'red' }, baseline: true };
    await mirror.runs.edit(id, edit);
    const there = remote.runs.get(id);
    assert.deepEqual([there.name, there.tags], ['new name', { 'mlflow.note.content': 'a note', team: 'red' }]);
    assert.equal(remote.experiments.byName('far')?.tags[baselineTag], id);
    await mirror.runs.edit(id, { archived: true });
    assert.equal(remote.runs.get(id).archived, true);
    await assert.rejects(mirror.runs.edit(id, { note: 'x' }), /refuses: .*must be in the 'active' state/);
    await mirror.runs.edit(id, { archived: false, baseline: false });
    assert.equal(remote.runs.get(id).archived, false);
    assert.equal(remote.experiments.byName('far')?.tags[baselineTag], undefined);
    await mirror.synchronise(true);
    assert.equal(project.runs.get(id).name, 'new name');
  });

  it('has its registered models where ml.yaml says so, and moves their aliases there first', async () => {
    const id = thereRun();
    const version = (name: string) => remote.catalogue.createVersion({ name, source: `mlflow-artifacts:/1/${id}/artifacts/model`, run_id: id, run_link: '', description: '', model_id: null, tags: [['k', 'v']] });
    remote.catalogue.createModel('churner', 'about', []);
    version('churner');
    version('churner');
    await remote.catalogue.setAlias('churner', 'champion', 1);
    project.catalogue.createModel('churner', 'mine', []);
    project.catalogue.createVersion({ name: 'churner', source: 'x', run_id: '', run_link: '', description: '', model_id: null, tags: [] });
    mirror.follow(remote.uri, never, true);
    await mirror.synchronise();
    // The number 1 is taken here, so theirs get the next ones.
    assert.equal(project.catalogue.byAlias('churner', 'champion').version, 2);
    assert.deepEqual(project.catalogue.version('churner', 2).tags.find(([key]) => key === 'k'), ['k', 'v']);
    assert.equal(project.catalogue.model('churner').description, 'about');
    await mirror.moveAlias('churner', 'champion', 3);
    assert.equal(remote.catalogue.byAlias('churner', 'champion').version, 2);
    remote.catalogue.deleteVersion('churner', 1);
    await remote.catalogue.setVersionTag('churner', 2, 'k', null);
    await mirror.synchronise(true);
    const aliased = project.catalogue.byAlias('churner', 'champion');
    assert.deepEqual(aliased.tags.map(([key]) => key), ['ml_lifecycle.copied_from']);
    assert.equal(project.catalogue.searchVersions({ filter: `name = 'churner'`, order_by: [], max: 9, token: '' }).versions.length, 2);
    await mirror.moveAlias('churner', 'champion', null);
    await mirror.synchronise(true);
    assert.deepEqual(project.catalogue.model('churner').aliases, []);
    told.length = 0;
    await mirror.synchronise(true);
    assert.deepEqual(told, []);
    await remote.stop();
    await assert.rejects(mirror.moveAlias('churner', 'champion', aliased.version), /cannot be reached/);
  });

  it('says why it cannot go on, and goes on with other credentials', async () => {
    thereRun();
    remote.trouble = ({ headers }, reply) => {
      if (headers.authorization === 'Bearer right') {
        return false;
      }
      void reply.code(401).send('{"error_code":"UNAUTHENTICATED","message":"no"}');
      return true;
    };
    await follow();
    assert.equal(mirror.state.needs_credentials, true);
    assert.deepEqual(project.runs.list(), []);
    remote.trouble = null;
    mirror.reconnect();
    await mirror.synchronise();
    assert.deepEqual([mirror.state.needs_credentials, mirror.state.problem, project.runs.list().length], [false, null, 1]);
    remote.trouble = (_request, reply) => {
      void reply.code(500).send('broken');
      return true;
    };
    await mirror.synchronise();
    assert.match(mirror.state.problem ?? '', /cannot answer now \(500/);
    assert.equal(project.runs.list().length, 1);
  });

  it('says what the server refuses of one run, and sends the others', async () => {
    await follow();
    const [bad, good] = [localRun(), localRun()];
    remote.trouble = ({ url, method }, reply) => {
      if (method === 'POST' && url.endsWith('runs/create') && remote.runs.list().length === 0 && remote.asked.filter((each) => each === 'POST runs/create').length === 1) {
        void reply.code(400).send('{"error_code":"INVALID_PARAMETER_VALUE","message":"bad name"}');
        return true;
      }
      return false;
    };
    mirror.touched(bad);
    mirror.touched(good);
    await mirror.synchronise();
    assert.match(mirror.state.refusal ?? '', /^mine: .*refuses: bad name/);
    assert.deepEqual([mirror.state.refused, mirror.state.problem], [1, null]);
    assert.equal(remote.runs.list().length, 1);
  });
});
