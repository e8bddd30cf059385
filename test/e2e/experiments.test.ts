// Runs put in order in the Experiments view and in a run's panel, with more runs than anybody looks through.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import type { Locator } from 'playwright-core';
import { connectRunning } from '../../src/core/client/api.ts';
import { openDatabase } from '../../src/core/store/api.ts';
import { projectAt } from '../../src/core/project/api.ts';
import { RunStore } from '../../src/core/tracking/api.ts';
import { Session, type Theme } from './harness/session.ts';
import { until } from './harness/wait.ts';

const many = 2000;

/** Two thousand ended runs of one experiment, and three of another, the newest. */
function seed(folder: string): Promise<void> {
  const project = projectAt(folder);
  mkdirSync(project.stateFolder, { recursive: true });
  const database = openDatabase(project.databaseFile);
  const runs = new RunStore(database);
  const add = (run_id: string, name: string, experiment: string, created: number, accuracy: number, tags: Record<string, string>): void => {
    runs.create({ run_id, name, experiment, kind: 'script', created, source: `${experiment}.py`, git: null, command: null, tags, params: { depth: String(created % 7) } });
    runs.setStatus(run_id, { status: 'finished', started: created, ended: created + 65_000 });
    runs.metrics.append(run_id, [{ key: 'accuracy', step: 0, timestamp: created, value: accuracy }], true);
  };
  database.transaction(() => {
    const start = Date.now() - many * 60_000 - 3_600_000;
    for (let index = 0; index < many; index += 1) {
      add(`sweep-${index}`, `sweep ${index}`, 'sweep', start + index * 60_000, (index % 1000) / 1000, {});
    }
    for (const [index, name] of ['oak', 'birch', 'elm'].entries()) {
      add(name, name, 'trees', Date.now() - 600_000 + index * 60_000, 0.9 + index / 100, { team: index === 0 ? 'red' : 'blue' });
    }
  });
  database.close();
  return Promise.resolve();
}

describe('runs in order', function () {
  this.timeout(180_000);
  let session: Session;
  before(async () => {
    session = await Session.open('loans', { prepare: seed });
    await session.workbench.openContainer();
    await session.workbench.row('elm').waitFor();
  });
  after(() => session.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await session.workbench.screenshot('failed', 'experiments');
    }
  });
  const rows = (text: string | RegExp): Locator => session.workbench.page.locator('.part.sidebar .monaco-list-row', { hasText: text });
  const fromMenu = async (row: string, entry: string): Promise<void> => {
    await session.workbench.row(row).click({ button: 'right' });
    await session.workbench.chooseFromMenu(entry);
  };
  const view = (): Locator => session.workbench.page.locator('.part.sidebar .pane', { hasText: 'Experiments' }).first();
  const pictures = async (name: string): Promise<void> => {
    for (const theme of ['light', 'dark', 'contrast'] as Theme[]) {
      await session.theme(theme);
      await session.workbench.screenshot(theme, name);
    }
    await session.theme('light');
  };

  it('shows the key metric and the duration of each run, and its difference to the pinned baseline', async () => {
    await rows('elm').getByText('0.920 accuracy · 1 min 5 s').waitFor();
    await fromMenu('oak', 'Pin as baseline');
    await rows('elm').getByText('0.920 +0.020 accuracy').waitFor();
    await rows('oak').locator('.codicon-pinned').waitFor();
  });

  it('filters by words over a reload, and clears the filter', async () => {
    const { workbench } = session;
    await workbench.command('ML: Filter runs…');
    await workbench.type('trees blue', 'Filter runs');
    await view().getByText('2 of 2,003 runs').waitFor();
    await until(async () => (await rows('oak').count()) === 0);
    await workbench.reload();
    await view().getByText('Filter “trees blue”: 2 of 2,003 runs').waitFor();
    await workbench.row('elm').waitFor();
    assert.equal(await rows('oak').count(), 0);
    await pictures('experiments-filtered');
    await workbench.command('ML: Clear the filter of runs');
    await workbench.row('oak').waitFor();
  });

  it('groups by a tag', async () => {
    const { workbench } = session;
    await workbench.command('ML: Group runs by…');
    await workbench.pick('Tag…');
    await workbench.pick('team');
    await workbench.row('team = blue').waitFor();
    await workbench.row('team = blue').click();
    await workbench.row('birch').waitFor();
    await workbench.screenshot('light', 'experiments-grouped');
    await workbench.command('ML: Group runs by…');
    await workbench.pick('Experiment');
    await workbench.row('sweep 1999').waitFor();
  });

  it('archives a run, takes that back, and restores it from the archive', async () => {
    const { workbench } = session;
    await fromMenu('birch', 'Archive runs');
    await until(async () => (await rows('birch').count()) === 0);
    await workbench.page.locator('.notification-toast').getByRole('button', { name: 'Undo' }).click();
    await workbench.row('birch').waitFor();
    await fromMenu('birch', 'Archive runs');
    await workbench.command('ML: Show archived runs');
    await workbench.row('trees').locator('.monaco-tl-twistie').click();
    await workbench.row('sweep').locator('.monaco-tl-twistie').click();
    await workbench.row(/^Archived\s*1 run$/).waitFor();
    await workbench.screenshot('light', 'experiments-archive');
    await fromMenu('birch', 'Restore runs from the archive');
    await workbench.row(/^Archived\s*0 runs$/).waitFor();
    await workbench.command('ML: Hide archived runs');
    await workbench.row('trees').locator('.monaco-tl-twistie').click();
    await workbench.row('birch').waitFor();
    await workbench.row(/^sweep\s*2,000/).locator('.monaco-tl-twistie').click();
  });

  it('takes a note, tags and the pin in the run’s panel', async () => {
    const { workbench } = session;
    await workbench.row('elm').click();
    const panel = await workbench.panel('"elm"');
    await panel.getByText('Add a note…').click();
    await panel.getByRole('textbox', { name: 'Note' }).fill('The **best** so far.\n\n- deeper\n- slower');
    await panel.getByRole('textbox', { name: 'Note' }).press('Control+Enter');
    await panel.locator('.notetext li', { hasText: 'slower' }).waitFor();
    await panel.getByText('Add a tag…').click();
    await panel.getByRole('textbox', { name: 'Name of the tag' }).fill('wood');
    await panel.getByRole('textbox', { name: 'Value of the tag' }).fill('hard');
    await panel.getByRole('textbox', { name: 'Value of the tag' }).press('Enter');
    await panel.locator('.chip', { hasText: 'wood hard' }).waitFor();
    await panel.getByText('The baseline of trees is oak.').waitFor();
    await panel.getByRole('button', { name: 'Pin as baseline' }).click();
    await panel.getByRole('button', { name: 'Unpin baseline' }).waitFor();
    await rows('oak').getByText('0.900 −0.020 accuracy').waitFor();
    assert.match(await session.cli('runs', 'note', 'elm'), /^The \*\*best\*\* so far/);
    await pictures('run-notes');
  });

  it('opens the run that is clicked while others join and leave its experiment', async () => {
    const { workbench, folder } = session;
    const client = await connectRunning(projectAt(folder));
    assert.ok(client);
    // By its place, as a hand clicks: the row's element may show another run in the next instant.
    const places = new Map<string, { x: number; y: number }>();
    for (const name of ['birch', 'elm']) {
      const box = await workbench.row(name).boundingBox();
      assert.ok(box);
      places.set(name, { x: box.x + 80, y: box.y + box.height / 2 });
    }
    let over = false;
    const changes = (async (): Promise<void> => {
      for (let archived = true; !over; archived = !archived) {
        await client.editRun('oak', { archived });
      }
    })();
    try {
      for (let times = 0; times < 10; times += 1) {
        for (const [name, { x, y }] of places) {
          await workbench.page.mouse.click(x, y);
          await workbench.page.locator('.part.editor .tab.active', { hasText: name }).waitFor();
        }
      }
    } finally {
      over = true;
      await changes;
      await client.editRun('oak', { archived: false });
      client.close();
    }
  });

  it('shows a long list a page at a time', async () => {
    const { workbench } = session;
    await workbench.row('trees').locator('.monaco-tl-twistie').click();
    await workbench.page.keyboard.press('End');
    const more = rows(/^Show 100 more of 1[,.]?900$/);
    await more.waitFor();
    await more.click();
    await rows('sweep 1899').waitFor();
    await workbench.page.keyboard.press('End');
    await rows(/^Show 100 more of 1[,.]?800$/).waitFor();
    await pictures('experiments-long');
  });
});
