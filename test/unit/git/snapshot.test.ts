import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { captureGit, CodeSnapshots, type CodeChange } from '../../../src/core/git/api.ts';

describe('the code of runs beside each other', function () {
  this.timeout(60_000);
  let root: string;
  let repository: string;
  let snapshots: CodeSnapshots;
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: repository, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const put = async (name: string, content: string | Buffer): Promise<void> => {
    await mkdir(path.dirname(path.join(repository, name)), { recursive: true });
    await writeFile(path.join(repository, name), content);
  };
  /** A run of the files as they are now. */
  const run = async (name: string): Promise<{ folder: string; commit: string; artifacts: string }> => {
    const artifacts = path.join(root, name);
    await mkdir(artifacts);
    const captured = await captureGit(path.join(repository, 'code'), artifacts);
    return { folder: path.join(repository, 'code'), commit: captured?.state.commit ?? '', artifacts };
  };
  const byPath = (changes: CodeChange[]): string[] => changes.map(({ path: file, kind }) => `${kind} ${file}`).sort();

  beforeEach(async () => {
    root = await realpath(await mkdtemp(path.join(os.tmpdir(), 'snapshot-')));
    repository = path.join(root, 'repository');
    await mkdir(repository);
    git('init', '-q', '-b', 'main');
    for (const [key, value] of [['user.name', 'T'], ['user.email', 't@example.org'], ['diff.noprefix', 'true'], ['core.autocrlf', 'false']] as const) {
      git('config', key, value);
    }
    await put('code/train.py', 'lr = 0.1\n');
    await put('gone.txt', 'gone\n');
    await put('picture.bin', Buffer.from([0, 1, 2, 255]));
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    snapshots = new CodeSnapshots();
  });
  afterEach(async () => {
    await snapshots.dispose();
    await rm(root, { recursive: true, force: true });
  });

  it('is its commit with what was not committed, byte for byte', async () => {
    await put('code/train.py', 'lr = 0.2\n');
    await put('code/new module.py', 'caf\u00e9\n');
    await put('picture.bin', Buffer.from([0, 9, 9]));
    await rm(path.join(repository, 'gone.txt'));
    const code = await run('one');
    const before = git('count-objects', '-v') + git('status', '--porcelain');
    const [commit, ran] = [await snapshots.tree({ ...code, artifacts: null }), await snapshots.tree(code)];
    assert.deepEqual(byPath(await snapshots.changes(code.folder, commit, ran)), ['added code/new module.py', 'changed code/train.py', 'changed picture.bin', 'removed gone.txt']);
    assert.equal(await snapshots.content(code.folder, commit, 'code/train.py'), 'lr = 0.1\n');
    assert.equal(await snapshots.content(code.folder, ran, 'code/train.py'), 'lr = 0.2\n');
    assert.equal(await snapshots.content(code.folder, ran, 'code/new module.py'), 'caf\u00e9\n');
    assert.equal(await snapshots.content(code.folder, ran, 'gone.txt'), '');
    assert.match(await snapshots.content(code.folder, ran, 'picture.bin'), /is no text/);
    assert.equal(git('count-objects', '-v') + git('status', '--porcelain'), before, 'something was written into the repository');
  });

  it('differs between two runs by exactly what changed, over commits', async () => {
    await put('code/helper.py', 'one\n');
    const first = await run('first');
    await put('code/helper.py', 'two\n');
    await put('code/train.py', 'lr = 0.5\n');
    git('commit', '-qam', 'second');
    const second = await run('second');
    const [a, b] = [await snapshots.tree(first), await snapshots.tree(second)];
    assert.deepEqual(byPath(await snapshots.changes(first.folder, a, b)), ['changed code/helper.py', 'changed code/train.py']);
    assert.deepEqual(await snapshots.changes(first.folder, a, await snapshots.tree(first)), []);
  });

  it('differs from the files as they are now, those that Git does not follow among them', async () => {
    await put('code/helper.py', 'one\n');
    await put('code/same.py', 'same\n');
    await put('code/lost.py', 'lost\n');
    const code = await run('one');
    const tree = await snapshots.tree(code);
    assert.deepEqual((await snapshots.changesSince(code.folder, tree)).changes, []);
    await put('code/helper.py', 'two\n');
    await put('code/train.py', 'lr = 9\n');
    await rm(path.join(repository, 'code', 'lost.py'));
    const since = await snapshots.changesSince(code.folder, tree);
    assert.equal(since.root, repository);
    assert.deepEqual(byPath(since.changes), ['changed code/helper.py', 'changed code/train.py', 'removed code/lost.py']);
  });

  it('says what stands in the way', async () => {
    const code = await run('one');
    await assert.rejects(snapshots.tree({ ...code, commit: '1'.repeat(40) }), /is not in this repository any more/);
    await assert.rejects(snapshots.tree({ ...code, folder: root }), /lies in no Git repository/);
    await writeFile(path.join(code.artifacts, 'uncommitted.diff'), 'diff --git a/code/train.py b/code/train.py\n--- a/code/train.py\n+++ b/code/train.py\n@@ -1 +1 @@\n-lr = 7\n+lr = 8\n');
    await assert.rejects(snapshots.tree(code), /could not be put on top/);
    await writeFile(path.join(code.artifacts, 'uncommitted.diff'), `diff --git a/x b/x\n# Cut here: the difference is longer\n`);
    await assert.rejects(snapshots.tree(code), /too long to be kept whole/);
    assert.equal(await readFile(path.join(repository, 'code/train.py'), 'utf8'), 'lr = 0.1\n');
  });
});
