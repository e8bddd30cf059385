import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { allInterpreters, baseInterpreter, chooseInterpreter, createEnvironment, findProgram, installedPackages, interpreterAt, interpreterLabel, missingPackages, planEnvironment, reasonFor, upTo, type Interpreter } from '../../../src/core/python/api.ts';

const windows = process.platform === 'win32';
const run = promisify(execFile);

describe('Pythons', function () {
  this.timeout(240_000);
  let root: string;
  let system: string;
  let uv: string | null = null;
  const saved = { ...process.env };

  before(async function () {
    const found = windows ? null : ((await findProgram('python3')) ?? (await findProgram('python')));
    if (found === null) {
      this.skip();
    }
    uv = await findProgram('uv');
    system = (await run(found, ['-c', 'import sys; print(sys.executable)'])).stdout.trim();
  });
  beforeEach(async () => {
    root = await realpath(await mkdtemp(path.join(os.tmpdir(), 'pythons-')));
    // Nothing of this machine but the one Python.
    for (const name of ['VIRTUAL_ENV', 'CONDA_PREFIX', 'CONDA_EXE', 'CONDA_ENVS_PATH', 'UV_PROJECT_ENVIRONMENT']) {
      Reflect.deleteProperty(process.env, name);
    }
    process.env['HOME'] = path.join(root, 'home');
    process.env['PYENV_ROOT'] = path.join(root, 'pyenv');
    await mkdir(path.join(root, 'path'));
    await mkdir(path.join(root, 'project', 'deep', 'er'), { recursive: true });
    await symlink(system, path.join(root, 'path', 'python3'));
    process.env['PATH'] = path.join(root, 'path');
  });
  afterEach(async () => {
    for (const name of Object.keys(process.env).filter((each) => !(each in saved))) {
      Reflect.deleteProperty(process.env, name);
    }
    Object.assign(process.env, saved);
    await rm(root, { recursive: true, force: true });
  });

  const project = (...parts: string[]): string => path.join(root, 'project', ...parts);
  /** A program that answers as Python does, at this place. */
  async function python(file: string): Promise<string> {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `#!/bin/sh\nexec "${system}" "$@"\n`);
    await chmod(file, 0o755);
    return file;
  }
  const chosen = async (folder = project('deep', 'er')): Promise<[string | undefined, string | undefined]> => {
    const found = await chooseInterpreter(folder, project());
    return [found?.path, found?.source];
  };

  it('come from the PATH where nothing else is there, with their version', async () => {
    const found = await chooseInterpreter(project(), project());
    assert.ok(found);
    assert.equal(found.source, 'path');
    assert.match(found.version, /^3\.\d+\.\d+$/);
    assert.match(interpreterLabel(found), /^Python 3\.\d+\.\d+$/);
    assert.match(reasonFor(found), /PATH/);
  });

  it('are none where there is none', async () => {
    process.env['PATH'] = '';
    assert.equal(await chooseInterpreter(project(), project()), null);
  });

  it('come from the nearest environment, up to the root and not above it', async () => {
    await python(path.join(root, '.venv', 'bin', 'python'));
    assert.equal((await chosen())[1], 'path');
    const outer = await python(project('venv', 'bin', 'python'));
    assert.deepEqual(await chosen(), [outer, 'workspace']);
    const inner = await python(project('deep', '.venv', 'bin', 'python'));
    assert.deepEqual(await chosen(), [inner, 'workspace']);
    assert.deepEqual(upTo(project('deep', 'er'), project()), [project('deep', 'er'), project('deep'), project()]);
    assert.deepEqual(upTo(root, project()), [root]);
  });

  it('come from where uv was told to keep the environment', async () => {
    process.env['UV_PROJECT_ENVIRONMENT'] = 'kept';
    const kept = await python(project('kept', 'bin', 'python'));
    assert.equal((await chosen())[1], 'path');
    await writeFile(project('uv.lock'), '');
    assert.deepEqual(await chosen(), [kept, 'workspace']);
  });

  it('come from what Poetry says of its project', async () => {
    const kept = await python(path.join(root, 'cache', 'loans-x-py3.11', 'bin', 'python'));
    await writeFile(path.join(root, 'path', 'poetry'), `#!/bin/sh\ntest "$1 $2 $3" = "env info --executable" && echo "${kept}"\n`);
    await chmod(path.join(root, 'path', 'poetry'), 0o755);
    assert.equal((await chosen())[1], 'path');
    await writeFile(project('pyproject.toml'), '[tool.poetry]\nname = "loans"\n');
    assert.deepEqual(await chosen(), [kept, 'poetry']);
  });

  it('come from the Conda environment that environment.yml names', async () => {
    const environment = path.join(root, 'home', 'miniconda3', 'envs', 'loans');
    const named = await python(path.join(environment, 'bin', 'python'));
    await mkdir(path.join(environment, 'conda-meta'));
    assert.equal((await chosen())[1], 'path');
    await writeFile(project('environment.yml'), 'name: loans\ndependencies: [python]\n');
    assert.deepEqual(await chosen(), [named, 'conda']);
    assert.match(interpreterLabel((await chooseInterpreter(project(), project())) as Interpreter), /\(conda loans\)$/);
  });

  it('come from .python-version, the newest patch of a short one', async () => {
    await python(path.join(root, 'pyenv', 'versions', '3.12.9', 'bin', 'python'));
    const newest = await python(path.join(root, 'pyenv', 'versions', '3.12.11', 'bin', 'python'));
    const old = await python(path.join(root, 'pyenv', 'versions', '3.9.18', 'bin', 'python'));
    await writeFile(project('.python-version'), '3.12\n');
    assert.deepEqual(await chosen(), [newest, 'pyenv']);
    assert.ok((await allInterpreters(project(), project())).some((each) => each.path === old));
  });

  it('make environments only where they are none themselves', async () => {
    const environment = path.join(root, 'active');
    await run(system, ['-m', 'venv', '--without-pip', environment]);
    process.env['VIRTUAL_ENV'] = environment;
    assert.deepEqual(await chosen(), [path.join(environment, 'bin', 'python'), 'active']);
    assert.equal((await baseInterpreter(project(), project()))?.source, 'path');
  });

  it('come from the active environment before the PATH', async () => {
    const active = await python(path.join(root, 'active', 'bin', 'python'));
    process.env['VIRTUAL_ENV'] = path.join(root, 'active');
    assert.deepEqual(await chosen(), [active, 'active']);
  });

  it('are passed over where they do not run', async () => {
    await mkdir(project('.venv', 'bin'), { recursive: true });
    await writeFile(project('.venv', 'bin', 'python'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    assert.equal((await chosen())[1], 'path');
    assert.equal(await interpreterAt(project('nothing'), 'argument'), null);
  });

  describe('packages', () => {
    it('that a script needs and an interpreter lacks go by their name on PyPI', async () => {
      const needed = ['json', 'os', 'sys', 'cv2_not_there', 'sklearn'].map((name) => ({ name, file: 'a.py', line: 0, optional: false }));
      const bare = path.join(root, 'bare');
      await run(system, ['-m', 'venv', '--without-pip', bare]);
      const missing = await missingPackages(path.join(bare, 'bin', 'python'), [...needed, { name: 'torch', file: 'a.py', line: 3, optional: true }]);
      assert.deepEqual(missing.map((each) => each.distribution), ['cv2_not_there', 'scikit-learn']);
    });

    it('are listed with their versions', async () => {
      const bare = path.join(root, 'bare');
      await run(system, ['-m', 'venv', '--without-pip', bare]);
      const site = (await run(path.join(bare, 'bin', 'python'), ['-c', 'import site; print(site.getsitepackages()[0])'])).stdout.trim();
      await mkdir(path.join(site, 'thing-1.2.dist-info'));
      await writeFile(path.join(site, 'thing-1.2.dist-info', 'METADATA'), 'Metadata-Version: 2.1\nName: thing\nVersion: 1.2\n');
      assert.deepEqual(await installedPackages(path.join(bare, 'bin', 'python')), ['thing==1.2']);
    });

    it('are asked of an interpreter with a time limit', async () => {
      const slow = project('slow');
      await writeFile(slow, '#!/bin/sh\nexec sleep 20\n', { mode: 0o755 });
      process.env['PATH'] = saved['PATH'];
      await assert.rejects(installedPackages(slow, 200), /did not answer within 0\.2 seconds/);
    });
  });

  for (const tool of ['pip', 'uv'] as const) {
  describe(`an environment for a script, with ${tool}`, () => {
    before(function () {
      if (tool === 'uv' && uv === null) {
        this.test!.parent!.title += ' (it is not on the PATH)';
        this.skip();
      }
    });
    beforeEach(async () => {
      if (tool === 'uv' && uv !== null) {
        await symlink(uv, path.join(root, 'path', 'uv'));
      }
    });
    const base = async (): Promise<Interpreter> => (await interpreterAt(system, 'argument')) as Interpreter;
    /** A package that pip installs without the network. */
    async function wheelSource(name: string): Promise<string> {
      const folder = path.join(root, name);
      await mkdir(folder);
      const wheel = path.join(folder, `${name}-1.0-py3-none-any.whl`);
      const info = `${name}-1.0.dist-info`;
      const program = `import zipfile,sys\nwith zipfile.ZipFile(sys.argv[1],"w") as z:\n z.writestr("${name}.py","value=1\\n")\n z.writestr("${info}/METADATA","Metadata-Version: 2.1\\nName: ${name}\\nVersion: 1.0\\n")\n z.writestr("${info}/WHEEL","Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")\n z.writestr("${info}/RECORD","${name}.py,,\\n${info}/METADATA,,\\n${info}/WHEEL,,\\n${info}/RECORD,,\\n")\n`;
      await run(system, ['-c', program, wheel]);
      return wheel;
    }

    it('gets what is written down, is locked, chosen, and made the same way again', async () => {
      const wheel = await wheelSource('tinything');
      await writeFile(project('requirements.txt'), `${wheel}\n`);
      const script = project('deep', 'train.py');
      const plan = await planEnvironment(script, project());
      assert.deepEqual([plan.folder, plan.declared, plan.lock, plan.exists], [project(), project('requirements.txt'), null, false]);
      const steps: string[] = [];
      const needed = [{ name: 'tinything', file: script, line: 0, optional: false }];
      const options = { base: await base(), needed, signal: new AbortController().signal, onStep: (step: string) => steps.push(step), onLine: () => undefined };
      const created = await createEnvironment({ ...options, plan });
      assert.deepEqual(created.added, []);
      assert.match(await readFile(created.lock, 'utf8'), /^# Locked by ML Lifecycle from requirements\.txt \(sha256 [0-9a-f]{64}\)\ntinything @ file:/);
      assert.equal(steps.length, 3);
      assert.match(await readFile(project('.venv', '.gitignore'), 'utf8'), /^\*$/m);
      assert.deepEqual(await chosen(project('deep')), [project('.venv', 'bin', 'python'), 'workspace']);
      const again = await planEnvironment(script, project());
      assert.deepEqual([again.lock, again.exists], [project('requirements.lock'), true]);
      await writeFile(project('requirements.txt'), `${wheel}\n# changed\n`);
      assert.equal((await planEnvironment(script, project())).lock, null);
    });

    it('is not left behind where it could not be completed, and the tool’s word is given', async () => {
      await writeFile(project('requirements.txt'), './no-such-package.whl\n');
      const plan = await planEnvironment(project('train.py'), project());
      const creating = createEnvironment({ base: await base(), plan, needed: [], signal: new AbortController().signal, onStep: () => undefined, onLine: () => undefined });
      await assert.rejects(creating, /no-such-package/);
      await assert.rejects(stat(plan.environment), /ENOENT/);
    });

    it('is not left behind where it is cancelled', async () => {
      const plan = await planEnvironment(project('train.py'), project());
      const abort = new AbortController();
      const creating = createEnvironment({ base: await base(), plan, needed: [], signal: abort.signal, onStep: () => setTimeout(() => abort.abort(new Error('enough')), 50), onLine: () => undefined });
      await assert.rejects(creating, /enough/);
      await assert.rejects(stat(plan.environment), /ENOENT/);
    });

    it('reads the dependencies of a pyproject.toml', async () => {
      const wheel = await wheelSource('otherthing');
      await writeFile(project('pyproject.toml'), `[project]\nname = "loans"\nversion = "1"\ndependencies = ["otherthing @ file://${wheel}"]\n`);
      const plan = await planEnvironment(project('train.py'), project());
      const created = await createEnvironment({ base: await base(), plan, needed: [], signal: new AbortController().signal, onStep: () => undefined, onLine: () => undefined });
      assert.match(await readFile(created.lock, 'utf8'), /otherthing @/);
    });
  });
  }
});
