import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CandidateVersion } from '../../../src/contracts/registry.ts';
import type { TrainingReport } from '../../../src/contracts/training.ts';
import { projectAt, type Project } from '../../../src/core/project/api.ts';
import { listModels, readModel, registerCandidate, registerVersion, resolveModel, setAlias, type Registration } from '../../../src/core/registry/api.ts';

describe('the registry', () => {
  let project: Project;
  beforeEach(async () => {
    project = projectAt(await mkdtemp(path.join(os.tmpdir(), 'registry-')));
    await writeFile(path.join(project.root, 'model.json'), '{"a": 1}');
  });
  afterEach(() => rm(project.root, { recursive: true, force: true }));

  const registration = (run_id: string, change: Partial<Registration> = {}): Registration => ({
    name: 'churn',
    description: '',
    run_id,
    modelFile: path.join(project.root, 'model.json'),
    report: { task: 'classification', target: 'y', trainer: 'linear', metrics: { roc_auc: { value: 0.8, low: 0.7, high: 0.9 } } } as unknown as TrainingReport,
    data: { path: 'x.csv', sha256: 'abc', rows: 3 },
    git: null,
    ...change,
  });

  it('numbers versions, makes the first one champion, and keeps the artifact by its hash', async () => {
    const first = await registerVersion(project, registration('r1'));
    const second = await registerVersion(project, registration('r2'));
    assert.deepEqual([first.version, second.version], [1, 2]);
    const model = await readModel(project, 'churn');
    assert.deepEqual(model.aliases, { champion: 1 });
    assert.deepEqual(model.versions.map(({ file, available }) => [file.version, available]), [[2, true], [1, true]]);
    assert.equal(await readFile(await resolveModel(project, 'churn'), 'utf8'), '{"a": 1}');
  });

  it('promotes by changing one line', async () => {
    await registerVersion(project, registration('r1'));
    const second = await registerVersion(project, registration('r2'));
    await setAlias(project, 'churn', 'staging', 2);
    const before = (await readFile(path.join(project.modelsFolder, 'churn/aliases.yaml'), 'utf8')).split('\n');
    await setAlias(project, 'churn', 'champion', 2);
    const after = (await readFile(path.join(project.modelsFolder, 'churn/aliases.yaml'), 'utf8')).split('\n');
    assert.equal(before.filter((line, index) => line !== after[index]).length, 1);
    assert.equal(after[0], `champion: ${second.ulid}`);
    await setAlias(project, 'churn', 'staging', null);
    assert.deepEqual((await readModel(project, 'churn')).aliases, { champion: 2 });
  });

  it('keeps the records of a training by their hashes, and makes a version of a candidate once', async () => {
    const fitted = path.join(project.root, 'fitted.bin');
    await writeFile(fitted, 'rows');
    const facts = await registerVersion(project, registration('r1', { fitted: { file: fitted, rows: 2, until: '2024-01-31' }, reference: { file: fitted, rows: 3 } }));
    const sha256 = createHash('sha256').update('rows').digest('hex');
    assert.deepEqual([facts.fitted, facts.reference], [{ rows: 2, until: '2024-01-31', sha256 }, { sha256, rows: 3 }]);
    assert.deepEqual((await readModel(project, 'churn')).versions[0]?.file.fitted, facts.fitted);
    const candidate = CandidateVersion.parse({ ...Object.fromEntries(Object.entries(facts).filter(([key]) => key !== 'version')), ulid: '01CANDIDATE', run_id: 'r2' });
    const first = await registerCandidate(project, candidate);
    assert.deepEqual([first.version, first.ulid], [2, '01CANDIDATE']);
    assert.deepEqual(await registerCandidate(project, candidate), first);
    assert.deepEqual(await registerCandidate(project, { ...candidate, ulid: 'another' }), first, 'its run is a version already');
    assert.deepEqual((await readModel(project, 'churn')).aliases, { champion: 1 });
    await assert.rejects(registerCandidate(project, { ...candidate, model: '../evil' }), /cannot be the name/);
  });

  it('refuses a run twice, a bad name, an unknown version and a bad alias', async () => {
    await registerVersion(project, registration('r1'));
    await assert.rejects(registerVersion(project, registration('r1')), /registered already, as churn version 1/);
    await assert.rejects(registerVersion(project, registration('r2', { name: '../evil' })), /cannot be the name/);
    await assert.rejects(setAlias(project, 'churn', 'champion', 9), /no version 9/);
    await assert.rejects(setAlias(project, 'churn', 'Bad Alias', 1), /cannot be an alias/);
    await assert.rejects(resolveModel(project, 'churm'), /no model "churm".*Registered are churn/);
    await assert.rejects(resolveModel(project, 'churn@staging'), /no alias "staging". It has champion/);
  });

  it('finds a damaged and a missing artifact', async () => {
    await registerVersion(project, registration('r1'));
    const object = await resolveModel(project, 'churn/1');
    await rm(object);
    await assert.rejects(resolveModel(project, 'churn'), /not on this machine/);
    await writeFile(object, 'something else');
    await assert.rejects(resolveModel(project, 'churn'), /damaged/);
  });

  it('shows what it can of a folder with broken files, and says what it cannot', async () => {
    await registerVersion(project, registration('r1'));
    const folder = path.join(project.modelsFolder, 'churn/versions');
    await writeFile(path.join(folder, 'broken.yaml'), 'model: [');
    await writeFile(path.join(folder, 'other.yaml'), 'model: churn\n');
    await writeFile(path.join(project.modelsFolder, 'churn/aliases.yaml'), 'champion: NOBODY\n');
    const [model] = await listModels(project);
    assert.equal(model?.versions.length, 1);
    assert.equal(model?.problems.length, 3, JSON.stringify(model?.problems));
    await assert.rejects(setAlias(project, 'churn', 'champion', 7), /no version 7/);
    await setAlias(project, 'churn', 'champion', 1);
    assert.deepEqual((await readModel(project, 'churn')).aliases, { champion: 1 });
  });

  it('lets versions of two branches lie side by side', async () => {
    await registerVersion(project, registration('r1'));
    const folder = path.join(project.modelsFolder, 'churn/versions');
    const [file = ''] = await readdir(folder);
    const text = await readFile(path.join(folder, file), 'utf8');
    const other = '01HZZZZZZZZZZZZZZZZZZZZZZZ';
    await writeFile(path.join(folder, `${other}.yaml`), text.replace(file.replace('.yaml', ''), other));
    await assert.rejects(resolveModel(project, 'churn/1'), /Two versions of churn are numbered 1/);
    assert.equal(path.basename(path.dirname(await resolveModel(project, 'churn@champion'))).length, 2);
  });
});
