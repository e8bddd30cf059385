// What Git knows about a folder when a run starts.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { simpleGit } from 'simple-git';
import type { GitState } from '../../contracts/runs.ts';

export interface GitCapture {
  state: GitState;
  /** What differs from the commit, as a patch; new files that Git does not follow yet stand as a list before it. */
  diff: string;
}

/** A patch beyond this is cut, with a line that says so. In characters. */
const longestDiff = 20_000_000;

/**
 * The commit, branch and uncommitted difference of the repository around `folder`; null where there is no Git,
 * no repository or no commit yet. Changes nothing in the repository.
 */
export async function captureGit(folder: string): Promise<GitCapture | null> {
  const git = simpleGit({ baseDir: folder, timeout: { block: 20_000 } });
  try {
    const commit = (await git.revparse(['HEAD'])).trim();
    const status = await git.status();
    const untracked = status.not_added;
    const patch = status.isClean() ? '' : await git.diff(['HEAD', '--no-ext-diff', '--no-textconv']);
    const listed = untracked.length === 0 ? '' : `# Not followed by Git:\n${untracked.map((file) => `#   ${file}\n`).join('')}`;
    const diff = listed + patch;
    return {
      state: { commit, branch: status.detached ? null : status.current, dirty: !status.isClean() },
      diff: diff.length > longestDiff ? `${diff.slice(0, longestDiff)}\n# Cut here: the difference is longer than ${longestDiff.toLocaleString('en')} characters.\n` : diff,
    };
  } catch {
    return null;
  }
}

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
