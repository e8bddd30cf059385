// What a run of a script captures beside its output.
import os from 'node:os';
import path from 'node:path';
import type { RunnerTask, ScriptJob } from '../../contracts/jobs.ts';
import { boardFolders, watchEventFiles } from '../tracking/api.ts';
import type { Recorder } from './recorder.ts';
import type { ProcessTree } from './systemMetrics.ts';

/** The machine in words: `host (linux x64, 8 cores, 32 GB)`. */
export function hostLine(): string {
  return `${os.hostname()} (${process.platform} ${process.arch}, ${os.availableParallelism()} cores, ${Math.round(os.totalmem() / 1e9)} GB)`;
}

/** What a run is captured of: a script's job, or a live notebook's put the same way. */
export type Captured = Pick<ScriptJob, 'script' | 'interpreter' | 'arguments' | 'cwd'>;

/** Keeps what the Python of a script has installed; a script is never held up or failed by that. */
export async function keepPackages(spec: Captured, recorder: Recorder): Promise<void> {
  if (!/\.(py|ipynb)$/i.test(spec.script)) {
    return;
  }
  const { installedPackages, interpreterAt, interpreterLabel } = await import('../python/api.ts');
  const [python, packages] = await Promise.all([interpreterAt(spec.interpreter, 'argument'), installedPackages(spec.interpreter).catch(() => null)]);
  if (python !== null) {
    recorder.write({ type: 'tag', key: 'python', value: interpreterLabel(python) });
  }
  if (packages !== null) {
    await recorder.keepText('packages.txt', `${packages.join('\n')}\n`);
  }
}

/** Takes the metrics out of the event files that a script writes for TensorBoard. */
export async function watchBoard(spec: Captured, recorder: Recorder, tree: ProcessTree, since: number, ended: AbortSignal): Promise<void> {
  await watchEventFiles(
    {
      folders: [spec.cwd, path.dirname(spec.script), ...boardFolders(spec.arguments, spec.cwd)],
      since,
      isForeign: (pid) => !tree.has(pid) && isAlive(pid),
      record: (metrics) => recorder.write(...metrics.map((each) => ({ type: 'metric' as const, ...each }))),
      onDamage: (file) => recorder.log(`${file} is damaged; what stands behind that place in it was not read.`),
    },
    ended,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Tags a run with the versions of the data that the script names: `data/<data set>`, and `data_sha256` where it is one. */
export async function keepDataVersions(task: RunnerTask, spec: Captured, recorder: Recorder, signal: AbortSignal): Promise<void> {
  const { dataVersions } = await import('./dataVersions.ts');
  const found = await dataVersions(task.project, spec.script, spec.arguments, signal);
  recorder.write(...found.map(({ dataset, sha256 }) => ({ type: 'tag' as const, key: `data/${dataset}`, value: sha256 })));
  const [only] = found;
  if (only !== undefined && found.length === 1) {
    recorder.write({ type: 'tag', key: 'data_sha256', value: only.sha256 });
  }
}
