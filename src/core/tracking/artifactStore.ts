import { randomBytes } from 'node:crypto';
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { jobFiles } from '../../contracts/jobs.ts';
import { renamePatiently } from '../files/api.ts';
import type { Project } from '../project/api.ts';
import { objectPath } from '../store/api.ts';
import { invalid, missing, Refusal } from './refusal.ts';

export interface ArtifactEntry {
  /** The last part of its path. */
  name: string;
  folder: boolean;
  bytes: number;
}

export type FilesOfVersion = (name: string, ulid: string) => Promise<readonly { path: string; sha256: string; bytes: number }[] | null>;

/** A place in the artifact tree that clients see. */
interface Place {
  /** The folder that it must not leave. */
  root: string;
  file: string;
  /** False for what only programs of ours write, and for the tops of the tree. */
  writable: boolean;
}

const scheme = 'mlflow-artifacts:/';
/** Uploads under way; removed when a server starts. */
const incoming = '.incoming';

/**
 * The artifacts that tracking clients put, get and list, by paths such as `3/<run>/artifacts/model/MLmodel`. They lie
 * under .ml/artifacts; `jobs/<id>/artifacts` is the folder of a job, `registry/<name>/<ulid>` a registered version.
 * Nothing outside these is reached, whatever a path holds or links to.
 */
export class ArtifactStore {
  readonly #project: Project;
  readonly #folder: string;
  readonly #filesOf: FilesOfVersion;

  /** @param filesOf the files of a registered version, which are objects; null where there is no such version. */
  constructor(project: Project, filesOf: FilesOfVersion) {
    this.#project = project;
    this.#folder = path.join(project.stateFolder, 'artifacts');
    this.#filesOf = filesOf;
  }

  /** Removes what an upload left that a crash cut off. */
  async tidy(): Promise<void> {
    await rm(path.join(this.#folder, incoming), { recursive: true, force: true });
  }

  /** The folder of an artifact URI, absolute; null where it lies elsewhere (a bucket, another server). */
  folderOf(uri: string): string | null {
    if (uri.startsWith('file://')) {
      return decodeURIComponent(new URL(uri).pathname);
    }
    try {
      return uri.startsWith(scheme) ? this.#place(uri.slice(scheme.length)).file : null;
    } catch {
      // It names another server's artifacts.
      return null;
    }
  }

  /** Removes a run's artifacts, where they are ours. */
  async discard(uri: string): Promise<void> {
    if (uri.startsWith(scheme)) {
      const place = this.#place(uri.slice(scheme.length));
      if (place.writable) {
        await this.#confine(place);
        await rm(place.file, { recursive: true, force: true });
      }
    }
  }

  /** Stores a stream whole or not at all; gives its size in bytes. @throws Refusal. */
  async put(artifact: string, content: Readable): Promise<number> {
    return this.#store(artifact, (temporary) => pipeline(content, createWriteStream(temporary, { flags: 'wx' })));
  }

  /** As put, from a file of this machine; where the file system can, the two share their blocks. */
  async take(artifact: string, file: string): Promise<number> {
    return this.#store(artifact, (temporary) => copyFile(file, temporary, constants.COPYFILE_FICLONE));
  }

  /** @throws Refusal where there is no such file. */
  async get(artifact: string): Promise<{ stream: Readable; bytes: number }> {
    const file = await this.#existing(artifact);
    const facts = file === null ? null : await stat(file).catch(() => null);
    if (facts?.isDirectory() === true) {
      throw invalid(`Artifact path refers to a directory, not a file: '${artifact}'`);
    }
    if (file === null || facts?.isFile() !== true) {
      throw missing(`No such artifact: '${artifact}'`);
    }
    return { stream: createReadStream(file), bytes: facts.size };
  }

  /** What a folder holds, by name; nothing where it is a file or not there. */
  async list(artifact: string): Promise<ArtifactEntry[]> {
    const version = registryPlace(artifact);
    if (version !== null) {
      return childrenOf((await this.#filesOf(version.name, version.ulid)) ?? [], version.rest);
    }
    const folder = await this.#existing(artifact);
    const entries = folder === null ? [] : await readdir(folder, { withFileTypes: true }).catch(() => []);
    const found = await Promise.all(
      entries
        .filter((entry) => entry.name !== incoming && (entry.isFile() || entry.isDirectory()))
        .map(async (entry) => ({ name: entry.name, folder: entry.isDirectory(), bytes: entry.isFile() ? (await stat(path.join(folder ?? '', entry.name))).size : 0 })),
    );
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Removes a file or a folder; nothing where it is not there. */
  async delete(artifact: string): Promise<void> {
    const place = this.#place(artifact);
    if (!place.writable) {
      throw invalid(`Invalid path: ${artifact} cannot be deleted.`);
    }
    await this.#confine(place);
    await rm(place.file, { recursive: true, force: true });
  }

  async #store(artifact: string, write: (temporary: string) => Promise<void>): Promise<number> {
    const place = this.#place(artifact);
    if (!place.writable) {
      throw invalid(`Invalid path: nothing can be stored as ${artifact}.`);
    }
    await this.#confine(place);
    const temporary = path.join(this.#folder, incoming, randomBytes(8).toString('hex'));
    try {
      await mkdir(path.dirname(temporary), { recursive: true });
      await write(temporary);
      const { size } = await stat(temporary);
      await mkdir(path.dirname(place.file), { recursive: true });
      await renamePatiently(temporary, place.file);
      return size;
    } catch (error) {
      await rm(temporary, { force: true });
      throw asRefusal(error, artifact);
    }
  }

  /** The file of an artifact; null where there is none. */
  async #existing(artifact: string): Promise<string | null> {
    const version = registryPlace(artifact);
    if (version !== null) {
      const file = (await this.#filesOf(version.name, version.ulid))?.find((each) => each.path === version.rest);
      return file === undefined ? null : objectPath(this.#project.objectsFolder, file.sha256);
    }
    const place = this.#place(artifact);
    await this.#confine(place);
    return (await lstat(place.file).catch(() => null)) === null ? null : place.file;
  }

  /** @throws Refusal for a path that could lead outside. */
  #place(artifact: string): Place {
    const parts = partsOf(artifact);
    if (parts[0] === 'jobs') {
      const [, id = '', folder, ...rest] = parts;
      if (!/^[0-9A-Za-z]+$/.test(id) || folder !== jobFiles.artifacts) {
        throw invalid('Invalid path');
      }
      const root = path.join(this.#project.jobsFolder, id, jobFiles.artifacts);
      return { root, file: path.join(root, ...rest), writable: rest.length > 0 };
    }
    if (parts[0] === incoming) {
      throw invalid('Invalid path');
    }
    return { root: this.#folder, file: path.join(this.#folder, ...parts), writable: parts.length > 1 && parts[0] !== 'registry' };
  }

  /** Follows links as far as the path exists. @throws Refusal where that leaves the root. */
  async #confine({ root, file }: Place): Promise<void> {
    await mkdir(root, { recursive: true });
    const real = await realpath(root);
    for (let each = file; each.length >= root.length; each = path.dirname(each)) {
      if ((await lstat(each).catch(() => null)) !== null) {
        const target = await realpath(each).catch(() => null);
        if (target === null || (target !== real && !target.startsWith(real + path.sep))) {
          throw invalid('Invalid path: it leads outside the artifacts through a link.');
        }
        return;
      }
    }
  }
}

/** The parts of a path as clients write it. @throws Refusal for anything that is not plain names, however it is encoded. */
function partsOf(artifact: string): string[] {
  let decoded = artifact;
  for (let round = 0; round < 10; round += 1) {
    refuseOdd(decoded);
    const next = decode(decoded);
    if (next === decoded) {
      break;
    }
    decoded = next;
  }
  refuseOdd(decoded);
  return artifact.split('/').filter((part) => part !== '' && part !== '.');
}

function refuseOdd(text: string): void {
  // A path of Windows, a fragment and a character that ends strings have no place in a name.
  if (/[\0\\#]/.test(text) || text.startsWith('/') || /^[a-zA-Z]:/.test(text) || text.split('/').includes('..')) {
    throw invalid('Invalid path');
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A name with a percent sign that encodes nothing.
    return text;
  }
}

function registryPlace(artifact: string): { name: string; ulid: string; rest: string } | null {
  const [top, name = '', ulid = '', ...rest] = partsOf(artifact);
  return top === 'registry' ? { name, ulid, rest: rest.join('/') } : null;
}

/** What lies in a folder of a version, by name. */
function childrenOf(files: readonly { path: string; bytes: number }[], folder: string): ArtifactEntry[] {
  const start = folder === '' ? '' : `${folder}/`;
  const children = new Map<string, ArtifactEntry>();
  for (const { path: file, bytes } of files.filter((each) => each.path.startsWith(start))) {
    const [name = '', ...deeper] = file.slice(start.length).split('/');
    children.set(name, { name, folder: deeper.length > 0, bytes: deeper.length > 0 ? 0 : bytes });
  }
  return [...children.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function asRefusal(error: unknown, artifact: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new Refusal('INSUFFICIENT_STORAGE', `There is no space left on the disk for ${artifact}. Nothing of it was kept; make room and log it again.`, { cause: error });
    case 'EFBIG':
      return new Refusal('INSUFFICIENT_STORAGE', `${artifact} is larger than this file system allows. Nothing of it was kept.`, { cause: error });
    case 'EISDIR':
    case 'ENOTDIR':
    case 'ENOTEMPTY':
    case 'EEXIST':
    case 'ENAMETOOLONG':
      return invalid(`Invalid path: ${artifact} cannot be stored, since a folder or a file is in its way or its name is too long.`);
    default:
      return error;
  }
}
