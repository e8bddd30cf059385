import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../files/api.ts';

/** Where the object with this SHA-256 (hex) lies, whether it is there or not. */
export function objectPath(objectsFolder: string, sha256: string): string {
  return path.join(objectsFolder, sha256.slice(0, 2), sha256);
}

/** Keeps `content` under its SHA-256 and gives the hash in hex. Storing the same content again changes nothing. */
export async function storeObject(objectsFolder: string, content: Uint8Array): Promise<string> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const file = objectPath(objectsFolder, sha256);
  const there = await access(file).then(
    () => true,
    () => false,
  );
  if (!there) {
    await writeFileAtomic(file, content, { mode: 0o444 });
  }
  return sha256;
}
