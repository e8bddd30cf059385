// The commands that put runs in order, as programs and the view call them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { ExperimentSummary } from '../../../src/contracts/experiments.ts';
import type { RunSummary } from '../../../src/contracts/runs.ts';
import { eventually, inWorkspace, remove, run, write } from './support.ts';

/** What the project server answers; the view gets the same. */
async function ask<T>(target: string): Promise<T> {
  const { port } = JSON.parse(await readFile(inWorkspace('.ml', 'server.json'), 'utf8')) as { port: number };
  const token = (await readFile(inWorkspace('.ml', 'server.key'), 'utf8')).trim();
  return (await (await fetch(`http://127.0.0.1:${port}/api/${target}`, { headers: { authorization: `Bearer ${token}` } })).json()) as T;
}
const runOf = async (run_id: string): Promise<RunSummary> => (await ask<{ run: RunSummary }>(`runs/${run_id}`)).run;
const experiment = async (name: string): Promise<ExperimentSummary | undefined> => (await ask<{ experiments: ExperimentSummary[] }>('experiments')).experiments.find((each) => each.name === name);

describe('runs in order', function () {
  this.timeout(60_000);
  let name: string;
  let first: string;
  let second: string;

  before(async () => {
    await write('ordered.js', 'console.log(`params: side=${process.argv[2]}`);\nconsole.log(`accuracy: 0.${process.argv[2] === "left" ? 7 : 8}`);\n');
    first = await run<string>('runScript', { script: inWorkspace('ordered.js'), arguments: ['left'] });
    second = await run<string>('runScript', { script: inWorkspace('ordered.js'), arguments: ['right'] });
    await run('waitForRun', { run_id: first });
    const ended = await run<RunSummary>('waitForRun', { run_id: second });
    assert.equal(ended.metrics['accuracy'], 0.8, ended.error ?? '');
    name = ended.experiment;
  });
  after(async () => {
    await run('filterRuns', { filter: '' });
    await run('groupRuns', { by: 'experiment' });
    await run('sortRuns', { by: 'newest' });
    await run('hideArchivedRuns', {});
    await run('deleteRun', { run_ids: [first, second] });
    await remove('ordered.js');
  });

  it('filters by words and by comparison, and says what cannot be read', async () => {
    assert.deepEqual(await run('filterRuns', { filter: 'ordered right' }), [second]);
    assert.deepEqual(await run('filterRuns', { filter: `metrics.accuracy < 0.75 AND params.side = 'left'` }), [first]);
    await assert.rejects(run('filterRuns', { filter: 'metrics.accuracy >' }), /filter/i);
    await assert.rejects(run('filterRuns', {}), /filter/);
  });

  it('groups and sorts, and refuses what there is not', async () => {
    await run('groupRuns', { by: 'param', key: 'side' });
    await run('sortRuns', { by: 'best' });
    await assert.rejects(run('groupRuns', { by: 'colour' }), /by/);
    await assert.rejects(run('sortRuns', { by: 'colour' }), /by/);
  });

  it('pins a baseline and unpins it', async () => {
    await run('pinBaseline', { run_id: first });
    assert.equal((await experiment(name))?.baseline?.run_id, first);
    await run('unpinBaseline', { run_id: first });
    assert.equal((await experiment(name))?.baseline, null);
  });

  it('writes a name, a note, tags and the key metric', async () => {
    await run('renameRun', { run_id: first, name: 'the left one' });
    await run('editNote', { run_id: first, note: 'worse' });
    await run('editTags', { run_id: first, tags: { team: 'red', colour: 'blue' } });
    await run('editTags', { run_id: first, tags: { colour: null } });
    const { name: now, tags } = await runOf(first);
    assert.deepEqual([now, tags['mlflow.note.content'], tags['team'], tags['colour']], ['the left one', 'worse', 'red', undefined]);
    await run('chooseKeyMetric', { experiment: name, metric: 'accuracy' });
    assert.equal((await experiment(name))?.tags['ml_lifecycle.key_metric'], 'accuracy');
    await run('chooseKeyMetric', { experiment: name, metric: null });
    assert.equal((await experiment(name))?.tags['ml_lifecycle.key_metric'], undefined);
  });

  it('archives several runs, shows the archive and restores them', async () => {
    await run('archiveRuns', { run_ids: [first, second] });
    assert.deepEqual(await run('filterRuns', { filter: 'ordered' }), []);
    const archived = await run<string[]>('showArchivedRuns', {});
    assert.ok(archived.includes(first) && archived.includes(second));
    await run('unarchiveRuns', { run_ids: [first, second] });
    assert.deepEqual([...(await run<string[]>('filterRuns', { filter: 'ordered' }))].sort(), [first, second].sort());
  });

  it('archives and restores an experiment with its runs, and renames it', async () => {
    await run('archiveExperiment', { experiment: name });
    await eventually(async () => (await experiment(name))?.archived);
    assert.deepEqual(await run('filterRuns', { filter: 'ordered' }), []);
    await run('unarchiveExperiment', { experiment: name });
    await run('renameExperiment', { experiment: name, name: 'put in order' });
    assert.equal((await runOf(second)).experiment, 'put in order');
    await assert.rejects(run('archiveExperiment', { experiment: 'nobody' }), /nobody/);
  });
});
