// The riders' days in an order without time: nothing changes, so nothing may alarm.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cli } from '../../scripts/lib/cli.mjs';
import { prepareStream, replay, startStream } from '../../scripts/lib/stream.mjs';

describe('a stream of shuffled days', function () {
  this.timeout(240_000);
  const folder = path.join(mkdtempSync(path.join(os.tmpdir(), 'ml-lifecycle-stream-')), 'ridership');

  after(async () => {
    await cli(folder, 'server', '--stop', '--cancel-jobs');
    rmSync(path.dirname(folder), { recursive: true, force: true });
  });

  it('raises no alarm and starts no retraining', async () => {
    const stream = prepareStream(folder, { shuffled: true });
    const { windows, alerts, decisions } = await replay(stream, await startStream(stream), { days: 480, say: () => undefined });
    assert.equal(windows.filter((window) => window.kind === 'data').length, 8);
    assert.equal(windows.filter((window) => window.kind === 'performance').length, 8);
    assert.deepEqual(alerts.map((alert) => alert.message), []);
    assert.deepEqual(decisions, []);
  });
});
