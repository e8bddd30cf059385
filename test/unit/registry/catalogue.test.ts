import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TrainingReport } from '../../../src/contracts/training.ts';
import { projectAt, type Project } from '../../../src/core/project/api.ts';
import { Catalogue, readModel, registerCandidate, registerVersion, setAlias } from '../../../src/core/registry/api.ts';
import { openDatabase, type Database } from '../../../src/core/store/api.ts';
import { Refusal } from '../../../src/core/tracking/api.ts';

describe('the registry as programs see it', () => {
  let project: Project;
  let database: Database;
  let catalogue: Catalogue;
  beforeEach(async () => {
    project = projectAt(await mkdtemp(path.join(os.tmpdir(), 'catalogue-')));
    await writeFile(path.join(project.root, 'model.json'), '{"a": 1}');
    database = openDatabase(path.join(project.root, 'ml.db'));
    catalogue = new Catalogue(project, database);
  });
  afterEach(async () => {
    database.close();
    await rm(project.root, { recursive: true, force: true });
  });
  const file = async (run_id: string, above = 0) => {
    const report = { task: 'classification', target: 'y', trainer: 'linear', metrics: {} } as unknown as TrainingReport;
    const made = await registerVersion(project, { name: 'churn', description: 'from a file', run_id, modelFile: path.join(project.root, 'model.json'), report, data: { path: 'x.csv', sha256: 'abc', rows: 3 }, git: null }, above);
    await catalogue.refresh(true);
    return made;
  };
  const candidate = (name: string, tags: [string, string][] = []) => catalogue.createVersion({ name, source: 'mlflow-artifacts:/0/r/artifacts/model', run_id: 'r', run_link: '', description: '', model_id: null, tags });
  const moves = (): unknown[] => database.all('SELECT kind, label, from_version, to_version FROM registry_moves ORDER BY move_id').map((row) => [row['kind'], row['label'], row['from_version'], row['to_version']]);

  it('numbers files and candidates together', async () => {
    await file('r1');
    assert.equal(candidate('churn').version, 2);
    assert.equal((await file('r2', catalogue.highest('churn'))).version, 3);
    const { versions } = catalogue.searchVersions({ filter: "name = 'churn'", order_by: ['version_number ASC'], max: 10, token: '' });
    assert.deepEqual(versions.map(({ version, ulid, aliases }) => [version, ulid !== null, aliases]), [[1, true, ['champion']], [2, false, []], [3, true, []]]);
    assert.match(catalogue.version('churn', 1).source, /^mlflow-artifacts:\/registry\/churn\/[0-9A-Z]{26}$/);
  });

  it('numbers what a retraining proposed behind what programs registered, once it is promoted', async () => {
    const { version, ...first } = await file('r1');
    assert.deepEqual([version, candidate('churn').version], [1, 2]);
    const promoted = await registerCandidate(project, { ...first, ulid: '01CANDIDATE', run_id: 'r2' }, catalogue.highest('churn'));
    await catalogue.refresh(true);
    assert.equal(promoted.version, 3);
    assert.deepEqual([catalogue.version('churn', 2).ulid, catalogue.version('churn', 3).ulid], [null, '01CANDIDATE']);
    assert.deepEqual(moves(), [['alias', 'champion', null, 1]]);
  });

  it('gives a candidate another number where a file brings its own', async () => {
    await file('r1');
    candidate('churn', [['t', 'x']]);
    await catalogue.setAlias('churn', 'next', 2);
    // A colleague's version, which came with a pull.
    await file('r2');
    assert.equal(catalogue.version('churn', 2).description, 'from a file');
    const moved = catalogue.version('churn', 3);
    assert.deepEqual([moved.ulid, moved.tags, moved.aliases], [null, [['t', 'x']], ['next']]);
    assert.deepEqual(moves().at(-1), ['number', 'candidate', 2, 3]);
  });

  it('moves an alias between files and candidates, and notes every move', async () => {
    await file('r1');
    candidate('churn');
    await catalogue.setAlias('churn', 'champion', 2);
    assert.deepEqual((await readModel(project, 'churn')).aliases, { champion: 1 }, 'a program moves nothing in the files to what is no file');
    assert.equal(catalogue.byAlias('churn', 'champion').version, 2);
    await catalogue.refresh(true);
    assert.equal(catalogue.byAlias('churn', 'champion').version, 2);
    await catalogue.setAlias('churn', 'champion', 1);
    assert.deepEqual((await readModel(project, 'churn')).aliases, { champion: 1 });
    await catalogue.setAlias('churn', 'champion', null);
    assert.deepEqual((await readModel(project, 'churn')).aliases, {});
    assert.deepEqual(moves(), [['alias', 'champion', null, 1], ['alias', 'champion', 1, 2], ['alias', 'champion', 2, 1], ['alias', 'champion', 1, null]]);
    assert.throws(() => catalogue.byAlias('churn', 'champion'), (error: unknown) => error instanceof Refusal && error.code === 'INVALID_PARAMETER_VALUE' && error.message === 'Registered model alias champion not found.');
    assert.equal(catalogue.byAlias('churn', 'latest').version, 2);
    await assert.rejects(catalogue.setAlias('churn', 'x', 9), /Model Version \(name=churn, version=9\) not found/);
  });

  it('sees what changed in the files by other hands', async () => {
    await file('r1');
    await file('r2');
    await setAlias(project, 'churn', 'champion', 2);
    await catalogue.refresh(true);
    assert.equal(catalogue.byAlias('churn', 'champion').version, 2);
    await rm(project.modelsFolder, { recursive: true });
    await catalogue.refresh(true);
    assert.throws(() => catalogue.model('churn'), /Registered Model with name=churn not found/);
  });

  it('changes what belongs to a file in the file, and leaves the rest of it to people', async () => {
    await file('r1');
    await catalogue.setVersionTag('churn', 1, 'validated', 'yes');
    await catalogue.describeVersion('churn', 1, 'better');
    const { versions } = await readModel(project, 'churn');
    assert.deepEqual([versions[0]?.file.tags, versions[0]?.file.description], [{ validated: 'yes' }, 'better']);
    assert.deepEqual(catalogue.version('churn', 1).tags, [['validated', 'yes']]);
    await catalogue.setVersionTag('churn', 1, 'validated', null);
    assert.match(await readFile(path.join(project.modelsFolder, 'churn', 'versions', `${versions[0]?.file.ulid ?? ''}.yaml`), 'utf8'), /tags: \{\}/);
    assert.throws(() => catalogue.deleteVersion('churn', 1), /is a file of this project/);
    assert.throws(() => catalogue.deleteModel('churn'), /versions that are files/);
    assert.throws(() => catalogue.renameModel('churn', 'x'), /versions that are files/);
  });

  it('keeps stages, and searches', () => {
    catalogue.createModel('b', 'second', [['team', 'x']]);
    catalogue.createModel('a', '', [['mlflow.prompt.is_prompt', 'true']]);
    assert.throws(() => catalogue.createModel('a', '', []), (error: unknown) => error instanceof Refusal && error.code === 'RESOURCE_ALREADY_EXISTS' && error.message === 'Registered Model (name=a) already exists.');
    candidate('b', [['t', '1']]);
    candidate('b');
    catalogue.setStage('b', 1, 'production', false);
    catalogue.setStage('b', 2, 'Production', true);
    assert.deepEqual(catalogue.latest('b', []).map(({ version, stage }) => [version, stage]), [[1, 'Archived'], [2, 'Production']]);
    assert.throws(() => catalogue.setStage('b', 2, 'Live', false), /Invalid Model Version stage/);
    const models = (filter: string, order_by: string[] = []): string[] => catalogue.searchModels({ filter, order_by, max: 10, token: '' }).models.map(({ name }) => name);
    assert.deepEqual(models(''), ['a', 'b']);
    assert.deepEqual(models('', ['name DESC']), ['b', 'a']);
    assert.deepEqual(models("name ILIKE 'B%' AND tags.team = 'x'"), ['b']);
    // What clients add to leave out prompts holds for what has no such tag.
    assert.deepEqual(models("tags.`mlflow.prompt.is_prompt` != 'true'"), ['b']);
    assert.throws(() => models("run_id = 'x'"), Refusal);
    const versions = (filter: string): number[] => catalogue.searchVersions({ filter, order_by: [], max: 10, token: '' }).versions.map(({ version }) => version);
    assert.deepEqual(versions("name = 'b' AND version_number > 1"), [2]);
    assert.deepEqual(versions("tag.t = '1'"), [1]);
    assert.deepEqual(versions("run_id IN ('r', 'q') AND source_path LIKE '%model'").length, 2);
    catalogue.deleteVersion('b', 2);
    assert.equal(candidate('b').version, 2);
    catalogue.renameModel('b', 'c');
    assert.deepEqual(catalogue.version('c', 1).tags, [['t', '1']]);
    catalogue.deleteModel('c');
    assert.deepEqual(models(''), ['a']);
  });
});
