// Retraining through the packaged processes: from grown data to a promoted challenger, whatever is killed on the way.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from '../../scripts/lib/run.mjs';
import type { Decision } from '../../src/contracts/retraining.ts';
import type { ServerEvent } from '../../src/contracts/server.ts';
import { connect, connectRunning, type ProjectClient, type RuntimeLocation } from '../../src/core/client/api.ts';
import { projectAt, type Project } from '../../src/core/project/api.ts';

const runtime: RuntimeLocation = { folder: path.join(root, 'dist', 'runtime'), execPath: process.execPath, electron: false };

describe('retraining through the project server', function () {
  this.timeout(120_000);
  let project: Project;
  let client: ProjectClient;

  before(async () => {
    project = projectAt(await mkdtemp(path.join(os.tmpdir(), 'retrain-')));
    await days(1200);
    await writeFile(project.file, 'project: p\ndatasets:\n  days: {path: days.csv, target: y, time: day}\nmodels:\n  m: {dataset: days, trainers: [linear], folds: 2}\nretraining:\n  r: {model: m, window: 200}\n');
    client = await connect(project, runtime);
  });
  after(async () => {
    client.close();
    const running = await connectRunning(project).catch(() => null);
    await running?.stop();
    running?.close();
    await rm(project.root, { recursive: true, force: true, maxRetries: 10 });
  });

  /** After day 1,200 the world is another one. */
  const days = (count: number): Promise<void> =>
    writeFile(path.join(project.root, 'days.csv'), `day,x,y\n${Array.from({ length: count }, (_, row) => `${new Date(Date.UTC(2020, 0, 1) + row * 86_400_000).toISOString().slice(0, 10)},${(row * 7919) % 1000},${((row < 1200 ? 1 : -1) * ((row * 7919) % 1000)) / 100 + ((row * 31) % 7) / 10}`).join('\n')}\n`);
  const decided = async (decision_id: string): Promise<Decision> => {
    for (;;) {
      const decision = await client.decision(decision_id);
      if (decision.status !== 'running') {
        return decision;
      }
      await pause(200);
    }
  };
  const command = (...args: string[]): Promise<{ code: number; out: string }> =>
    new Promise((resolve) => {
      execFile(process.execPath, [path.join(runtime.folder, 'cli.js'), ...args], { cwd: project.root }, (error, out) => resolve({ code: error === null ? 0 : Number(error.code), out }));
    });

  it('proposes a first version where there is no champion, and a person promotes it', async () => {
    const events: ServerEvent[] = [];
    client.onEvent((event) => events.push(event));
    const first = await command('retrain', 'r', '--json');
    assert.equal(first.code, 0);
    const decision = JSON.parse(first.out) as Decision;
    assert.deepEqual([decision.outcome, decision.comparison, decision.champion], ['proposed', null, null]);
    const promoted = await command('retrain', 'promote', decision.decision_id);
    assert.match(promoted.out, /Version 1 of m is the champion/);
    const { file } = (await client.model('m')).versions[0]!;
    assert.deepEqual([file.run_id, file.fitted?.rows, file.reference?.rows], [decision.decision_id, 1000, 1200]);
    assert.ok(events.some((event) => event.type === 'decision' && event.decision.outcome === 'promoted'));
    assert.equal((await client.run(decision.decision_id)).run.kind, 'training');
  });

  it('goes on when the server is killed while it runs, and decides once', async () => {
    await days(1600);
    const { decision_id } = await client.retrain({ retraining: 'r' });
    assert.equal((await client.retrain({ retraining: 'r' })).decision_id, decision_id);
    while ((await client.job(decision_id)).status !== 'running') {
      await pause(50);
    }
    const { pid } = JSON.parse(await readFile(path.join(project.stateFolder, 'server.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    const decision = await decided(decision_id);
    assert.deepEqual([decision.outcome, decision.comparison?.verdict, decision.comparison?.newest?.rows], ['proposed', 'promote', 200], decision.sentence);
    const shown = await command('retrain', 'show', decision_id);
    assert.match(shown.out, /newest +200/);
    assert.match((await command('retrain', 'list')).out, /r +m +by hand +manual/);
    assert.equal((await client.answerDecision(decision_id, { answer: 'promote' })).challenger?.version, 2);
    assert.deepEqual((await client.model('m')).aliases, { champion: 2 });
  });

  it('ends with 1 where a step failed, and with 2 for a name that stands for nothing', async () => {
    await writeFile(path.join(project.root, 'days.csv'), '');
    const failed = await command('retrain', 'r', '--json');
    assert.equal(failed.code, 1);
    assert.match((JSON.parse(failed.out) as Decision).sentence, /Nothing was changed\. days\.csv is empty/);
    assert.equal((await command('retrain', 'nothing')).code, 2);
    assert.deepEqual((await client.model('m')).aliases, { champion: 2 });
  });

  it('is started by its name only', async () => {
    const spec = { kind: 'retrain' as const, retraining: 'r', model: 'm', trigger: { kind: 'manual' as const, detail: '' }, request: { file: 'x', target: 'y', exclude: [], trainers: ['linear' as const], folds: 2, seed: 0 }, champion: null, min_gain: 0, margin: null, slices: [], policy: 'better' as const };
    await assert.rejects(client.submit(spec), /started by its name/);
  });
});
