#!/usr/bin/env node
// The comparison of many runs in the real workbench: node bench/compare.mjs [--runs 10000] [--columns 1000] [--pictures]
// First rows count from the command to the first drawn figure; tasks are what the browser reports as longer than 50 ms
// in the panel's own frame.
import { rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap } from '../scripts/lib/bootstrap.mjs';
import { entry, root, run, say } from '../scripts/lib/run.mjs';

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '10000' }, columns: { type: 'string', default: '1000' }, pictures: { type: 'boolean', default: false } } });

await entry(async () => {
  if (!(await bootstrap())) {
    return;
  }
  const { ensureChromium, findChromium } = await import('../scripts/lib/chromium.mjs');
  const { startCodeServer } = await import('../scripts/lib/codeServer.mjs');
  const { prepareVsCode, testDataFolder } = await import('../scripts/lib/vscodeUnderTest.mjs');
  // By address: the tests' own project builds on the scripts', so this one cannot build on it.
  const harness = (/** @type {string} */ name) => import(new URL(`../test/e2e/harness/${name}.ts`, import.meta.url).href);
  const { Workbench } = await harness('workbench');
  const { until } = await harness('wait');
  const { manyRuns } = await import('./lib/manyRuns.mjs');
  const folder = manyRuns(Number(options.runs), Number(options.columns));
  rmSync(path.join(folder, '.ml', 'server.json'), { force: true });
  await ensureChromium();
  await prepareVsCode();
  const server = await startCodeServer({ dataFolder: testDataFolder });
  const workbench = await Workbench.open(findChromium() ?? '', server.url(folder));
  /** @param {string} what @param {number} milliseconds */
  const note = (what, milliseconds) => say(`${what.padEnd(52)}${milliseconds.toFixed(0).padStart(8)} ms`);
  say(`${os.availableParallelism()} cores, on which ${os.loadavg()[0]?.toFixed(1)} processes were at work in the last minute`);
  try {
    await workbench.openContainer();
    // The window has its list of runs, as when a person has worked in it for a moment.
    await workbench.row(new RegExp(`sweep.*${Number(options.runs).toLocaleString('en')} runs`)).waitFor({ timeout: 120_000 });
    const times = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      times.push(await opened(workbench));
      if (attempt < 2) {
        await workbench.command('View: Close All Editors');
        await until(async () => (await workbench.page.locator('iframe.webview').count()) === 0);
      }
    }
    times.forEach((time, index) => note(`first rows, ${['first', 'second', 'third'][index] ?? ''} opening`, time));
    const panel = await workbench.panel('"project"', 'compare');
    // What runs in the panel's page is text here.
    await panel.evaluate("window.tasks = []; new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => tasks.push(duration))).observe({ entryTypes: ['longtask'] })");
    /** @returns {Promise<number[]>} */
    const tasks = () => panel.evaluate('tasks.splice(0)');
    /** @param {string} what @param {() => Promise<unknown>} work */
    const measured = async (what, work) => {
      await tasks();
      const began = performance.now();
      await work();
      const took = performance.now() - began;
      const long = await tasks();
      note(what, took);
      note(`  longest task there (${long.length} over 50 ms)`, Math.max(0, ...long));
    };
    const filled = () => until(async () => (await panel.locator('.grid .cell').count()) > 50 && (await panel.locator('.grid .skeleton').count()) === 0);
    /** @param {number} x @param {number} y @param {number} steps */
    const scroll = (x, y, steps) =>
      panel.evaluate(`new Promise((resolve) => {
        let left = ${steps};
        const next = () => {
          document.querySelector('.grid').scrollBy(${x}, ${y});
          left -= 1;
          left > 0 ? requestAnimationFrame(next) : resolve();
        };
        next();
      })`);
    await measured('scrolling down through 300 frames', () => scroll(0, 120, 300));
    await measured('scrolling right through 300 frames', () => scroll(200, 0, 300));
    await measured('jumping about through 100 frames', () => scroll(701, 2531, 100));
    await measured('until the last place is filled', filled);
    await panel.evaluate("document.querySelector('.grid').scrollTo(0, 0)");
    await filled();
    await measured('sort by a metric', async () => {
      await panel.locator('.grid [role=columnheader]', { hasText: 'loss' }).first().click();
      await panel.locator('.grid [aria-sort=descending]').waitFor();
      await filled();
    });
    await measured('filter by a metric and a parameter', async () => {
      await panel.getByRole('searchbox', { name: 'Filter runs' }).fill("metrics.loss < 0.01 AND params.param_001 = 'adam'");
      await panel.getByRole('searchbox', { name: 'Filter runs' }).press('Enter');
      await until(async () => /\d+ of [\d,]+ runs/.test(await panel.locator('.header').innerText()));
      await filled();
    });
    if (options.pictures) {
      await workbench.screenshot('light', 'compare-many');
    }
    await panel.getByRole('searchbox', { name: 'Filter runs' }).fill('');
    await until(async () => !/ of [\d,]+ runs/.test(await panel.locator('.header').innerText()));
    await measured('parallel coordinates of all runs', async () => {
      await panel.getByRole('tab', { name: 'Parallel coordinates' }).click();
      await panel.locator('.picture canvas').waitFor();
      await panel.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
    });
    if (options.pictures) {
      await panel.evaluate('new Promise((resolve) => setTimeout(resolve, 3000))');
      await workbench.screenshot('light', 'compare-parallel');
    }
    await measured('scatter of all runs', async () => {
      await panel.getByRole('tab', { name: 'Scatter' }).click();
      await panel.locator('.picture canvas').waitFor();
    });
    if (options.pictures) {
      await panel.evaluate('new Promise((resolve) => setTimeout(resolve, 1000))');
      await workbench.screenshot('light', 'compare-scatter');
    }
  } finally {
    await workbench.close();
    await server.stop();
    await run(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), 'server', '--stop', '--project', folder]);
  }
});

/** Opens the comparison of all runs; the time until its first figure stands there. @param {any} workbench @returns {Promise<number>} */
async function opened(workbench) {
  const { page } = workbench;
  await page.keyboard.press('F1');
  const input = workbench.quickInput();
  await input.waitFor();
  await input.fill('>ML: Compare all runs');
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'ML: Compare all runs' }).first().waitFor();
  const began = performance.now();
  await page.keyboard.press('Enter');
  for (;;) {
    for (const frame of page.frames()) {
      const text = await frame.evaluate("document.querySelector('.grid [role=gridcell].number')?.textContent ?? ''").catch(() => '');
      if (/\d/.test(text)) {
        return performance.now() - began;
      }
    }
    if (performance.now() - began > 60_000) {
      await workbench.screenshot('light', 'compare-failed');
      throw new Error('No rows came within a minute.');
    }
  }
}
