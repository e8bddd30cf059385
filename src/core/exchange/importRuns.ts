// Copies runs from a source into this project. Doing it again adds what is new or changed, and nothing twice.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { ExchangeProblem, ExchangeResult } from '../../contracts/exchange.ts';
import { UserError } from '../../contracts/errors.ts';
import type { Catalogue } from '../registry/api.ts';
import type { Database } from '../store/api.ts';
import type { ArtifactStore, Experiment, ExperimentStore, LoggedPoint, MetricStore, RunStore, TrackedRuns } from '../tracking/api.ts';
import { importRegistered } from './importRegistered.ts';
import { markOf, modelFolder, RunCopies } from './runCopies.ts';
import type { RunSource, SourceArtifact, SourceExperiment, SourceRun } from './source.ts';

/** Where runs are kept in this project. */
export interface ExchangeStores {
  database: Database;
  runs: RunStore;
  metrics: MetricStore;
  tracked: TrackedRuns;
  experiments: ExperimentStore;
  artifacts: ArtifactStore;
  catalogue: Catalogue;
  /** One change of the registry at a time. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

export interface ExchangeOptions {
  signal: AbortSignal;
  onProgress(progress: { fraction: number | null; message: string }): void;
}

const scheme = 'mlflow-artifacts:/';
const mostProblems = 200;
const pointsAtOnce = 1000;

/** Counts what was copied, and keeps the first problems; the same sentence once. */
export class Tally {
  readonly result: ExchangeResult = { added: 0, changed: 0, unchanged: 0, files: 0, versions: 0, problems: [], problem_count: 0 };
  readonly #said = new Set<string>();

  readonly report = (problem: ExchangeProblem): void => {
    if (this.#said.has(problem.message)) {
      return;
    }
    this.#said.add(problem.message);
    this.result.problem_count += 1;
    if (this.result.problems.length < mostProblems) {
      this.result.problems.push(problem);
    }
  };
}

/**
 * @param wanted only this experiment of the source.
 * @throws UserError where the source has no such experiment, and what a remote source cannot answer.
 */
export async function importRuns(source: RunSource, stores: ExchangeStores, wanted: string | undefined, tally: Tally, options: ExchangeOptions): Promise<void> {
  const all = await source.experiments();
  const experiments = wanted === undefined ? all : all.filter(({ name }) => name === wanted);
  if (wanted !== undefined && experiments.length === 0) {
    throw new UserError(`${source.origin} has no experiment "${wanted}". It has ${all.map(({ name }) => `"${name}"`).slice(0, 20).join(', ') || 'none'}.`, { field: 'experiment' });
  }
  const importer = new Importer(source, stores, tally, options);
  for (const [index, experiment] of experiments.entries()) {
    await importer.experiment(experiment, index / experiments.length);
  }
  options.onProgress({ fraction: 1, message: 'Registered models' });
  await importRegistered(source, stores, wanted === undefined, tally, options.signal);
}

class Importer {
  readonly #source: RunSource;
  readonly #stores: ExchangeStores;
  readonly #tally: Tally;
  readonly #options: ExchangeOptions;
  readonly #copies: RunCopies;
  readonly #known: ReturnType<RunCopies['of']>;

  constructor(source: RunSource, stores: ExchangeStores, tally: Tally, options: ExchangeOptions) {
    this.#source = source;
    this.#stores = stores;
    this.#tally = tally;
    this.#options = options;
    this.#copies = new RunCopies(stores.database, stores.metrics, stores.tracked);
    this.#known = this.#copies.of(source.origin);
  }

  async experiment(experiment: SourceExperiment, fraction: number): Promise<void> {
    let local: Experiment | null = null;
    let count = 0;
    for await (const run of this.#source.runs(experiment)) {
      this.#options.signal.throwIfAborted();
      local ??= experimentHere(this.#stores.experiments, experiment);
      await this.#run(run, local);
      count += 1;
      this.#options.onProgress({ fraction, message: `${experiment.name}: ${count === 1 ? '1 run' : `${count} runs`}` });
      // Others of this process get their turn.
      await breathe();
    }
    for await (const model of this.#source.loggedModels(experiment)) {
      this.#options.signal.throwIfAborted();
      local ??= experimentHere(this.#stores.experiments, experiment);
      this.#copies.storeModel(model, local);
      const uri = modelFolder(local, model.model_id);
      const folder = this.#stores.artifacts.folderOf(uri) ?? '';
      const present = async (file: string): Promise<number | undefined> => (await stat(path.join(folder, file)).catch(() => null))?.size;
      await this.#files({ id: model.model_id, artifact_uri: model.artifact_uri }, uri, present, () => undefined);
    }
  }

  async #run(run: SourceRun, experiment: Experiment): Promise<void> {
    const { origin } = this.#source;
    if (!/^[a-zA-Z0-9][\w-]{0,255}$/.test(run.id)) {
      this.#tally.report({ message: `"${run.id.slice(0, 60)}" is no id of a run; it was left out.` });
      return;
    }
    const known = this.#known.get(run.id);
    const mark = markOf(run);
    if (known === undefined && this.#copies.isOwn(origin, run.id)) {
      this.#tally.result.unchanged += 1;
      return;
    }
    const before = this.#tally.result.files;
    const same = known?.fetched === mark;
    if (!same) {
      await this.#values(run, experiment);
    }
    if (!same || this.#source.local) {
      await this.#artifacts(run);
    }
    this.#copies.note(origin, run.id, { seen: mark, fetched: mark });
    this.#tally.result[known === undefined ? 'added' : same && before === this.#tally.result.files ? 'unchanged' : 'changed'] += 1;
  }

  /** A run and the first of its history in one transaction: of most runs that is all. */
  async #values(run: SourceRun, experiment: Experiment): Promise<void> {
    const history = inPortions(this.#source.history(run));
    const first = await history.next();
    this.#stores.database.transaction(() => {
      this.#copies.store(this.#source.origin, run, experiment, false);
      this.#copies.append(run.id, first.value ?? []);
    });
    for await (const points of history) {
      this.#options.signal.throwIfAborted();
      this.#copies.append(run.id, points);
      await breathe();
    }
  }

  async #artifacts(run: SourceRun): Promise<void> {
    const { artifact_uri, artifacts } = this.#stores.runs.facts(run.id);
    const present = new Map(artifacts.map((artifact) => [artifact.path, artifact.bytes]));
    await this.#files(run, artifact_uri, async (file) => present.get(file), (path, bytes) => this.#stores.runs.addArtifact(run.id, { path, bytes }));
  }

  /** @param to the URI of the folder here. @param present the size of a file that is there already, in bytes. */
  async #files(owner: Pick<SourceRun, 'id' | 'artifact_uri'>, to: string, present: (file: string) => Promise<number | undefined>, stored: (path: string, bytes: number) => void): Promise<void> {
    if (!to.startsWith(scheme)) {
      return;
    }
    for await (const artifact of this.#source.artifacts(owner)) {
      this.#options.signal.throwIfAborted();
      if ((await present(artifact.path)) === artifact.bytes) {
        continue;
      }
      try {
        stored(artifact.path, await storeArtifact(this.#stores.artifacts, `${to.slice(scheme.length)}/${artifact.path}`, artifact));
        this.#tally.result.files += 1;
      } catch (error) {
        this.#options.signal.throwIfAborted();
        this.#tally.report({ message: `${artifact.path} of run ${owner.id} could not be copied: ${error instanceof Error ? error.message : String(error)}`, run_id: owner.id, ...(artifact.file === null ? {} : { file: artifact.file }) });
      }
    }
  }
}

/** Points by the thousand: one transaction for each. */
async function* inPortions(history: AsyncIterable<LoggedPoint[]>): AsyncGenerator<LoggedPoint[]> {
  let waiting: LoggedPoint[] = [];
  for await (const points of history) {
    waiting.push(...points);
    if (waiting.length >= pointsAtOnce) {
      yield waiting;
      waiting = [];
    }
  }
  if (waiting.length > 0) {
    yield waiting;
  }
}

/** Copies a file of this machine, or streams what has to be fetched; gives its size in bytes. */
export async function storeArtifact(store: ArtifactStore, place: string, artifact: SourceArtifact): Promise<number> {
  return artifact.file === null ? store.put(place, await artifact.read()) : store.take(place, artifact.file);
}

/** The experiment of the same name, made where there is none; a tag that it has already stays as it is. */
export function experimentHere(experiments: ExperimentStore, { name, tags }: SourceExperiment): Experiment {
  const id = experiments.ensure(name);
  const { tags: present } = experiments.get(id);
  for (const [key, value] of tags) {
    if (!(key in present)) {
      experiments.setTag(id, key, value);
    }
  }
  return experiments.get(id);
}
