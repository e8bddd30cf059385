// Runs the suites with mocha inside VS Code's extension host, against the installed package.
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** The launcher waits for this file: {passed, failed, skipped, failures}. The words go beside it, with `.txt` behind. */
const report = process.env['ML_LIFECYCLE_TEST_REPORT'] ?? 'report.json';

export async function run(): Promise<void> {
  // The console of an extension host leads nowhere that a launcher could read.
  Object.assign(Mocha.reporters.Base, { consoleLog: (format: string, ...parts: unknown[]) => appendFileSync(`${report}.txt`, `${formatted(format, parts)}\n`) });
  const mocha = new Mocha({ ui: 'bdd', reporter: 'spec', color: false, timeout: 20_000 });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  if (process.env['ML_LIFECYCLE_TEST_ONLY'] !== 'clients') {
    await import('./suites/activation.test.ts');
    await import('./suites/contributions.test.ts');
    await import('./suites/projectFile.test.ts');
    await import('./suites/codeLens.test.ts');
    await import('./suites/training.test.ts');
    await import('./suites/organise.test.ts');
    await import('./suites/scripts.test.ts');
    await import('./suites/scriptRuns.test.ts');
    await import('./suites/exchange.test.ts');
  }
  await import('./suites/clients.test.ts');
  const skipped: string[] = [];
  const failed: string[] = [];
  const runner = mocha.run(() => {
    const { passes, failures } = runner.stats ?? { passes: 0, failures: 1 };
    writeFileSync(`${report}.part`, JSON.stringify({ passed: passes, failed: failures, skipped, failures: failed }));
    renameSync(`${report}.part`, report);
  });
  runner.on('pending', (test) => skipped.push(test.fullTitle()));
  runner.on('fail', (test, error: Error) => failed.push(`${test.fullTitle()}: ${error.stack ?? error.message}`));
  await new Promise((resolve) => runner.once('end', resolve));
}

/** As console.log puts it together: mocha uses %s, %d and %o only. */
function formatted(format: unknown, parts: unknown[]): string {
  let index = 0;
  return String(format ?? '').replaceAll(/%[sdoj%]/g, (sign) => (sign === '%%' ? '%' : String(parts[index++])));
}
