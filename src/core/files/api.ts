// Files that are written whole or not at all.
import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { UserError } from '../../contracts/userError.ts';

/** Virus scanners and indexers on Windows hold a file for a moment; these errors pass. */
const passing = new Set(['EPERM', 'EBUSY', 'EACCES']);

/** Renames, trying for two seconds where another program holds the target for a moment (Windows). */
export async function renamePatiently(from: string, to: string): Promise<void> {
  const attempts = process.platform === 'win32' ? 20 : 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      if (attempt >= attempts || !passing.has((error as NodeJS.ErrnoException).code ?? '')) {
        throw error;
      }
      await pause(100);
    }
  }
}

/** Writes a file whole or not at all: a reader sees the old content or the new, never a part. Makes the folder. @throws UserError where the disk is full. */
export async function writeFileAtomic(file: string, content: string | Uint8Array, options: { mode?: number } = {}): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', options.mode ?? 0o644);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await renamePatiently(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw (error as NodeJS.ErrnoException).code === 'ENOSPC' ? new UserError(`The disk is full, so ${file} could not be written. Make room, then try again.`, { file }, { cause: error }) : error;
  }
}
