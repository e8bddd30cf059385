// A VS Code server with the packaged extension installed, as host and browser tests use it.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageApart } from '../package.mjs';
import { sourceHash } from './build.mjs';
import { calmSettings, installCodeServer, installExtension, writeMachineSettings } from './codeServer.mjs';
import { cache, textOf } from './run.mjs';

/** Where the servers of the tests keep their data. */
export const testDataFolder = path.join(cache, 'test-server');
/** The package that is tested. */
export const testPackage = path.join(cache, 'test.vsix');

/** Installs the server, packages the extension as it ships and installs it, where a source changed since the last time. */
export async function prepareVsCode() {
  await installCodeServer();
  const stamp = path.join(testDataFolder, 'installed');
  const wanted = sourceHash();
  if (textOf(stamp) !== wanted) {
    await packageApart({ out: testPackage, production: true });
    await installExtension(testPackage, testDataFolder);
    writeFileSync(stamp, wanted);
  }
  writeMachineSettings(testDataFolder, testSettings);
}

/** Settings of every window in a test. */
export const testSettings = { ...calmSettings, 'window.commandCenter': false, 'workbench.colorTheme': 'Default Light Modern', 'files.autoSave': 'off' };
