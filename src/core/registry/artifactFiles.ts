import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import { modelFileName } from '../../contracts/model.ts';
import type { VersionFile } from '../../contracts/registry.ts';
import type { Project } from '../project/api.ts';
import { objectPath, storeFile, storeObject } from '../store/api.ts';

/** The files of an artifact, by path. Kept as an object itself, so that its hash stands for all of them. */
const ArtifactFiles = z.array(z.strictObject({ path: z.string(), sha256: z.string(), bytes: z.number() }));
export type ArtifactFile = z.infer<typeof ArtifactFiles>[number];

const mostFiles = 10_000;

/** The files in a folder, or the one file, by path; links are left out. @throws UserError where there are none, or too many to be a model. */
export async function filesIn(folder: string): Promise<{ path: string; file: string; bytes: number }[]> {
  const facts = await stat(folder).catch(() => null);
  if (facts?.isFile() === true) {
    return [{ path: path.basename(folder), file: folder, bytes: facts.size }];
  }
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  if (files.length === 0 || files.length > mostFiles) {
    throw new UserError(files.length === 0 ? `There are no files at ${folder}, so there is no model.` : `${folder} holds ${files.length} files; a model has at most ${mostFiles}.`, { file: folder });
  }
  const found = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const file = path.join(parentPath, name);
      return { path: path.relative(folder, file).split(path.sep).join('/'), file, bytes: (await stat(file)).size };
    }),
  );
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Keeps the files of a folder, or one file, in .ml/objects; gives the hash of their list, and their bytes together. */
export async function keepFiles({ objectsFolder }: Project, folder: string): Promise<VersionFile['artifact']> {
  const kept: ArtifactFile[] = [];
  for (const { path: name, file, bytes } of await filesIn(folder)) {
    kept.push({ path: name, sha256: await storeFile(objectsFolder, file), bytes });
  }
  const list = Buffer.from(`${JSON.stringify(kept, null, 1)}\n`);
  return { sha256: await storeObject(objectsFolder, list), bytes: kept.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** The files of a registered version; null where the list of them is not on this machine, or is damaged. */
export async function filesOf({ objectsFolder }: Project, { format, artifact }: VersionFile): Promise<ArtifactFile[] | null> {
  if (format === undefined) {
    return [{ path: modelFileName, ...artifact }];
  }
  const content = await readFile(objectPath(objectsFolder, artifact.sha256)).catch(() => null);
  if (content === null || createHash('sha256').update(content).digest('hex') !== artifact.sha256) {
    return null;
  }
  return ArtifactFiles.parse(JSON.parse(content.toString('utf8')));
}
