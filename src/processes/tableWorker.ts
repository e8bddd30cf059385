// Answers questions about many runs in a thread of the project server, over a connection to the database of its own
// that only reads: what takes a while here holds up no request there.
import { parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod/mini';
import { toFailure } from '../contracts/errors.ts';
import { openReader } from '../core/store/api.ts';
import { exportRuns, RunTable } from '../core/tracking/api.ts';
import type { TableReply, TableResult, TableTask } from './projectServer/tableThread.ts';

z.config(z.locales.en());

const database = openReader(workerData as string);
const table = new RunTable(database);

async function perform(task: TableTask): Promise<TableResult> {
  switch (task.type) {
    case 'export':
      return exportRuns(database, table, task.request, task.separator);
    default:
      return table.answer(task);
  }
}

/** Who was told the first columns asks for rows next, and waits for those: what looks for more lets that go first, for so many milliseconds. */
const courtesy = 200;
let next: NodeJS.Timeout | undefined;

/** Looks through the columns while nothing is asked; questions that come meanwhile go first. */
function goOn(after: number): void {
  clearTimeout(next);
  next = setTimeout(() => {
    if (table.work()) {
      goOn(0);
    }
  }, after);
}

// Both ends are ours, of one build.
parentPort?.on('message', async ({ id, task }: { id: number; task: TableTask }) => {
  let reply: TableReply;
  try {
    reply = { id, result: await perform(task) };
  } catch (error) {
    reply = { id, failure: toFailure(error) };
  }
  parentPort?.postMessage(reply);
  goOn(task.type === 'columns' ? courtesy : 0);
});
