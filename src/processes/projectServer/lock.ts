import { DatabaseSync } from 'node:sqlite';

/**
 * Holds the project for this process until it ends, however it does: the lock is SQLite's own on a file, which the
 * system releases. Null where another process holds it.
 */
export function takeLock(file: string): { release(): void } | null {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS lock (held INTEGER);');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    // 5: busy.
    if ((error as { errcode?: number }).errcode === 5) {
      return null;
    }
    throw error;
  }
}
