import assert from 'node:assert/strict';
import { baselineTag, parentTag } from '../../../src/contracts/tags.ts';
import { Mirror, MlflowClient } from '../../../src/core/exchange/api.ts';
import { makeProject, startRemote, type RemoteServer, type TestProject } from './support.ts';

/** No round comes by itself. */
const never = 1_000_000_000;

describe('writes into runs that a followed server keeps', () => {
  let project: TestProject;
  let remote: RemoteServer;
  /** What clients of the project's own address talk to. */
  let own: RemoteServer;
  let mirror: Mirror;
  let port: number;
  beforeEach(async () => {
    project = makeProject();
    remote = await startRemote();
    port = Number(new URL(remote.uri).port);
    await begin();
  });
  afterEach(async () => {
    await end();
    await remote.stop();
    remote.close();
    project.close();
  });

  /** As a process of the server does it. */
  async function begin(): Promise<void> {
    mirror = new Mirror({
      stores: project,
      connect: (uri, signal) => new MlflowClient(uri, { signal, pauses: [] }),
      isWatched: () => true,
      onRun: () => undefined,
      onExperiments: () => undefined,
      onModels: () => undefined,
      onState: () => undefined,
      onFault: (error) => assert.fail(String(error)),
    });
    own = await startRemote(0, project, mirror.runs);
    mirror.follow(remote.uri, never);
    await mirror.synchronise();
  }

  async function end(): Promise<void> {
    await own.stop();
    await mirror.close();
  }

  async function back(): Promise<void> {
    remote = await startRemote(port, remote);
    await mirror.synchronise();
  }

  function thereRun(): string {
    const id = remote.tracked.create({ experiment_id: remote.experiments.ensure('far'), name: 'there', user: 'eve', started: 1000, tags: [['k', 'v'], ['old', 'x']] });
    remote.tracked.log(id, { metrics: [0, 1, 2].map((step) => ({ key: 'loss', value: 1 / (step + 1), step, timestamp: step })), params: [['lr', '1']], tags: [] });
    return id;
  }

  async function ask(path: string, body: object, method = 'POST'): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await fetch(`${own.uri}/api/2.0/mlflow/${path}`, { method, ...(method === 'GET' ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  const file = (run_id: string, name: string, method: string, body?: string): Promise<Response> =>
    fetch(`${own.uri}/api/2.0/mlflow-artifacts/artifacts/${project.runs.facts(run_id).artifact_uri.slice('mlflow-artifacts:/'.length)}/${name}`, { method, ...(body === undefined ? {} : { body }) });
  const thereFile = async (run_id: string, name: string): Promise<string> => (await fetch(`${remote.uri}/api/2.0/mlflow-artifacts/artifacts/1/${run_id}/artifacts/${name}`)).text();

  /** One write of each kind, as a client makes it. */
  async function writeAll(id: string): Promise<void> {
    const statuses = [
      await ask('runs/log-parameter', { run_id: id, key: 'depth', value: '3' }),
      await ask('runs/log-metric', { run_id: id, key: 'loss', value: 0.1, timestamp: 9, step: 9 }),
      await ask('runs/log-batch', { run_id: id, metrics: [{ key: 'acc', value: 'NaN', timestamp: 1, step: 1 }], params: [{ key: 'width', value: '4' }], tags: [{ key: 'b', value: 'c' }] }),
      await ask('runs/set-tag', { run_uuid: id, key: 'k', value: 'w' }),
      await ask('runs/delete-tag', { run_id: id, key: 'old' }),
      await ask('runs/log-inputs', { run_id: id, datasets: [{ dataset: { name: 'd', digest: '1', source_type: 'local', source: 'x' } }] }),
      await ask('runs/update', { run_id: id, status: 'FINISHED', end_time: 77, run_name: 'renamed' }),
      await ask('experiments/set-experiment-tag', { experiment_id: project.experiments.byName('far')?.experiment_id, key: 'goal', value: 'x' }),
    ];
    assert.deepEqual(statuses.map(({ status }) => status), statuses.map(() => 200));
    assert.equal((await file(id, 'sub/a.txt', 'PUT', 'from here')).status, 200);
    await mirror.runs.edit(id, { note: 'noted', baseline: true });
  }

  async function checkAll(id: string): Promise<void> {
    const [record] = remote.search.records([id]);
    assert.deepEqual([record?.name, record?.status, record?.ended, record?.params, record?.datasets.map(({ name }) => name)], ['renamed', 'finished', 77, [['depth', '3'], ['lr', '1'], ['width', '4']], ['d']]);
    assert.deepEqual(record?.tags, [['b', 'c'], ['k', 'w'], ['mlflow.note.content', 'noted']]);
    assert.deepEqual(remote.metrics.page(id, 'loss', 10, '').points.map(({ step }) => step), [0, 1, 2, 9]);
    assert.deepEqual(remote.metrics.page(id, 'acc', 10, '').points.map(({ value }) => value), [NaN]);
    assert.deepEqual(remote.experiments.byName('far')?.tags, { goal: 'x', [baselineTag]: id });
    assert.equal(await thereFile(id, 'sub/a.txt'), 'from here');
    const [here] = project.search.records([id]);
    // The address of its files, and a tag that the protocol adds, are another one's here.
    const same = { experiment_id: '', artifact_uri: '', tags: [] };
    assert.deepEqual({ ...here, ...same }, { ...record, ...same });
    assert.deepEqual(here?.tags.filter(([key]) => key !== 'mlflow.source.type'), record?.tags);
  }

  it('are there when they are answered', async () => {
    const id = thereRun();
    await mirror.synchronise();
    await writeAll(id);
    await checkAll(id);
    assert.deepEqual([mirror.state.changes, mirror.changes()], [0, []]);
    await mirror.synchronise(true);
    await checkAll(id);
    assert.equal((await file(id, 'sub/a.txt', 'DELETE')).status, 200);
    assert.match(await thereFile(id, 'sub/a.txt'), /No such artifact/);
    assert.equal((await ask('runs/delete', { run_id: id })).status, 200);
    assert.equal(remote.runs.get(id).archived, true);
    assert.equal((await ask('runs/restore', { run_id: id })).status, 200);
    assert.equal(remote.runs.get(id).archived, false);
  });

  it('wait in the database while it is away, outlive the process, and arrive once and in order', async () => {
    const id = thereRun();
    await mirror.synchronise();
    await remote.stop();
    await writeAll(id);
    assert.match(mirror.state.problem ?? '', /cannot be reached/);
    assert.equal(mirror.state.changes, 11);
    assert.deepEqual(mirror.changes().map(({ name, what }) => `${name}: ${what}`).slice(0, 3), ['renamed: parameter depth: 3', 'renamed: metric loss: 0.1', 'renamed: metric acc, parameter width, tag b']);
    assert.equal(project.runs.get(id).name, 'renamed');
    await end();
    await begin();
    assert.equal(mirror.state.changes, 11);
    await back();
    assert.deepEqual([mirror.state.changes, mirror.state.problem, mirror.state.refusal], [0, null, null]);
    await checkAll(id);
  });

  it('are not taken back by an answer that is older', async () => {
    const id = thereRun();
    await mirror.synchronise();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let stopped = (): void => undefined;
    const reached = new Promise<void>((resolve) => (stopped = resolve));
    remote.runs.edit(id, { tags: { other: 'from there' } });
    remote.trouble = async ({ url }, reply) => {
      if (!url.endsWith('runs/search')) {
        return false;
      }
      // The answer of now, given later.
      remote.trouble = null;
      const then = await (await fetch(`${remote.uri}/api/2.0/mlflow/runs/search`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ experiment_ids: ['0', '1'] }) })).text();
      stopped();
      await held;
      void reply.send(then);
      return true;
    };
    const round = mirror.synchronise();
    await reached;
    await ask('runs/set-tag', { run_id: id, key: 'k', value: 'newer' });
    release();
    await round;
    assert.equal(project.runs.get(id).tags['k'], 'newer');
    await mirror.synchronise();
    assert.deepEqual([project.runs.get(id).tags['k'], project.runs.get(id).tags['other']], ['newer', 'from there']);
  });

  it('get its refusal in its own words, and are not made here either', async () => {
    const id = thereRun();
    await mirror.synchronise();
    remote.tracked.log(id, { metrics: [], params: [['later', 'there']], tags: [] });
    const refused = await ask('runs/log-parameter', { run_id: id, key: 'later', value: 'here' });
    assert.deepEqual([refused.status, refused.body['error_code']], [400, 'INVALID_PARAMETER_VALUE']);
    assert.match(String(refused.body['message']), /^Changing param values is not allowed/);
    assert.equal(project.runs.get(id).params['later'], undefined);
    const gone = await ask('runs/delete-tag', { run_id: id, key: 'none' });
    assert.deepEqual([gone.status, gone.body['error_code']], [404, 'RESOURCE_DOES_NOT_EXIST']);
    // Taken there, although it was another one here.
    project.database.run(`INSERT INTO params (run_id, key, value) VALUES (:id, 'stale', 'x')`, { id });
    assert.equal((await ask('runs/log-parameter', { run_id: id, key: 'stale', value: 'y' })).status, 200);
    assert.equal(project.runs.get(id).params['stale'], 'y');
  });

  it('tell what was changed there meanwhile, keep both, and leave the choice to a person', async () => {
    const id = thereRun();
    await mirror.synchronise();
    await remote.stop();
    await mirror.runs.edit(id, { note: 'from here', tags: { k: 'here' } });
    await ask('runs/log-batch', { run_id: id, params: [{ key: 'depth', value: '1' }, { key: 'free', value: '1' }] });
    await ask('runs/log-metric', { run_id: id, key: 'loss', value: 5, timestamp: 50, step: 50 });
    remote.runs.edit(id, { tags: { k: 'there' } });
    remote.tracked.log(id, { metrics: [], params: [['depth', '2']], tags: [] });
    await back();
    assert.deepEqual(mirror.changes().map(({ problem }) => problem?.replace(/127\S+/, 'host')), [
      `there: tag k became "there" at host meanwhile; here it was to become "here".`,
      `there: host refuses: Changing param values is not allowed. Param with key='depth' was already logged with value='2' for run ID='${id}'. Attempted logging new value '1'.`,
    ]);
    assert.deepEqual([mirror.state.changes, mirror.state.refused, mirror.state.problem], [0, 2, null]);
    assert.match(mirror.state.refusal ?? '', /tag k became/);
    // What was not refused is there, and the server has the last word on the rest.
    assert.deepEqual([remote.runs.get(id).tags, remote.runs.get(id).metrics['loss']], [{ k: 'there', old: 'x', 'mlflow.note.content': 'from here' }, 5]);
    assert.equal(project.runs.get(id).tags['k'], 'there');
    const [tag, batch] = mirror.changes();
    await mirror.retry(tag?.change_id ?? 0);
    assert.equal(remote.runs.get(id).tags['k'], 'here');
    assert.equal(project.runs.get(id).tags['k'], 'here');
    await mirror.discard(batch?.change_id ?? 0);
    assert.deepEqual([mirror.state.refused, mirror.changes(), project.runs.get(id).params], [0, [], { depth: '2', lr: '1' }]);
    await assert.rejects(mirror.retry(99), /no change 99 any more/);
  });

  it('into a run that is gone there are kept and told', async () => {
    const id = thereRun();
    await mirror.synchronise();
    await remote.stop();
    await ask('runs/log-metric', { run_id: id, key: 'loss', value: 5, timestamp: 50, step: 50 });
    await file(id, 'a.txt', 'PUT', 'kept');
    remote.runs.delete(id);
    await back();
    assert.deepEqual(mirror.changes().map(({ problem }) => problem?.replace(/127\S+/, 'host')), ['there is not at host any more.', 'there is not at host any more.']);
    await mirror.synchronise(true);
    assert.equal(project.runs.get(id).archived, true);
    assert.equal(project.metrics.page(id, 'loss', 10, '').points.at(-1)?.value, 5);
    assert.equal(await (await file(id, 'a.txt', 'GET')).text(), 'kept');
  });

  it('are many small ones of a script, and few requests', async () => {
    const id = thereRun();
    await mirror.synchronise();
    await remote.stop();
    for (let step = 10; step < 130; step += 1) {
      await ask('runs/log-metric', { run_id: id, key: 'loss', value: step, timestamp: step, step });
    }
    remote.asked.length = 0;
    await back();
    assert.equal(remote.metrics.page(id, 'loss', 1000, '').points.length, 123);
    assert.deepEqual(remote.asked.filter((each) => each.startsWith('POST runs/log')), ['POST runs/log-batch']);
  });

  it('of a client find the history and the files that are only there', async () => {
    const id = thereRun();
    await fetch(`${remote.uri}/api/2.0/mlflow-artifacts/artifacts/1/${id}/artifacts/sub/a.txt`, { method: 'PUT', body: 'far' });
    await mirror.synchronise();
    const history = await ask(`metrics/get-history?run_id=${id}&metric_key=loss`, {}, 'GET');
    assert.deepEqual((history.body['metrics'] as { step: number }[]).map(({ step }) => step), [0, 1, 2]);
    const listed = await ask(`artifacts/list?run_id=${id}&path=sub`, {}, 'GET');
    assert.deepEqual(listed.body['files'], [{ path: 'sub/a.txt', is_dir: false, file_size: 3 }]);
    assert.deepEqual((await ask(`artifacts/list?run_id=${id}`, {}, 'GET')).body['files'], [{ path: 'sub', is_dir: true }]);
    assert.equal(await (await file(id, 'sub/a.txt', 'GET')).text(), 'far');
    remote.asked.length = 0;
    assert.equal((await file(id, 'sub%2f..%2f..%2f..%2fx', 'GET')).status, 400);
    assert.deepEqual(remote.asked, []);
    const other = thereRun();
    await mirror.synchronise();
    await remote.stop();
    // What is here can be read; what is not is not taken for nothing.
    assert.deepEqual((await ask(`artifacts/list?run_id=${id}&path=sub`, {}, 'GET')).body['files'], [{ path: 'sub/a.txt', is_dir: false, file_size: 3 }]);
    assert.equal((await ask(`artifacts/list?run_id=${other}&path=sub`, {}, 'GET')).body['error_code'], 'TEMPORARILY_UNAVAILABLE');
    const away = await ask(`metrics/get-history?run_id=${other}&metric_key=loss`, {}, 'GET');
    assert.deepEqual([away.status, away.body['error_code']], [400, 'TEMPORARILY_UNAVAILABLE']);
  });

  it('of experiments: tags, names and the archive go there, also a baseline that was made here', async () => {
    thereRun();
    await mirror.synchronise();
    const experiment_id = project.experiments.byName('far')?.experiment_id ?? '';
    project.experiments.setTag(experiment_id, 'only here', '1');
    const parent = project.tracked.create({ experiment_id, name: 'mine', user: '', started: 5, tags: [] });
    const child = project.tracked.create({ experiment_id, name: 'part', user: '', started: 6, tags: [[parentTag, parent]] });
    await mirror.runs.edit(parent, { baseline: true });
    const there = remote.runs.list().find(({ name }) => name === 'mine');
    assert.equal(remote.experiments.byName('far')?.tags[baselineTag], there?.run_id);
    mirror.touched(child);
    await mirror.synchronise(true);
    assert.equal(project.runs.baselineOf(parent)?.run_id, parent);
    assert.equal(remote.runs.list().find(({ name }) => name === 'part')?.tags[parentTag], there?.run_id);
    await remote.stop();
    await mirror.runs.editExperiment(experiment_id, { name: 'near', tags: { goal: 'x' } });
    await back();
    assert.equal(remote.experiments.byName('near')?.tags['goal'], 'x');
    assert.equal(remote.experiments.byName('far'), null);
    remote.experiments.rename('1', 'nearer');
    remote.experiments.deleteTag('1', 'goal');
    await mirror.synchronise(true);
    const { name, tags } = project.experiments.get(experiment_id);
    assert.deepEqual([name, tags['goal'], tags['only here']], ['nearer', undefined, '1']);
    await mirror.runs.edit(parent, { baseline: false });
    assert.equal(remote.experiments.byName('nearer')?.tags[baselineTag], undefined);
  });

  it('of runs made here: a tag that is removed here goes there, one of somebody there stays', async () => {
    const run_id = project.tracked.create({ experiment_id: project.experiments.ensure('here'), name: 'mine', user: '', started: 5, tags: [['a', '1'], ['b', '1'], ['c', '1']] });
    mirror.touched(run_id);
    await mirror.synchronise();
    const there = remote.runs.list()[0]?.run_id ?? '';
    remote.runs.edit(there, { name: 'called so there', tags: { theirs: 'x', b: 'theirs', c: 'theirs' } });
    await mirror.runs.edit(run_id, { tags: { a: null, b: null, d: '2' } });
    mirror.touched(run_id);
    await mirror.synchronise();
    const { name, tags } = remote.runs.get(there);
    assert.deepEqual([name, tags['a'], tags['b'], tags['c'], tags['d'], tags['theirs']], ['called so there', undefined, 'theirs', 'theirs', '2', 'x']);
    assert.match(mirror.state.refusal ?? '', /tag b of mine was removed here and changed at .* to theirs\. It stays there/);
    await mirror.runs.edit(run_id, { archived: true });
    mirror.touched(run_id);
    await mirror.synchronise();
    assert.equal(remote.runs.get(there).archived, true);
    await mirror.runs.edit(run_id, { archived: false });
    mirror.touched(run_id);
    await mirror.synchronise();
    assert.equal(remote.runs.get(there).archived, false);
  });
});
