// Does one job: `job-runner.js <job folder>`. It outlives the server that started it.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import * as z from 'zod/mini';
import { jobFiles, RunnerTask } from '../contracts/jobs.ts';
import { runTask } from '../core/jobs/api.ts';

z.config(z.locales.en());

const folder = process.argv[2] ?? '';
const task = RunnerTask.parse(JSON.parse(await readFile(path.join(folder, jobFiles.task), 'utf8')));
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort(new Error('cancelled')));
await runTask({ ...task, folder }, stop.signal);
// Libraries keep timers and threads; the job is done and recorded.
process.exit(0);
