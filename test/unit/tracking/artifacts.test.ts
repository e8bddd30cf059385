import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { projectAt, type Project } from '../../../src/core/project/api.ts';
import { storeObject } from '../../../src/core/store/api.ts';
import { ArtifactStore, Refusal } from '../../../src/core/tracking/api.ts';

describe('artifacts of tracking clients', () => {
  let project: Project;
  let artifacts: ArtifactStore;
  let sha256 = '';
  beforeEach(async () => {
    project = projectAt(path.join(await mkdtemp(path.join(os.tmpdir(), 'artifacts-')), 'project'));
    await mkdir(project.stateFolder, { recursive: true });
    await writeFile(path.join(project.root, 'secret'), 'secret');
    artifacts = new ArtifactStore(project, (name) => Promise.resolve(name === 'churn' ? [{ path: 'model.json', sha256, bytes: 2 }] : null));
  });
  afterEach(() => rm(path.dirname(project.root), { recursive: true, force: true }));
  const put = (name: string, content = 'x'): Promise<number> => artifacts.put(name, Readable.from([Buffer.from(content)]));
  const get = async (name: string): Promise<string> => text((await artifacts.get(name)).stream);
  const lost = (error: unknown): boolean => error instanceof Refusal && error.code === 'RESOURCE_DOES_NOT_EXIST';
  const bad = (error: unknown): boolean => error instanceof Refusal && error.code === 'INVALID_PARAMETER_VALUE';

  it('are put, listed, got and deleted', async () => {
    assert.equal(await put('0/run/artifacts/a b/ü%20.txt', 'hello'), 5);
    await put('0/run/artifacts/empty', '');
    assert.equal(await get('0/run/artifacts/a b/ü%20.txt'), 'hello');
    assert.deepEqual(await artifacts.list('0/run/artifacts'), [{ name: 'a b', folder: true, bytes: 0 }, { name: 'empty', folder: false, bytes: 0 }]);
    assert.deepEqual(await artifacts.list('0/run/artifacts/empty'), []);
    assert.deepEqual(await artifacts.list('0/nope'), []);
    await artifacts.delete('0/run/artifacts/a b');
    await assert.rejects(get('0/run/artifacts/a b/ü%20.txt'), lost);
    await assert.rejects(get('0/run/artifacts'), bad);
    await assert.rejects(get('0/nope'), lost);
  });

  it('of a job lie with the job, and nothing else of it is reached', async () => {
    await put('jobs/01ABC/artifacts/plot.png');
    assert.deepEqual(await readdir(path.join(project.jobsFolder, '01ABC', 'artifacts')), ['plot.png']);
    await writeFile(path.join(project.jobsFolder, '01ABC', 'journal.ndjson'), '');
    for (const name of ['jobs/01ABC/journal.ndjson', 'jobs/01ABC', 'jobs', 'jobs/01ABC/artifacts', 'registry/churn/1/model.json', '.incoming/x', '', 'x']) {
      await assert.rejects(put(name), bad, name);
    }
  });

  it('of a registered version are its model, to be read only', async () => {
    sha256 = await storeObject(project.objectsFolder, Buffer.from('{}'));
    assert.deepEqual(await artifacts.list('registry/churn/01X'), [{ name: 'model.json', folder: false, bytes: 2 }]);
    assert.equal(await get('registry/churn/01X/model.json'), '{}');
    await assert.rejects(get('registry/other/01X/model.json'), lost);
    await assert.rejects(artifacts.delete('registry/churn/01X/model.json'), bad);
  });

  for (const name of ['../secret', '0/../../../secret', '0/%2e%2e/%2e%2e/%2e%2e/secret', '0/%252e%252e/x', '0/..%2f..%2fsecret', '/etc/passwd', '%2fetc/passwd', 'C:/x', '0\\..\\x', '0/%5c..%5cx', '0/a\0b', '0/a%00b', '0/a#b', 'jobs/../../secret', 'jobs/01ABC/artifacts/../journal.ndjson', 'registry/../../secret']) {
    it(`refuses ${JSON.stringify(name)}`, async () => {
      for (const work of [() => put(name), () => get(name), () => artifacts.list(name), () => artifacts.delete(name)]) {
        await assert.rejects(work, bad);
      }
      assert.equal(await readFile(path.join(project.root, 'secret'), 'utf8'), 'secret');
    });
  }

  it('follow no link out', async () => {
    const folder = path.join(project.stateFolder, 'artifacts', '0');
    await mkdir(folder, { recursive: true });
    await symlink(project.root, path.join(folder, 'out'));
    await symlink(path.join(project.root, 'secret'), path.join(folder, 'file'));
    await symlink(path.join(project.root, 'not there'), path.join(folder, 'dangling'));
    for (const name of ['0/out/secret', '0/out/new', '0/file', '0/dangling']) {
      await assert.rejects(get(name), bad, name);
      await assert.rejects(put(name), bad, name);
      await assert.rejects(artifacts.delete(name), bad, name);
    }
    assert.deepEqual((await artifacts.list('0')).length, 0);
    assert.equal(await readFile(path.join(project.root, 'secret'), 'utf8'), 'secret');
  });

  it('never lie outside, whatever they are called', async () => {
    const part = fc.oneof(fc.string(), fc.constantFrom('..', '.', '%2e%2e', '%2f', '\\', 'jobs', 'artifacts', 'registry', ' ', '%'));
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async (parts) => {
        await put(parts.join('/')).catch((error: unknown) => assert.ok(error instanceof Refusal, String(error)));
        assert.deepEqual((await readdir(project.root)).sort(), ['.ml', 'secret']);
        assert.deepEqual(await readdir(path.dirname(project.root)), ['project']);
        assert.deepEqual((await readdir(project.stateFolder)).filter((name) => name !== 'artifacts' && name !== 'jobs'), []);
      }),
      { numRuns: 200 },
    );
  });

  it('are whole or not there', async () => {
    await put('0/run/artifacts/model', 'before');
    const broken = new Readable({
      read() {
        this.push('half');
        this.destroy(new Error('the client went away'));
      },
    });
    await assert.rejects(artifacts.put('0/run/artifacts/model', broken), /went away/);
    const full = Readable.from(['x']).map(() => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    });
    await assert.rejects(artifacts.put('0/run/artifacts/model', full), (error: unknown) => error instanceof Refusal && error.code === 'INSUFFICIENT_STORAGE' && /no space left/.test(error.message));
    assert.equal(await get('0/run/artifacts/model'), 'before');
    assert.deepEqual(await readdir(path.join(project.stateFolder, 'artifacts', '.incoming')), []);
    await assert.rejects(put('0/run/artifacts/model/inside'), bad);
    await assert.rejects(put('0/run/artifacts'), bad);
  });
});
