// A person's own script, from the lens above its fit call to its run, over a reload.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Session } from './harness/session.ts';

/** A script with a fit call that needs nothing but Python itself, and goes on until the file `enough` is there. */
const script = `import os
import time

class Model:
    def fit(self, X, y):
        epoch = 0
        while epoch < 75 or not os.path.exists("enough"):
            epoch += 1
            print(f"epoch {epoch} loss {1 / epoch:.4f}", flush=True)
            time.sleep(0.05)

print("params: rate=0.1")
model = Model()
model.fit([1], [2])
print("accuracy: 0.75")
`;

describe('a script of one’s own', function () {
  this.timeout(120_000);
  let session: Session;
  before(async () => {
    session = await Session.open('loans', { files: { 'curve.py': script } });
  });
  after(() => session.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await session.workbench.screenshot('failed', 'scripts');
    }
  });

  it('has a lens above its fit call, with the interpreter', async () => {
    const { workbench } = session;
    await workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'curve.py' }).dblclick();
    const lens = workbench.page.locator('.codelens-decoration', { hasText: 'Run as experiment' });
    await lens.first().waitFor();
    assert.match(await lens.first().innerText(), /python/i);
    await workbench.screenshot('light', 'codelens');
  });

  it('runs from there, and its curve, parameters and output go on over a reload', async () => {
    const { workbench } = session;
    await workbench.page.locator('.codelens-decoration a', { hasText: 'Run as experiment' }).first().click();
    await workbench.openContainer();
    await workbench.row('curve.py').waitFor();
    const running = workbench.page.locator('.part.sidebar .monaco-list-row', { hasText: 'curve.py' }).last();
    await running.click();
    let run = await workbench.panel('run_id');
    await run.locator('.curves .chart svg path').first().waitFor();
    await workbench.reload();
    run = await workbench.panel('run_id');
    await run.locator('.log').waitFor();
    const log = await run.locator('.log').innerText();
    assert.match(log, /^params: rate=0\.1\nepoch 1 loss 1\.0000/);
    assert.ok(!log.includes('accuracy'), 'the run ended before it was allowed to');
    writeFileSync(path.join(session.folder, 'enough'), '');
    // The output says 0.75 a moment before the run has ended.
    await run.locator('.header').getByText('finished').waitFor({ timeout: 60_000 });
    const text = await run.locator('.page').innerText();
    assert.match(text, /finished/);
    assert.match(text, /rate\s+0\.1/);
    assert.match(await run.locator('.log').innerText(), /epoch 75 loss 0\.0133\n[\s\S]*accuracy: 0\.75/);
    await workbench.screenshot('light', 'script-run');
  });
});
