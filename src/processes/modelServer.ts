// Serves one endpoint: `model-server.js <endpoint folder>`. It outlives the project server that started it.
import cluster from 'node:cluster';
import path from 'node:path';
import process from 'node:process';
import { toFailure } from '../contracts/errors.ts';

const folder = path.resolve(process.argv[2] ?? '.');
try {
  if (cluster.isPrimary) {
    const [{ Primary }, { readConfig }] = await Promise.all([import('./modelServer/primary.ts'), import('./modelServer/config.ts')]);
    new Primary(folder, await readConfig(folder)).run();
  } else {
    const { runWorker } = await import('./modelServer/worker.ts');
    await runWorker(folder);
  }
} catch (error) {
  console.error(toFailure(error).message);
  process.exit(1);
}
