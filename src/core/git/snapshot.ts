// The code of runs beside each other: each is put together as a tree of Git, and nothing is written into the repository.
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { simpleGit, type SimpleGit } from 'simple-git';
import { UserError } from '../../contracts/errors.ts';
import { cutMark, diffArtifact, untrackedArtifact } from './capture.ts';

/** What is known of a run's code. */
export interface RunCode {
  /** Any folder of the repository. */
  folder: string;
  commit: string;
  /** The run's folder of artifacts; null for the commit alone. */
  artifacts: string | null;
}

export interface CodeChange {
  /** From the root of the repository. */
  path: string;
  kind: 'added' | 'changed' | 'removed';
}

/** Objects that Git makes for the trees, in a folder of their own. */
export class CodeSnapshots {
  #place: Promise<string> | undefined;

  /** The id of the tree with exactly the run's code. @throws UserError where that cannot be put together. */
  async tree({ folder, commit, artifacts }: RunCode): Promise<string> {
    const { git, root, index } = await this.#git(folder);
    await git.raw(['cat-file', '-e', `${commit}^{commit}`]).catch(() => {
      throw new UserError(`The commit ${commit.slice(0, 8)} of this run is not in this repository any more.`, { field: 'commit' });
    });
    if (artifacts === null) {
      return (await git.raw(['rev-parse', `${commit}^{tree}`])).trim();
    }
    const diff = path.join(artifacts, diffArtifact);
    const patch = await readFile(diff, 'latin1').catch(() => '');
    if (patch.includes(cutMark)) {
      throw new UserError('The uncommitted difference of this run was too long to be kept whole, so its code cannot be shown.', { file: diff });
    }
    try {
      await git.raw(['read-tree', commit]);
      if (/^diff --git /m.test(patch)) {
        await git.cwd(root).raw(['apply', '--cached', '--binary', '--whitespace=nowarn', diff]);
      }
      for (const file of await filesUnder(path.join(artifacts, untrackedArtifact))) {
        const id = (await git.raw(['hash-object', '-w', '--no-filters', '--', path.join(artifacts, untrackedArtifact, file)])).trim();
        await git.raw(['update-index', '--add', '--cacheinfo', `100644,${id},${file}`]);
      }
      return (await git.raw(['write-tree'])).trim();
    } catch (error) {
      throw new UserError(`The uncommitted changes of the run could not be put on top of ${commit.slice(0, 8)}: ${error instanceof Error ? error.message.trim() : String(error)}`, { file: diff }, { cause: error });
    } finally {
      await rm(index, { force: true });
    }
  }

  /** What is different between two trees of the repository around `folder`. */
  async changes(folder: string, before: string, after: string): Promise<CodeChange[]> {
    const { git } = await this.#git(folder);
    return changesOf(await git.raw(['diff', '--name-status', '--no-renames', '-z', before, after]));
  }

  /** What is different between a tree and the files as they are now, those that Git does not follow among them where the tree has them. */
  async changesSince(folder: string, tree: string): Promise<{ root: string; changes: CodeChange[] }> {
    const { root } = await this.#git(folder);
    const git = await this.#withObjects(root);
    const changes = changesOf(await git.raw(['diff', '--name-status', '--no-renames', '-z', tree]));
    const kept = await Promise.all(
      changes.map(async (change): Promise<CodeChange | null> => {
        const file = path.join(root, change.path);
        if (change.kind !== 'removed' || (await stat(file).catch(() => null))?.isFile() !== true) {
          return change;
        }
        // It is there and Git does not follow it.
        const [now, then] = [await git.raw(['hash-object', '--no-filters', '--', file]), await git.raw(['rev-parse', `${tree}:${change.path}`])];
        return now.trim() === then.trim() ? null : { path: change.path, kind: 'changed' };
      }),
    );
    return { root, changes: kept.filter((change) => change !== null) };
  }

  /** A file of a tree; empty where the tree has none. What is no text is named instead. */
  async content(folder: string, tree: string, file: string): Promise<string> {
    const { git } = await this.#git(folder);
    const listed = await git.raw(['ls-tree', '-z', tree, '--', file]);
    if (listed === '') {
      return '';
    }
    const text = await git.raw(['cat-file', 'blob', `${tree}:${file}`]);
    return text.includes('\0') ? `(${file} is no text.)\n` : text;
  }

  async dispose(): Promise<void> {
    const place = await this.#place?.catch(() => null);
    if (place) {
      await rm(place, { recursive: true, force: true });
    }
  }

  /** Git with an index and a place for objects of its own, at the root of the repository. */
  async #git(folder: string): Promise<{ git: SimpleGit; root: string; index: string }> {
    const root = (
      await simpleGit({ baseDir: folder, timeout: { block: 20_000 } })
        .revparse(['--show-toplevel'])
        .catch((error: unknown) => {
          throw new UserError(`${folder} lies in no Git repository any more.`, { file: folder }, { cause: error });
        })
    ).trim();
    const index = path.join(await this.#folder(), `index-${Math.random().toString(36).slice(2)}`);
    return { git: await this.#withObjects(root, index), root, index };
  }

  async #withObjects(root: string, index?: string): Promise<SimpleGit> {
    const objects = path.join(await this.#folder(), 'objects');
    const theirs = (await simpleGit({ baseDir: root }).raw(['rev-parse', '--git-path', 'objects'])).trim();
    const ours = {
      GIT_OBJECT_DIRECTORY: objects,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: path.resolve(root, theirs),
      GIT_OPTIONAL_LOCKS: '0',
      GIT_LITERAL_PATHSPECS: '1',
      ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
    };
    return simpleGit({ baseDir: root, timeout: { block: 60_000 }, allowEnvironment: Object.keys(ours) }).env({ ...gitEnvironment(), ...ours });
  }

  async #folder(): Promise<string> {
    this.#place ??= mkdtemp(path.join(os.tmpdir(), 'ml-lifecycle-code-')).then(async (place) => {
      await mkdir(path.join(place, 'objects'));
      return place;
    });
    return this.#place;
  }
}

/** The process's own, without what would point Git elsewhere or make it run other programs. */
function gitEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([key, value]) => (value === undefined || /^(GIT_|EDITOR$|VISUAL$|PAGER$|SSH_ASKPASS$)/.test(key) ? [] : [[key, value]])));
}

/** Reads the pairs of status and path that `--name-status -z` prints. */
function changesOf(text: string): CodeChange[] {
  const parts = text.split('\0');
  const changes: CodeChange[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    changes.push({ path: parts[at + 1] ?? '', kind: parts[at] === 'A' ? 'added' : parts[at] === 'D' ? 'removed' : 'changed' });
  }
  return changes;
}

async function filesUnder(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return found.filter((each) => each.isFile()).map((each) => path.relative(folder, path.join(each.parentPath, each.name)).split(path.sep).join('/'));
}
