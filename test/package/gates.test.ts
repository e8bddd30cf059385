// Candidates of programs and gates, from outside: a tracking client's requests, the command line, the HTTP interface.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Accepted } from '../../src/contracts/server.ts';
import type { RegistryMove } from '../../src/contracts/registry.ts';
import type { ProjectClient } from '../../src/core/client/api.ts';
import { objectPath } from '../../src/core/store/api.ts';
import { ask, row, runtime, TestProject, type Answer } from './support/deployed.ts';

describe('candidates and gates', function () {
  this.timeout(60_000);
  let test: TestProject;
  let client: ProjectClient;
  let protocol: (method: string, target: string, body?: unknown) => Promise<Answer>;
  let upload: (target: string, content: string) => Promise<void>;
  before(async () => {
    test = await TestProject.create();
    await writeFile(test.project.file, 'project: churn\nmodels:\n  churn:\n    gates:\n      champion:\n        - name: good enough\n          metric: accuracy\n          min: 0.9\n');
    client = await test.client();
    const { port } = JSON.parse(await readFile(path.join(test.project.stateFolder, 'server.json'), 'utf8')) as { port: number };
    const key = (await readFile(path.join(test.project.stateFolder, 'server.key'), 'utf8')).trim();
    protocol = (method, target, body) => ask(`http://127.0.0.1:${port}/api/2.0/mlflow/${target}`, { method, key, body });
    upload = async (target, content) => {
      const { status } = await ask(`http://127.0.0.1:${port}/api/2.0/mlflow-artifacts/artifacts/${target}`, { method: 'PUT', key, body: content });
      assert.equal(status, 200);
    };
  });
  after(() => test.end());

  const cli = async (...args: string[]): Promise<{ code: number; out: string; errors: string }> => {
    const child = spawn(process.execPath, [path.join(runtime.folder, 'cli.js'), ...args], { cwd: test.project.root, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number]>]);
    return { code, out, errors };
  };
  /** A run that logs a model of these files and registers it, as a client does; gives the run's id and the version. */
  async function registered(files: Record<string, string>, accuracy: number): Promise<{ run_id: string; version: number }> {
    const { run } = (await protocol('POST', 'runs/create', { experiment_id: '0' })).json as { run: { info: { run_id: string; artifact_uri: string } } };
    const { run_id, artifact_uri } = run.info;
    for (const [name, content] of Object.entries(files)) {
      await upload(`${artifact_uri.replace('mlflow-artifacts:/', '')}/model/${name}`, content);
    }
    await protocol('POST', 'runs/log-metric', { run_id, key: 'accuracy', value: accuracy, timestamp: 1 });
    const made = (await protocol('POST', 'model-versions/create', { name: 'churn', source: `${artifact_uri}/model`, run_id })).json as { model_version: { version: string } };
    return { run_id, version: Number(made.model_version.version) };
  }
  const sentence = (version: number): RegExp => new RegExp(`^churn version ${version} cannot become champion: the gate of champion in ml\\.yaml refuses it\\. “good enough” wants accuracy of at least 0\\.9, and it is 0\\.5 \\(its run\\)\\.`);

  it('refuses a client, the editor and the command line in the same words, and keeps each on record', async () => {
    const { version } = await registered({ MLmodel: 'flavors: {sklearn: {}}\n', 'model.pkl': 'pickled' }, 0.5);
    assert.equal(version, 3);
    const refused = await protocol('POST', 'registered-models/alias', { name: 'churn', alias: 'champion', version: '3' });
    assert.deepEqual([refused.status, refused.json['error_code']], [400, 'INVALID_PARAMETER_VALUE']);
    assert.match(String(refused.json['message']), sentence(3));
    await assert.rejects(client.setAlias('churn', { alias: 'champion', version: 3 }), (error: Error) => sentence(3).test(error.message));
    const { code, out } = await cli('models', 'promote', 'churn/3');
    assert.equal(code, 1);
    assert.match(out, sentence(3));
    const moves = (JSON.parse((await cli('models', 'history', 'churn', '--json')).out) as { moves: RegistryMove[] }).moves;
    assert.deepEqual(moves.map(({ by, outcome, to }) => [by, outcome, to]), [['command line', 'refused', 3], ['editor', 'refused', 3], ['client', 'refused', 3]]);
    assert.match((await cli('models', 'history', 'churn')).out, /champion: none → 3, refused by command line\n {4}churn version 3 cannot become champion/);
    assert.equal((await protocol('GET', 'registered-models/alias?name=churn&alias=champion')).status, 400);
  });

  it('lists candidates beside versions, and makes a version of one that outlives its run', async () => {
    const { run_id, version } = await registered({ MLmodel: 'flavors: {sklearn: {}}\n', 'model.pkl': 'pickled' }, 0.95);
    const model = await client.model('churn');
    assert.deepEqual([model.versions.map(({ file }) => file.version), model.candidates.map((each) => each.version)], [[2, 1], [version, 3]]);
    assert.deepEqual((await client.candidate('churn', version)).foreign?.flavors, ['sklearn']);
    assert.match((await cli('models', 'show', 'churn')).out, /churn +4 +candidate/);
    const { code, out } = await cli('models', 'accept', `churn/${version}`, '--json');
    const accepted = JSON.parse(out) as Accepted;
    assert.deepEqual([code, accepted.version.version, accepted.version.metrics, accepted.refused], [0, version, { accuracy: 0.95 }, []]);
    assert.deepEqual((await client.model('churn')).aliases, { champion: version }, 'it passes the gate, and nobody was champion');
    await client.deleteRun(run_id);
    const uri = ((await protocol('GET', `model-versions/get-download-uri?name=churn&version=${version}`)).json as { artifact_uri: string }).artifact_uri;
    assert.equal(uri, `mlflow-artifacts:/registry/churn/${accepted.version.ulid}`);
    const files = (await protocol('GET', `artifacts/list?run_id=${run_id}`)).status;
    assert.notEqual(files, 200, 'the run is gone');
    assert.deepEqual((await client.version('churn', version)).foreign?.files.map((file) => file.path), ['MLmodel', 'model.pkl']);
    await assert.rejects(client.predict({ model: `churn/${version}`, rows: [row] }), /is a model of MLflow \(sklearn\), so it cannot score here/);
    const { code: again, errors } = await cli('models', 'accept', `churn/${version}`);
    assert.equal(again, 2);
    assert.match(errors, /is a version of this project already/);
  });

  it('tries a candidate that is a model of this program, and promotes it past the gate', async () => {
    const [, first] = (await client.model('churn')).versions.filter(({ file }) => file.format === undefined);
    const { version } = await registered({ 'model.json': await readFile(objectPath(test.project.objectsFolder, first?.file.artifact.sha256 ?? ''), 'utf8') }, 0.97);
    const detail = await client.candidate('churn', version);
    assert.deepEqual([detail.foreign, detail.signature?.output.name], [null, 'churn']);
    assert.deepEqual((await client.predict({ model: detail.folder ?? '', rows: [row] })).predictions, ['yes']);
    assert.deepEqual((await protocol('POST', 'registered-models/alias', { name: 'churn', alias: 'champion', version: String(version) })).json, {});
    const now = await client.model('churn');
    assert.deepEqual([now.aliases['champion'], now.versions[0]?.file.format, now.versions[0]?.file.target, now.candidates.map((each) => each.version)], [version, undefined, 'churn', [3]]);
    assert.deepEqual((await client.predict({ model: 'churn', rows: [row] })).predictions, ['yes']);
  });
});
