// Moves what was written to the database out of its log, in a thread of the project server: it waits for the disk, which
// would hold up every request where the writer did it itself.
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

const connection = new DatabaseSync(workerData as string, { timeout: 5000 });

parentPort?.on('message', () => {
  // As far as it goes without making anybody wait.
  connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
  parentPort?.postMessage(null);
});
