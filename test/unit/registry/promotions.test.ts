import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { UserError } from '../../../src/contracts/errors.ts';
import type { Mover } from '../../../src/contracts/registry.ts';
import type { TrainingReport } from '../../../src/contracts/training.ts';
import { projectAt, type Project } from '../../../src/core/project/api.ts';
import { Candidates, Catalogue, filesOf, GateRefusal, Promotions, readModel, registerVersion, resolveModel, versionDetail } from '../../../src/core/registry/api.ts';
import { ArtifactStore } from '../../../src/core/tracking/api.ts';
import { clientRun, openStores, type Stores } from '../tracking/support.ts';

const description = `flavors:
  python_function: {loader_module: mlflow.sklearn, model_path: model.pkl}
  sklearn: {pickled_model: model.pkl}
mlflow_version: 3.17.2
signature:
  inputs: '[{"type": "double", "name": "age", "required": true}, {"type": "string", "name": "town", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
`;

describe('promotions', () => {
  let project: Project;
  let stores: Stores;
  let catalogue: Catalogue;
  let promotions: Promotions;
  let candidates: Candidates;
  let artifacts: ArtifactStore;
  beforeEach(async () => {
    project = projectAt(await mkdtemp(path.join(os.tmpdir(), 'promotions-')));
    await mkdir(project.stateFolder);
    stores = openStores(project.databaseFile);
    artifacts = new ArtifactStore(project, async (name, ulid) => {
      const file = (await readModel(project, name)).versions.find((version) => version.file.ulid === ulid)?.file;
      return file === undefined ? null : filesOf(project, file);
    });
    catalogue = new Catalogue(project, stores.database);
    candidates = new Candidates(project, catalogue, stores.runs, stores.models, artifacts);
    promotions = new Promotions(project, catalogue, candidates, stores.runs);
  });
  afterEach(async () => {
    stores.database.close();
    await rm(project.root, { recursive: true, force: true });
  });

  const folder = (run_id: string): string => path.join(project.stateFolder, 'artifacts', '0', run_id, 'artifacts', 'model');
  /** A run with a model of scikit-learn, registered by a program. */
  async function candidate(metrics: Record<string, number> = {}, files: Record<string, string> = { MLmodel: description, 'model.pkl': 'a pickle', 'data/example.json': '{}' }): Promise<{ run_id: string; version: number }> {
    const run_id = stores.tracked.create(clientRun());
    stores.runs.metrics.append(run_id, Object.entries(metrics).map(([key, value]) => ({ key, value, step: 0, timestamp: 1 })), false);
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder(run_id), name)), { recursive: true });
      await writeFile(path.join(folder(run_id), name), content);
    }
    const { version } = catalogue.createVersion({ name: 'churn', source: `mlflow-artifacts:/0/${run_id}/artifacts/model`, run_id, run_link: '', description: 'from a script', model_id: null, tags: [['team', 'x']] });
    return { run_id, version };
  }
  const model = async (run_id: string, metrics: Record<string, number> = {}): Promise<number> => {
    await writeFile(path.join(project.root, 'model.json'), '{"a": 1}');
    const report = { task: 'classification', target: 'y', trainer: 'linear', metrics: Object.fromEntries(Object.entries(metrics).map(([key, value]) => [key, { value, low: value, high: value }])) } as unknown as TrainingReport;
    const { version } = await registerVersion(project, { name: 'churn', description: '', run_id, modelFile: path.join(project.root, 'model.json'), report, data: { path: 'x.csv', sha256: 'abc', rows: 3 }, git: null }, catalogue.highest('churn'));
    await catalogue.refresh(true);
    return version;
  };
  const gates = (checks: string): Promise<void> => writeFile(project.file, `project: p\nmodels:\n  churn:\n    gates:\n      champion:\n${checks}\n`);
  const aliases = async (): Promise<Record<string, number>> => (await readModel(project, 'churn').catch(() => ({ aliases: {} }))).aliases;
  const history = (): unknown[] => catalogue.moves('churn').map(({ kind, label, from, to, by, outcome }) => [kind, label, from, to, by, outcome]).reverse();

  describe('of candidates', () => {
    beforeEach(() => void catalogue.createModel('churn', '', []));

    it('tells what a candidate is from its files, and loads none', async () => {
      const { version } = await candidate();
      const detail = await candidates.detail(catalogue.version('churn', version));
      assert.deepEqual([detail.problem, detail.signature, detail.folder, detail.candidate.tags], [null, null, null, { team: 'x' }]);
      assert.deepEqual(detail.foreign, {
        format: 'mlflow',
        flavors: ['sklearn', 'python_function'],
        mlflow_version: '3.17.2',
        inputs: [{ name: 'age', type: 'double', required: true }, { name: 'town', type: 'string', required: false }],
        outputs: [{ name: '0', type: 'int64 [any]', required: true }],
        files: [{ path: 'MLmodel', bytes: description.length }, { path: 'data/example.json', bytes: 2 }, { path: 'model.pkl', bytes: 8 }],
      });
      const other = await candidate({}, { MLmodel: 'flavors: [', 'x.bin': '1' });
      assert.deepEqual((await candidates.detail(catalogue.version('churn', other.version))).foreign?.format, 'files');
      const away = catalogue.createVersion({ name: 'churn', source: 's3://bucket/model', run_id: '', run_link: '', description: '', model_id: null, tags: [] });
      assert.match((await candidates.detail(away)).problem ?? '', /lie at s3:\/\/bucket\/model, which this project cannot read/);
      await assert.rejects(promotions.accept('churn', away.version, 'editor'), /cannot read/);
    });

    it('makes a version of one under its number, which outlives its run', async () => {
      await model('r1');
      const { run_id, version } = await candidate({ accuracy: 0.9, 'system/cpu': 3 });
      const { version: file, refused } = await promotions.accept('churn', version, 'editor');
      assert.deepEqual([file.version, file.format, file.flavors, file.trainer, file.metrics, file.tags, file.description, refused], [2, 'mlflow', ['sklearn', 'python_function'], 'sklearn', { accuracy: 0.9 }, { team: 'x' }, 'from a script', []]);
      await rm(folder(run_id), { recursive: true });
      const { source, ulid } = catalogue.version('churn', 2);
      assert.deepEqual([ulid, source, catalogue.candidates('churn')], [file.ulid, `mlflow-artifacts:/registry/churn/${file.ulid}`, []]);
      assert.deepEqual(await artifacts.list(`registry/churn/${file.ulid}`), [{ name: 'MLmodel', folder: false, bytes: description.length }, { name: 'data', folder: true, bytes: 0 }, { name: 'model.pkl', folder: false, bytes: 8 }]);
      assert.deepEqual(await artifacts.list(`registry/churn/${file.ulid}/data`), [{ name: 'example.json', folder: false, bytes: 2 }]);
      assert.equal(await text((await artifacts.get(`registry/churn/${file.ulid}/model.pkl`)).stream), 'a pickle');
      assert.deepEqual((await versionDetail(project, 'churn', 2)).foreign?.inputs?.map(({ name }) => name), ['age', 'town']);
      await assert.rejects(resolveModel(project, 'churn/2'), /churn version 2 is a model of MLflow \(sklearn, python_function\), so it cannot score here/);
      await assert.rejects(promotions.accept('churn', 2, 'editor'), /is a version of this project already/);
      assert.deepEqual([await aliases(), history()], [{ champion: 1 }, [['alias', 'champion', null, 1, 'files', 'moved'], ['accepted', '', 2, 2, 'editor', 'moved']]]);
    });

    it('leaves the champion of the files where it is until a person accepts what a program wants', async () => {
      await model('r1');
      const { version } = await candidate();
      await promotions.move('churn', 'champion', version, 'client');
      assert.deepEqual([await aliases(), catalogue.byAlias('churn', 'champion').version, catalogue.candidates('churn').length], [{ champion: 1 }, 2, 1]);
      await catalogue.refresh(true);
      assert.equal(catalogue.byAlias('churn', 'champion').version, 2);
      await promotions.accept('churn', version, 'command line');
      assert.deepEqual([await aliases(), catalogue.byAlias('churn', 'champion').version], [{ champion: 2 }, 2]);
      assert.deepEqual(history(), [['alias', 'champion', null, 1, 'files', 'moved'], ['alias', 'champion', 1, 2, 'client', 'moved'], ['accepted', '', 2, 2, 'command line', 'moved'], ['alias', 'champion', 1, 2, 'command line', 'moved']]);
    });

    it('lets the files win again once they move the alias', async () => {
      await model('r1');
      await promotions.move('churn', 'champion', (await candidate()).version, 'client');
      const third = await model('r3');
      await promotions.move('churn', 'champion', third, 'editor');
      assert.deepEqual([await aliases(), catalogue.byAlias('churn', 'champion').version], [{ champion: 3 }, 3]);
      await promotions.move('churn', 'champion', 2, 'client');
      // A colleague's promotion, which came with a pull.
      const [one] = (await readModel(project, 'churn')).versions.filter(({ file }) => file.version === 1);
      await writeFile(path.join(project.modelsFolder, 'churn', 'aliases.yaml'), `champion: ${one?.file.ulid}\n`);
      await catalogue.refresh(true);
      assert.equal(catalogue.byAlias('churn', 'champion').version, 1);
    });

    it('takes up after a crash between the file and its record, with no second candidate', async () => {
      const { version } = await candidate();
      const facts = await candidates.facts(catalogue.version('churn', version));
      await mkdir(path.join(project.modelsFolder, 'churn', 'versions'), { recursive: true });
      await writeFile(path.join(project.modelsFolder, 'churn', 'versions', `${facts.ulid}.yaml`), JSON.stringify(facts));
      const later = new Catalogue(project, stores.database);
      await later.refresh();
      assert.deepEqual([later.version('churn', 1).ulid, later.candidates('churn'), later.highest('churn')], [facts.ulid, [], 1]);
    });

    it('makes a file of what a person promotes', async () => {
      const { version } = await candidate();
      await promotions.move('churn', 'staging', version, 'editor');
      assert.deepEqual([await aliases(), catalogue.candidates('churn')], [{ staging: 1 }, []]);
      await assert.rejects(promotions.move('churn', 'champion', 7, 'editor'), /churn has no version 7/);
      await assert.rejects(promotions.move('churn', 'Bad', 1, 'editor'), /cannot be an alias/);
    });
  });

  describe('past gates', () => {
    const refusal = (message: RegExp) => (error: unknown): boolean => error instanceof GateRefusal && message.test(error.message);
    beforeEach(() => void catalogue.createModel('churn', '', []));

    it('refuses whoever moves a gated alias, in the same words, and keeps that on record', async () => {
      await gates('        - {name: good enough, metric: accuracy, min: 0.9}');
      const { version } = await candidate({ accuracy: 0.85 });
      for (const by of ['client', 'editor', 'command line', 'retraining'] as Mover[]) {
        await assert.rejects(promotions.move('churn', 'champion', version, by), refusal(/^churn version 1 cannot become champion: the gate of champion in ml\.yaml refuses it\. “good enough” wants accuracy of at least 0\.9, and it is 0\.85 \(its run\)\.$/));
      }
      const error: unknown = await promotions.move('churn', 'champion', version, 'editor').catch((thrown: unknown) => thrown);
      assert.ok(error instanceof UserError);
      assert.deepEqual(error.place, { file: project.file, line: 6, column: 9, field: 'models.churn.gates.champion' });
      assert.deepEqual([await aliases(), catalogue.candidates('churn').length, await readdir(project.modelsFolder).catch(() => [])], [{}, 1, []]);
      assert.deepEqual(history().at(-1), ['alias', 'champion', null, 1, 'editor', 'refused']);
      assert.equal(catalogue.moves('churn').length, 5);
      // Another alias has no gate.
      await promotions.move('churn', 'staging', version, 'client');
    });

    it('makes a file of a program’s candidate that passes', async () => {
      await gates('        - {name: good enough, metric: accuracy, min: 0.9}');
      const { version } = await candidate({ accuracy: 0.95 });
      await promotions.move('churn', 'champion', version, 'client');
      assert.deepEqual([await aliases(), catalogue.candidates('churn')], [{ champion: 1 }, []]);
    });

    it('passes nothing whose figure is missing or no number, and counts the last value', async () => {
      await gates('        - {name: a, metric: accuracy, min: 0.5}\n        - {name: b, metric: loss, max: 1}');
      const { version, run_id } = await candidate({ loss: NaN });
      await assert.rejects(promotions.move('churn', 'champion', version, 'client'), refusal(/“a” wants accuracy of at least 0\.5, and its run has no such figure; “b” wants loss of at most 1, and it is not a number \(its run\)\./));
      stores.runs.metrics.append(run_id, [{ key: 'accuracy', value: 0.9, step: 0, timestamp: 2 }, { key: 'accuracy', value: 0.4, step: 1, timestamp: 3 }, { key: 'loss', value: 1, step: 1, timestamp: 3 }], false);
      await assert.rejects(promotions.move('churn', 'champion', version, 'client'), refusal(/and it is 0\.4 \(its run\)\.$/));
      stores.runs.metrics.append(run_id, [{ key: 'accuracy', value: 0.6, step: 2, timestamp: 4 }], false);
      await promotions.move('churn', 'champion', version, 'client');
    });

    it('looks at the metrics of the logged model before those of its run, and says so', async () => {
      await gates('        - {name: good enough, metric: accuracy, min: 0.9}\n        - {name: small, metric: loss, max: 1}');
      const { run_id } = await candidate({ accuracy: 0.95, loss: 0.5 });
      const { model_id } = stores.models.create({ experiment_id: '0', name: 'tree', model_type: null, source_run_id: run_id, params: [], tags: [] });
      const log = (value: number, step: number, dataset_name = ''): void => stores.models.addMetrics(run_id, [{ key: 'accuracy', value, step, timestamp: step, model_id, dataset_name, dataset_digest: dataset_name }]);
      log(0.99, 1, 'train');
      log(0.7, 2, 'test');
      await mkdir(path.join(project.stateFolder, 'artifacts', '0', 'models', model_id, 'artifacts'), { recursive: true });
      await writeFile(path.join(project.stateFolder, 'artifacts', '0', 'models', model_id, 'artifacts', 'model.pkl'), 'a pickle');
      // A client names the model by its source, and newer ones by its id too.
      const made = (id: string | null): number => catalogue.createVersion({ name: 'churn', source: `models:/${model_id}`, run_id, run_link: '', description: '', model_id: id, tags: [] }).version;
      for (const version of [made(model_id), made(null)]) {
        await assert.rejects(promotions.move('churn', 'champion', version, 'client'), refusal(/and it is 0\.7 \(its logged model\)\.$/));
      }
      log(0.92, 3, 'test');
      await promotions.move('churn', 'champion', 3, 'client');
      assert.equal(catalogue.moves('churn')[0]?.reason, 'The gate of champion looked at accuracy 0.92 (its logged model), loss 0.5 (its run).');
      const [file] = (await readModel(project, 'churn')).versions;
      assert.deepEqual(file?.file.metrics, { accuracy: 0.92, loss: 0.5 });
      log(0.6, 4, 'test');
      await assert.rejects(promotions.move('churn', 'champion', 3, 'editor'), refusal(/and it is 0\.6 \(its logged model\)\.$/), 'as a file it still is that model');
    });

    it('measures by the version that has an alias, by the direction of the metric', async () => {
      await model('r1', { accuracy: 0.9, rmse: 10 });
      await gates('        - {name: no worse, metric: accuracy, not_worse_than: champion, margin: 0.05}\n        - {name: error, metric: rmse, not_worse_than: champion}');
      const worse = await candidate({ accuracy: 0.84, rmse: 11 });
      await assert.rejects(promotions.move('churn', 'champion', worse.version, 'client'), refusal(/wants accuracy of at least 0\.85, not worse than version 1 \(champion\), and it is 0\.84 \(its run\); “error” wants rmse of at most 10, not worse than version 1 \(champion\), and it is 11 \(its run\)\./));
      const better = await candidate({ accuracy: 0.86, rmse: 10 });
      await promotions.move('churn', 'champion', better.version, 'client');
      assert.deepEqual(await aliases(), { champion: 3 });
      // Itself is no measure, and where nobody has the alias there is none.
      await promotions.move('churn', 'champion', 3, 'editor');
    });

    it('keeps a first version from becoming champion by itself', async () => {
      await gates('        - {name: good enough, metric: accuracy, min: 0.9}');
      const { version } = await candidate({ accuracy: 0.1 });
      const accepted = await promotions.accept('churn', version, 'editor');
      assert.match(accepted.refused[0] ?? '', /^churn version 1 cannot become champion/);
      assert.deepEqual([accepted.refused.length, await aliases()], [1, {}]);
      assert.equal(await promotions.lead({ ...accepted.version }), accepted.refused[0]);
    });

    it('moves nothing where the gates cannot be read, and minds no mistake elsewhere', async () => {
      const { version } = await candidate();
      await writeFile(project.file, 'project: p\nmodels:\n  churn:\n    gates:\n      champion: maybe\n');
      await assert.rejects(promotions.move('churn', 'champion', version, 'client'), /gates of churn in .*ml\.yaml:5 cannot be read/);
      await writeFile(project.file, 'project: [');
      await assert.rejects(promotions.move('churn', 'champion', version, 'client'), /cannot be read, so it is not known whether a gate guards champion/);
      await writeFile(project.file, 'projekt: p\nmodels:\n  other: 1\n');
      await promotions.move('churn', 'champion', version, 'client');
      assert.match(await readFile(project.file, 'utf8'), /projekt/);
    });
  });
});
