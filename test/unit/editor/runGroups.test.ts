// How the Experiments view arranges runs.
import assert from 'node:assert/strict';
import type { ExperimentSummary } from '../../../src/contracts/experiments.ts';
import type { RunSummary } from '../../../src/contracts/runs.ts';
import { baselineTag } from '../../../src/contracts/tags.ts';
import { differenceTo } from '../../../src/contracts/metrics.ts';
import { durationText, keyMetricOf } from '../../../src/editor/experiments/figures.ts';
import { dayOf, groupRuns, keysOf, nest, sortRuns, type GroupBy, type SortBy } from '../../../src/editor/experiments/runGroups.ts';
import { RunLists, type RunSource } from '../../../src/editor/experiments/runLists.ts';

function run(run_id: string, change: Partial<RunSummary> = {}): RunSummary {
  const created = Number(run_id.replace(/\D/g, '')) || 1;
  return { run_id, name: run_id, experiment: 'e', kind: 'script', status: 'finished', created, started: created, ended: created + 1000, source: 'train.py', params: {}, metrics: {}, tags: {}, error: null, archived: false, progress: null, ...change };
}
const ids = (runs: readonly RunSummary[]): string => runs.map((each) => each.run_id).join(' ');
const grouped = (runs: RunSummary[], by: GroupBy): string => groupRuns(runs, by).map((group) => `${group.key ?? '-'}: ${ids(group.runs)}`).join(', ');
const metricOf = (each: RunSummary): string | null => keyMetricOf(each, undefined);

describe('groups of runs', () => {
  it('puts the group with the newest run first', () => {
    assert.equal(grouped([run('r1', { experiment: 'a' }), run('r2', { experiment: 'b' }), run('r3', { experiment: 'a' })], { by: 'experiment' }), 'a: r1 r3, b: r2');
    assert.equal(grouped([run('r1', { source: 'a.py' }), run('r2', { source: 'b.py' })], { by: 'script' }), 'b.py: r2, a.py: r1');
  });

  it('puts what goes on before what has ended', () => {
    const runs = [run('r1', { status: 'failed' }), run('r2', { status: 'queued' }), run('r3', { status: 'finished' }), run('r4', { status: 'running' })];
    assert.equal(grouped(runs, { by: 'status' }), 'running: r4, queued: r2, finished: r3, failed: r1');
  });

  it('orders values as numbers where they are, and runs without the value last', () => {
    const runs = ['10', '9', undefined, '9'].map((depth, index) => run(`r${index + 1}`, depth === undefined ? {} : { params: { depth } }));
    assert.equal(grouped(runs, { by: 'param', key: 'depth' }), '9: r2 r4, 10: r1, -: r3');
    assert.equal(grouped([run('r1', { tags: { team: '-' } }), run('r2')], { by: 'tag', key: 'team' }), '-: r1, -: r2');
  });

  it('knows the days of the person’s own zone', () => {
    const late = new Date(2026, 10, 24, 23, 59).getTime();
    assert.equal(dayOf(late), '2026-11-24');
    assert.deepEqual(groupRuns([run('a', { created: late }), run('b', { created: late + 120_000 })], { by: 'day' }).map((group) => group.key), ['2026-11-25', '2026-11-24']);
  });

  it('offers the tags that most runs have first, and none of a program’s own', () => {
    assert.deepEqual(keysOf([run('a', { tags: { x: '1', team: 'red', 'mlflow.user': 'ada', 'ml_lifecycle.job': 'j' } }), run('b', { tags: { team: 'blue' } })], 'tags'), ['team', 'x']);
  });
});

describe('the order of runs', () => {
  const order = (runs: RunSummary[], sort: SortBy, now = 0): string => ids(sortRuns(runs, sort, metricOf, now));

  it('is newest first, the same for runs of one instant', () => {
    assert.equal(order([run('r1'), run('r3'), run('r2')], 'newest'), 'r3 r2 r1');
    assert.equal(order([run('a'), run('b')], 'newest'), order([run('b'), run('a')], 'newest'));
  });

  it('knows for which metrics less is better, and puts runs without one last', () => {
    const by = (metric: string): string => order([run('r1', { metrics: { [metric]: 0.2 } }), run('r2'), run('r3', { metrics: { [metric]: 0.9 } }), run('r4', { metrics: { [metric]: null } })], 'best');
    assert.equal(by('accuracy'), 'r3 r1 r4 r2');
    assert.equal(by('val_loss'), 'r1 r3 r4 r2');
  });

  it('judges by the metric that most runs have, never one metric against another', () => {
    assert.equal(order([run('r1', { metrics: { accuracy: 0.5 } }), run('r2', { metrics: { steps: 9000 } }), run('r3', { metrics: { accuracy: 0.7 } })], 'best'), 'r3 r1 r2');
  });

  it('takes a run that goes on as long as it has gone on, and one that has not begun last', () => {
    assert.equal(order([run('r1', { ended: 1001 }), run('r2', { status: 'running', ended: null }), run('r3', { status: 'queued', started: null, ended: null })], 'longest', 5000), 'r2 r1 r3');
  });

  it('loses no run of ten thousand, in any order and any group', () => {
    const runs = Array.from({ length: 10_000 }, (_, index) => run(`r${index}`, { metrics: { accuracy: (index * 7919) % 1000 }, params: { depth: String(index % 37) } }));
    for (const sort of ['newest', 'best', 'longest'] as const) {
      assert.equal(new Set(sortRuns(runs, sort, metricOf, 0)).size, runs.length);
    }
    assert.equal(groupRuns(runs, { by: 'param', key: 'depth' }).reduce((sum, group) => sum + group.runs.length, 0), runs.length);
  });
});

describe('nested runs', () => {
  const child = (id: string, parent: string, change: Partial<RunSummary> = {}): RunSummary => run(id, { tags: { 'mlflow.parentRunId': parent }, ...change });

  it('stand below the run that started them, of whatever depth', () => {
    const { roots, children } = nest([run('r1'), child('r2', 'r1'), child('r3', 'r2'), child('r4', 'r1')], { by: 'parent' });
    assert.equal(ids(roots), 'r1');
    assert.equal(ids(children.get('r1') ?? []), 'r2 r4');
    assert.equal(ids(children.get('r2') ?? []), 'r3');
  });

  it('stand in their experiment otherwise, but for the trials of a study', () => {
    const runs = [run('r1'), child('r2', 'r1'), run('r3', { kind: 'study' }), child('r4', 'r3')];
    assert.equal(ids(nest(runs, { by: 'experiment' }).roots), 'r1 r2 r3');
    assert.equal(ids(nest(runs, { by: 'experiment' }).children.get('r3') ?? []), 'r4');
    assert.equal(ids(nest(runs, { by: 'day' }).roots), 'r1 r2 r3 r4');
  });

  it('stand for themselves where that run is not shown, is in another experiment, or is their own child', () => {
    const { roots } = nest([child('r1', 'gone'), child('r2', 'r3', { experiment: 'other' }), run('r3'), child('r4', 'r5'), child('r5', 'r4'), child('r6', 'r6')], { by: 'parent' });
    assert.equal(ids(roots), 'r1 r2 r3 r4 r5 r6');
  });
});

describe('the lists of the view', () => {
  const arrangement = { now: { group: { by: 'experiment' } as GroupBy, sort: 'newest' as SortBy } };
  let source: RunSource & { runs: Map<string, RunSummary>; experiments: Map<string, ExperimentSummary> };
  let shown: ReadonlySet<string> | null;
  let lists: RunLists;
  beforeEach(() => {
    arrangement.now = { group: { by: 'experiment' }, sort: 'newest' };
    shown = null;
    source = { runs: new Map(Array.from({ length: 250 }, (_, index) => [`r${index}`, run(`r${index}`)])), archived: null, experiments: new Map() };
    lists = new RunLists(arrangement, { of: () => shown });
  });

  it('show a hundred runs, then a hundred more, then the rest', () => {
    const page = (): [number, number] => {
      const { shown: rows, hidden } = lists.page('list', lists.runsOf(source, 'e'));
      return [rows.length, hidden];
    };
    assert.deepEqual(page(), [100, 150]);
    lists.showMore('list');
    assert.deepEqual(page(), [200, 50]);
    lists.showMore('list');
    assert.deepEqual(page(), [250, 0]);
    lists.startOver();
    assert.deepEqual(page(), [100, 150]);
  });

  it('show as many as it takes to see a run', () => {
    const shownFor = (index: number): number => {
      lists.showRow('list', index);
      return lists.page('list', lists.runsOf(source, 'e')).shown.length;
    };
    assert.deepEqual([99, 100, 3].map(shownFor), [100, 200, 200]);
  });

  it('hold what the filter finds, and follow it', () => {
    shown = new Set(['r7', 'r9', 'gone']);
    assert.equal(ids(lists.runsOf(source, 'e')), 'r9 r7');
    assert.equal(lists.count(source), 2);
    shown = new Set(['r7']);
    lists.forget();
    assert.equal(ids(lists.runsOf(source, 'e')), 'r7');
    shown = new Set();
    lists.forget();
    assert.deepEqual(lists.groups(source), []);
  });

  it('keep nested runs out of their group’s own rows, and count them', () => {
    arrangement.now = { group: { by: 'parent' }, sort: 'newest' };
    source.runs.set('kid', run('kid', { tags: { 'mlflow.parentRunId': 'r3' } }));
    assert.ok(!lists.runsOf(source, 'e').some((each) => each.run_id === 'kid'));
    assert.equal(ids(lists.childrenOf(source, 'r3')), 'kid');
    assert.equal(lists.parentOf(source, 'kid'), 'r3');
    assert.equal(lists.size(source, 'e'), 251);
  });

  it('measure by the pinned run as it is now, also where it is archived', () => {
    const experiment = (tags: Record<string, string>): ExperimentSummary => ({ experiment_id: '1', name: 'e', archived: false, tags, baseline: run('r5', { metrics: { accuracy: 0.1 } }) });
    source.runs.set('r5', run('r5', { metrics: { accuracy: 0.2 } }));
    assert.equal(lists.measures(source, experiment({ [baselineTag]: 'r5' })).baseline?.metrics['accuracy'], 0.2);
    source.runs.delete('r5');
    assert.equal(lists.measures(source, experiment({ [baselineTag]: 'r5', 'ml_lifecycle.key_metric': 'f1' })).baseline?.metrics['accuracy'], 0.1);
    assert.equal(lists.measures(source, experiment({ 'ml_lifecycle.key_metric': 'f1' })).keyMetric, 'f1');
    assert.equal(lists.measures(source, experiment({})).baseline, null);
  });
});

describe('figures beside a run', () => {
  it('show the chosen metric, and the run’s own headline where it lacks it', () => {
    const both = run('a', { metrics: { accuracy: 0.9, steps: 5 } });
    assert.equal(keyMetricOf(both, 'steps'), 'steps');
    assert.equal(keyMetricOf(both, 'gone'), 'accuracy');
    assert.equal(keyMetricOf(run('b'), 'steps'), null);
  });

  it('say how far a metric lies from the baseline, and whether that is good', () => {
    assert.deepEqual(differenceTo('accuracy', 0.931, 0.919), { text: '+0.012', verdict: 'better' });
    assert.deepEqual(differenceTo('rmse', 12, 10.5), { text: '+1.500', verdict: 'worse' });
    assert.deepEqual(differenceTo('val_loss', 0.1, 0.2), { text: '−0.100', verdict: 'better' });
    assert.deepEqual(differenceTo('accuracy', 0.9, 0.9), { text: '±0', verdict: 'same' });
    assert.deepEqual(differenceTo('accuracy', 0.90001, 0.9), { text: '+0.00001', verdict: 'better' });
    assert.equal(differenceTo('accuracy', 0.9, undefined), null);
    assert.equal(differenceTo('accuracy', null, 0.9), null);
  });

  it('give durations in the units that matter', () => {
    assert.deepEqual([400, 12_900, 65_000, 7_380_000, 3 * 86_400_000 + 4 * 3_600_000].map(durationText), ['0.4 s', '12 s', '1 min 5 s', '2 h 3 min', '3 d 4 h']);
  });
});
