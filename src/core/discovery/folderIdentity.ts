import { statSync } from 'node:fs';

/**
 * Names a folder itself, as opaque text: it stays the same when the folder is moved within its disk, and a copy has
 * another. Null where there is no such folder.
 */
export function folderIdentity(folder: string): string | null {
  try {
    const { dev, ino } = statSync(folder, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}
