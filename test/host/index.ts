// The suites that run in a window as most people have it.
import { runSuites } from './runner.ts';

export async function run(): Promise<void> {
  await runSuites(process.env['ML_LIFECYCLE_TEST_REPORT'] ?? 'report.json', async () => {
    if (process.env['ML_LIFECYCLE_TEST_ONLY'] === 'clients') {
      await import('./suites/clients.test.ts');
      return;
    }
    await import('./suites/activation.test.ts');
    await import('./suites/contributions.test.ts');
    await import('./suites/projectFile.test.ts');
    await import('./suites/codeLens.test.ts');
    await import('./suites/training.test.ts');
    await import('./suites/organise.test.ts');
    await import('./suites/scripts.test.ts');
    await import('./suites/scriptRuns.test.ts');
    await import('./suites/notebooks.test.ts');
    await import('./suites/exchange.test.ts');
    await import('./suites/clients.test.ts');
  });
}
