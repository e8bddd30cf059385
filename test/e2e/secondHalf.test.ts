// From a registered model to a decision, as an engineer does it in the real workbench: deploy, ask, watch, retrain.
import assert from 'node:assert/strict';
import type { Frame } from 'playwright-core';
import { cli } from '../../scripts/lib/cli.mjs';
import { prepareStream, replay, startStream, type Stream } from '../../scripts/lib/stream.mjs';
import { Session } from './harness/session.ts';
import { until } from './harness/wait.ts';

interface Listed {
  endpoints: { name: string; state: string; pid: number; restarts: number; versions: { version: number; weight: number }[] }[];
}

describe('the second half of the loop', function () {
  this.timeout(240_000);
  let session: Session;
  let endpoint: Frame;

  before(async () => {
    session = await Session.open('loans', { prepare: async (folder) => void (await cli(folder, 'train', 'loans', '--trainer', 'linear', '--as', 'loan-default')) });
  });
  after(() => session.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await session.workbench.screenshot('failed', (this.currentTest.title ?? 'test').replaceAll(/\W+/g, '-'));
    }
  });

  const listed = async (): Promise<Listed['endpoints'][number]> => ((await cli(session.folder, 'endpoints', 'list')) as Listed).endpoints[0]!;

  it('deploys a version from the Models view', async () => {
    const { workbench } = session;
    await workbench.openContainer();
    // A menu that opens before the window knows its project is grey, and one whose view is drawn anew gives no version.
    const asked = workbench.page.locator('.quick-input-message', { hasText: 'The endpoint’s name' });
    await until(async () => {
      await workbench.row('Version 1').click({ button: 'right' });
      const chosen = await workbench.chooseFromMenu('Deploy model', 4000).then(() => true, () => false);
      if (chosen && (await asked.waitFor({ timeout: 4000 }).then(() => true, () => false))) {
        return true;
      }
      await workbench.page.keyboard.press('Escape');
      return false;
    });
    await workbench.answer('The endpoint’s name', 'loan-default');
    await workbench.answer('The port on this machine', '');
    endpoint = await workbench.panel('"endpoint":"loan-default"');
    await endpoint.locator('.header').getByText('ready').waitFor();
    await workbench.page.getByText('It is shown this once').last().waitFor();
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.row('loan-default').first().waitFor();
  });

  it('predicts in its form and counts what it is asked', async () => {
    await endpoint.getByRole('button', { name: 'Predict', exact: true }).click();
    await endpoint.locator('.outcome .value').waitFor();
    assert.match(await endpoint.locator('.page').innerText(), /Answered by version 1/);
    const { predictions } = (await cli(session.folder, 'predict', 'loan-default', 'loans.csv')) as { predictions: string[] };
    assert.equal(predictions.length, 9857);
    await until(async () => /9,858/.test(await endpoint.locator('.page').innerText()));
    await session.workbench.screenshot('light', 'endpoint');
  });

  it('is back when its server was killed', async () => {
    process.kill((await listed()).pid, 'SIGKILL');
    await until(async () => (await listed()).restarts === 1 && (await listed()).state === 'ready');
    await endpoint.locator('.header').getByText('restarted once').waitFor();
  });

  it('stops and starts by a click', async () => {
    await endpoint.getByRole('button', { name: 'Stop', exact: true }).click();
    await endpoint.locator('.header').getByText('stopped').waitFor();
    await endpoint.getByRole('button', { name: 'Start', exact: true }).click();
    await endpoint.locator('.header').getByText('ready').waitFor();
  });

  it('is watched: full windows are compared with the training data', async () => {
    await endpoint.getByRole('button', { name: 'Open monitor' }).click();
    const monitor = await panelOf(session, 'monitor', 'loan-default');
    await monitor.getByText(/No column drifts|column drifts|columns drift/).first().waitFor();
    assert.equal(await monitor.locator('.banner.warning').count(), 0, 'the data it was trained on raise no alarm');
    await session.workbench.screenshot('light', 'monitor');
  });

  it('is retrained by hand, and the decision is a page with its figures', async () => {
    const monitor = await panelOf(session, 'monitor', 'loan-default');
    await monitor.getByRole('button', { name: 'Retrain' }).click();
    const decision = await session.workbench.panel('decision_id');
    await decision.getByText('Champion and challenger on the same rows').waitFor({ timeout: 120_000 });
    await until(async () => /Champion (kept|stays)|Not enough evidence|Keep/i.test(await decision.locator('.answer').innerText()));
    await session.workbench.screenshot('light', 'decision');
  });

  it('is drawn in dark and in high contrast', async () => {
    await session.picturesOfTabs(['decision', 'endpoint', 'monitor']);
  });
});

describe('a stream of days', function () {
  this.timeout(400_000);
  let session: Session;
  let stream: Stream;

  before(async () => {
    session = await Session.open('ridership', {
      prepare: async (folder) => {
        stream = prepareStream(folder);
      },
    });
  });
  after(() => session.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await session.workbench.screenshot('failed', (this.currentTest.title ?? 'test').replaceAll(/\W+/g, '-'));
    }
  });

  it('shows score and drift over time, retrains by policy, and moves the traffic to a challenger that won', async () => {
    const { workbench } = session;
    const at = await startStream(stream);
    await workbench.openContainer();
    await workbench.row('no open alert').click();
    const monitor = await panelOf(session, 'monitor', 'daily-riders');
    const { windows, decisions } = await replay(stream, at, { days: 720, say: () => undefined });
    assert.ok(windows.filter((window) => window.kind === 'performance').length >= 10, `${windows.length} windows`);
    const promoted = decisions.find((decision) => decision.outcome === 'promoted');
    assert.ok(promoted, `no promotion among ${JSON.stringify(decisions.map((decision) => decision.outcome))}`);
    assert.equal(promoted.trigger.kind, 'worse_score');
    assert.equal(promoted.comparison.verdict, 'promote');
    await monitor.getByText('Version 2').first().waitFor();
    await monitor.locator('.chart svg path').first().waitFor();
    await workbench.screenshot('light', 'monitor-stream');
    await monitor.getByText(/promoted/i).first().click();
    const page = await workbench.panel('decision_id');
    await page.getByText('What was, and what both said').waitFor();
    await workbench.screenshot('light', 'decision-stream');
    const { endpoints } = (await cli(session.folder, 'endpoints', 'list')) as Listed;
    assert.deepEqual(endpoints[0]?.versions.map(({ version, weight }) => [version, weight]), [[2, 100]]);
  });
});

/** The panel of this kind about this endpoint. */
function panelOf(session: Session, kind: 'monitor' | 'endpoint', name: string): Promise<Frame> {
  return session.workbench.panel(`"endpoint":"${name}"`, kind);
}
