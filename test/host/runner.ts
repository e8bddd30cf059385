// Runs suites with mocha inside VS Code's extension host, against the installed package.
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** Where the words of a report go: the launcher's file for all windows. */
const words = `${process.env['ML_LIFECYCLE_TEST_REPORT'] ?? 'report.json'}.txt`;

/** @param report the launcher waits for this file: {passed, failed, skipped, failures}. @param load registers the suites. */
export async function runSuites(report: string, load: () => Promise<void>): Promise<void> {
  // The console of an extension host leads nowhere that a launcher could read.
  Object.assign(Mocha.reporters.Base, { consoleLog: (format: string, ...parts: unknown[]) => appendFileSync(words, `${formatted(format, parts)}\n`) });
  const mocha = new Mocha({ ui: 'bdd', reporter: 'spec', color: false, timeout: 20_000 });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await load();
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
