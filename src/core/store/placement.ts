// Where a project's database lies: in .ml/, unless that is on a network file system.
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ulid } from 'ulid';
import * as z from 'zod/mini';
import { folderIdentity } from '../discovery/api.ts';
import { writeFileAtomic } from '../files/api.ts';
import { networkFileSystem } from './fileSystem.ts';

/** Where things of a project lie, absolute. */
interface ProjectPaths {
  stateFolder: string;
  databaseFile: string;
  databasePointer: string;
}

export interface DatabasePlace {
  file: string;
  /** The file whose lock decides who serves. */
  lock: string;
  /** A sentence for people where it lies elsewhere than in .ml/. */
  notice: string | null;
  /** A database to begin with, which `bringDatabase` copies. */
  from: { file: string; moved: boolean } | null;
}

/** .ml/database.json: under which id the database lies in this machine's own storage. */
const Pointer = z.object({ id: z.string().check(z.regex(/^[0-9A-Z]{26}$/)) });
/** Beside such a database: whose it is. */
const Owner = z.object({ state: z.string() });

/**
 * SQLite's locks and shared memory do not hold over a network, so the database and the lock of a project there lie in
 * this machine's own storage, under an id that .ml/database.json names; from then on, wherever the project lies. `.ml`
 * must be there.
 */
export async function databasePlace({ stateFolder: state, databaseFile: file, databasePointer: pointer }: ProjectPaths): Promise<DatabasePlace> {
  const system = await systemOf(state);
  if (system === null && !(await isThere(pointer))) {
    return { file, lock: path.join(state, 'server.lock'), notice: null, from: null };
  }
  const storage = await localStorage();
  let folder = path.join(storage, await idIn(pointer));
  const owner = await ownerOf(folder);
  let from = (await isThere(file)) ? { file, moved: true } : null;
  if (owner !== null && folderIdentity(owner) !== folderIdentity(state) && (await readId(path.join(owner, path.basename(pointer))).catch(() => null)) === path.basename(folder)) {
    // The folder was copied: the copy goes its own way from here, with what there was.
    from = { file: path.join(folder, 'ml.db'), moved: false };
    const id = ulid();
    await writeFileAtomic(pointer, `${JSON.stringify({ id })}\n`);
    folder = path.join(storage, id);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFileAtomic(path.join(folder, 'owner.json'), `${JSON.stringify({ state })}\n`);
  const own = path.join(folder, 'ml.db');
  const why = system === null ? 'This project lay on a network file system' : `This project lies on a network file system (${system}), where a database can be damaged`;
  return {
    file: own,
    lock: path.join(folder, 'server.lock'),
    notice: `${why}, so its database is kept on this machine, in ${folder}. What is run on other machines is not seen here.`,
    from: from === null || (await isThere(own)) ? null : from,
  };
}

/** Copies the database that a project had before, once. Call with its lock held. */
export async function bringDatabase({ file, from }: DatabasePlace): Promise<void> {
  if (from === null || !(await isThere(from.file))) {
    return;
  }
  const temporary = `${file}.incoming`;
  await rm(temporary, { force: true });
  const database = new DatabaseSync(from.file, { timeout: 5000 });
  try {
    database.prepare('VACUUM INTO ?').run(temporary);
  } finally {
    database.close();
  }
  await rename(temporary, file);
  if (from.moved) {
    await rename(from.file, `${from.file}.moved`);
  }
}

/** The id in a pointer, which is made where it is missing. Who comes second takes that of the first. */
async function idIn(pointer: string): Promise<string> {
  await writeFile(pointer, `${JSON.stringify({ id: ulid() })}\n`, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') {
      throw error;
    }
  });
  return readId(pointer);
}

async function readId(pointer: string): Promise<string> {
  return Pointer.parse(JSON.parse(await readFile(pointer, 'utf8'))).id;
}

async function ownerOf(folder: string): Promise<string | null> {
  try {
    return Owner.parse(JSON.parse(await readFile(path.join(folder, 'owner.json'), 'utf8'))).state;
  } catch {
    return null;
  }
}

/** `ML_LIFECYCLE_FILE_SYSTEM` says what the system does not tell: a name, or `local`. */
async function systemOf(state: string): Promise<string | null> {
  const said = process.env['ML_LIFECYCLE_FILE_SYSTEM'] ?? '';
  return said === '' ? networkFileSystem(state) : said === 'local' ? null : said;
}

/** A folder for what belongs to this machine. A home that machines share holds one for each. */
async function localStorage(): Promise<string> {
  const home = os.homedir();
  const { XDG_STATE_HOME, LOCALAPPDATA } = process.env;
  const base =
    process.platform === 'win32'
      ? path.join(LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'), 'ML Lifecycle')
      : process.platform === 'darwin'
        ? path.join(home, 'Library', 'Application Support', 'ML Lifecycle')
        : path.join(XDG_STATE_HOME ?? path.join(home, '.local', 'state'), 'ml-lifecycle');
  await mkdir(base, { recursive: true, mode: 0o700 });
  return path.join(base, 'projects', ...((await networkFileSystem(base)) === null ? [] : [os.hostname()]));
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
