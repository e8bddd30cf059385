// A person's own script, tuned from the lens above its parser, over a reload, to a run with the best values.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { Session, type Theme } from './harness/session.ts';

/** Needs nothing but Python itself. Its sixth trial and those after it wait for the file `enough`. */
const script = `import argparse
import math
import os
import time

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.01)
parser.add_argument("--layers", type=int, default=2)
parser.add_argument("--optimizer", choices=["adam", "sgd"], default="adam")
parser.add_argument("--dropout", type=float, default=0.1)
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--amp", action="store_true")
args = parser.parse_args()
with open("count", "a") as file:
    file.write(".")
while os.path.getsize("count") > 5 and not os.path.exists("enough"):
    time.sleep(0.05)
loss = (math.log10(args.lr) + 2) ** 2 + abs(args.layers - 3) / 4 + args.dropout / 5 + (args.optimizer == "sgd") / 2
print(f"loss={loss:.4f}")
`;

describe('tuning a script of one’s own', function () {
  this.timeout(180_000);
  let session: Session;
  before(async () => {
    session = await Session.open('loans', { files: { 'tuned.py': script, 'plain.py': 'import sys\n\nif __name__ == "__main__":\n    print("loss=1")\n' } });
  });
  after(() => session.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await session.workbench.screenshot('failed', 'tuning');
    }
  });

  async function pictures(name: string): Promise<void> {
    for (const theme of ['light', 'dark', 'contrast'] as Theme[]) {
      await session.theme(theme);
      await session.workbench.visiblePanel().locator(theme === 'light' ? 'body.vscode-light' : theme === 'dark' ? 'body.vscode-dark' : 'body.vscode-high-contrast').waitFor();
      await session.workbench.screenshot(theme, name);
    }
    await session.theme('light');
  }
  async function openForm(file: string): Promise<Frame> {
    const { workbench } = session;
    if ((await workbench.page.locator('.explorer-folders-view:visible').count()) === 0) {
      await workbench.page.locator('.activitybar .action-label[aria-label^="Explorer"]').first().click();
    }
    await workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: file }).dblclick();
    const lens = workbench.page.locator('.codelens-decoration a', { hasText: 'Tune…' }).first();
    await lens.waitFor();
    await lens.click();
    return workbench.panel(file, 'tune');
  }

  it('shows the script’s options with ranges around their defaults, and says what is missing', async () => {
    const form = await openForm('tuned.py');
    const text = await form.locator('.page').innerText();
    for (const option of ['--lr', '--layers', '--optimizer', '--dropout', '--epochs', '--seed', '--amp']) {
      assert.ok(text.includes(option), option);
    }
    assert.match(text, /A logarithmic scale/);
    await form.getByText('Name the metric that trials are judged by.').waitFor();
    await form.locator('vscode-text-field[aria-label="Metric"] input').fill('loss');
    await form.getByText('less is better').waitFor();
    await form.locator('vscode-text-field[aria-label="Least lr"] input').fill('5');
    await form.locator('.space .problem', { hasText: 'It must begin below its end' }).waitFor();
    await form.locator('vscode-text-field[aria-label="Least lr"] input').fill('0.0001');
    await form.locator('.space .problem').waitFor({ state: 'detached' });
    await form.locator('vscode-text-field[aria-label="Number of trials"] input').fill('14');
    await form.getByText('14 times').waitFor();
    await pictures('tune-form');
  });

  it('follows the study live, over a reload, and names the best', async () => {
    const { workbench } = session;
    const form = await workbench.panel('tuned.py', 'tune');
    await form.locator('vscode-button', { hasText: 'Start' }).click();
    let study = await workbench.panel('study_id', 'tune');
    await study.locator('.trials tbody tr', { hasText: 'running' }).first().waitFor();
    await study.locator('.trialchart circle').nth(4).waitFor();
    await workbench.screenshot('light', 'tune-running');
    await workbench.reload();
    study = await workbench.panel('study_id', 'tune');
    await study.locator('.trialchart circle').nth(4).waitFor();
    writeFileSync(path.join(session.folder, 'enough'), '');
    await study.locator('.banner', { hasText: 'All 14 trials have ended.' }).waitFor({ timeout: 90_000 });
    assert.equal(await study.locator('.trialchart circle').count(), 14);
    assert.equal(await study.locator('.trials tr.best').count(), 1);
    await study.locator('.mattered').waitFor();
    await workbench.openContainer();
    await workbench.row(/14 of 14 trials/).waitFor();
    await pictures('tune-study');
    await study.locator('.trials').scrollIntoViewIfNeeded();
    await workbench.screenshot('light', 'tune-trials');
  });

  it('goes on with more trials, and runs with the best values', async () => {
    const { workbench } = session;
    const study = await workbench.panel('study_id', 'tune');
    await study.locator('vscode-text-field[aria-label="How many more trials"] input').fill('2');
    await study.locator('vscode-button', { hasText: 'More trials' }).click();
    await study.locator('.banner', { hasText: 'All 16 trials have ended.' }).waitFor({ timeout: 60_000 });
    const best = await study.locator('.stats .value').first().getAttribute('title').catch(() => null) ?? (await study.locator('.stats .stat').first().getAttribute('title'));
    await study.locator('vscode-button', { hasText: 'Run with the best values' }).click();
    const run = await workbench.panel('run_id', 'run');
    await run.locator('.header').getByText('finished').waitFor({ timeout: 60_000 });
    assert.match(await run.locator('.log').innerText(), new RegExp(`loss=${best ?? 'nothing'}`));
  });

  it('lets names be typed where the options cannot be read', async () => {
    const form = await openForm('plain.py');
    await form.getByText('No options could be read from this script').waitFor();
    await form.locator('vscode-text-field[aria-label="Another option"] input').fill('rate');
    await form.locator('vscode-button', { hasText: 'Add option' }).click();
    await form.locator('.space code', { hasText: '--rate' }).waitFor();
    await form.locator('.space .problem', { hasText: 'Give both ends of the range of rate.' }).waitFor();
    await session.workbench.screenshot('light', 'tune-typed');
  });
});
