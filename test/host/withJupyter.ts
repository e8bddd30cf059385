// The suites that run in a window with an extension under the Jupyter extension's id.
import { runSuites } from './runner.ts';

export async function run(): Promise<void> {
  await runSuites(process.env['ML_LIFECYCLE_TEST_REPORT_JUPYTER'] ?? 'report.json', async () => {
    await import('./suites/jupyter.test.ts');
  });
}
