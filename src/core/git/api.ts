// The few questions we ask Git, and the one thing we ask it to do.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { simpleGit } from 'simple-git';

export { captureGit, diffArtifact, untrackedArtifact, type GitCapture } from './capture.ts';
export { restoreCode, type Restored, type RestoreRequest } from './restore.ts';
export { CodeSnapshots, type CodeChange, type RunCode } from './snapshot.ts';

/** Whether Git follows any file of this folder: then it came with the repository, and is not this machine's own. */
export async function isFollowedByGit(folder: string): Promise<boolean> {
  try {
    const files = await simpleGit({ baseDir: folder, timeout: { block: 20_000 } }).raw(['ls-files', '--', folder]);
    return files.trim() !== '';
  } catch {
    return false;
  }
}

export interface WorkTreeState {
  /** Null where HEAD is detached. */
  branch: string | null;
  /** Files that differ from the commit, or that Git does not follow and does not ignore; at most 20. */
  changed: string[];
  clean: boolean;
}

/**
 * The state of the work tree around `folder`; null where it lies in no repository, or where the one around it ignores
 * it. Changes nothing.
 * @throws Error where there is a repository and Git does not answer: then nothing is known.
 */
export async function workTreeState(folder: string): Promise<WorkTreeState | null> {
  if (!liesInRepository(path.resolve(folder))) {
    return null;
  }
  const git = simpleGit({ baseDir: folder, timeout: { block: 20_000 } });
  if ((await git.checkIgnore(['.'])).length > 0) {
    return null;
  }
  const status = await git.status();
  return { branch: status.detached ? null : status.current, changed: status.files.map((file) => file.path).slice(0, 20), clean: status.isClean() };
}

function liesInRepository(folder: string): boolean {
  return existsSync(path.join(folder, '.git')) || (path.dirname(folder) !== folder && liesInRepository(path.dirname(folder)));
}
