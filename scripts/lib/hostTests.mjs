// Runs test/host inside the extension host of a VS Code server, against the installed package.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findChromium } from './chromium.mjs';
import { startCodeServer } from './codeServer.mjs';
import { clientEnvironments, pythonOf } from './python.mjs';
import { cache, root, run, say, textOf } from './run.mjs';
import { prepareVsCode, testDataFolder } from './vscodeUnderTest.mjs';

const debugpyVersion = '1.8.22';

/** A Python of the tests' own with debugpy, made once; where that fails, why, for the tests that are skipped then. */
async function pythonWithDebugpy() {
  const folder = path.join(cache, `python-debugpy-${debugpyVersion}`);
  const windows = process.platform === 'win32';
  const python = path.join(folder, windows ? 'Scripts/python.exe' : 'bin/python');
  const stamp = path.join(folder, 'complete');
  if (!existsSync(stamp)) {
    rmSync(folder, { recursive: true, force: true });
    try {
      await run(windows ? 'python' : 'python3', ['-m', 'venv', folder]);
      await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `debugpy==${debugpyVersion}`]);
      writeFileSync(stamp, '');
    } catch (error) {
      return `not installed: ${error instanceof Error ? error.message.split('\n').filter(Boolean).at(-1) : error}`;
    }
  }
  return python;
}

/** The Python of each environment by its name; where it cannot be had, why. @param {typeof clientEnvironments} names */
async function pythonsOf(names) {
  /** @type {Record<string, string>} */
  const pythons = {};
  for (const name of names) {
    pythons[name] = await pythonOf(name).catch((error) => `not installed: ${error.message}`);
  }
  return pythons;
}

/** @typedef {{ passed: number, failed: number, skipped: string[], failures?: string[] }} Counts */

/** Waits for a window's report; null where none came. @param {import('playwright-core').Page} page @param {string} report @param {number} minutes @returns {Promise<Counts | null>} */
async function reported(page, report, minutes) {
  const until = Date.now() + minutes * 60_000;
  while (!existsSync(report) && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  if (existsSync(report)) {
    return JSON.parse(readFileSync(report, 'utf8'));
  }
  await page.screenshot({ path: path.join(root, 'test-results', 'host-tests-stuck.png') });
  say(`The host tests gave no report within ${minutes} minutes; a picture of the window is test-results/host-tests-stuck.png.`);
  return null;
}

/**
 * Every suite, with those of other people's clients that are light; or, where `clients` is given, all clients and nothing else.
 * @param {{ clients?: boolean }} [options]
 * @returns {Promise<Counts>}
 */
export async function hostTests({ clients = false } = {}) {
  const minutes = clients ? 90 : 8;
  await prepareVsCode();
  await run(process.execPath, ['esbuild.js', '--only-tests']);
  const workspace = path.join(cache, 'host-workspace', 'loans');
  const report = path.join(cache, 'reports', 'host.json');
  const jupyterReport = path.join(cache, 'reports', 'host-jupyter.json');
  rmSync(path.dirname(workspace), { recursive: true, force: true });
  cpSync(path.join(root, 'examples', 'loans'), workspace, { recursive: true, filter: (file) => !/[/\\](\.ml|models|scored.*\.csv)$/.test(file) });
  mkdirSync(path.dirname(report), { recursive: true });
  const activation = path.join(cache, 'reports', 'activation.txt');
  for (const file of [report, jupyterReport, `${report}.txt`, activation]) {
    rmSync(file, { force: true });
  }
  const debugpy = await pythonWithDebugpy();
  const pythons = await pythonsOf(clients ? clientEnvironments : ['mlflow-skinny-3', 'mlflow-skinny-2']);
  const jupyter = clients ? '' : await pythonOf('jupyter').catch((error) => `not installed: ${error.message}`);
  const env = {
    ML_LIFECYCLE_TEST_REPORT: report,
    ML_LIFECYCLE_TEST_ACTIVATION: activation,
    ML_LIFECYCLE_TEST_DEBUGPY: debugpy,
    ML_LIFECYCLE_TEST_PYTHONS: JSON.stringify(pythons),
    ML_LIFECYCLE_TEST_SCRIPTS: path.join(root, 'test', 'clients', 'scripts'),
    ML_LIFECYCLE_TEST_JUPYTER: jupyter,
    ML_LIFECYCLE_TEST_ROOT: root,
    ML_LIFECYCLE_TEST_REPORT_JUPYTER: jupyterReport,
    ML_LIFECYCLE_TEST_ONLY: clients ? 'clients' : '',
  };
  const server = await startCodeServer({ dataFolder: testDataFolder, extensionTests: true, env });
  const remote = (/** @type {string} */ file) => `vscode-remote://127.0.0.1:${server.port}${file}`;
  /** A window that runs the tests of this module of out/test/host, with these extensions in development. @param {string} module @param {string[]} extensions */
  const windowOf = (module, ...extensions) => {
    const payload = [...extensions.map((extension) => ['extensionDevelopmentPath', remote(path.join(root, extension))]), ['extensionTestsPath', remote(path.join(root, 'out', 'test', 'host', module))]];
    return server.url(workspace, `&payload=${encodeURIComponent(JSON.stringify(payload))}`);
  };
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath: findChromium() ?? '', args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(windowOf('index.js', 'test/host/fixture-extension'));
    const row = page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'ML Lifecycle' }).first();
    row
      .innerText({ timeout: 60_000 })
      .then((text) => writeFileSync(activation, `activation: ${/Activation: (\d+ms)/.exec(text)?.[1] ?? text}`))
      .catch((error) => writeFileSync(activation, `activation: not read (${error.message})`));
    const first = await reported(page, report, minutes);
    if (first === null || clients || !path.isAbsolute(jupyter)) {
      say(textOf(`${report}.txt`));
      const { passed, failed, skipped, failures } = first ?? { passed: 0, failed: 1, skipped: [], failures: [] };
      return { passed, failed, skipped: [...skipped, ...(clients || path.isAbsolute(jupyter) ? [] : [`the window with the Jupyter extension (${jupyter})`])], failures: failures ?? [] };
    }
    // Another window, since an extension cannot come and go in one.
    await page.goto(windowOf('withJupyter.js', 'test/host/fixture-extension', 'out/test/host/fixture-jupyter'));
    const second = (await reported(page, jupyterReport, minutes)) ?? { passed: 0, failed: 1, skipped: [] };
    say(textOf(`${report}.txt`));
    return { passed: first.passed + second.passed, failed: first.failed + second.failed, skipped: [...first.skipped, ...second.skipped], failures: [...(first.failures ?? []), ...(second.failures ?? [])] };
  } finally {
    await browser.close();
    await server.stop();
    await run(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), 'server', '--stop', '--cancel-jobs', '--project', workspace]).catch(() => undefined);
  }
}
