#!/usr/bin/env node
// npm run test:desktop: the host tests in a desktop VS Code, fetched by @vscode/test-electron.
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { bootstrap } from './lib/bootstrap.mjs';
import { cache, entry, root, run, say, textOf } from './lib/run.mjs';
import { packageApart } from './package.mjs';

await entry(async () => {
  if (!(await bootstrap())) {
    return process.exitCode === undefined ? 0 : Number(process.exitCode);
  }
  const { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath, runTests } = await import('@vscode/test-electron');
  const program = await downloadAndUnzipVSCode({ version: 'stable', cachePath: path.join(cache, 'desktop') }).catch((error) => {
    say(`skipped: tests in a desktop VS Code: it could not be fetched (${error instanceof Error ? error.message : String(error)}).`);
    return undefined;
  });
  if (program === undefined) {
    say('0 passed, 0 failed, 1 skipped');
    return 0;
  }
  const profile = path.join(cache, 'desktop-profile');
  const workspace = path.join(cache, 'desktop-workspace', 'loans');
  const report = path.join(cache, 'reports', 'desktop.json');
  for (const old of [profile, workspace, report, `${report}.txt`]) {
    rmSync(old, { recursive: true, force: true });
  }
  cpSync(path.join(root, 'examples', 'loans'), workspace, { recursive: true, filter: (file) => !/[/\\](\.ml|models|scored.*\.csv)$/.test(file) });
  const vsix = await packageApart({ out: path.join(cache, 'desktop.vsix'), production: true });
  const places = [`--user-data-dir=${path.join(profile, 'data')}`, `--extensions-dir=${path.join(profile, 'extensions')}`];
  const [cli = program, ...cliArguments] = resolveCliArgsFromVSCodeExecutablePath(program, { reuseMachineInstall: true });
  await run(cli, [...cliArguments, ...places, '--install-extension', vsix, '--force']);
  await run(process.execPath, ['esbuild.js', '--only-tests']);
  await runTests({
    vscodeExecutablePath: program,
    extensionDevelopmentPath: path.join(root, 'test', 'host', 'fixture-extension'),
    extensionTestsPath: path.join(root, 'out', 'test', 'host', 'index.js'),
    reuseMachineInstall: true,
    launchArgs: [workspace, ...places, '--disable-workspace-trust', '--skip-welcome'],
    extensionTestsEnv: { ML_LIFECYCLE_TEST_REPORT: report },
  });
  say(textOf(`${report}.txt`));
  const counts = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { passed: 0, failed: 1, skipped: [] };
  say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped`);
  return counts.failed === 0 ? 0 : 1;
});
