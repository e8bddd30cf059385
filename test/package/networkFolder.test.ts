// A project on a network file system: told by a variable, and really behind FUSE where that can be mounted.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type ProjectClient } from '../../src/core/client/api.ts';
import { processStart } from '../../src/core/discovery/api.ts';
import { projectAt } from '../../src/core/project/api.ts';
import { runtime } from './support/deployed.ts';

describe('a project on a network file system', function () {
  this.timeout(60_000);
  let folder: string;
  const variables = ['ML_LIFECYCLE_FILE_SYSTEM', 'XDG_STATE_HOME', 'LOCALAPPDATA'] as const;
  const before = variables.map((name) => process.env[name]);
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'network-'));
    process.env['XDG_STATE_HOME'] = process.env['LOCALAPPDATA'] = path.join(folder, 'home');
  });
  afterEach(() => {
    variables.forEach((name, index) => (before[index] === undefined ? Reflect.deleteProperty(process.env, name) : (process.env[name] = before[index])));
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  async function ended(client: ProjectClient): Promise<void> {
    const { pid } = await client.status();
    await client.stop({ endpoints: true });
    while ((await processStart(pid)) !== null) {
      await pause(20);
    }
    client.close();
  }

  /** Runs a script in a project there, and finds the run again with the next server. */
  async function works(root: string, system: string): Promise<void> {
    const project = projectAt(root);
    writeFileSync(project.file, 'project: far\n');
    writeFileSync(path.join(root, 'script.py'), 'print("loss=0.5")\n');
    const client = await connect(project, runtime);
    const { notice, database } = await client.status();
    assert.match(notice ?? '', new RegExp(`lies on a network file system \\(${system}\\)`));
    assert.ok(database.startsWith(path.join(folder, 'home')), database);
    const { job_id } = await client.submit({ kind: 'script', interpreter: 'python3', interpreter_arguments: [], script: path.join(root, 'script.py'), arguments: [], cwd: root });
    assert.equal((await client.waitForJob(job_id)).status, 'finished');
    await ended(client);
    assert.ok(!readdirSync(project.stateFolder).some((name) => name.startsWith('ml.db') || name === 'server.lock'), readdirSync(project.stateFolder).join());
    const next = await connect(project, runtime);
    assert.deepEqual((await next.runs()).map(({ metrics, status }) => [metrics['loss'], status]), [[0.5, 'finished']]);
    assert.match(execFileSync(process.execPath, [path.join(runtime.folder, 'cli.js'), 'server', '--status', '--project', root], { encoding: 'utf8' }), /so its database is kept on this machine/);
    await ended(next);
  }

  it('keeps its database in this machine’s own storage, as told by a variable', async function () {
    if (process.platform === 'darwin') {
      this.runnable().title += ' (a user’s data cannot be set apart for a test on macOS)';
      this.skip();
    }
    process.env['ML_LIFECYCLE_FILE_SYSTEM'] = 'NFS';
    await works(folder, 'NFS');
  });

  it('keeps its database in this machine’s own storage, really behind FUSE', async function () {
    const far = path.join(folder, 'far');
    mkdirSync(path.join(folder, 'near'));
    mkdirSync(far);
    try {
      execFileSync('bindfs', ['--no-allow-other', path.join(folder, 'near'), far], { stdio: 'pipe' });
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'bindfs is not installed' : `bindfs cannot mount here: ${String((error as { stderr?: Buffer }).stderr ?? error).trim().split('\n').at(-1) ?? ''}`;
      this.runnable().title += ` (${missing})`;
      return this.skip();
    }
    try {
      await works(far, 'FUSE');
      assert.ok(existsSync(path.join(folder, 'near', '.ml', 'database.json')) && readFileSync(path.join(folder, 'near', 'ml.yaml'), 'utf8').includes('far'));
    } finally {
      execFileSync('fusermount', ['-u', '-z', far]);
    }
  });
});
