// Runs put in order through the command line and a window's client, while a tracking client works beside them.
import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root, run } from '../../scripts/lib/run.mjs';
import type { RunSummary } from '../../src/contracts/runs.ts';
import type { ServerEvent } from '../../src/contracts/server.ts';
import { connectRunning, type ProjectClient } from '../../src/core/client/api.ts';
import { projectAt } from '../../src/core/project/api.ts';
import { TrackingServer } from './trackingServer.ts';

describe('runs in order', function () {
  this.timeout(60_000);
  const server = new TrackingServer();
  let client: ProjectClient;
  const events: ServerEvent[] = [];
  before(async () => {
    await server.start();
    const found = await connectRunning(projectAt(server.folder));
    assert.ok(found);
    client = found;
    client.onEvent((event) => events.push(event));
  });
  after(async () => {
    client.close();
    await server.dispose();
  });

  const cli = async <T>(...args: string[]): Promise<T> => JSON.parse(await run(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), 'runs', ...args, '--json'], { cwd: server.folder })) as T;
  const listed = async (...args: string[]): Promise<string[]> => (await cli<{ runs: RunSummary[] }>('list', ...args)).runs.map((each) => each.name).sort();
  const told = async (holds: (event: ServerEvent) => boolean): Promise<void> => {
    while (!events.some(holds)) {
      await pause(20);
    }
  };
  /** An ended run of a tracking client with one metric. */
  const make = async (name: string, accuracy: number, ended = true): Promise<string> => {
    const { body } = await server.ask('POST', 'runs/create', { experiment_id: '0', run_name: name, start_time: Date.now() });
    const { run_id } = (body as { run: { info: { run_id: string } } }).run.info;
    await server.ask('POST', 'runs/log-batch', { run_id, metrics: [{ key: 'accuracy', value: accuracy, timestamp: 1, step: 0 }], params: [{ key: 'model', value: name.split(' ')[0] }] });
    if (ended) {
      await server.ask('POST', 'runs/update', { run_id, status: 'FINISHED', end_time: Date.now() });
    }
    return run_id;
  };

  let good: string;
  let poor: string;
  it('finds them by words and by comparison', async () => {
    [good, poor] = [await make('tree good', 0.9), await make('linear poor', 0.6)];
    assert.deepEqual(await listed(), ['linear poor', 'tree good']);
    assert.deepEqual(await listed('--filter', 'TREE'), ['tree good']);
    assert.deepEqual(await listed('--filter', `metrics.accuracy < 0.7 AND params.model = 'linear'`), ['linear poor']);
    assert.deepEqual(await listed('--experiment', 'Default', '--filter', 'nothing'), []);
    await assert.rejects(cli('list', '--filter', 'metrics.accuracy >'), /filter/i);
    await assert.rejects(cli('list', '--experiment', 'gone'), /no experiment "gone"/);
  });

  it('archives and restores them, and every window hears of it', async () => {
    await cli('archive', poor);
    await told((event) => event.type === 'run' && event.run.run_id === poor && event.run.archived);
    assert.deepEqual([await listed(), await listed('--archived')], [['tree good'], ['linear poor']]);
    await cli('unarchive', poor);
    assert.deepEqual([await listed(), await listed('--archived')], [['linear poor', 'tree good'], []]);
  });

  it('does not archive a run that its program still writes into, and says what to do', async () => {
    const open = await make('tree open', 0.5, false);
    await assert.rejects(cli('archive', open), /tree open has not ended\. Wait/);
    await server.ask('POST', 'runs/update', { run_id: open, status: 'FINISHED', end_time: Date.now() });
    await told((event) => event.type === 'run' && event.run.run_id === open && event.run.status === 'finished');
    await cli('archive', open);
    assert.deepEqual(await listed('--archived'), ['tree open']);
  });

  it('keeps what a tracking client deletes in the archive', async () => {
    const gone = await make('tree gone', 0.1);
    await server.ask('POST', 'runs/delete', { run_id: gone });
    await told((event) => event.type === 'run' && event.run.run_id === gone && event.run.archived);
    assert.deepEqual(await listed('--archived'), ['tree gone', 'tree open']);
  });

  it('writes notes and tags that tracking clients read, and reads theirs', async () => {
    await cli('note', good, 'the', 'best so far');
    await cli('tag', good, 'team=red', 'data=2026=11');
    assert.deepEqual(await cli('note', good), { run_id: good, note: 'the best so far' });
    const { body } = await server.ask('GET', `runs/get?run_id=${good}`);
    const tags = (body as { run: { data: { tags: { key: string; value: string }[] } } }).run.data.tags;
    assert.deepEqual(Object.fromEntries(tags.filter(({ key }) => !/mlflow\.(user|runName|source)/.test(key)).map(({ key, value }) => [key, value])), { 'mlflow.note.content': 'the best so far', team: 'red', data: '2026=11' });
    await cli('tag', good, 'team=');
    assert.equal((await client.run(good)).run.tags['team'], undefined);
    await assert.rejects(cli('tag', good, 'team'), /name=value/);
  });

  it('pins a baseline that the other runs are measured by', async () => {
    await cli('pin', good);
    await told((event) => event.type === 'experiments' && !event.runs);
    assert.equal((await client.run(poor)).baseline?.run_id, good);
    assert.deepEqual([(await client.run(good)).pinned, (await client.run(good)).baseline], [true, null]);
    assert.equal((await client.experiments()).find((each) => each.name === 'Default')?.baseline?.metrics['accuracy'], 0.9);
    await cli('pin', poor);
    assert.equal((await client.run(good)).pinned, false);
    await cli('unpin', poor);
    assert.equal((await client.run(good)).baseline, null);
  });

  it('archives, renames and restores an experiment with its runs', async () => {
    const { body } = await server.ask('POST', 'experiments/create', { name: 'side' });
    const { experiment_id } = body as { experiment_id: string };
    const { body: made } = await server.ask('POST', 'runs/create', { experiment_id, run_name: 'aside', start_time: 1 });
    await server.ask('POST', 'runs/update', { run_id: (made as { run: { info: { run_id: string } } }).run.info.run_id, status: 'FINISHED', end_time: 2 });
    await client.editExperiment(experiment_id, { archived: true });
    await told((event) => event.type === 'experiments' && event.runs);
    assert.ok(!(await listed()).includes('aside'));
    assert.equal((await client.experiments()).find((each) => each.name === 'side')?.archived, true);
    await client.editExperiment(experiment_id, { archived: false, name: 'main' });
    assert.deepEqual(await listed('--experiment', 'main'), ['aside']);
    await assert.rejects(client.editExperiment(experiment_id, { name: 'Default' }), /already exists/);
  });
});
