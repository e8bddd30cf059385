// A project's folder that is copied or moved while its processes run.
import assert from 'node:assert/strict';
import { cp, rename, rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Endpoint } from '../../src/contracts/endpoints.ts';
import { connect, type ProjectClient } from '../../src/core/client/api.ts';
import { processStart } from '../../src/core/discovery/api.ts';
import { projectAt } from '../../src/core/project/api.ts';
import { ask, row, runtime, TestProject } from './support/deployed.ts';

async function inState(client: ProjectClient, state: Endpoint['state'], but?: number | null): Promise<Endpoint> {
  for (;;) {
    const [found] = await client.endpoints();
    if (found?.state === state && found.pid !== but) {
      return found;
    }
    await pause(50);
  }
}

async function stop(client: ProjectClient): Promise<void> {
  const { pid } = await client.status();
  await client.stop({ endpoints: true });
  while ((await processStart(pid)) !== null) {
    await pause(20);
  }
  client.close();
}

describe('a project’s folder', function () {
  this.timeout(60_000);
  let test: TestProject;
  let client: ProjectClient;
  let endpoint: Endpoint;

  beforeEach(async () => {
    test = await TestProject.create();
    client = await test.client();
    ({ endpoint } = await client.deploy({ model: 'churn', key: false }));
  });

  const predicts = async (): Promise<boolean> => (await ask(`${endpoint.url}/invocations`, { body: { dataframe_records: [row] } })).status === 200;

  it('that is copied has a server of its own, which lets the original’s endpoints alone', async () => {
    const copied = `${test.project.root}-copy`;
    await cp(test.project.root, copied, { recursive: true });
    const copy = await connect(projectAt(copied), runtime);
    assert.notEqual((await copy.status()).pid, (await client.status()).pid);
    assert.match((await inState(copy, 'failed')).error ?? '', /Port \d+ is taken/);
    await stop(copy);
    await rm(copied, { recursive: true });
    assert.equal((await client.endpoints())[0]?.pid, endpoint.pid);
    assert.ok(await predicts());
    await test.end();
  });

  it('that is moved is served from where it lies now', async () => {
    const { pid } = await client.status();
    const moved = `${test.project.root}-moved`;
    await rename(test.project.root, moved);
    const next = await connect(projectAt(moved), runtime);
    const status = await next.status();
    assert.notEqual(status.pid, pid);
    assert.equal(status.project, moved);
    // The model server from before finds its folder gone and ends.
    await inState(next, 'ready', endpoint.pid);
    assert.ok(await predicts());
    await stop(next);
    await rm(moved, { recursive: true });
    client.close();
  });

  it('that is deleted leaves no process behind', async () => {
    const { pid } = await client.status();
    await rm(test.project.root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    for (const each of [pid, endpoint.pid ?? 0]) {
      while ((await processStart(each)) !== null) {
        await pause(50);
      }
    }
    client.close();
  });
});
