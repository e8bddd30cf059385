// TensorBoard's folders: each folder with event files is one run, whose name is its path.
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { EventFile, hyperparametersOf, type LoggedPoint } from '../tracking/api.ts';
import type { Pairs, Report, RunSource, SourceArtifact, SourceExperiment, SourceModel, SourceRegistered, SourceRun } from './source.ts';

const pointsAtOnce = 2000;
const deepest = 8;

/** The folders with event files at and under a folder, absolute. */
export async function eventFolders(folder: string, depth = 0): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const own = entries.some((entry) => entry.isFile() && isEventFile(entry.name)) ? [folder] : [];
  const inner = depth === deepest ? [] : entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules');
  const found = await Promise.all(inner.map((entry) => eventFolders(path.join(folder, entry.name), depth + 1)));
  return [...own, ...found.flat()];
}

export class TensorboardSource implements RunSource {
  readonly origin: string;
  readonly local = true;
  readonly #experiment: string;
  readonly #report: Report;
  /** Of the run that was read last: a run is asked for its history right after it was given. */
  #points: { id: string; points: LoggedPoint[] } = { id: '', points: [] };

  /** @param folder absolute. @param experiment what the runs go into. */
  constructor(folder: string, experiment: string, report: Report) {
    this.origin = folder;
    this.#experiment = experiment;
    this.#report = report;
  }

  async experiments(): Promise<SourceExperiment[]> {
    return [{ id: this.#experiment, name: this.#experiment, archived: false, tags: [] }];
  }

  async *runs(experiment: SourceExperiment): AsyncGenerator<SourceRun> {
    for (const folder of (await eventFolders(this.origin)).sort()) {
      const run = await this.#run(experiment, folder);
      if (run !== null) {
        yield run;
      }
    }
  }

  async *history(run: SourceRun): AsyncGenerator<LoggedPoint[]> {
    const points = this.#points.id === run.id ? this.#points.points : [];
    for (let at = 0; at < points.length; at += pointsAtOnce) {
      yield points.slice(at, at + pointsAtOnce);
    }
  }

  async *artifacts(): AsyncGenerator<SourceArtifact> {
    // Event files are what was read; there is nothing else.
  }

  async *loggedModels(): AsyncGenerator<SourceModel> {
    // TensorBoard keeps none.
  }

  async *registered(): AsyncGenerator<SourceRegistered> {
    // TensorBoard keeps none.
  }

  close(): void {
    // Nothing is held open.
  }

  async #run(experiment: SourceExperiment, folder: string): Promise<SourceRun | null> {
    const inside = path.relative(this.origin, folder).split(path.sep).join('/');
    const files = (await readdir(folder)).filter(isEventFile).sort();
    const points: LoggedPoint[] = [];
    const params = new Map<string, string>();
    const sizes: number[] = [];
    let [started, ended] = [Infinity, 0];
    for (const name of files) {
      const file = new EventFile(path.join(folder, name));
      const { size, mtimeMs } = await stat(file.path);
      sizes.push(size);
      started = Math.min(started, Math.round(mtimeMs));
      ended = Math.max(ended, Math.round(mtimeMs));
      const scalars = await file.readOn((record) => hyperparametersOf(record).forEach(([key, value]) => params.set(key, value)));
      for (const { tag, step, at, value } of scalars) {
        points.push({ key: tag, step, timestamp: Math.round(at), value });
      }
      if (file.damaged) {
        this.#report({ message: `${file.path} is damaged; what is behind the damage was left out.`, file: file.path });
      }
    }
    if (points.length === 0 && params.size === 0) {
      return null;
    }
    const id = createHash('sha256').update(`${this.origin}\n${inside}`).digest('hex').slice(0, 32);
    for (const { timestamp } of points) {
      started = Math.min(started, timestamp);
    }
    ended = points.at(-1)?.timestamp ?? ended;
    this.#points = { id, points };
    const tags: Pairs = [['tensorboard.folder', folder]];
    return { id, experiment_id: experiment.id, name: inside === '' ? path.basename(this.origin) : inside, user: '', status: 'finished', started, ended, archived: false, artifact_uri: '', params: [...params], tags, metrics: [], datasets: [], inputs: [], outputs: [], size: sizes.join(' ') };
  }
}

function isEventFile(name: string): boolean {
  return name.startsWith('events.out.tfevents.');
}
