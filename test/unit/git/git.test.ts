import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { captureGit, restoreCode } from '../../../src/core/git/api.ts';

describe('the code of a run', function () {
  this.timeout(30_000);
  let root: string;
  let repository: string;
  let artifacts: string;
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: repository, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const put = async (name: string, content: string | Buffer): Promise<void> => {
    await mkdir(path.dirname(path.join(repository, name)), { recursive: true });
    await writeFile(path.join(repository, name), content);
  };
  const latin1 = Buffer.from('caf\u00e9\n', 'latin1');
  const binary = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

  beforeEach(async () => {
    root = await realpath(await mkdtemp(path.join(os.tmpdir(), 'git-')));
    repository = path.join(root, 'repository');
    artifacts = path.join(root, 'artifacts');
    await mkdir(path.join(repository, 'code'), { recursive: true });
    await mkdir(artifacts);
    git('init', '-q', '-b', 'main');
    for (const [key, value] of [['user.name', 'T'], ['user.email', 't@example.org'], ['color.ui', 'always'], ['diff.noprefix', 'true'], ['core.autocrlf', 'false']] as const) {
      git('config', key, value);
    }
    await put('code/train.py', 'lr = 0.1\n');
    await put('old.bin', binary);
    await put('gone.txt', 'gone\n');
    await put('.gitignore', 'ignored/\n');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function change(): Promise<void> {
    await put('code/train.py', 'lr = 0.2\n');
    await put('code/latin.py', latin1);
    git('add', 'code/latin.py');
    await put('old.bin', Buffer.from([...binary].reverse()));
    await rm(path.join(repository, 'gone.txt'));
    await put('code/new module.py', 'print("new")\n');
    await put('.env', 'PASSWORD=x\n');
    await put('huge.csv', Buffer.alloc(6_000_000, 49));
    await put('ignored/file', 'no\n');
    await put('code/.venv/pyvenv.cfg', '');
    await put('code/.venv/lib/thing.py', '');
    await put('code/__pycache__/train.pyc', '');
    await symlink('/etc/hosts', path.join(repository, 'link'));
  }
  const files = async (folder: string): Promise<unknown[]> => [
    await readFile(path.join(folder, 'code/train.py'), 'utf8'),
    await readFile(path.join(folder, 'code/latin.py')),
    await readFile(path.join(folder, 'old.bin')),
    await readFile(path.join(folder, 'code/new module.py'), 'utf8'),
    await stat(path.join(folder, 'gone.txt')).catch(() => 'gone'),
  ];

  it('is its commit alone where nothing was changed', async () => {
    const captured = await captureGit(path.join(repository, 'code'), artifacts);
    assert.deepEqual(captured, { state: { commit: git('rev-parse', 'HEAD'), branch: 'main', dirty: false }, artifacts: [] });
  });

  it('is unknown without a repository or a commit', async () => {
    assert.equal(await captureGit(root, artifacts), null);
  });

  it('comes back in a new folder, byte for byte, and what was not kept is named', async () => {
    await change();
    const captured = await captureGit(path.join(repository, 'code'), artifacts);
    assert.ok(captured?.state.dirty);
    assert.deepEqual(captured.artifacts.map((each) => each.path).sort(), ['uncommitted.diff', 'untracked/code/new module.py']);
    const expected = await files(repository);
    const commit = captured.state.commit;
    git('stash', '-u', '-q');
    await put('code/train.py', 'lr = 0.3\n');
    git('commit', '-qam', 'later');
    const worktree = path.join(root, 'restored');
    const restored = await restoreCode({ folder: path.join(repository, 'code'), commit, artifacts, branch: 'run/one', worktree });
    assert.deepEqual(await files(worktree), expected);
    assert.deepEqual(restored.missing.sort(), ['.env', 'huge.csv', 'link']);
    assert.equal(git('rev-parse', 'run/one'), commit);
    assert.equal(git('rev-parse', '--abbrev-ref', 'HEAD'), 'main');
    assert.equal(git('status', '--porcelain'), '');
  });

  it('comes back in the present folder when that is clean, and not otherwise', async () => {
    await change();
    const captured = await captureGit(repository, artifacts);
    const expected = await files(repository);
    const request = { folder: repository, commit: captured?.state.commit ?? '', artifacts, branch: 'run/two', worktree: null };
    await assert.rejects(restoreCode(request), /uncommitted changes.*new folder/);
    git('stash', '-u', '-q');
    const restored = await restoreCode(request);
    assert.equal(restored.root, repository);
    assert.deepEqual(await files(repository), expected);
    assert.equal(git('rev-parse', '--abbrev-ref', 'HEAD'), 'run/two');
  });

  it('leaves the repository as it was where it does not fit', async () => {
    await change();
    const captured = await captureGit(repository, artifacts);
    git('stash', '-u', '-q');
    await writeFile(path.join(artifacts, 'uncommitted.diff'), (await readFile(path.join(artifacts, 'uncommitted.diff'), 'latin1')).replace('-lr = 0.1', '-lr = 0.7'), 'latin1');
    const request = { folder: repository, commit: captured?.state.commit ?? '', artifacts, branch: 'run/three' };
    await assert.rejects(restoreCode({ ...request, worktree: null }), /could not be put on top/);
    await assert.rejects(restoreCode({ ...request, worktree: path.join(root, 'restored') }), /could not be put on top/);
    assert.equal(git('branch', '--list', 'run/three'), '');
    assert.equal(git('rev-parse', '--abbrev-ref', 'HEAD'), 'main');
    assert.equal(git('status', '--porcelain'), '');
    assert.equal(git('worktree', 'list').split('\n').length, 1);
  });

  it('says what stands in the way', async () => {
    const request = { folder: repository, commit: git('rev-parse', 'HEAD'), artifacts, branch: 'fine', worktree: path.join(root, 'x') };
    await assert.rejects(restoreCode({ ...request, branch: 'main' }), /There is a branch main already/);
    await assert.rejects(restoreCode({ ...request, branch: 'no..name' }), /cannot be the name of a branch/);
    await assert.rejects(restoreCode({ ...request, branch: '--orphan' }), /cannot be the name of a branch/);
    await assert.rejects(restoreCode({ ...request, commit: '0'.repeat(40) }), /is not in this repository/);
    await assert.rejects(restoreCode({ ...request, worktree: root }), /is there already/);
    await writeFile(path.join(artifacts, 'uncommitted.diff'), 'diff --git a/x b/x\n# Cut here: the difference is longer\n');
    await assert.rejects(restoreCode(request), /too long to be kept whole/);
  });
});
