// What makes the code of a run exact: the commit, what differs from it, and the files that Git does not follow yet.
import { copyFile, lstat, mkdir, open, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { simpleGit } from 'simple-git';
import type { Artifact, GitState } from '../../contracts/runs.ts';

export interface GitCapture {
  state: GitState;
  /** What was written into the folder of artifacts. */
  artifacts: Artifact[];
}

/** The difference from the commit as a patch; files that Git does not follow are listed before it. */
export const diffArtifact = 'uncommitted.diff';
/** The folder of artifacts with the files that Git does not follow. */
export const untrackedArtifact = 'untracked';
/** Ends a patch that was too long to be kept whole. */
export const cutMark = '# Cut here:';

/** In bytes. */
const longestDiff = 20_000_000;
const largestFile = 5_000_000;
const largestTotal = 20_000_000;
const mostFiles = 500;
/** Files that often hold keys and passwords are never copied. */
const secret = /(^|\/)(\.env(\..*)?|\.netrc|\.pypirc|credentials(\.json)?|id_(rsa|dsa|ecdsa|ed25519)|[^/]*\.(pem|key|p12|pfx))$/i;

/**
 * The state of the repository around `folder`, with its uncommitted difference and untracked files written into
 * `artifacts`; null where there is no Git, no repository or no commit yet. Changes nothing in the repository.
 *
 * @param artifacts a folder that is there.
 */
export async function captureGit(folder: string, artifacts: string): Promise<GitCapture | null> {
  const git = simpleGit({ baseDir: folder, timeout: { block: 20_000 } });
  try {
    const [commit, root, status] = [(await git.revparse(['HEAD'])).trim(), (await git.revparse(['--show-toplevel'])).trim(), await git.status()];
    const kept: Artifact[] = [];
    const lines = await keepUntracked(root, withoutInstalled(status.not_added), artifacts, kept);
    const file = path.join(artifacts, diffArtifact);
    const clean = status.isClean();
    if (!clean) {
      // Written by Git itself: the bytes of files in any encoding stay as they are, whatever the user's settings are.
      await git.raw(['diff', 'HEAD', '--binary', '--no-color', '--no-ext-diff', '--no-textconv', '--no-relative', '--src-prefix=a/', '--dst-prefix=b/', `--output=${file}`]);
      const bytes = await completeDiff(file, lines);
      if (bytes > 0) {
        kept.unshift({ path: diffArtifact, bytes });
      }
    }
    return { state: { commit, branch: status.detached ? null : status.current, dirty: !clean }, artifacts: kept };
  } catch {
    return null;
  }
}

/** Without what was installed rather than written: virtual environments, packages, compiled files. */
function withoutInstalled(files: readonly string[]): string[] {
  const environments = files.filter((file) => path.posix.basename(file) === 'pyvenv.cfg').map((file) => `${path.posix.dirname(file)}/`);
  return files.filter((file) => !/(^|\/)(node_modules|__pycache__|site-packages|conda-meta|\.ipynb_checkpoints)\//.test(file) && !environments.some((folder) => file.startsWith(folder)));
}

/** Copies what is small and no secret; gives a line for each file. */
async function keepUntracked(root: string, files: readonly string[], artifacts: string, kept: Artifact[]): Promise<string[]> {
  let total = 0;
  const lines: string[] = [];
  for (const file of files) {
    const source = path.join(root, file);
    const found = await lstat(source).catch(() => null);
    const reason =
      found === null || !found.isFile() ? 'no file' : secret.test(file) ? 'it may hold secrets' : found.size > largestFile || total + found.size > largestTotal || kept.length >= mostFiles ? `${found.size.toLocaleString('en')} bytes, too much` : null;
    if (reason === null && found !== null) {
      const name = `${untrackedArtifact}/${file}`;
      await mkdir(path.dirname(path.join(artifacts, name)), { recursive: true });
      await copyFile(source, path.join(artifacts, name));
      kept.push({ path: name, bytes: found.size });
      total += found.size;
    }
    lines.push(`#   ${file}${reason === null ? '' : ` (not kept: ${reason})`}\n`);
  }
  return lines;
}

/** Puts the list of untracked files before the patch, and cuts what is too long. @returns the size in bytes. */
async function completeDiff(file: string, untracked: readonly string[]): Promise<number> {
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  if (size > longestDiff) {
    const handle = await open(file, 'r+');
    try {
      await handle.truncate(longestDiff);
    } finally {
      await handle.close();
    }
    await writeFile(file, `\n${cutMark} the difference is longer than ${longestDiff.toLocaleString('en')} bytes.\n`, { flag: 'a' });
  }
  if (untracked.length > 0) {
    const patch = await readFile(file).catch(() => Buffer.alloc(0));
    await writeFile(file, Buffer.concat([Buffer.from(`# Not followed by Git:\n${untracked.join('')}`), patch]));
  }
  return (await stat(file).catch(() => ({ size: 0 }))).size;
}
