// Brings the exact code of a run back, on a branch of its own.
import type { Dirent } from 'node:fs';
import { constants, copyFile, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { simpleGit, type SimpleGit } from 'simple-git';
import { UserError } from '../../contracts/errors.ts';
import { cutMark, diffArtifact, untrackedArtifact } from './capture.ts';

export interface RestoreRequest {
  /** Any folder of the repository. */
  folder: string;
  commit: string;
  /** The run's folder of artifacts. */
  artifacts: string;
  /** The branch to make; it must not be there. */
  branch: string;
  /** A new folder for the branch; null puts it into the present one, which must be clean. */
  worktree: string | null;
}

export interface Restored {
  /** The root of the work tree that has the code now. */
  root: string;
  branch: string;
  /** Files that the run had and that were not kept. */
  missing: string[];
}

/**
 * Makes a branch at the run's commit, and puts its uncommitted difference and untracked files there, uncommitted again.
 * Where that fails, the repository is left as it was.
 *
 * @throws UserError that says what stands in the way.
 */
export async function restoreCode(request: RestoreRequest): Promise<Restored> {
  const { commit, branch, worktree } = request;
  const git = simpleGit({ baseDir: request.folder });
  await refuse(git, request);
  const before = (await git.raw(['rev-parse', '--abbrev-ref', 'HEAD'])).trim();
  const back = before === 'HEAD' ? ['switch', '--detach', (await git.revparse(['HEAD'])).trim()] : ['switch', before];
  const present = (await git.revparse(['--show-toplevel'])).trim();
  await git.raw(worktree === null ? ['switch', '-c', branch, commit] : ['worktree', 'add', '-b', branch, worktree, commit]);
  const root = worktree ?? present;
  try {
    const missing = await putBack(simpleGit({ baseDir: root }), root, request.artifacts);
    return { root, branch, missing };
  } catch (error) {
    // Nothing was there but the commit: what is thrown away was put there a moment ago.
    if (worktree === null) {
      await git.raw(['reset', '--hard', commit]);
      await git.raw(back);
    } else {
      await git.raw(['worktree', 'remove', '--force', worktree]);
    }
    await git.raw(['branch', '-D', branch]);
    throw new UserError(`The uncommitted changes of the run could not be put on top of ${commit.slice(0, 8)}: ${error instanceof Error ? error.message.trim() : String(error)}`, { file: path.join(request.artifacts, diffArtifact) });
  }
}

async function refuse(git: SimpleGit, { commit, branch, worktree, artifacts }: RestoreRequest): Promise<void> {
  if (!(await succeeds(git, ['check-ref-format', '--branch', branch]))) {
    throw new UserError(`"${branch}" cannot be the name of a branch.`, { field: 'branch' });
  }
  if (await succeeds(git, ['rev-parse', '--verify', `refs/heads/${branch}`])) {
    throw new UserError(`There is a branch ${branch} already. Choose another name.`, { field: 'branch' });
  }
  if (!(await succeeds(git, ['cat-file', '-e', `${commit}^{commit}`]))) {
    throw new UserError(`The commit ${commit.slice(0, 8)} of this run is not in this repository any more.`, { field: 'commit' });
  }
  if ((await patchOf(artifacts)).includes(cutMark)) {
    throw new UserError('The uncommitted difference of this run was too long to be kept whole, so its exact code cannot be restored.', { file: path.join(artifacts, diffArtifact) });
  }
  if (worktree !== null) {
    if (await stat(worktree).catch(() => null)) {
      throw new UserError(`${worktree} is there already. Choose a folder that is not there yet.`, { file: worktree, field: 'worktree' });
    }
  } else if (!(await git.status()).isClean()) {
    throw new UserError('The work tree has uncommitted changes, which must not be mixed with those of the run. Commit or stash them, or restore into a new folder.', { field: 'worktree' });
  }
}

async function putBack(git: SimpleGit, root: string, artifacts: string): Promise<string[]> {
  const patch = await patchOf(artifacts);
  if (patch.includes('\ndiff --git ') || patch.startsWith('diff --git ')) {
    await git.raw(['apply', '--binary', '--whitespace=nowarn', path.join(artifacts, diffArtifact)]);
  }
  await copyUntracked(path.join(artifacts, untrackedArtifact), root);
  return patch
    .split('\n')
    .flatMap((line) => /^# {3}(.+) \(not kept: .+\)$/.exec(line)?.[1] ?? []);
}

/** Copies files to where there are none; where one is there, none stays. */
async function copyUntracked(from: string, root: string): Promise<void> {
  const found = await readdir(from, { recursive: true, withFileTypes: true }).catch((): Dirent[] => []);
  const copied: string[] = [];
  try {
    for (const file of found.filter((each) => each.isFile())) {
      const source = path.join(file.parentPath, file.name);
      const target = path.join(root, path.relative(from, source));
      await mkdir(path.dirname(target), { recursive: true });
      await copyFile(source, target, constants.COPYFILE_EXCL);
      copied.push(target);
    }
  } catch (error) {
    await Promise.all(copied.map((file) => rm(file)));
    throw error;
  }
}

/** The patch as text; only its ASCII lines are looked at. */
async function patchOf(artifacts: string): Promise<string> {
  return readFile(path.join(artifacts, diffArtifact), 'latin1').catch(() => '');
}

/** Git must say why it fails: simple-git takes a silent failure for success. */
function succeeds(git: SimpleGit, command: string[]): Promise<boolean> {
  return git.raw(command).then(
    () => true,
    () => false,
  );
}
