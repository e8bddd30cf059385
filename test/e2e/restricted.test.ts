// A folder that nobody vouched for: data can be looked at, nothing of it runs.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Session } from './harness/session.ts';

describe('an untrusted folder', function () {
  this.timeout(120_000);
  let session: Session;
  before(async () => {
    session = await Session.open('loans', { trust: false });
  });
  after(() => session.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await session.workbench.screenshot('failed', 'restricted');
    }
  });

  it('can be looked at: the file that is clicked is profiled', async () => {
    const { workbench } = session;
    await workbench.openContainer();
    await workbench.row('loans').click();
    const panel = await workbench.panel('loans.csv');
    await panel.locator('.chart svg path').first().waitFor();
    assert.match(await panel.locator('.page').innerText(), /This folder is not trusted, so only this file was read/);
    await workbench.screenshot('light', 'restricted');
  });

  it('offers neither training nor scripts, and gets nothing written into it', async () => {
    const { workbench } = session;
    const panel = await workbench.panel('loans.csv');
    assert.equal(await panel.getByRole('button', { name: 'Train a model…' }).count(), 0);
    await workbench.page.getByRole('button', { name: 'Manage workspace trust' }).first().waitFor();
    assert.ok(!existsSync(path.join(session.folder, '.ml')), readdirSync(session.folder).join());
  });
});
