// A notebook in a live kernel as people see it: its lens, its outputs, its title bar.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pythonOf } from '../../scripts/lib/python.mjs';
import { Session } from './harness/session.ts';

const picture = `from IPython.display import SVG, display
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" width="240" height="80"><rect width="240" height="80" fill="#4a90d9"/><circle cx="120" cy="40" r="30" fill="#f5a623"/></svg>'))`;
/** The last is the one with the lens: the view follows the cells that run. */
const cells = [
  picture,
  'from IPython.display import HTML\nHTML("<table><tr><th>fold</th><th>accuracy</th></tr><tr><td>1</td><td>0.91</td></tr></table>")',
  'print("accuracy: 0.75")',
  'class Model:\n    def fit(self, X, y):\n        for epoch in range(1, 4):\n            print(f"epoch {epoch} loss {1 / epoch:.3f}")\n\nmodel = Model()\nmodel.fit([1], [2])',
];

describe('a notebook', function () {
  this.timeout(180_000);
  let session: Session;
  before(async function () {
    const python = await pythonOf('jupyter').catch(() => null);
    if (python === null) {
      this.skip();
    }
    const code = cells.map((source) => ({ cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null }));
    session = await Session.open('loans', {
      files: { 'book.ipynb': JSON.stringify({ cells: code, metadata: { language_info: { name: 'python' } }, nbformat: 4, nbformat_minor: 5 }) },
      async prepare(folder) {
        mkdirSync(path.join(folder, '.vscode'));
        writeFileSync(path.join(folder, '.vscode', 'settings.json'), JSON.stringify({ 'mlLifecycle.python': python }));
      },
    });
  });
  after(() => session?.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await session.workbench.screenshot('failed', 'notebooks');
    }
  });

  it('runs live from its lens, shows what its cells put out, and is recorded with it', async () => {
    const { workbench } = session;
    const { page } = workbench;
    // A window that has just opened shows the file as text until it knows notebooks.
    for (let shown = false; !shown; ) {
      await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'book.ipynb' }).dblclick();
      shown = await page.locator('.notebookOverlay .cell-list-container').first().waitFor({ timeout: 5000 }).then(() => true, () => false);
      if (!shown) {
        await workbench.command('View: Close All Editors');
      }
    }
    const lens = page.locator('.codelens-decoration', { hasText: 'Run live' }).first();
    await lens.waitFor();
    assert.match(await lens.innerText(), /Run as experiment[\s\S]*Run live/);
    await page.locator('.codelens-decoration a', { hasText: 'Run live' }).first().click();
    await page.locator('.notebook-cell-list, .notebookOverlay').getByText('[4]').first().waitFor({ timeout: 90_000 });
    await page.locator('.codelens-decoration', { hasText: 'Last' }).first().waitFor({ timeout: 30_000 });
    for (const theme of ['light', 'dark', 'contrast'] as const) {
      await session.theme(theme);
      await workbench.screenshot(theme, 'notebook-live');
    }
    await session.theme('light');
    await workbench.openContainer();
    await workbench.row(/book\.ipynb(?!\s*\d+ run)/).click();
    const run = await workbench.panel('run_id');
    await run.locator('[role=treeitem]', { hasText: 'executed.ipynb' }).waitFor();
    const text = await run.locator('.page').innerText();
    assert.match(text, /accuracy\s+0\.75/);
    await run.locator('[role=treeitem]', { hasText: 'pictures' }).waitFor();
    await workbench.screenshot('light', 'notebook-run');
  });
});
