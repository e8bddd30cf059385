// From a data file to a registered model that predicts, as a newcomer does it, in the real workbench.
import assert from 'node:assert/strict';
import type { Frame } from 'playwright-core';
import { Session } from './harness/session.ts';
import { until } from './harness/wait.ts';

describe('the first half of the loop', function () {
  this.timeout(180_000);
  let session: Session;
  let run: Frame;

  before(async () => {
    session = await Session.open('loans');
  });
  after(() => session.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await session.workbench.screenshot('failed', (this.currentTest.title ?? 'test').replaceAll(/\W+/g, '-'));
    }
  });

  it('has one container with six views, each with something to do', async () => {
    const { workbench } = session;
    await workbench.openContainer();
    for (const view of ['Data', 'Pipelines', 'Experiments', 'Models', 'Deployments', 'Monitoring']) {
      await workbench.page.locator('.part.sidebar .pane-header', { hasText: view }).first().waitFor();
    }
    await workbench.row('loans').waitFor();
    await workbench.screenshot('light', 'container');
  });

  it('profiles the data set and draws its charts', async () => {
    const { workbench } = session;
    await workbench.row('loans').click();
    const panel = await workbench.panel('loans.csv');
    await panel.locator('.column').first().waitFor();
    await panel.locator('.chart svg path').first().waitFor();
    assert.equal(await panel.locator('.column').count(), 23);
    assert.match(await panel.locator('.header').innerText(), /9,857 rows × 23 columns/);
    await workbench.screenshot('light', 'profile');
  });

  it('says in plain words what training will do', async () => {
    const { workbench } = session;
    const profile = await workbench.panel('loans.csv');
    await profile.locator('vscode-button', { hasText: 'Train a model' }).click();
    const form = await panelWith(session, 'What will happen');
    await form.getByText('are set aside by a stable hash').waitFor();
    assert.match(await form.locator('.page').innerText(), /Predict Class \(good, bad\) from 22 columns of 9,857 rows/);
    await workbench.screenshot('light', 'train');
    await form.getByRole('button', { name: 'Train', exact: true }).click();
  });

  it('draws curves that grow while it trains', async () => {
    run = await session.workbench.panel('run_id');
    await run.locator('.curves .plot path.line').first().waitFor();
    const drawn = async (): Promise<number> => (await run.locator('.curves .plot path.line').evaluateAll((paths) => paths.map((path) => path.getAttribute('d') ?? ''))).join('').length;
    const first = await drawn();
    await until(async () => (await drawn()) > first);
    assert.match(await run.locator('.header').innerText(), /running/);
    await session.workbench.screenshot('light', 'run-live');
  });

  it('goes on when the window is reloaded, with its whole output', async () => {
    await session.workbench.reload();
    run = await session.workbench.panel('run_id');
    await run.locator('.log').waitFor();
    assert.match(await run.locator('.header').innerText(), /running/, 'the reload came too late to prove anything');
    assert.match(await run.locator('.log').innerText(), /^loans\.csv: 9,857 rows, predicting Class/);
    await run.getByText('Beside its baselines').waitFor({ timeout: 90_000 });
    await run.getByText('with TensorFlow.js (wasm)').waitFor();
    assert.match(await run.locator('.log').innerText(), /^loans\.csv: 9,857 rows[\s\S]+on 1,908 rows it never saw/);
  });

  it('measures honestly, beside its baselines', async () => {
    const text = await run.locator('.page').innerText();
    assert.match(text, /int_rate alone(: ROC AUC [\d.]+ against| reaches ROC AUC) 0\.74/);
    const rocAuc = Number(/([\d.]+)\s+ROC AUC/.exec(text)?.[1]);
    assert.ok(rocAuc >= 0.72, `ROC AUC ${rocAuc}`);
    const precision = Number(/([\d.]+)\s+Average precision, 95 %/.exec(text)?.[1]);
    assert.ok(precision >= 0.12, `average precision ${precision}`);
    await session.workbench.screenshot('light', 'run');
  });

  it('shows the same in a second window on the folder', async () => {
    const second = await session.secondWindow();
    try {
      await second.openContainer();
      await second.row('Train Class').click();
      const panel = await second.panel('run_id');
      await panel.getByText('Beside its baselines').waitFor();
    } finally {
      await second.close();
    }
  });

  it('compares with a run that the command line made meanwhile', async () => {
    const { workbench } = session;
    await session.cli('train', 'loans', '--trainer', 'linear', '--exclude', 'int_rate,sub_grade', '--seed', '1');
    const runs = workbench.page.locator('.part.sidebar .monaco-list-row', { hasText: 'Train Class' });
    await until(async () => (await runs.count()) === 2);
    await runs.nth(0).click();
    await runs.nth(1).click({ modifiers: ['ControlOrMeta'] });
    await runs.nth(1).click({ button: 'right' });
    await workbench.chooseFromMenu('Compare runs');
    const compare = await workbench.panel('run_ids');
    await compare.locator('table.comparison tbody tr').nth(1).waitFor();
    assert.ok((await compare.locator('td.best').count()) >= 2);
    await workbench.screenshot('light', 'compare');
  });

  it('shows all runs in a table that is filtered, sorted and kept as it was left', async () => {
    const { workbench } = session;
    await workbench.command('ML: Compare all runs');
    let table = await workbench.panel(`"project":"${session.folder}"}`, 'compare');
    await table.locator('.grid [role=gridcell].number').first().waitFor();
    assert.equal(await table.getByRole('row').count(), 3);
    const filter = table.getByRole('searchbox', { name: 'Filter runs' });
    await filter.fill('metrics.roc_auc >> 1');
    await table.getByText(/at position 18 cannot be read/).waitFor();
    await filter.fill('metrics.roc_auc > 0.1');
    await table.getByText(/cannot be read/).waitFor({ state: 'detached' });
    await table.locator('.grid').press('ArrowUp');
    await table.locator('.grid').press('ArrowRight');
    await table.locator('.grid').press('Enter');
    await table.locator('.grid [aria-sort=descending]').waitFor();
    await table.getByRole('button', { name: 'Save view…' }).click();
    await workbench.type('by accuracy', 'Save view');
    await table.getByRole('combobox', { name: 'Saved view' }).waitFor();
    await table.getByRole('tab', { name: 'Scatter' }).click();
    await table.getByText(/beaten by none/).first().waitFor();
    await table.getByRole('tab', { name: 'Parallel coordinates' }).click();
    await table.getByText(/Drag along an axis/).waitFor();
    await table.getByRole('tab', { name: 'Table' }).click();
    await table.locator('.grid [aria-sort=descending]').waitFor();
    await workbench.screenshot('light', 'compare-table');
    // Closed and opened again: it is as it was left.
    const tab = workbench.page.locator('.part.editor .tab', { hasText: 'All runs' });
    const close = async (): Promise<void> => {
      await tab.click({ button: 'middle' });
      await tab.waitFor({ state: 'detached' });
    };
    await close();
    await workbench.command('ML: Compare all runs');
    table = await workbench.panel(`"project":"${session.folder}"}`, 'compare');
    await table.locator('.grid [aria-sort=descending]').waitFor();
    assert.equal(await table.getByRole('searchbox', { name: 'Filter runs' }).inputValue(), 'metrics.roc_auc > 0.1');
    await close();
  });

  it('registers the model and tries it', async () => {
    const { workbench } = session;
    const runs = workbench.page.locator('.part.sidebar .monaco-list-row', { hasText: 'Train Class' });
    await runs.last().click();
    run = await panelWith(session, 'Beside its baselines');
    await run.locator('vscode-button', { hasText: 'Register model' }).click();
    await workbench.type('loan-default', 'Register model');
    await workbench.type('first one', 'Register loan-default');
    await run.getByText('loan-default version 1').waitFor();
    await run.getByText('loan-default version 1').click();
    const model = await workbench.panel('"model":"loan-default"');
    await model.getByRole('button', { name: 'Predict', exact: true }).click();
    await model.locator('.outcome .value').waitFor();
    const typical = await model.locator('.chance').innerText();
    await model.getByRole('textbox', { name: 'int_rate' }).fill('28');
    await model.getByRole('button', { name: 'Predict', exact: true }).click();
    await until(async () => (await model.locator('.chance').innerText()) !== typical);
    await workbench.screenshot('light', 'model');
    await model.getByRole('textbox', { name: 'int_rate' }).fill('much');
    await model.getByRole('button', { name: 'Predict', exact: true }).click();
    await model.getByText('must be a number, got the text "much"').waitFor();
  });

  it('is drawn in dark and in high contrast', async () => {
    await session.picturesOfTabs(['compare', 'model', 'profile', 'run', 'train']);
  });
});

/** The panel that says this. */
async function panelWith(session: Session, text: string): Promise<Frame> {
  let found: Frame | undefined;
  await until(async () => {
    for (const frame of session.workbench.page.frames()) {
      if ((await frame.getByText(text).count().catch(() => 0)) > 0 && (await frame.locator('body[data-panel-state]').count().catch(() => 0)) > 0) {
        found = frame;
        return true;
      }
    }
    return false;
  });
  return found!;
}
