// Drives the real workbench of a VS Code server in a headless browser, as a person would.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type Frame, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { until } from './wait.ts';

export const patience = 30_000;

/** A window on a folder. */
export class Workbench {
  readonly page: Page;
  readonly #browser: Browser;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.page = page;
  }

  /** Opens the address and waits until the workbench stands. */
  static async open(executablePath: string, url: string): Promise<Workbench> {
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(patience);
    await page.goto(url);
    const workbench = new Workbench(browser, page);
    await workbench.#stands();
    return workbench;
  }

  async #stands(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.activitybar').waitFor();
    await this.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
  }

  /** Reloads the window as a person does, by its command: the editor first stores which tabs are open. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.command('Developer: Reload Window');
    await loaded;
    await this.page.locator('.monaco-workbench .part.activitybar').waitFor();
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  /** Runs a command from the palette by its full title. */
  async command(title: string): Promise<void> {
    const timeout = 3000;
    const entry = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
    // While the focus moves, as after a tab was closed, the key reaches nobody, or the palette closes again.
    await until(async () => {
      try {
        await this.page.keyboard.press('F1');
        await this.quickInput().fill(`>${title}`, { timeout });
        await entry.waitFor({ timeout });
        return true;
      } catch {
        return false;
      }
    });
    await this.page.keyboard.press('Enter');
  }

  /** The field of the palette, of a pick or of an input box. */
  quickInput(): Locator {
    return this.page.locator('.quick-input-widget input.input:visible').last();
  }

  /** Chooses an entry of an open pick. */
  async pick(text: string): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
    await row.waitFor();
    await row.click();
  }

  /** Fills the input box with this title and accepts it. */
  async type(text: string, title: string): Promise<void> {
    await this.page.locator('.quick-input-title', { hasText: title }).waitFor();
    const input = this.quickInput();
    await input.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Fills the input box that asks this and accepts it. */
  async answer(question: string, text: string): Promise<void> {
    await this.page.locator('.quick-input-message', { hasText: question }).waitFor();
    await this.quickInput().fill(text);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-message', { hasText: question }).waitFor({ state: 'hidden' });
  }

  /** Shows the extension's container. */
  async openContainer(): Promise<void> {
    const container = this.page.locator('.composite.title:visible', { hasText: /ML Lifecycle/i });
    if ((await container.count()) === 0) {
      await this.page.locator('.activitybar .action-label[aria-label^="ML Lifecycle"]').first().click();
    }
    await container.first().waitFor();
  }

  /** A row of a tree, by what it says. */
  row(text: string | RegExp): Locator {
    return this.page.locator('.part.sidebar .monaco-list-row', { hasText: text }).first();
  }

  /** Chooses an entry of an open context menu. A menu takes no click in the moment in which it opens, but keys. */
  async chooseFromMenu(text: string, timeout = patience): Promise<void> {
    const item = this.page.getByRole('menuitem', { name: text });
    await item.waitFor({ timeout });
    await item.hover({ timeout });
    await this.page.keyboard.press('Enter');
    await item.waitFor({ state: 'detached', timeout });
  }

  /** The page inside the panel whose subject (its state) holds `text`, once it is drawn. @param kind where several kinds may be about it */
  async panel(text: string, kind?: string): Promise<Frame> {
    const until = Date.now() + patience;
    while (Date.now() < until) {
      for (const frame of this.page.frames()) {
        const state = await frame
          .locator(kind === undefined ? 'body' : `body[data-panel="${kind}"]`)
          .getAttribute('data-panel-state', { timeout: 500 })
          .catch(() => null);
        if (state?.includes(text) && (await frame.locator('.page').count().catch(() => 0)) > 0) {
          return frame;
        }
      }
      await this.page.waitForTimeout(100);
    }
    throw new Error(`No panel about ${text} was drawn.`);
  }

  /** The page of the panel in front. */
  visiblePanel(): FrameLocator {
    return this.page.locator('iframe.webview.ready:visible').last().contentFrame().locator('#active-frame').contentFrame();
  }

  /** Keeps a picture of the whole window under test-results/. */
  async screenshot(theme: string, name: string): Promise<void> {
    const folder = path.resolve(import.meta.dirname, '../../../test-results', theme);
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: path.join(folder, `${name}.png`) });
  }
}
