import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Endpoint } from '../../../src/contracts/endpoints.ts';
import type { Alert } from '../../../src/contracts/monitoring.ts';
import type { Decision } from '../../../src/contracts/retraining.ts';
import type { TrainingReport } from '../../../src/contracts/training.ts';
import { JobQueue } from '../../../src/core/jobs/api.ts';
import { projectAt, type Project } from '../../../src/core/project/api.ts';
import { Candidates, Catalogue, Promotions, readModel, registerVersion, setAlias } from '../../../src/core/registry/api.ts';
import { Retraining, type RetrainingOptions } from '../../../src/core/retraining/api.ts';
import { openDatabase, type Database } from '../../../src/core/store/api.ts';
import { ArtifactStore, JobStore, LoggedModelStore, RunStore } from '../../../src/core/tracking/api.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('retraining', function () {
  this.timeout(30_000);
  let project: Project;
  let database: Database;
  let queue: JobQueue;
  let jobs: JobStore;
  let runs: RunStore;
  let now: number;
  let seen: Decision[];
  let served: { endpoint: string; version: number | null; reason: string }[];
  const open: Retraining[] = [];

  beforeEach(async () => {
    project = projectAt(await mkdtemp(path.join(os.tmpdir(), 'retraining-')));
    await mkdir(project.jobsFolder, { recursive: true });
    await writeFile(path.join(project.root, 'model.json'), '{}');
    await rows(100);
    await settings('{}');
    await behave({ verdict: 'promote' });
    database = openDatabase(project.databaseFile);
    jobs = new JobStore(database);
    runs = new RunStore(database);
    queue = new JobQueue({ project, database, runs, jobs, runnerFile: path.join(import.meta.dirname, 'runner.mjs'), resolveModel: () => assert.fail('nobody scores'), tracking: () => ({ uri: 'http://127.0.0.1:1', token: 't' }), onFault: (error) => assert.fail(error as Error) });
    now = Date.UTC(2026, 0, 5, 12);
    seen = [];
    served = [];
  });
  afterEach(async () => {
    for (const each of open.splice(0)) {
      await each.close();
    }
    await queue.close();
    database.close();
    await rm(project.root, { recursive: true, force: true, maxRetries: 5 });
  });

  const behave = (how: object): Promise<void> => writeFile(path.join(project.root, 'behave.json'), JSON.stringify(how));
  const rows = (count: number): Promise<void> => writeFile(path.join(project.root, 'data.csv'), `x,y\n${'1,2\n'.repeat(count)}`);
  /** One entry `r` with these settings. */
  let written = 0;
  async function settings(entry: string): Promise<void> {
    await writeFile(project.file, `project: p\ndatasets:\n  d: {path: data.csv, target: y}\nmodels:\n  m: {dataset: d}\nretraining:\n  r: {model: m, ${entry.slice(1, -1)}}\n`);
    // Two writes within one tick of the clock must not look the same.
    written += 1;
    await utimes(project.file, new Date(), new Date(1_700_000_000_000 + written * 1000));
  }
  const champion = async (run_id: string, count = 100): Promise<number> =>
    (await registerVersion(project, { name: 'm', description: '', run_id, modelFile: path.join(project.root, 'model.json'), report: { task: 'regression', target: 'y', trainer: 'linear', metrics: {} } as unknown as TrainingReport, data: { path: 'data.csv', sha256: 'x', rows: count }, git: null })).version;
  function make(change: Partial<RetrainingOptions> = {}): Retraining {
    const retraining = new Retraining({
      project,
      database,
      queue,
      jobs,
      runs,
      endpoints: { list: () => [{ name: 'e', versions: [] } as unknown as Endpoint], serve: async (endpoint, { version }, { reason }) => void served.push({ endpoint, version, reason }) },
      countRows: async (file) => (await readFile(file, 'utf8')).trim().split('\n').length - 1,
      inTurn: (work) => work(),
      highestNumber: async () => 0,
      champions: { check: async () => undefined, set: (model, version) => setAlias(project, model, 'champion', version) },
      onFault: (error) => assert.fail(error as Error),
      now: () => now,
      every: 0,
      ...change,
    });
    retraining.on('decision', (decision) => seen.push(decision));
    open.push(retraining);
    return retraining;
  }
  async function until<T>(found: () => T | undefined | null | false): Promise<T> {
    for (const began = Date.now(); ; await pause(15)) {
      const value = found();
      if (value) {
        return value;
      }
      assert.ok(Date.now() - began < 20_000, 'waited too long');
    }
  }
  const decided = (retraining: Retraining, { decision_id }: Decision): Promise<Decision> => until(() => [retraining.decision(decision_id)].find(({ status }) => status !== 'running'));
  const byHand = async (retraining: Retraining): Promise<Decision> => decided(retraining, await retraining.start({ retraining: 'r' }));
  const states = (decision: Decision): string => decision.steps.map(({ name, status }) => `${name} ${status}`).join(', ');
  const alert = (alert_id: string, change: Partial<Alert> = {}): Alert => ({ alert_id, endpoint: 'e', ulid: 'u', version: 1, kind: 'drift', column: 'x', message: 'x has drifted.', opened: now, closed: null, acknowledged: null, muted_until: null, windows: 2, ...change });
  const started = (retraining: Retraining): string[] => retraining.decisions().map(({ trigger }) => trigger.kind).reverse();
  const championNow = async (): Promise<number | undefined> => (await readModel(project, 'm')).aliases['champion'];

  it('proposes a challenger that wins; a person promotes it, and the endpoint serves it', async () => {
    await settings('{deployment: e}');
    await champion('r1');
    const retraining = make();
    const proposed = await byHand(retraining);
    assert.deepEqual([proposed.status, proposed.outcome, proposed.champion?.version, proposed.endpoint], ['decided', 'proposed', 1, 'e']);
    assert.equal(await championNow(), 1);
    assert.equal(runs.get(proposed.decision_id).kind, 'training');
    const promoted = await retraining.answer(proposed.decision_id, { answer: 'promote' });
    assert.equal(promoted.outcome, 'promoted');
    assert.equal(states(promoted), 'check done, train done, compare done, propose done, promote done, deploy done');
    assert.deepEqual([await championNow(), served.map(({ endpoint, version }) => [endpoint, version])], [2, [['e', 2]]]);
    assert.match(served[0]!.reason, /Started by hand. Decision/);
    assert.equal(promoted.challenger?.version, 2);
    assert.equal((await readModel(project, 'm')).versions[0]?.file.ulid, promoted.challenger?.ulid);
    await assert.rejects(retraining.answer(proposed.decision_id, { answer: 'promote' }), /promoted already/);
    assert.equal(seen.at(-1)?.outcome, 'promoted');
  });

  it('discards on a person’s word, and refuses to promote what lost', async () => {
    await champion('r1');
    const retraining = make();
    const proposed = await byHand(retraining);
    assert.equal((await retraining.answer(proposed.decision_id, { answer: 'discard' })).outcome, 'discarded');
    await assert.rejects(retraining.answer(proposed.decision_id, { answer: 'promote' }), /it was discarded/);
    for (const verdict of ['keep', 'inconclusive']) {
      await behave({ verdict });
      const kept = await byHand(retraining);
      assert.deepEqual([kept.outcome, kept.sentence], ['kept', `So it is: ${verdict}.`]);
      await assert.rejects(retraining.answer(kept.decision_id, { answer: 'promote' }), /the champion stayed/);
    }
    assert.equal(await championNow(), 1);
    await assert.rejects(retraining.answer('nobody', { answer: 'discard' }), /no decision nobody/);
  });

  it('starts one where two are asked for at once', async () => {
    const retraining = make();
    const [a, b] = await Promise.all([retraining.start({ retraining: 'r' }), retraining.start({ retraining: 'r' })]);
    assert.equal(a.decision_id, b.decision_id);
    await decided(retraining, a);
    assert.equal(retraining.decisions().length, 1);
  });

  it('takes models by name, with an entry or by how their champion was trained', async () => {
    const retraining = make();
    assert.equal((await decided(retraining, await retraining.start({ retraining: 'm' }))).retraining, 'm');
    await assert.rejects(retraining.start({ retraining: 'nothing' }), /"nothing" is no entry.*ml\.yaml has r, m/);
    await registerVersion(project, { name: 'other', description: '', run_id: 'gone', modelFile: path.join(project.root, 'model.json'), report: { task: 'regression', target: 'y', trainer: 'linear', metrics: {} } as unknown as TrainingReport, data: { path: 'data.csv', sha256: 'x', rows: 1 }, git: null });
    await assert.rejects(retraining.start({ retraining: 'other' }), /How the champion of other was trained is not known/);
  });

  it('catches up once after it slept over three schedules', async () => {
    await settings("{schedule: '0 * * * *', cool_down: 1s}");
    const retraining = make();
    await retraining.look();
    assert.deepEqual(started(retraining), []);
    now += 3.5 * hour;
    const after = make();
    await Promise.all([after.look(), after.look()]);
    const [only] = after.decisions();
    await decided(after, only!);
    now += 10 * minute;
    await after.look();
    assert.deepEqual(started(after), ['schedule']);
    now += hour;
    await after.look();
    assert.deepEqual(started(after), ['schedule', 'schedule']);
  });

  it('lets an alarm wait while it cools down, and forgets one that closed', async () => {
    await settings('{deployment: e, on_drift: true, cool_down: 1h}');
    const retraining = make();
    await byHand(retraining);
    await retraining.alert(alert('a'));
    assert.deepEqual(started(retraining), ['manual']);
    assert.ok((await retraining.states())[0]!.cooling_until! > now);
    await retraining.alert(alert('a', { closed: now }));
    now += 61 * minute;
    await retraining.look();
    assert.deepEqual(started(retraining), ['manual'], 'the alarm is over');
    await decided(retraining, await retraining.alert(alert('b')).then(() => retraining.decisions()[0]!));
    assert.deepEqual(started(retraining), ['manual', 'drift']);
    now += 2 * hour;
    await retraining.alert(alert('b', { windows: 3 }));
    assert.deepEqual(started(retraining), ['manual', 'drift'], 'one alarm starts one');
    for (const foreign of [alert('c', { endpoint: 'elsewhere' }), alert('d', { kind: 'performance' }), alert('f', { kind: 'quality' })]) {
      await retraining.alert(foreign);
    }
    assert.equal(started(retraining).length, 2);
    // What waits survives a restart.
    await byHand(retraining);
    await retraining.alert(alert('g'));
    now += 2 * hour;
    const next = make();
    await next.look();
    assert.deepEqual(started(next).slice(-1), ['drift']);
  });

  it('starts one for several triggers at once, and none for what comes while it runs', async () => {
    await settings("{deployment: e, on_drift: true, on_worse_score: true, schedule: '0 * * * *', new_rows: 50, cool_down: 1s}");
    await champion('r1');
    await behave({ verdict: 'keep', wait: true });
    await writeFile(path.join(project.root, 'wait'), '');
    const retraining = make();
    await retraining.look();
    now += 2 * hour;
    await rows(200);
    await Promise.all([retraining.alert(alert('a')), retraining.look(), retraining.alert(alert('b', { kind: 'performance' }))]);
    assert.equal(started(retraining).length, 1);
    await retraining.alert(alert('c'));
    now += 2 * hour;
    await retraining.look();
    await rm(path.join(project.root, 'wait'));
    await decided(retraining, retraining.decisions()[0]!);
    now += minute;
    await retraining.look();
    assert.equal(started(retraining).length, 1);
  });

  it('starts on enough new rows, once for the same data', async () => {
    await settings('{new_rows: 50, cool_down: 1s}');
    await behave({ verdict: 'keep' });
    const retraining = make();
    await retraining.look();
    assert.deepEqual(started(retraining), [], 'without a champion no row is new');
    await champion('r1');
    const grow = async (count: number): Promise<void> => {
      await rows(count);
      now += minute;
      await retraining.look();
      await Promise.all(retraining.decisions().map((each) => decided(retraining, each)));
    };
    await grow(149);
    assert.deepEqual(started(retraining), []);
    await grow(150);
    assert.deepEqual(started(retraining), ['new_data']);
    assert.match(retraining.decisions()[0]!.trigger.detail, /50 new rows/);
    await grow(150);
    await grow(199);
    assert.equal(started(retraining).length, 1);
    await grow(200);
    assert.equal(started(retraining).length, 2);
    await rm(path.join(project.root, 'data.csv'));
    await retraining.look();
    assert.equal(started(retraining).length, 2);
  });

  it('brings a decision to its end once, after a server that was killed before it did', async () => {
    await champion('r1');
    const killed = make();
    const { decision_id } = await killed.start({ retraining: 'r' });
    await killed.close();
    await until(() => jobs.get(decision_id).job.status === 'finished');
    assert.equal(killed.decision(decision_id).status, 'running');
    const next = make();
    seen = [];
    await Promise.all([next.resume(), next.resume()]);
    assert.equal(next.decision(decision_id).outcome, 'proposed');
    assert.equal(seen.filter(({ status }) => status === 'decided').length, 1);
    await next.resume();
    assert.equal(seen.filter(({ status }) => status === 'decided').length, 1);
    database.run("UPDATE decisions SET decision = json_set(decision, '$.status', 'running', '$.decision_id', 'lost'), decision_id = 'lost'");
    await next.resume();
    assert.match(next.decision('lost').sentence, /never began/);
  });

  for (const step of ['check', 'train', 'compare', 'propose']) {
    it(`promotes nothing when it fails or dies at the step ${step}`, async () => {
      await settings('{promotion: automatic}');
      await champion('r1');
      const retraining = make();
      await behave({ fail: step });
      const failed = await byHand(retraining);
      assert.deepEqual([failed.status, failed.outcome, failed.steps.find(({ status }) => status === 'failed')?.name], ['failed', 'failed', step]);
      assert.match(failed.sentence, new RegExp(`Nothing was changed. No ${step} today`));
      assert.match(states(failed), /deploy skipped/);
      await behave({ die: step });
      const dead = await byHand(retraining);
      assert.equal(dead.steps.find(({ status }) => status === 'failed')?.name, step);
      assert.match(dead.sentence, /ended from outside/);
      assert.equal(await championNow(), 1);
    });
  }

  it('says that a cancelled one was cancelled', async () => {
    await behave({ verdict: 'promote', wait: true });
    await writeFile(path.join(project.root, 'wait'), '');
    const retraining = make();
    const { decision_id } = await retraining.start({ retraining: 'r' });
    await until(() => jobs.get(decision_id).job.status === 'running');
    database.run("UPDATE jobs SET status = 'cancelled' WHERE job_id = :decision_id", { decision_id });
    await rm(path.join(project.root, 'wait'));
    queue.emit('change', jobs.get(decision_id).job);
    const cancelled = await decided(retraining, retraining.decision(decision_id));
    assert.deepEqual([cancelled.status, cancelled.outcome], ['cancelled', 'failed']);
  });

  describe('with automatic promotion', () => {
    const git = (...args: string[]): void => void execFileSync('git', args, { cwd: project.root, stdio: 'ignore' });
    beforeEach(async () => {
      await settings('{promotion: automatic, deployment: e, branch: main}');
      await champion('r1');
    });
    async function repository(): Promise<void> {
      await writeFile(path.join(project.root, '.gitignore'), '.ml/\nbehave.json\n');
      git('init', '-b', 'main');
      git('add', '-A');
      git('-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-m', 'first');
    }

    it('promotes and serves on a clean work tree of the branch, and where there is no Git', async () => {
      const retraining = make();
      const plain = await byHand(retraining);
      assert.deepEqual([plain.outcome, plain.status, await championNow(), served.length], ['promoted', 'decided', 2, 1]);
      assert.match(plain.sentence, /So it is: promote\. Version 2 of m is the champion\. e serves version 2\./);
      await repository();
      assert.equal((await byHand(retraining)).outcome, 'promoted');
      assert.equal(await championNow(), 3);
    });

    it('only proposes on a work tree with changes, or on another branch', async () => {
      await repository();
      const retraining = make();
      await appendFile(path.join(project.root, 'data.csv'), '1,2\n');
      const dirty = await byHand(retraining);
      assert.equal(dirty.outcome, 'proposed');
      assert.match(dirty.sentence, /not promoted automatically: the work tree has changes that are not committed \(data\.csv\)/);
      git('checkout', 'data.csv');
      git('checkout', '-b', 'mine');
      const other = await byHand(retraining);
      assert.match(other.sentence, /on the branch mine, not on main/);
      assert.deepEqual([await championNow(), served.length], [1, 0]);
      assert.equal((await retraining.answer(dirty.decision_id, { answer: 'promote' })).outcome, 'promoted');
      await assert.rejects(retraining.answer(other.decision_id, { answer: 'promote' }), /version 2 became the champion since the comparison/);
    });

    it('promotes nothing on missing evidence or a lost comparison', async () => {
      const retraining = make();
      for (const verdict of ['inconclusive', 'keep', undefined]) {
        await behave({ verdict });
        assert.equal((await byHand(retraining)).outcome, verdict === undefined ? 'proposed' : 'kept');
      }
      assert.deepEqual([await championNow(), served.length], [1, 0]);
    });

    it('goes on where a server was killed between the registration and the alias', async () => {
      await repository();
      const failing = make({ inTurn: () => Promise.reject(new Error('killed')) });
      const { decision_id } = await failing.start({ retraining: 'r' });
      await until(() => jobs.get(decision_id).job.status === 'finished');
      const half = await decided(failing, failing.decision(decision_id));
      await failing.close();
      // As the killed server would have left it: the version written, the alias not moved, the decision open.
      const { registerCandidate } = await import('../../../src/core/registry/api.ts');
      const row = database.get('SELECT version FROM retraining_candidates')!;
      await registerCandidate(project, JSON.parse(String(row['version'])) as Parameters<typeof registerCandidate>[1]);
      database.run("UPDATE decisions SET decision = :decision", { decision: JSON.stringify({ ...half, status: 'running', outcome: 'running', steps: half.steps.map((step) => (step.name === 'promote' ? { ...step, status: 'running' } : step.name === 'deploy' ? { ...step, status: 'waiting' } : step)) }) });
      const next = make();
      await next.resume();
      assert.equal(next.decision(decision_id).outcome, 'promoted', next.decision(decision_id).sentence);
      assert.deepEqual([await championNow(), (await readModel(project, 'm')).versions.length, served.length], [2, 2, 1]);
    });

    it('records a failed promotion or deployment as that step, with no half state', async () => {
      const retraining = make({ endpoints: { list: () => [{ name: 'e', versions: [] } as unknown as Endpoint], serve: () => Promise.reject(new Error('The port is gone.')) } });
      const undeployed = await byHand(retraining);
      assert.deepEqual([undeployed.status, undeployed.outcome, await championNow()], ['failed', 'promoted', 2]);
      assert.match(states(undeployed), /promote done, deploy failed/);
      assert.match(undeployed.sentence, /could not be served.*The port is gone/);
      await behave({ verdict: 'promote', wait: true });
      await writeFile(path.join(project.root, 'wait'), '');
      const { decision_id } = await retraining.start({ retraining: 'r' });
      const aliases = path.join(project.modelsFolder, 'm/aliases.yaml');
      const before = await readFile(aliases, 'utf8');
      await writeFile(aliases, ': broken [');
      await rm(path.join(project.root, 'wait'));
      const unpromoted = await decided(retraining, retraining.decision(decision_id));
      assert.equal(unpromoted.outcome, 'proposed');
      assert.match(unpromoted.sentence, /files cannot be read/);
      await assert.rejects(retraining.answer(decision_id, { answer: 'promote' }), /files cannot be read/);
      await writeFile(aliases, before);
      assert.equal((await retraining.answer(decision_id, { answer: 'promote' })).status, 'failed', 'promoted, but the endpoint still refuses');
      assert.equal(await championNow(), 3);
    });

    it('does not promote what the gate of champion holds back, writes no file of it, and says so', async () => {
      const text = await readFile(project.file, 'utf8');
      const write = (max: number): Promise<void> => writeFile(project.file, text.replace('m: {dataset: d}', `m: {dataset: d, gates: {champion: [{name: small error, metric: mae, max: ${max}}]}}`));
      const catalogue = new Catalogue(project, database);
      const promotions = new Promotions(project, catalogue, new Candidates(project, catalogue, runs, new LoggedModelStore(database), new ArtifactStore(project, () => Promise.resolve(null))), runs);
      const retraining = make({
        champions: {
          check: async ({ model, run_id, metrics }) => void (await promotions.check(model, 'champion', { version: null, run_id, metrics }, 'retraining')),
          set: (model, version) => promotions.move(model, 'champion', version, 'retraining'),
        },
      });
      const last = (): unknown => catalogue.moves('m').map(({ by, outcome, from, to }) => [by, outcome, from, to])[0];
      await write(0.5);
      const held = await byHand(retraining);
      assert.deepEqual([held.outcome, await championNow(), (await readModel(project, 'm')).versions.length], ['proposed', 1, 1]);
      assert.match(held.sentence, /The champion stays, since the challenger could not be promoted: The challenger of m cannot become champion.*“small error” wants mae of at most 0\.5, and it is 1\b/);
      assert.deepEqual(last(), ['retraining', 'refused', 1, null]);
      assert.match((await retraining.answer(held.decision_id, { answer: 'promote' })).sentence, /small error/);
      await write(1);
      assert.deepEqual([(await retraining.answer(held.decision_id, { answer: 'promote' })).outcome, await championNow()], ['promoted', 2]);
      assert.deepEqual(last(), ['retraining', 'moved', 1, 2]);
    });

    it('does not promote over a champion that it was not compared with', async () => {
      await behave({ verdict: 'promote', wait: true });
      await writeFile(path.join(project.root, 'wait'), '');
      const retraining = make();
      const { decision_id } = await retraining.start({ retraining: 'r' });
      await setAlias(project, 'm', 'champion', await champion('r2'));
      await rm(path.join(project.root, 'wait'));
      const found = await decided(retraining, retraining.decision(decision_id));
      assert.equal(found.outcome, 'proposed');
      assert.match(found.sentence, /version 2 became the champion since/);
      assert.equal(await championNow(), 2);
    });
  });

  it('starts nothing from a broken ml.yaml or schedule, and says why', async () => {
    await settings("{schedule: '0 * * * *', cool_down: 1s}");
    const retraining = make();
    await retraining.look();
    await writeFile(project.file, 'project: [');
    await utimes(project.file, new Date(), new Date());
    now += 5 * hour;
    await retraining.look();
    const [broken] = await retraining.states();
    assert.match(broken?.problem ?? '', /ml\.yaml:/);
    await assert.rejects(retraining.start({ retraining: 'r' }), /ml\.yaml:/);
    await settings("{schedule: 'each monday'}");
    await retraining.look();
    assert.match((await retraining.states())[0]?.problem ?? '', /`each monday` is not a schedule/);
    assert.deepEqual(started(retraining), []);
    await settings("{schedule: '0 * * * *', window: 30, cool_down: 1h}");
    await retraining.look();
    now += 2 * hour;
    await retraining.look();
    assert.match((await retraining.states())[0]?.problem ?? '', /needs a date/);
    await settings("{schedule: '0 * * * *', cool_down: 1h}");
    assert.equal((await retraining.states())[0]?.problem, null);
    await retraining.look();
    assert.deepEqual(started(retraining), ['schedule'], 'what was due waited for the mended file');
    await decided(retraining, retraining.decisions()[0]!);
    await settings('{window: 30}');
    await assert.rejects(retraining.start({ retraining: 'r' }), /`window` of the newest rows needs a date/);
  });
});
