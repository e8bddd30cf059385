// Programs that log and are killed: their runs must not stay open, over the packaged server.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunSummary } from '../../src/contracts/runs.ts';
import { token, TrackingServer } from './trackingServer.ts';

/** Makes a run, or goes on with the one it is given, logs into it, prints its id, and stays until it is killed. */
const program = `
const ask = async (target, body) => (await fetch(process.env.URI + '/api/2.0/mlflow/' + target, { method: 'POST', headers: { authorization: 'Bearer ' + process.env.TOKEN, 'content-type': 'application/json' }, body: JSON.stringify(body) })).json();
const run_id = process.env.RUN ?? (await ask('runs/create', { experiment_id: '0', start_time: Date.now() })).run.info.run_id;
for (let step = 0; step < 5; step += 1) {
  await ask('runs/log-metric', { run_id, key: 'loss', value: 1 / (step + 1), timestamp: Date.now(), step });
}
console.log(run_id);
setInterval(() => undefined, 1000);
`;

describe('a run whose program was killed', function () {
  this.timeout(120_000);
  const server = new TrackingServer();
  const children: ChildProcess[] = [];
  before(() => server.start());
  after(async () => {
    children.forEach((child) => child.kill('SIGKILL'));
    await server.dispose();
  });

  const start = async (env: Record<string, string> = {}): Promise<{ child: ChildProcess; run_id: string }> => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { env: { ...process.env, URI: server.uri, TOKEN: token, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const [run_id] = (await once(createInterface(child.stdout), 'line')) as [string];
    return { child, run_id };
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const state = async (run_id: string, wanted: RunSummary['status']): Promise<RunSummary> => {
    for (;;) {
      const run = (await server.runs()).find((each) => each.run_id === run_id);
      if (run?.status === wanted) {
        return run;
      }
      await pause(100);
    }
  };

  it('is marked so, goes on when somebody goes on with it, and leaves the runs of others open', async () => {
    const other = await start();
    const { child, run_id } = await start();
    assert.equal((await state(run_id, 'running')).error, null);
    await kill(child);
    const failed = await state(run_id, 'failed');
    assert.match(failed.error ?? '', /program ended without ending the run/);
    assert.ok((failed.ended ?? 0) >= (failed.started ?? Infinity), 'it ended when it was last written to');
    assert.equal((await state(other.run_id, 'running')).error, null);
    const again = await start({ RUN: run_id });
    assert.deepEqual([(await state(run_id, 'running')).error, (await state(run_id, 'running')).ended], [null, null]);
    await kill(again.child);
    await state(run_id, 'failed');
    await server.ask('POST', 'runs/update', { run_id, status: 'FINISHED', end_time: Date.now() });
    assert.equal((await state(run_id, 'finished')).error, null);
  });

  it('is known by the next server too', async () => {
    const { child, run_id } = await start();
    await server.end('SIGKILL');
    await kill(child);
    await server.start();
    await state(run_id, 'failed');
  });

  it('is not taken for one when each request comes from a program of its own, as with curl', async () => {
    const { child, run_id } = await start();
    // Written to once, by this process; a program that asks once and ends owns nothing.
    const once_ = spawn(process.execPath, ['--input-type=module', '-e', program.replace('step < 5', 'step < 0').replace(/setInterval.*/, '')], { env: { ...process.env, URI: server.uri, TOKEN: token }, stdio: ['ignore', 'pipe', 'inherit'] });
    const [single] = (await once(createInterface(once_.stdout), 'line')) as [string];
    await kill(child);
    await state(run_id, 'failed');
    assert.equal((await state(single, 'running')).error, null);
  });
});
