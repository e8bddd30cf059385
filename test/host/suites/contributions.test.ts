import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { extensionId } from './support.ts';

interface Manifest {
  contributes: {
    commands: { command: string; title: string; category: string; icon?: string }[];
    views: Record<string, { id: string; name: string }[]>;
    viewsWelcome: { view: string; contents: string }[];
    menus: Record<string, { command: string }[]>;
    walkthroughs: { steps: { id: string; description: string; media: { svg: string }; completionEvents: string[] }[] }[];
  };
}

describe('what the extension contributes', () => {
  let extension: vscode.Extension<unknown>;
  let manifest: Manifest['contributes'];
  let known: Set<string>;

  before(async () => {
    const found = vscode.extensions.getExtension(extensionId);
    assert.ok(found, `${extensionId} is not installed`);
    extension = found;
    await extension.activate();
    manifest = (extension.packageJSON as Manifest).contributes;
    known = new Set(await vscode.commands.getCommands(true));
  });

  it('registers every command that it offers', () => {
    assert.deepEqual(
      manifest.commands.map((each) => each.command).filter((command) => !known.has(command)),
      [],
    );
  });

  it('puts its commands under ML, with their titles translated', () => {
    for (const { category, title, command } of manifest.commands) {
      assert.equal(category, 'ML', command);
      assert.ok(!title.includes('%'), `${command} is titled ${title}`);
    }
  });

  it('refers only to commands that there are, in menus, views and the walkthrough', () => {
    const used = Object.values(manifest.menus).flatMap((items) => items.map((item) => item.command));
    const texts = [...manifest.viewsWelcome.map((each) => each.contents), ...manifest.walkthroughs.flatMap((each) => each.steps.map((step) => step.description))];
    for (const text of texts) {
      used.push(...[...text.matchAll(/\(command:([\w.]+)\)/g)].map((match) => match[1] ?? ''));
    }
    for (const events of manifest.walkthroughs.flatMap((each) => each.steps.map((step) => step.completionEvents))) {
      used.push(...events.map((event) => event.replace('onCommand:', '')));
    }
    assert.deepEqual(
      used.filter((command) => !known.has(command)),
      [],
    );
  });

  it('has six views in one container, each with words for when it is empty', () => {
    assert.deepEqual(Object.keys(manifest.views), ['mlLifecycle']);
    const names = manifest.views['mlLifecycle']?.map((view) => view.name);
    assert.deepEqual(names, ['Data', 'Pipelines', 'Experiments', 'Models', 'Deployments', 'Monitoring']);
    for (const view of manifest.views['mlLifecycle'] ?? []) {
      assert.ok(manifest.viewsWelcome.some((welcome) => welcome.view === view.id && welcome.contents.length > 20), `${view.name} has nothing to say when it is empty`);
    }
  });

  it('focuses each view', async () => {
    for (const view of manifest.views['mlLifecycle'] ?? []) {
      await vscode.commands.executeCommand(`${view.id}.focus`);
    }
  });

  it('ships the pictures of the walkthrough, the icons and the grammars', async () => {
    const pictures = manifest.walkthroughs.flatMap((each) => each.steps.map((step) => step.media.svg));
    assert.equal(pictures.length, 7);
    const grammars = ['python', 'typescript', 'tsx', 'javascript'].map((language) => `dist/grammars/tree-sitter-${language}.wasm`);
    for (const file of [...pictures, 'media/icon.png', 'media/activity.svg', 'dist/grammars/web-tree-sitter.wasm', ...grammars]) {
      await access(path.join(extension.extensionPath, file));
    }
  });
});
