import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { writeFileAtomic } from '../../../src/core/files/api.ts';
import { prepareStateFolder } from '../../../src/core/project/api.ts';
import { isDiskFull, objectPath, openDatabase, storeObject } from '../../../src/core/store/api.ts';

describe('the store', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'store-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('rolls back what fails and keeps what does not', () => {
    const database = openDatabase(path.join(folder, 'ml.db'));
    const insert = (name: string): number => database.run('INSERT INTO experiments (name, created) VALUES (:name, 1)', { name });
    database.transaction(() => insert('kept'));
    assert.throws(() =>
      database.transaction(() => {
        insert('lost');
        throw new Error('no');
      }),
    );
    assert.deepEqual(database.all('SELECT name FROM experiments').map((row) => row['name']), ['Default', 'kept']);
    database.close();
  });

  it('says that the disk is full where it is, and goes on once there is room', () => {
    const database = openDatabase(path.join(folder, 'ml.db'));
    const insert = (name: string): void => database.transaction(() => void database.run('INSERT INTO experiments (name, created) VALUES (:name, 1)', { name }));
    // SQLite’s own limit fails as a full disk does.
    const pages = Number(database.all('PRAGMA page_count')[0]?.['page_count']);
    database.all(`PRAGMA max_page_count = ${pages}`);
    assert.throws(() => insert('x'.repeat(1_000_000)), (error: Error) => error.name === 'UserError' && /The disk is full.*ml\.db.*Make room/.test(error.message) && isDiskFull(error));
    database.all('PRAGMA max_page_count = 100000');
    insert('kept');
    assert.deepEqual(database.all('SELECT name FROM experiments').map((row) => row['name']), ['Default', 'kept']);
    database.close();
  });

  it('opens what a newer version wrote for reading only', () => {
    const file = path.join(folder, 'ml.db');
    openDatabase(file).close();
    const raw = new DatabaseSync(file);
    raw.exec('PRAGMA user_version = 99');
    raw.close();
    const database = openDatabase(file);
    assert.match(database.readOnly ?? '', /newer version/);
    assert.deepEqual(database.all('SELECT * FROM runs'), []);
    assert.throws(() => database.run('DELETE FROM runs'), /newer version/);
    database.close();
  });

  it('leaves a file that is no database as it is, and says so', async () => {
    const file = path.join(folder, 'ml.db');
    await writeFile(file, 'this is no database, but long enough to look at. '.repeat(50));
    assert.throws(() => openDatabase(file), /damaged/);
    assert.match(await readFile(file, 'utf8'), /^this is no database/);
  });

  it('keeps one object for the same content', async () => {
    const sha = await storeObject(folder, Buffer.from('abc'));
    assert.equal(sha, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    assert.equal(await storeObject(folder, Buffer.from('abc')), sha);
    assert.equal(await readFile(objectPath(folder, sha), 'utf8'), 'abc');
    assert.deepEqual(await readdir(path.join(folder, 'ba')), [sha]);
  });

  it('leaves nothing behind when a file cannot be written', async () => {
    await mkdir(path.join(folder, 'taken', 'inside'), { recursive: true });
    await assert.rejects(writeFileAtomic(path.join(folder, 'taken'), 'x'));
    assert.deepEqual(await readdir(folder), ['taken']);
  });

  it('refuses a state folder that is a link or a file', async () => {
    await mkdir(path.join(folder, 'elsewhere'));
    await symlink(path.join(folder, 'elsewhere'), path.join(folder, '.ml'));
    await assert.rejects(prepareStateFolder(path.join(folder, '.ml')), /link/);
    await writeFile(path.join(folder, 'file'), '');
    await assert.rejects(prepareStateFolder(path.join(folder, 'file')), /not a folder/);
  });

  it('keeps the state folder out of Git', async () => {
    const state = path.join(folder, '.ml');
    await prepareStateFolder(state);
    assert.equal(await readFile(path.join(state, '.gitignore'), 'utf8'), '*\n');
  });
});
