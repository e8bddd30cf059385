import { createHash, randomBytes } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { renamePatiently, writeFileAtomic } from '../files/api.ts';

/** Where the object with this SHA-256 (hex) lies, whether it is there or not. */
export function objectPath(objectsFolder: string, sha256: string): string {
  return path.join(objectsFolder, sha256.slice(0, 2), sha256);
}

/** Keeps `content` under its SHA-256 and gives the hash in hex. Storing the same content again changes nothing. */
export async function storeObject(objectsFolder: string, content: Uint8Array): Promise<string> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const file = objectPath(objectsFolder, sha256);
  if (!(await isThere(file))) {
    await writeFileAtomic(file, content, { mode: 0o444 });
  }
  return sha256;
}

/** As storeObject, of a file of any size: copied (by reference where the file system can), then read once for its hash. */
export async function storeFile(objectsFolder: string, file: string): Promise<string> {
  await mkdir(objectsFolder, { recursive: true });
  const temporary = path.join(objectsFolder, `${randomBytes(8).toString('hex')}.tmp`);
  try {
    // The copy is what is hashed: the file itself may be changing.
    await copyFile(file, temporary, constants.COPYFILE_FICLONE);
    const hash = createHash('sha256');
    await pipeline(createReadStream(temporary), hash);
    const sha256 = hash.digest('hex');
    const object = objectPath(objectsFolder, sha256);
    if (!(await isThere(object))) {
      await mkdir(path.dirname(object), { recursive: true });
      await chmod(temporary, 0o444);
      await renamePatiently(temporary, object);
    }
    return sha256;
  } finally {
    await rm(temporary, { force: true });
  }
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
