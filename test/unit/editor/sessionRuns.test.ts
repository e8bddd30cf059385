// A window's list of runs: asked for part by part, while news come in.
import assert from 'node:assert/strict';
import type { RunPage } from '../../../src/contracts/experiments.ts';
import type { RunSummary } from '../../../src/contracts/runs.ts';
import { SessionRuns } from '../../../src/editor/platform/sessionRuns.ts';

function run(run_id: string, change: Partial<RunSummary> = {}): RunSummary {
  return { run_id, name: run_id, experiment: 'e', kind: 'script', status: 'finished', created: 1, started: 1, ended: 2, source: 'train.py', params: {}, metrics: {}, tags: {}, error: null, archived: false, progress: null, ...change };
}

/** A server whose list has two runs in a part, each part given when it is let go. */
function serverOf(ids: string[]): { client: { runPage(limit: number, after: string | null): Promise<RunPage>; runs(archived?: boolean): Promise<RunSummary[]> }; give(): Promise<void> } {
  const waiting: (() => void)[] = [];
  return {
    client: {
      runPage: (_limit, after) =>
        new Promise((resolve) => {
          const start = Number(after ?? 0);
          waiting.push(() => resolve({ runs: ids.slice(start, start + 2).map((id) => run(id)), next: start + 2 < ids.length ? String(start + 2) : null }));
        }),
      runs: () => Promise.resolve([run('old', { archived: true })]),
    },
    async give() {
      waiting.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('the list of runs of a window', () => {
  const ids = (runs: SessionRuns): string => [...runs.listed.keys()].sort().join('');

  it('is there with its first part, and whole after the last', async () => {
    const runs = new SessionRuns();
    const { client, give } = serverOf(['a', 'b', 'c', 'd', 'e']);
    let parts = 0;
    const loading = runs.load(client, () => (parts += 1));
    await give();
    const { rest } = await loading;
    assert.equal(ids(runs), 'ab');
    await give();
    assert.equal(ids(runs), 'abcd');
    await give();
    await rest;
    assert.deepEqual([ids(runs), parts], ['abcde', 2]);
  });

  it('believes news more than a part that comes later', async () => {
    const runs = new SessionRuns();
    const { client, give } = serverOf(['a', 'b', 'c', 'd']);
    const loading = runs.load(client, () => undefined);
    await give();
    const { rest } = await loading;
    runs.place(run('c', { name: 'renamed' }));
    runs.place(run('d', { archived: true }));
    runs.place(run('new'));
    runs.remove('a');
    await give();
    await rest;
    assert.equal(ids(runs), 'bcnew');
    assert.equal(runs.listed.get('c')?.name, 'renamed');
  });

  it('keeps what it has until the list was read again, then drops what is gone', async () => {
    const runs = new SessionRuns();
    for (const id of ['a', 'b', 'c', 'gone']) {
      runs.place(run(id));
    }
    const { client, give } = serverOf(['a', 'b', 'c']);
    const loading = runs.load(client, () => undefined);
    await give();
    const { rest } = await loading;
    assert.equal(ids(runs), 'abcgone');
    await give();
    await rest;
    assert.equal(ids(runs), 'abc');
  });

  it('asks each part for what the view is arranged by', async () => {
    const runs = new SessionRuns();
    const asked: unknown[] = [];
    const client = { runs: () => Promise.resolve([]), runPage: (_limit: number, after: string | null, needed: unknown) => (asked.push(needed), Promise.resolve({ runs: [run(after ?? 'first')], next: after === null ? 'second' : null })) };
    const needed = { params: ['rare'], tags: [] };
    assert.ok(runs.need(needed) && !runs.need({ params: ['rare'], tags: [] }));
    await (await runs.load(client, () => undefined)).rest;
    assert.deepEqual(asked, [needed, needed]);
  });

  it('lets what a person waits for go before the rest', async () => {
    const runs = new SessionRuns();
    const { client, give } = serverOf(['a', 'b', 'c', 'd', 'e']);
    const [first, second] = [runs.hold(), runs.hold()];
    const loading = runs.load(client, () => undefined);
    await give();
    const { rest } = await loading;
    first();
    await give();
    assert.equal(ids(runs), 'ab');
    second();
    await new Promise((resolve) => setImmediate(resolve));
    await give();
    assert.equal(ids(runs), 'abcd');
    await give();
    await rest;
    assert.equal(ids(runs), 'abcde');
  });

  it('lets only the newest loading write', async () => {
    const runs = new SessionRuns();
    const old = serverOf(['x', 'y', 'z']);
    const first = runs.load(old.client, () => undefined);
    await old.give();
    const { rest } = await first;
    const now = serverOf(['a']);
    const second = runs.load(now.client, () => undefined);
    await now.give();
    await (await second).rest;
    await old.give();
    await rest;
    assert.equal(ids(runs), 'a');
  });

  it('moves a run between the list and the archive once that is shown', async () => {
    const runs = new SessionRuns();
    runs.place(run('a'));
    await runs.loadArchived(serverOf([]).client);
    runs.place(run('a', { archived: true }));
    assert.deepEqual([ids(runs), [...(runs.archived?.keys() ?? [])]], ['', ['old', 'a']]);
    runs.place(run('old'));
    assert.deepEqual([ids(runs), [...(runs.archived?.keys() ?? [])]], ['old', ['a']]);
  });
});
