import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { projectAt, type Project } from '../../../src/core/project/api.ts';
import { bringDatabase, databasePlace, openDatabase, type DatabasePlace } from '../../../src/core/store/api.ts';
import { ExperimentStore } from '../../../src/core/tracking/api.ts';

describe('where a database lies', () => {
  let folder: string;
  let project: Project;
  const variables = ['ML_LIFECYCLE_FILE_SYSTEM', 'XDG_STATE_HOME', 'LOCALAPPDATA'] as const;
  const before = variables.map((name) => process.env[name]);
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'placement-'));
    process.env['XDG_STATE_HOME'] = process.env['LOCALAPPDATA'] = path.join(folder, 'home');
    project = projectAt(path.join(folder, 'project'));
    await mkdir(project.stateFolder, { recursive: true });
  });
  afterEach(async () => {
    variables.forEach((name, index) => (before[index] === undefined ? Reflect.deleteProperty(process.env, name) : (process.env[name] = before[index])));
    await rm(folder, { recursive: true, force: true });
  });
  const on = (system: string): void => void (process.env['ML_LIFECYCLE_FILE_SYSTEM'] = system);
  /** As a server opens it: with its lock. */
  const use = async (at: Project, experiment?: string): Promise<DatabasePlace & { experiments: string[] }> => {
    const place = await databasePlace(at);
    await bringDatabase(place);
    const database = openDatabase(place.file);
    const experiments = new ExperimentStore(database);
    if (experiment !== undefined) {
      experiments.ensure(experiment);
    }
    const names = experiments.search({ filter: '', order_by: ['name'], view: 'all', max: 10, token: '' }).experiments.map(({ name }) => name);
    database.close();
    return { ...place, experiments: names };
  };

  it('is .ml/ on a disk of this machine', async () => {
    on('local');
    assert.deepEqual(await databasePlace(project), { file: project.databaseFile, lock: path.join(project.stateFolder, 'server.lock'), notice: null, from: null });
    assert.deepEqual(await readdir(project.stateFolder), []);
  });

  // On macOS the place of a user's data cannot be set apart for a test.
  (process.platform === 'darwin' ? describe.skip : describe)('on a network', () => {
    beforeEach(() => on('NFS'));

    it('is this machine’s own storage, under an id, and says so', async () => {
      const place = await use(project, 'a');
      assert.ok(place.file.startsWith(path.join(folder, 'home')), place.file);
      assert.equal(path.dirname(place.lock), path.dirname(place.file));
      assert.match(place.notice ?? '', /lies on a network file system \(NFS\), where a database can be damaged, so its database is kept on this machine, in /);
      assert.deepEqual(await readdir(project.stateFolder), ['database.json']);
      assert.deepEqual((await use(project)).experiments, ['Default', 'a']);
    });

    it('takes along what there was, and keeps the old file aside', async () => {
      on('local');
      await use(project, 'earlier');
      on('NFS');
      assert.deepEqual((await use(project)).experiments, ['Default', 'earlier']);
      assert.deepEqual((await readdir(project.stateFolder)).filter((name) => !/-(shm|wal)$/.test(name)), ['database.json', 'ml.db.moved']);
      assert.deepEqual((await use(project, 'later')).experiments, ['Default', 'earlier', 'later']);
    });

    it('stays there when the project is moved, also onto a disk of this machine', async () => {
      const { file } = await use(project, 'a');
      const moved = projectAt(path.join(folder, 'moved'));
      await rename(project.root, moved.root);
      assert.equal((await use(moved)).file, file);
      on('local');
      assert.deepEqual((await use(moved)).experiments, ['Default', 'a']);
    });

    it('gives a copy of the project a database of its own, with what there was', async () => {
      const { file } = await use(project, 'a');
      const copy = projectAt(path.join(folder, 'copy'));
      await cp(project.root, copy.root, { recursive: true });
      const place = await use(copy, 'b');
      assert.notEqual(place.file, file);
      assert.deepEqual([place.experiments, (await use(project)).experiments], [['Default', 'a', 'b'], ['Default', 'a']]);
      assert.equal((await use(copy)).file, place.file);
    });

    it('lets two who come at once have the same', async () => {
      const places = await Promise.all(Array.from({ length: 8 }, () => databasePlace(project)));
      assert.equal(new Set(places.map(({ file }) => file)).size, 1);
      assert.match(await readFile(project.databasePointer, 'utf8'), /^\{"id":"[0-9A-Z]{26}"\}\n$/);
    });
  });
});
