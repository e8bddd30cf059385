import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { autologVariables, scriptEnvironment, whyNoAutologging } from '../../../src/core/jobs/environment.ts';
import { findProgram } from '../../../src/core/python/api.ts';

const hook = path.resolve(import.meta.dirname, '../../../python/hook');

describe('autologging by our sitecustomize', function () {
  this.timeout(30_000);
  let folder: string;
  let python: string;

  before(async function () {
    const found = (await findProgram('python3')) ?? (await findProgram('python'));
    if (found === null) {
      this.skip();
    }
    python = found;
    folder = await mkdtemp(path.join(os.tmpdir(), 'autolog-'));
    // Libraries of the same names that say what is done with them, so that the test needs none of the real ones.
    const write = async (name: string, text: string): Promise<void> => {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), text);
    };
    await write('libraries/mlflow/__init__.py', '');
    await write('libraries/mlflow/sklearn.py', 'import os, sys\nimport sklearn\ndef autolog(silent=False):\n    assert sklearn.complete\n    print("AUTOLOG sklearn", os.getpid(), flush=True)\n');
    await write('libraries/mlflow/pytorch.py', 'raise RuntimeError("torch is too old")\n');
    await write('libraries/sklearn/__init__.py', 'from . import inner\ncomplete = True\n');
    await write('libraries/sklearn/inner.py', '');
    await write('libraries/lightning/__init__.py', '');
    await write('next/sitecustomize.py', 'import sys\nsys.from_the_next = True\nprint("NEXT", flush=True)\n');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function run(script: string, { before = [] as string[], paths = ['libraries'] } = {}): Promise<string> {
    const file = path.join(folder, 'script.py');
    await writeFile(file, script);
    const given = { ...process.env, PYTHONPATH: paths.map((each) => path.join(folder, each)).join(path.delimiter) };
    const env = { ...scriptEnvironment(given, 'job'), ...autologVariables(given, hook) };
    const { stdout, stderr } = await promisify(execFile)(python, [...before, file], { env, cwd: folder });
    return stdout + stderr;
  }
  const count = (text: string, what: string): number => text.split(what).length - 1;

  it('is on for a library once the script imports it, and leaves no trace in what the script sees', async () => {
    const said = await run('import os, sys\nimport sklearn.inner\nimport sklearn\nassert "hook" not in os.environ.get("PYTHONPATH", "") and "ML_LIFECYCLE_AUTOLOG" not in os.environ\nassert not any(p.endswith("hook") for p in sys.path)\nprint("DONE")\n');
    assert.equal(count(said, 'AUTOLOG sklearn'), 1, said);
    assert.match(said, /Autologging: on for sklearn/);
    assert.match(said, /DONE/);
  });

  it('does nothing in a script that imports none of them', async () => assert.equal((await run('print("DONE")\n')).trim(), 'DONE'));

  it('says what does not work, and the script goes on', async () => {
    const said = await run('import lightning\nprint("DONE")\n');
    assert.match(said, /Autologging: off for lightning: torch is too old/);
    assert.match(said, /DONE/);
  });

  it('passes over a library that is not there as Python does', async () => {
    assert.match(await run('try:\n    import xgboost\nexcept ModuleNotFoundError as error:\n    print("MISSING", error.name)\n'), /MISSING xgboost/);
  });

  it('acts in the root process only, with processes that are spawned, forked or started', async () => {
    const work = 'def work(_):\n    import sklearn\n    return 1\n';
    for (const method of process.platform === 'win32' ? ['spawn'] : ['spawn', 'fork', 'forkserver']) {
      const said = await run(`import multiprocessing\n${work}if __name__ == "__main__":\n    with multiprocessing.get_context("${method}").Pool(2) as pool:\n        print(pool.map(work, range(4)))\n    print("CHILDREN DONE", flush=True)\n    import sklearn\n`);
      assert.equal(count(said, 'AUTOLOG sklearn'), 1, `${method}: ${said}`);
      assert.ok(said.indexOf('CHILDREN DONE') < said.indexOf('AUTOLOG sklearn'), said);
    }
    const said = await run('import subprocess, sys\nsubprocess.run([sys.executable, "-c", "import sklearn"], check=True)\n');
    assert.equal(count(said, 'AUTOLOG'), 0);
  });

  it('lets the next sitecustomize run, in the root and in children', async () => {
    const said = await run('import sys, subprocess, sitecustomize\nassert sys.from_the_next and "next" in sitecustomize.__file__\nimport sklearn\nsubprocess.run([sys.executable, "-c", "pass"], check=True)\n', { paths: ['libraries', 'next'] });
    assert.equal(count(said, 'NEXT'), 2, said);
    assert.equal(count(said, 'AUTOLOG sklearn'), 1);
  });

  it('is not reached with -I, which is said beforehand', async () => {
    const said = await run('print("DONE")\n', { before: ['-I'] });
    assert.equal(said.trim(), 'DONE');
    assert.match(whyNoAutologging('a.py', ['-I'], true) ?? '', /runs with -I/);
    assert.match(whyNoAutologging('a.py', ['-u', '-sE'], true) ?? '', /runs with -sE/);
    assert.match(whyNoAutologging('a.py', [], false) ?? '', /mlflow is not installed/);
    assert.match(whyNoAutologging('a.ts', [], true) ?? '', /Python only/);
    assert.equal(whyNoAutologging('a.py', ['-u', '-Wignore'], true), null);
  });

  it('runs on the oldest Python that is here too', function () {
    const old = ['3.8.18', '3.9.18'].map((version) => path.join(process.env['PYENV_ROOT'] ?? path.join(os.homedir(), '.pyenv'), 'versions', version, 'bin', 'python')).find((file) => {
      try {
        execFileSync(file, ['--version']);
        return true;
      } catch {
        return false;
      }
    });
    if (old === undefined) {
      this.skip();
    }
    const said = execFileSync(old, ['-c', 'import sklearn'], { env: { ...process.env, ...autologVariables({ PYTHONPATH: path.join(folder, 'libraries') }, hook) }, encoding: 'utf8' });
    assert.match(said, /AUTOLOG sklearn/);
  });
});
