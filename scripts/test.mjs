#!/usr/bin/env node
// npm test: every check that this tree can have in minutes, then one line with the counts. npm run test:unit runs one
// part, npm run test:all also the parts that take their time.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { bootstrap } from './lib/bootstrap.mjs';
import { cache, entry, root, say, ScriptError } from './lib/run.mjs';

/** `failures`: what failed and why, to be said again at the end. @typedef {{ passed: number, failed: number, skipped: string[], failures?: string[] }} Counts */

const modules = path.join(root, 'node_modules');
const tools = {
  tsc: path.join(modules, 'typescript', 'bin', 'tsc'),
  eslint: path.join(modules, 'eslint', 'bin', 'eslint.js'),
  mocha: path.join(modules, 'mocha', 'bin', 'mocha.js'),
};

/** Runs a tool and shows its output: as it comes, or `atOnce` when it has ended. @param {string[]} args @param {{ env?: Record<string, string>, atOnce?: boolean }} [options] @returns {Promise<number>} */
function tool(args, { env = {}, atOnce = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', atOnce ? 'pipe' : 'inherit', atOnce ? 'pipe' : 'inherit'], env: { ...process.env, ...env } });
    /** @type {Buffer[]} */
    const output = [];
    child.stdout?.on('data', (data) => output.push(data));
    child.stderr?.on('data', (data) => output.push(data));
    child.on('error', reject);
    child.on('close', (code) => {
      process.stdout.write(Buffer.concat(output));
      resolve(code ?? 1);
    });
  });
}

/** A tool that passes or fails as a whole counts as one. @param {string[]} args @returns {Promise<Counts>} */
async function whole(args) {
  const failed = (await tool(args)) === 0 ? 0 : 1;
  return { passed: 1 - failed, failed, skipped: [] };
}

/** Mocha over a part: each folder in it in a process of its own, so that nothing one area leaves behind reaches another. @param {string} part @param {number} [lanes] how many run side by side @returns {Promise<Counts>} */
async function suite(part, lanes = 1) {
  const folder = path.join(root, 'test', part);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts')).sort();
  const areas = [...Map.groupBy(files, (file) => path.dirname(file))];
  const total = { passed: 0, failed: 0, skipped: /** @type {string[]} */ ([]), failures: /** @type {string[]} */ ([]) };
  const lane = async () => {
    for (let next = areas.shift(); next !== undefined; next = areas.shift()) {
      const [area, some] = next;
      const name = [part, ...(area === '.' ? [] : [area])].join('/');
      add(total, name, await mocha(name, some.map((file) => path.join(folder, file)), lanes > 1));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return total;
}

/** A run that ends without a report, or without a test, counts as failed. @param {string} name @param {string[]} files @param {boolean} atOnce @returns {Promise<Counts>} */
async function mocha(name, files, atOnce) {
  const report = path.join(cache, 'reports', `${name}.json`);
  mkdirSync(path.dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const reporter = path.join(root, 'scripts', 'lib', 'report.mjs');
  const status = await tool([tools.mocha, '--reporter', reporter, '--timeout', '60000', ...files], { env: { ML_LIFECYCLE_REPORT: report }, atOnce });
  try {
    const counts = /** @type {Counts} */ (JSON.parse(readFileSync(report, 'utf8')));
    const silent = counts.passed + counts.failed === 0 || (status !== 0 && counts.failed === 0);
    return silent ? { ...counts, failed: counts.failed + 1 } : counts;
  } catch {
    return { passed: 0, failed: 1, skipped: [] };
  }
}

/** @param {Required<Counts>} total @param {string} name what was counted @param {Counts} counts */
function add(total, name, counts) {
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped.push(...counts.skipped);
  const known = counts.failures ?? [];
  total.failures.push(...(known.length === 0 && counts.failed > 0 ? [`${name}: see above`] : known));
}

/** Tests that need a browser; where there is none they are skipped, with what to do about it. @param {() => Promise<Counts>} tests @param {string} what @returns {Promise<Counts>} */
async function inBrowser(tests, what) {
  const { ensureChromium, howToGetChromium } = await import('./lib/chromium.mjs');
  return (await ensureChromium()) === undefined ? { passed: 0, failed: 0, skipped: [`${what}: ${howToGetChromium}`] } : tests();
}

/** What was built before must not be tested. @param {string} part */
async function builtSuite(part) {
  const { prepareVsCode } = await import('./lib/vscodeUnderTest.mjs');
  await prepareVsCode();
  return suite(part);
}

/** @type {Record<string, () => Promise<Counts>>} */
const parts = {
  types: () => whole([tools.tsc, '--build']),
  lint: () => whole([tools.eslint, '.']),
  unit: () => suite('unit', 2),
  // The package, and the processes in it, from outside.
  package: () => builtSuite('package'),
  host: () => inBrowser(async () => (await import('./lib/hostTests.mjs')).hostTests(), 'tests inside a real VS Code'),
  e2e: () => inBrowser(() => builtSuite('e2e'), 'tests of the workbench in a browser'),
};

/** Other people's clients, installed into .cache: only on request. @type {Record<string, () => Promise<Counts>>} */
const slowParts = {
  clients: () => builtSuite('clients'),
  lenses: () => inBrowser(async () => (await import('./lib/hostTests.mjs')).hostTests({ clients: true }), 'other people’s clients inside a real VS Code'),
};

await entry(async () => {
  const wanted = process.argv[2];
  const chosen = wanted === 'all' ? { ...parts, ...slowParts } : wanted === undefined ? parts : Object.fromEntries(Object.entries({ ...parts, ...slowParts }).filter(([name]) => name === wanted));
  if (Object.keys(chosen).length === 0) {
    throw new ScriptError(`There is no part "${wanted}". Choose one of ${[...Object.keys(parts), ...Object.keys(slowParts), 'all'].join(', ')}.`);
  }
  if (!(await bootstrap())) {
    return process.exitCode === undefined ? 0 : Number(process.exitCode);
  }
  const total = { passed: 0, failed: 0, skipped: /** @type {string[]} */ ([]), failures: /** @type {string[]} */ ([]) };
  for (const [name, check] of Object.entries(chosen)) {
    say(`\n${name} …`);
    const counts = await check();
    say(`${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped`);
    add(total, name, counts);
  }
  say('');
  for (const failure of total.failures) {
    say(`failed: ${failure}`);
  }
  for (const reason of total.skipped) {
    say(`skipped: ${reason}`);
  }
  say(`${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped`);
  return total.failed === 0 ? 0 : 1;
});
