import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import type { ExchangeTask } from '../../../src/contracts/exchange.ts';
import { eventually, inWorkspace, remove, run, write } from './support.ts';

describe('runs in and out', function () {
  this.timeout(60_000);
  const id = 'c'.repeat(32);

  before(async () => {
    await write('elsewhere/mlruns/5/meta.yaml', `experiment_id: '5'\nlifecycle_stage: active\nname: elsewhere\n`);
    await write(`elsewhere/mlruns/5/${id}/meta.yaml`, `run_id: ${id}\nrun_name: imported run\nstatus: 3\nstart_time: 1000\nend_time: 2000\nlifecycle_stage: active\n`);
    await write(`elsewhere/mlruns/5/${id}/metrics/accuracy`, '1000 0.5 0\n1001 0.75 1\n');
  });
  after(async () => {
    await run('deleteRun', { run_id: id });
    await remove('elsewhere');
  });

  it('imports a folder, once, and shows its runs', async () => {
    const from = inWorkspace('elsewhere');
    assert.equal((await run<ExchangeTask>('importRuns', { from })).result.added, 1);
    assert.equal((await run<ExchangeTask>('importRuns', { from })).result.unchanged, 1);
    await run('openRun', { run_id: id });
    await eventually(() => vscode.window.tabGroups.all.some((group) => group.tabs.some((tab) => tab.label.includes('imported run'))));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('publishes with what was kept for that server, and throws its refusal', async () => {
    const seen: (string | undefined)[] = [];
    const stranger = http.createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"error_code":"UNAUTHENTICATED","message":"no"}');
    });
    stranger.listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const to = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    try {
      await assert.rejects(run('publishRuns', { to, run_ids: [id] }), /refuses access \(401: no\)/);
      await run('signInRemote', { uri: to, token: 'kept' });
      await assert.rejects(run('publishRuns', { to, run_ids: [id] }), /token or password is wrong/);
      assert.deepEqual([...new Set(seen)], [undefined, 'Bearer kept']);
      await run('signInRemote', { uri: to });
    } finally {
      stranger.close();
    }
  });
});
