// One VS Code server with the packaged extension, on a copy of an example project, for the tests of a file.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findChromium } from '../../../scripts/lib/chromium.mjs';
import { startCodeServer, writeMachineSettings, type CodeServer } from '../../../scripts/lib/codeServer.mjs';
import { root, run } from '../../../scripts/lib/run.mjs';
import { prepareVsCode, testDataFolder, testSettings } from '../../../scripts/lib/vscodeUnderTest.mjs';
import { Workbench } from './workbench.ts';

export const themes = { light: 'Default Light Modern', dark: 'Default Dark Modern', contrast: 'Default High Contrast' } as const;
export type Theme = keyof typeof themes;

export class Session {
  readonly folder: string;
  readonly workbench: Workbench;
  readonly #server: CodeServer;

  private constructor(folder: string, server: CodeServer, workbench: Workbench) {
    this.folder = folder;
    this.#server = server;
    this.workbench = workbench;
  }

  /** Opens a window on a fresh copy of `examples/<example>`, with more files where some are wanted; `prepare` sees the folder first. */
  static async open(example: string, options: { trust?: boolean; files?: Record<string, string>; prepare?(folder: string): Promise<void> } = {}): Promise<Session> {
    await prepareVsCode();
    const folder = path.join(mkdtempSync(path.join(os.tmpdir(), 'ml-lifecycle-e2e-')), example);
    cpSync(path.join(root, 'examples', example), folder, { recursive: true, filter: (file) => !/[/\\](\.ml|models|scored.*\.csv)([/\\]|$)/.test(path.relative(root, file)) });
    for (const [name, text] of Object.entries(options.files ?? {})) {
      writeFileSync(path.join(folder, name), text);
    }
    await options.prepare?.(folder);
    const server = await startCodeServer({ dataFolder: testDataFolder, trust: options.trust ?? true });
    const chromium = findChromium();
    if (chromium === undefined) {
      throw new Error('There is no Chromium on this machine.');
    }
    const workbench = await Workbench.open(chromium, server.url(folder));
    return new Session(folder, server, workbench);
  }

  /** Another window on the same folder. The caller closes it. */
  async secondWindow(): Promise<Workbench> {
    return Workbench.open(findChromium() ?? '', this.#server.url(this.folder));
  }

  /** Kills the extension host of the open window, as a crash would; gives false where its process cannot be found. */
  killExtensionHost(): boolean {
    if (process.platform !== 'linux') {
      return false;
    }
    const [host] = readFileSync(`/proc/${this.#server.pid}/task/${this.#server.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=extensionHost'));
    return host !== undefined && process.kill(Number(host), 'SIGKILL');
  }

  /** Runs the packaged command line on the folder and gives what it printed. */
  async cli(...args: string[]): Promise<string> {
    return run(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), ...args, '--project', this.folder], { cwd: this.folder });
  }

  /** Changes the theme of the open window. */
  async theme(name: Theme): Promise<void> {
    writeMachineSettings(testDataFolder, { ...testSettings, 'workbench.colorTheme': themes[name] });
    const wanted = { light: 'vs', dark: 'vs-dark', contrast: 'hc-black' }[name];
    await this.workbench.page.locator(`.monaco-workbench.${wanted}`).waitFor();
  }

  /** Keeps a picture of every open tab in dark and in high contrast. @param kinds the panels that must be among them. */
  async picturesOfTabs(kinds: string[]): Promise<void> {
    const { workbench } = this;
    const tabs = workbench.page.locator('.part.editor .tab');
    for (const theme of ['dark', 'contrast'] as const) {
      await this.theme(theme);
      const seen = new Map<string, number>();
      for (let index = 0; index < (await tabs.count()); index += 1) {
        await tabs.nth(index).click();
        const kind = /webview-mlLifecycle\.(\w+)/i.exec((await tabs.nth(index).getAttribute('data-resource-name')) ?? '')?.[1];
        if (kind !== undefined) {
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
          const body = workbench.visiblePanel();
          await body.locator('.page').waitFor();
          // What a panel is made of comes after it was shown; the picture is of that.
          await body.locator('vscode-progress-ring').waitFor({ state: 'detached' });
          if (kind === 'profile') {
            await body.locator('.chart svg path').first().waitFor();
          }
          await body.locator(theme === 'dark' ? 'body.vscode-dark' : 'body.vscode-high-contrast').waitFor();
          await workbench.screenshot(theme, seen.get(kind) === 1 ? kind : `${kind}-${seen.get(kind)}`);
        }
      }
      assert.deepEqual([...seen.keys()].sort(), kinds);
    }
  }

  async close(): Promise<void> {
    await this.workbench.close();
    await this.#server.stop();
    await this.cli('server', '--stop', '--cancel-jobs');
    rmSync(path.dirname(this.folder), { recursive: true, force: true });
  }
}
