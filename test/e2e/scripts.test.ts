// A person's own script, from the lens above its fit call to its run, over a reload.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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
  /** What a page in the panel must not reach. */
  const outside = createServer((request, response) => {
    reached.push(request.url ?? '');
    response.setHeader('access-control-allow-origin', '*').end('reached');
  });
  const reached: string[] = [];
  before(async () => {
    await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
    session = await Session.open('loans', {
      files: { 'curve.py': script },
      async prepare(folder) {
        const git = (...args: string[]): unknown => execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], { cwd: folder });
        git('init', '-q', '-b', 'main');
        git('add', '.');
        git('commit', '-q', '-m', 'first');
        appendFileSync(path.join(folder, 'curve.py'), 'print("not committed")\n');
      },
    });
  });
  after(async () => {
    outside.close();
    await session.close();
  });
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

  it('runs from there, and its curve, parameters and output go on over a window that is killed', async () => {
    const { workbench } = session;
    await workbench.page.locator('.codelens-decoration a', { hasText: 'Run as experiment' }).first().click();
    await workbench.openContainer();
    // Its experiment, which says how many runs it has, goes by the same name.
    await workbench.row(/curve\.py(?!\s*\d+ run)/).click();
    let run = await workbench.panel('run_id');
    await run.locator('.curves .plot path.line').first().waitFor();
    // A crash takes the window's processes along; the run's are its project's.
    assert.ok(session.killExtensionHost() || process.platform !== 'linux');
    await workbench.reload();
    // Whether a tab that was opened a moment before such an end is kept is VS Code's to say.
    await workbench.openContainer();
    await workbench.row(/curve\.py(?!\s*\d+ run)/).click();
    run = await workbench.panel('run_id');
    await run.locator('.log').waitFor();
    const log = await run.locator('.log').innerText();
    assert.match(log, /^params: rate=0\.1\nepoch 1 loss 1\.0000/);
    assert.ok(!log.includes('accuracy'), 'the run ended before it was allowed to');
    keepArtifacts(session.folder, `http://127.0.0.1:${(outside.address() as AddressInfo).port}`);
    writeFileSync(path.join(session.folder, 'enough'), '');
    // The output says 0.75 a moment before the run has ended.
    await run.locator('.header').getByText('finished').waitFor({ timeout: 60_000 });
    await run.locator('.log', { hasText: 'accuracy: 0.75' }).waitFor();
    const text = await run.locator('.page').innerText();
    assert.match(text, /finished/);
    assert.match(text, /rate\s+0\.1/);
    assert.match(await run.locator('.log').innerText(), /epoch 75 loss 0\.0133\n[\s\S]*accuracy: 0\.75/);
    await workbench.screenshot('light', 'script-run');
  });

  it('smooths its curves, reads their values and zooms into them', async () => {
    const run = await session.workbench.panel('run_id');
    const chart = run.locator('.plot > svg').first();
    assert.equal(await run.locator('.plot .raw').count(), 0);
    await run.getByLabel('Smoothing').fill('0.8');
    await run.locator('.plot .raw').first().waitFor();
    await chart.focus();
    await chart.press('ArrowRight');
    const reading = run.locator('.curves .reading').first();
    assert.match(await reading.innerText(), /^step \d+: 0\.\d+ \(smooth 0\.\d+\)$/);
    await chart.press('+');
    await run.getByText('Show all', { exact: true }).waitFor();
    await session.workbench.screenshot('light', 'script-run-zoomed');
    await chart.dblclick();
    await run.getByText('Show all', { exact: true }).waitFor({ state: 'detached' });
  });

  it('shows its files: a picture, a table, a model’s signature, and a page that reaches nothing', async () => {
    const { workbench } = session;
    const run = await workbench.panel('run_id');
    const row = (name: string) => run.locator('[role=treeitem]', { hasText: name });
    await row('plot.svg').click();
    await run.waitForFunction(() => (document.querySelector<HTMLImageElement>('.preview img')?.naturalWidth ?? 0) === 120);
    await workbench.screenshot('light', 'artifact-picture');
    await row('errors.csv').click();
    await run.locator('.preview .cells td', { hasText: 'Berlin' }).waitFor();
    await row('model').click();
    await row('MLmodel').click();
    await run.locator('.preview', { hasText: 'no pickle' }).waitFor();
    assert.match(await run.locator('.preview').innerText(), /age\s+long[\s\S]*sklearn/);
    await row('notes.md').click();
    await run.frameLocator('.preview iframe').getByRole('heading', { name: 'What was seen' }).waitFor();
    await run.getByText('Show its source').click();
    await run.locator('.preview pre', { hasText: '# What was seen' }).waitFor();
    await row('page.html').click();
    const page = run.frameLocator('.preview iframe');
    await page.getByText('untouched').waitFor();
    await run.getByText('Run its scripts').click();
    await page.getByText('network closed, panel closed, storage closed, went nowhere').waitFor();
    assert.equal(await run.locator('.banner.error').count(), 0, 'the page reached the panel');
    await workbench.screenshot('light', 'artifact-page');
    for (const theme of ['dark', 'contrast'] as const) {
      await session.theme(theme);
      await run.locator(theme === 'dark' ? 'body.vscode-dark' : 'body.vscode-high-contrast').waitFor();
      await run.locator('#artifacts').scrollIntoViewIfNeeded();
      await workbench.screenshot(theme, 'artifact-page');
      await run.locator('.header').scrollIntoViewIfNeeded();
      await run.evaluate(() => scrollTo(0, 0));
      await workbench.screenshot(theme, 'script-run');
    }
    await session.theme('light');
    // Led elsewhere, the frame shows that it was held back, and nothing went out.
    await page.getByText('leave').click();
    await page.getByText('went nowhere').waitFor({ state: 'detached' });
    assert.deepEqual(reached, []);
  });

  it('shows how its code differs from its commit', async () => {
    const { workbench } = session;
    const run = await workbench.panel('run_id');
    await run.getByText('Compare code with…').click();
    await workbench.pick('Its commit');
    await workbench.page.locator('.tab.active', { hasText: 'the code that ran' }).waitFor();
    await workbench.page.locator('.monaco-diff-editor .view-line', { hasText: 'not committed' }).first().waitFor();
    await workbench.screenshot('light', 'code-difference');
    await workbench.reload();
    await workbench.page.locator('.monaco-diff-editor .view-line', { hasText: 'not committed' }).first().waitFor();
    assert.deepEqual(reached, [], 'the page in the panel reached out');
  });

  it('fits into a narrow editor', async () => {
    const { workbench } = session;
    await workbench.page.locator('.tab', { hasText: 'curve.py' }).nth(1).click();
    const run = await workbench.panel('run_id');
    await workbench.page.setViewportSize({ width: 800, height: 1400 });
    await run.waitForFunction(() => innerWidth < 500);
    assert.ok(await run.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it is wider than its editor');
    await workbench.screenshot('light', 'script-run-narrow');
  });
});

/** A page that tries, once its scripts run, what it must not do, and says what became of it. */
const page = (outside: string): string => `<!DOCTYPE html><html><body><p id="said">untouched</p><button id="leave">leave</button><img src="${outside}/image"><script src="${outside}/script"></script><link rel="stylesheet" href="${outside}/style"><script>
const said = [];
const tell = (words) => { said.push(words); document.getElementById('said').textContent = said.join(', '); };
const closed = (name, attempt) => { try { attempt(); tell(name + ' open'); } catch { tell(name + ' closed'); } };
fetch('${outside}/fetch').then(() => tell('network open'), () => {
  tell('network closed');
  closed('panel', () => parent.document.title);
  closed('storage', () => localStorage.length);
  parent.postMessage({ type: 'failed', message: 'spoofed' }, '*');
  navigator.sendBeacon('${outside}/beacon');
  try { top.location = '${outside}/top'; } catch { /* As it should be. */ }
  const frame = document.createElement('iframe');
  frame.src = '${outside}/frame';
  document.body.append(frame);
  frame.addEventListener('load', () => tell('went nowhere'));
});
document.getElementById('leave').addEventListener('click', () => { location = '${outside}/self'; });
</script></body></html>`;

/** Puts files among the artifacts of the only job. */
function keepArtifacts(folder: string, outside: string): void {
  const jobs = path.join(folder, '.ml', 'jobs');
  const [job = ''] = readdirSync(jobs);
  const artifacts = path.join(jobs, job, 'artifacts');
  mkdirSync(path.join(artifacts, 'model'), { recursive: true });
  writeFileSync(path.join(artifacts, 'plot.svg'), '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80"><rect width="120" height="80" fill="teal"/><circle cx="60" cy="40" r="30" fill="gold"/></svg>');
  writeFileSync(path.join(artifacts, 'errors.csv'), 'city,error\nBerlin,0.25\nLagos,0.5\n');
  writeFileSync(path.join(artifacts, 'notes.md'), '# What was seen\n\nNothing *yet*.\n');
  writeFileSync(path.join(artifacts, 'page.html'), page(outside));
  writeFileSync(path.join(artifacts, 'model', 'MLmodel'), `flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n    python_version: 3.13.1\n  sklearn:\n    sklearn_version: 1.7.0\nsignature:\n  inputs: '[{"type": "long", "name": "age", "required": true}]'\n  outputs: '[{"type": "double", "required": true}]'\n`);
}
