import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { experimentFile, fileRun, importInto, makeProject, startRemote, writeFiles, writeSqlite, type TestProject } from './support.ts';

const a = 'a'.repeat(32);
const b = 'b'.repeat(32);

describe('imported runs', () => {
  let project: TestProject;
  let folder: string;
  beforeEach(() => {
    project = makeProject();
    folder = mkdtempSync(path.join(os.tmpdir(), 'mlruns-'));
  });
  afterEach(() => {
    project.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const historyOf = (run_id: string, key: string): [number, number][] => project.metrics.page(run_id, key, 100, '').points.map(({ step, value }) => [step, value]);

  it('of a file store come with history, tags, data sets, files and registered versions, once', async () => {
    writeFiles(folder, {
      ...experimentFile('5', 'churn'),
      ...experimentFile('0', 'Default'),
      ...fileRun(folder, '5', a, {
        files: {
          [`inputs/i1/meta.yaml`]: 'source_type: DATASET\nsource_id: d1\ndestination_type: RUN\ntags:\n  mlflow.data.context: training\n',
          [`outputs/m-1/meta.yaml`]: 'source_type: RUN_OUTPUT\ndestination_type: MODEL_OUTPUT\ndestination_id: m-1\nstep: 4\n',
          'tags/mlflow.note.content': 'two\nlines',
          'metrics/inf': '1 -inf 0\n',
        },
      }),
      ...fileRun(folder, '5', b, { meta: `run_uuid: ${b}\nexperiment_id: 5\nlifecycle_stage: deleted\nstatus: FAILED\nstart_time: 3000\nend_time: 0\nname: ''\n` }),
      '5/datasets/d1/meta.yaml': 'name: tiny\ndigest: 2981e147\nschema: null\nsource_type: code\nsource: "{}"\n',
      '5/models/m-1/meta.yaml': `model_id: m-1\nname: model\nstatus: 2\nsource_run_id: ${a}\ncreation_timestamp: 5\nlast_updated_timestamp: 6\nartifact_location: file://${folder}/5/models/m-1/artifacts\n`,
      '5/models/m-1/metrics/loss': `1000 1.0 0 ${a} tiny abc\n`,
      '5/models/m-1/artifacts/MLmodel': 'flavors: {}\n',
      'models/churner/meta.yaml': 'name: churner\ndescription: about\n',
      'models/churner/aliases/champion': '2',
      'models/churner/version-2/meta.yaml': `version: 2\nsource: file://${folder}/5/${a}/artifacts/notes\nrun_id: ${a}\ncurrent_stage: Staging\n`,
      'models/churner/version-2/tags/k': 'v',
    });
    assert.deepEqual(await importInto(project, folder), { added: 2, changed: 0, unchanged: 0, files: 3, versions: 1, problems: [], problem_count: 0 });
    const [record] = project.search.records([a]);
    assert.deepEqual([record?.name, record?.status, record?.started, record?.ended, record?.user, record?.source], ['run aa', 'finished', 1000, 2000, 'ada', 'train.py']);
    assert.deepEqual(historyOf(a, 'loss'), [[0, 1], [1, 0.5], [2, NaN]]);
    assert.deepEqual([historyOf(a, 'val/acc'), historyOf(a, 'inf')], [[[0, 0.25]], [[0, -Infinity]]]);
    assert.deepEqual(record?.datasets.map(({ name, digest, schema, tags }) => [name, digest, schema, tags]), [['tiny', '2981e147', null, { 'mlflow.data.context': 'training' }]]);
    assert.deepEqual(record?.outputs, [{ model_id: 'm-1', step: 4 }]);
    assert.equal(project.runs.get(a).tags['mlflow.note.content'], 'two\nlines');
    assert.deepEqual([project.runs.get(b).archived, project.runs.get(b).status, project.runs.get(b).ended], [true, 'failed', null]);
    const { artifacts, artifact_uri } = project.runs.facts(a);
    assert.deepEqual(artifacts, [{ path: 'notes/a.txt', bytes: 5 }]);
    assert.equal(readFileSync(path.join(project.artifacts.folderOf(artifact_uri) ?? '', 'notes/a.txt'), 'utf8'), 'hello');
    const model = project.models.get('m-1');
    assert.deepEqual([model.status, model.source_run_id, model.metrics.map(({ dataset_name }) => dataset_name)], ['LOGGED_MODEL_READY', a, ['tiny']]);
    assert.ok(existsSync(path.join(project.artifacts.folderOf(model.artifact_uri) ?? '', 'MLmodel')));
    const version = project.catalogue.version('churner', 2);
    assert.deepEqual([version.source, version.stage, version.aliases, version.run_id], [`${artifact_uri}/notes`, 'Staging', ['champion'], a]);

    const before = project.database.all('SELECT * FROM points ORDER BY series_id, timestamp');
    assert.deepEqual(await importInto(project, folder), { added: 0, changed: 0, unchanged: 2, files: 0, versions: 0, problems: [], problem_count: 0 });
    assert.deepEqual(project.database.all('SELECT * FROM points ORDER BY series_id, timestamp'), before);
  });

  it('get what came since, and keep what was added here', async () => {
    writeFiles(folder, { ...experimentFile('5', 'churn'), ...fileRun(folder, '5', a) });
    await importInto(project, folder);
    project.runs.edit(a, { note: 'mine', tags: { team: 'red' } });
    writeFiles(folder, { [`5/${a}/metrics/loss`]: '1000 1.0 0\n1001 0.5 1\n1002 nan 2\n1003 0.1 3\n', [`5/${a}/artifacts/b.txt`]: 'new', ...fileRun(folder, '5', b) });
    const { added, changed, unchanged, files } = await importInto(project, folder);
    assert.deepEqual([added, changed, unchanged, files], [1, 1, 0, 2]);
    assert.equal(historyOf(a, 'loss').length, 4);
    assert.deepEqual([project.runs.get(a).metrics['loss'], project.runs.get(a).tags['mlflow.note.content'], project.runs.get(a).tags['team']], [0.1, 'mine', 'red']);
  });

  it('leave the source as it was', async () => {
    writeFiles(folder, { ...experimentFile('5', 'churn'), ...fileRun(folder, '5', a) });
    const seen = (): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort().map((name) => `${name} ${statSync(path.join(folder, name)).mtimeMs}`);
    const before = seen();
    await importInto(project, folder);
    assert.deepEqual(seen(), before);
  });

  it('that are malformed are said by file and line, and the rest comes', async () => {
    writeFiles(folder, {
      ...experimentFile('5', 'churn'),
      ...fileRun(folder, '5', a, { files: { 'metrics/cut': '1000 0.5 0\n1001 0.' + 'x\n10' } }),
      ...fileRun(folder, '5', b, { meta: `run_id: ${b}\nstatus: [3\n` }),
      [`5/${'c'.repeat(32)}/params/lr`]: '1',
      ...fileRun(folder, '5', 'd'.repeat(32), { meta: 'run_id: ../../escape\nstatus: 3\n' }),
    });
    const { added, problems } = await importInto(project, folder);
    assert.equal(added, 1);
    assert.deepEqual(historyOf(a, 'cut'), [[0, 0.5]]);
    const places = problems.map(({ file, line }) => [file === undefined ? null : path.relative(folder, file), line]);
    assert.deepEqual(new Set(places.map(String)), new Set([[`5/${a}/metrics/cut`, 2], [`5/${a}/metrics/cut`, 3], [`5/${b}/meta.yaml`, 3], [`5/${'c'.repeat(32)}/meta.yaml`, undefined], [null, undefined]].map(String)));
    assert.ok(problems.some(({ message }) => message.includes('"../../escape" is no id')));
  });

  it('take no file of this machine that is not the run’s own', async () => {
    const outside = path.join(folder, 'outside');
    writeFiles(outside, { 'artifacts/secret.txt': 'secret' });
    const store = path.join(folder, 'mlruns');
    writeFiles(store, { ...experimentFile('5', 'churn'), ...fileRun(store, '5', a, { meta: `run_id: ${a}\nstatus: 3\nartifact_uri: file://${outside}/artifacts\n` }), ...fileRun(store, '5', b) });
    symlinkSync(path.join(outside, 'artifacts'), path.join(store, '5', b, 'artifacts', 'link'));
    await importInto(project, store);
    assert.deepEqual(project.runs.facts(a).artifacts, []);
    assert.deepEqual(project.runs.facts(b).artifacts.map((each) => each.path), ['notes/a.txt']);
  });

  it('of a folder that was moved bring their files, and say of files elsewhere that they did not', async () => {
    writeFiles(folder, { ...experimentFile('5', 'churn'), ...fileRun('/gone/mlruns', '5', a), ...fileRun(folder, '5', b, { meta: `run_id: ${b}\nstatus: 3\nartifact_uri: s3://bucket/5/${b}/artifacts\n` }) });
    const { problems } = await importInto(project, folder);
    assert.deepEqual(project.runs.facts(a).artifacts.map((each) => each.path), ['notes/a.txt']);
    assert.match(problems.map(({ message }) => message).join(), /s3:\/\/bucket .*not copied/);
  });

  for (const [words, old] of [['an old', true], ['a new', false]] as const) {
    it(`come out of ${words} database of MLflow`, async () => {
      const file = path.join(folder, 'mlflow.db');
      writeSqlite(file, path.join(folder, 'artifacts'), old);
      const { added, files, versions, problem_count } = await importInto(project, file);
      assert.deepEqual([added, files, versions, problem_count], [2, 1, 1, 0]);
      assert.deepEqual(historyOf(a, 'loss'), [[0, 1], [1, NaN], [2, Infinity]]);
      assert.deepEqual([project.runs.get(a).params['lr'], project.runs.get(a).tags['who'], project.runs.get(b).archived], ['0.1', 'ada', true]);
      const version = project.catalogue.version('churner', 3);
      assert.deepEqual([version.stage, version.aliases], ['Production', old ? [] : ['champion']]);
      assert.equal(project.search.records([a])[0]?.datasets.length, old ? 0 : 1);
      assert.deepEqual(readdirSync(folder).sort(), ['artifacts', 'mlflow.db']);
      const again = await importInto(project, folder);
      assert.deepEqual([again.added, again.changed, again.unchanged, again.versions], [0, 0, 2, 0]);
    });
  }

  it('come out of TensorBoard, one for each folder, with the parameters of its plugin', async () => {
    const fixtures = path.join(import.meta.dirname, '..', 'tracking', 'fixtures');
    mkdirSync(path.join(folder, 'runs', 'one'), { recursive: true });
    mkdirSync(path.join(folder, 'runs', 'two', 'inner'), { recursive: true });
    cpSync(path.join(fixtures, 'tensorboardx.tfevents'), path.join(folder, 'runs', 'one', 'events.out.tfevents.1.host'));
    cpSync(path.join(fixtures, 'tensorflow2.tfevents'), path.join(folder, 'runs', 'two', 'inner', 'events.out.tfevents.2.host'));
    const { added } = await importInto(project, path.join(folder, 'runs'), 'boards');
    assert.equal(added, 2);
    const runs = project.runs.list();
    assert.deepEqual(runs.map((run) => [run.name, run.experiment, run.status]).sort(), [['one', 'boards', 'finished'], ['two/inner', 'boards', 'finished']]);
    const one = runs.find((run) => run.name === 'one');
    assert.equal(historyOf(one?.run_id ?? '', 'loss/train').length, 5);
    assert.deepEqual((await importInto(project, path.join(folder, 'runs'), 'boards')).unchanged, 2);
  });

  it('of a remote server come whole, and its own copies do not come back', async () => {
    const remote = await startRemote();
    try {
      const id = remote.tracked.create({ experiment_id: remote.experiments.ensure('far'), name: 'there', user: 'eve', started: 1000, tags: [['k', 'v']] });
      remote.tracked.log(id, { metrics: [{ key: 'loss', value: 1, step: 0, timestamp: 1 }, { key: 'loss', value: NaN, step: 1, timestamp: 2 }], params: [['lr', '1']], tags: [] });
      await fetch(`${remote.uri}/api/2.0/mlflow-artifacts/artifacts/1/${id}/artifacts/a/b.txt`, { method: 'PUT', body: 'far' });
      assert.deepEqual((await importInto(project, remote.uri)).added, 1);
      assert.deepEqual(historyOf(id, 'loss'), [[0, 1], [1, NaN]]);
      assert.deepEqual(project.runs.facts(id).artifacts, [{ path: 'a/b.txt', bytes: 3 }]);
      assert.deepEqual((await importInto(project, `${remote.uri}/`)).unchanged, 1);
    } finally {
      await remote.stop();
      remote.close();
    }
  });

  it('are left out where a run of this project has their id, and where nothing is found that is said', async () => {
    project.runs.create({ run_id: a, name: 'own', experiment: 'x', kind: 'script', created: 1, source: '', git: null, command: null, tags: {}, params: {} });
    writeFiles(folder, { ...experimentFile('5', 'churn'), ...fileRun(folder, '5', a) });
    assert.equal((await importInto(project, folder)).unchanged, 1);
    assert.equal(project.runs.get(a).name, 'own');
    await assert.rejects(importInto(project, folder, 'other'), /has no experiment "other".*"churn"/);
    const empty = mkdtempSync(path.join(folder, 'empty-'));
    await assert.rejects(importInto(project, empty), /holds no runs/);
    writeFileSync(path.join(empty, 'x.db'), 'no database');
    await assert.rejects(importInto(project, path.join(empty, 'x.db')), /is no SQLite file/);
    await assert.rejects(importInto(project, path.join(empty, 'nothing')), /There is no/);
  });

  it('that were broken off are complete after the next time', async () => {
    writeFiles(folder, { ...experimentFile('5', 'churn'), ...fileRun(folder, '5', a), ...fileRun(folder, '5', b) });
    const abort = new AbortController();
    const append = project.metrics.append.bind(project.metrics);
    project.metrics.append = (...args) => {
      append(...args);
      if (args[1].length > 0) {
        abort.abort(new Error('cancelled'));
      }
    };
    await assert.rejects(importInto(project, folder, undefined, abort.signal), /cancelled/);
    project.metrics.append = append;
    assert.equal((await importInto(project, folder)).problem_count, 0);
    assert.deepEqual([historyOf(a, 'loss').length, historyOf(b, 'loss').length, historyOf(b, 'val/acc').length], [3, 3, 1]);
  });
});
