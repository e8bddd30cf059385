import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { MlflowClient, Publisher, publishVersions, RemoteRefusal, RemoteUnreachable, SignInNeeded, Tally, type ClientOptions } from '../../../src/core/exchange/api.ts';
import { importInto, makeProject, startRemote, type RemoteServer, type TestProject } from './support.ts';

describe('published runs', () => {
  let project: TestProject;
  let remote: RemoteServer;
  beforeEach(async () => {
    project = makeProject();
    remote = await startRemote();
  });
  afterEach(async () => {
    await remote.stop();
    remote.close();
    project.close();
  });

  const client = (options: ClientOptions = {}): MlflowClient => new MlflowClient(remote.uri, { pauses: [], ...options });

  async function publish(run_id: string, artifacts = true, with_: MlflowClient = client()): Promise<Tally> {
    const tally = new Tally();
    await new Publisher(with_, project, tally).publish(run_id, { artifacts, signal: new AbortController().signal });
    return tally;
  }

  async function localRun(points = 5): Promise<string> {
    const run_id = project.tracked.create({ experiment_id: project.experiments.ensure('churn'), name: 'first', user: 'ada', started: 1000, tags: [['team', 'red']] });
    const metrics = Array.from({ length: points }, (_, step) => ({ key: step % 7 === 3 ? 'odd/one' : 'loss', value: step === 2 ? NaN : step === 4 ? Infinity : 1 / (step + 1), step, timestamp: 1000 + step }));
    project.tracked.log(run_id, { metrics, params: [['lr', '0.1'], ...Array.from({ length: 150 }, (_, each): [string, string] => [`p${each}`, String(each)])], tags: [] });
    project.tracked.addInputs(run_id, [{ name: 'tiny', digest: 'abc', source_type: 'code', source: '{}', schema: null, profile: null, tags: { 'mlflow.data.context': 'training' } }], []);
    const bytes = await project.artifacts.put(`${project.runs.facts(run_id).artifact_uri.slice('mlflow-artifacts:/'.length)}/model/a b.txt`, Readable.from(['hello']));
    project.runs.addArtifact(run_id, { path: 'model/a b.txt', bytes });
    project.tracked.update(run_id, { status: 'finished', ended: 9000 });
    return run_id;
  }

  const copy = (run_id: string) => {
    const id = new Publisher(client(), project, new Tally()).copyOf(run_id) ?? assert.fail('not published');
    const [record] = remote.search.records([id]);
    return record ?? assert.fail('not there');
  };
  const pointsOf = (where: TestProject, run_id: string): unknown[] => ['loss', 'odd/one'].map((key) => where.metrics.page(run_id, key, 100_000, '').points);

  it('have the same values there, with their whole history, inputs and files; a second time sends nothing', async () => {
    const run_id = await localRun(2500);
    assert.equal((await publish(run_id)).result.added, 1);
    const there = copy(run_id);
    assert.deepEqual([there.name, there.status, there.started, there.ended, there.user], ['first', 'finished', 1000, 9000, 'ada']);
    assert.deepEqual(pointsOf(remote, there.run_id), pointsOf(project, run_id));
    assert.equal(there.params.length, 151);
    assert.deepEqual(there.datasets.map(({ name, tags }) => [name, tags]), [['tiny', { 'mlflow.data.context': 'training' }]]);
    assert.equal(there.tags.find(([key]) => key === 'team')?.[1], 'red');
    assert.equal((await remote.artifacts.get(`${there.artifact_uri.slice('mlflow-artifacts:/'.length)}/model/a b.txt`)).bytes, 5);
    remote.asked.length = 0;
    assert.equal((await publish(run_id)).result.unchanged, 1);
    assert.deepEqual(remote.asked.filter((each) => !each.startsWith('GET')), []);
  });

  it('are sent on from where they were', async () => {
    const run_id = await localRun(5);
    await publish(run_id);
    project.tracked.log(run_id, { metrics: [{ key: 'loss', value: 7, step: 50, timestamp: 1 }], params: [['late', '1']], tags: [['team', 'blue']] });
    remote.asked.length = 0;
    assert.equal((await publish(run_id)).result.changed, 1);
    assert.equal(remote.asked.filter((each) => each === 'POST runs/log-batch').length, 3);
    assert.deepEqual(pointsOf(remote, copy(run_id).run_id), pointsOf(project, run_id));
    assert.equal(copy(run_id).tags.find(([key]) => key === 'team')?.[1], 'blue');
  });

  it('are one run there, when the answer to the first request was lost or a batch was', async () => {
    const run_id = await localRun(1500);
    remote.trouble = async ({ url }, reply) => {
      if (url.endsWith('runs/create')) {
        await fetch(`${remote.uri}${url}?again`, { method: 'POST', body: JSON.stringify({ experiment_id: '1', run_name: 'first', tags: [{ key: 'ml_lifecycle.run_id', value: run_id }] }) });
        reply.raw.destroy();
        return true;
      }
      return false;
    };
    await assert.rejects(publish(run_id), RemoteUnreachable);
    let batches = 0;
    remote.trouble = ({ url }, reply) => {
      batches += url.endsWith('log-batch') ? 1 : 0;
      if (batches === 4) {
        void reply.code(500).send('gone');
        return true;
      }
      return false;
    };
    await assert.rejects(publish(run_id), /cannot answer now \(500/);
    remote.trouble = null;
    await publish(run_id);
    assert.equal(remote.runs.list().length, 1);
    assert.deepEqual(pointsOf(remote, copy(run_id).run_id), pointsOf(project, run_id));
  });

  it('say what the remote has otherwise, and are sent again whole where it lost them', async () => {
    const run_id = await localRun();
    await publish(run_id);
    project.database.run(`UPDATE params SET value = '9' WHERE run_id = :run_id AND key = 'lr'`, { run_id });
    const [problem] = (await publish(run_id)).result.problems;
    assert.match(problem?.message ?? '', /parameter lr of first is 9 here and 0.1 at 127.0.0.1/);
    remote.runs.delete(copy(run_id).run_id);
    assert.equal((await publish(run_id)).result.added, 1);
    assert.deepEqual(pointsOf(remote, copy(run_id).run_id), pointsOf(project, run_id));
    remote.tracked.setLifecycle(copy(run_id).run_id, 'deleted');
    assert.match((await publish(run_id)).result.problems[0]?.message ?? '', /was deleted at/);
  });

  it('take their registered versions along, once, and move no alias that is taken there', async () => {
    const run_id = await localRun();
    project.catalogue.createModel('churner', 'about', [['k', 'v']]);
    const { artifact_uri } = project.runs.facts(run_id);
    const made = project.catalogue.createVersion({ name: 'churner', source: `${artifact_uri}/model`, run_id, run_link: '', description: 'd', model_id: null, tags: [['t', '1']] });
    await project.catalogue.setAlias('churner', 'champion', made.version);
    await project.catalogue.setAlias('churner', 'fresh', made.version);
    remote.catalogue.createModel('churner', 'theirs', []);
    const theirs = remote.catalogue.createVersion({ name: 'churner', source: 'x', run_id: '', run_link: '', description: '', model_id: null, tags: [] });
    await remote.catalogue.setAlias('churner', 'champion', theirs.version);
    await publish(run_id);
    for (const expected of [1, 0]) {
      const tally = new Tally();
      await publishVersions(new Publisher(client(), project, tally), project, [run_id], tally, new AbortController().signal);
      assert.equal(tally.result.versions, expected);
    }
    const there = remote.catalogue.version('churner', 2);
    assert.deepEqual([there.source, there.run_id, there.aliases, there.description], [`${copy(run_id).artifact_uri}/model`, copy(run_id).run_id, ['fresh'], 'd']);
    assert.equal(remote.catalogue.byAlias('churner', 'champion').version, 1);
  });

  it('do not come back with an import from there, nor go back to where they came from', async () => {
    const run_id = await localRun();
    await publish(run_id);
    assert.deepEqual((await importInto(project, remote.uri)).unchanged, 1);
    assert.equal(project.runs.list().length, 1);
    const other = remote.tracked.create({ experiment_id: '0', name: 'theirs', user: '', started: 1, tags: [] });
    await importInto(project, remote.uri);
    assert.equal((await publish(other)).result.unchanged, 1);
    assert.equal(remote.runs.list().length, 2);
  });

  it('fail with a sentence where the remote cannot have them', async () => {
    const run_id = await localRun();
    const answers = (code: number, body: string, headers: Record<string, string> = {}): void => {
      remote.trouble = (_request, reply) => {
        void reply.code(code).headers(headers).send(body);
        return true;
      };
    };
    answers(401, '{"error_code":"UNAUTHENTICATED","message":"who are you"}');
    await assert.rejects(publish(run_id), (error: Error) => error instanceof SignInNeeded && /refuses access \(401: who are you\)\. Sign in/.test(error.message));
    await assert.rejects(publish(run_id, true, client({ credentials: { token: 'secret-token' } })), (error: Error) => error instanceof SignInNeeded && /token or password is wrong/.test(error.message) && !error.message.includes('secret-token'));
    answers(302, '', { location: 'https://login.example.org/start' });
    await assert.rejects(publish(run_id), (error: Error) => error instanceof SignInNeeded && error.message.includes('sends on to login.example.org'));
    answers(200, '<html>welcome</html>');
    await assert.rejects(publish(run_id), /not as an MLflow server does/);
    answers(200, '{"experiment": 5}');
    await assert.rejects(publish(run_id), /in a form that is not MLflow's: experiment/);
    answers(400, '{"error_code":"INVALID_PARAMETER_VALUE","message":"no such name"}');
    await assert.rejects(publish(run_id), (error: Error) => error instanceof RemoteRefusal && /refuses: no such name/.test(error.message));
    remote.trouble = () => new Promise<boolean>(() => undefined);
    await assert.rejects(publish(run_id, true, client({ timeout: 20 })), (error: Error) => error instanceof RemoteUnreachable && /no answer in time/.test(error.message));
    await remote.stop();
    await assert.rejects(publish(run_id), /cannot be reached \(ECONNREFUSED\)/);
    assert.throws(() => new MlflowClient('ftp://x'), /over http or https/);
    assert.throws(() => new MlflowClient('http//user:secret@x'), (error: Error) => !error.message.includes('secret') || error.message.includes('…'));
  });

  it('are asked for again where a server is busy for a moment', async () => {
    const run_id = await localRun();
    let left = 2;
    remote.trouble = (_request, reply) => {
      if (left > 0) {
        left -= 1;
        void reply.code(503).send('busy');
        return true;
      }
      return false;
    };
    assert.equal((await publish(run_id, true, client({ pauses: [0, 0] }))).result.added, 1);
  });

  it('sign in with a token, or a user and a password', async () => {
    const run_id = await localRun();
    const seen: (string | undefined)[] = [];
    remote.trouble = ({ headers }) => {
      seen.push(headers.authorization);
      return false;
    };
    await publish(run_id, true, client({ credentials: { token: 'abc' } }));
    assert.deepEqual(new Set(seen), new Set(['Bearer abc']));
    seen.length = 0;
    await publish(run_id, true, new MlflowClient(remote.uri.replace('//', '//ada:p%40ss@')));
    assert.deepEqual(new Set(seen), new Set([`Basic ${Buffer.from('ada:p@ss').toString('base64')}`]));
  });
});
