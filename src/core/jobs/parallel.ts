// How many jobs of a project run side by side. Kept in a file of its own, so that every server of the project follows it.
import { readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as z from 'zod/mini';
import { writeFileAtomic } from '../files/api.ts';
import type { Project } from '../project/api.ts';

const QueueFile = z.object({ parallel: z.int().check(z.minimum(1), z.maximum(64)) });

const fileOf = (project: Project): string => path.join(project.stateFolder, 'queue.json');

/** What is set for the project; else one less than there are cores, so that the machine stays usable. */
export async function parallelJobs(project: Project): Promise<number> {
  try {
    return QueueFile.parse(JSON.parse(await readFile(fileOf(project), 'utf8'))).parallel;
  } catch {
    return Math.max(1, os.availableParallelism() - 1);
  }
}

/** @param parallel 1 runs jobs one after another; null goes back to the number that fits the machine. */
export async function setParallelJobs(project: Project, parallel: number | null): Promise<void> {
  await (parallel === null ? rm(fileOf(project), { force: true }) : writeFileAtomic(fileOf(project), `${JSON.stringify({ parallel })}\n`));
}
