// Runs of the remote server that a project follows, taken into the project's own tables.
import { setImmediate as breathe } from 'node:timers/promises';
import type { Experiment } from '../tracking/api.ts';
import type { ExchangeStores } from './importRuns.ts';
import { experimentHere, storeArtifact } from './importRuns.ts';
import type { RemoteSource } from './remoteSource.ts';
import { markOf, RunCopies } from './runCopies.ts';
import type { SourceExperiment, SourceRun } from './source.ts';

const newestPage = 100;
const fullPage = 500;
/** Ids in one filter. */
const idsAtOnce = 50;
const scheme = 'mlflow-artifacts:/';

export class RemoteRuns {
  readonly copies: RunCopies;
  readonly #stores: ExchangeStores;
  readonly #onRun: (run_id: string) => void;
  /** The latest point of each metric up to which its history was fetched, by run and metric. */
  readonly #fetched = new Map<string, Map<string, string>>();
  #experiments = new Map<string, Experiment>();

  /** @param onRun told of each run that came or changed. */
  constructor(stores: ExchangeStores, onRun: (run_id: string) => void) {
    this.#stores = stores;
    this.#onRun = onRun;
    this.copies = new RunCopies(stores.database, stores.metrics, stores.tracked);
  }

  /** Takes over what is new: the newest runs, and those that were still running. @param full every run, so that edits and deletions are seen. */
  async pull(source: RemoteSource, full: boolean): Promise<void> {
    const experiments = await source.experiments();
    this.#experiments = new Map(experiments.map((each) => [each.id, this.#experiment(each)]));
    const experiment_ids = experiments.map(({ id }) => id);
    const known = this.copies.of(source.origin);
    const seen = new Set<string>();
    const take = async (runs: readonly SourceRun[]): Promise<boolean> => {
      let changed = false;
      for (const run of runs) {
        seen.add(run.id);
        changed = this.#take(source.origin, run, known.get(run.id)?.seen) || changed;
        await breathe();
      }
      return changed;
    };
    if (experiment_ids.length === 0) {
      return;
    }
    for await (const runs of source.search({ experiment_ids, max: full ? fullPage : newestPage })) {
      if (!(await take(runs)) && !full) {
        break;
      }
    }
    if (full) {
      this.#archiveMissing(known, seen);
      return;
    }
    const open = this.#open(source.origin).filter((id) => !seen.has(id));
    for (let at = 0; at < open.length; at += idsAtOnce) {
      const ids = open.slice(at, at + idsAtOnce).map((id) => `'${id}'`);
      for await (const runs of source.search({ experiment_ids, filter: `attributes.run_id IN (${ids.join(', ')})`, max: idsAtOnce })) {
        await take(runs);
      }
    }
  }

  /** Takes one run over as it is there now. */
  async refresh(source: RemoteSource, id: string): Promise<void> {
    this.#take(source.origin, await source.run(id), undefined);
  }

  /** Fetches the history of a run, where there is more of it than was fetched before. */
  async fetchHistory(source: RemoteSource, run_id: string): Promise<void> {
    const done = this.#fetched.get(run_id) ?? new Map<string, string>();
    this.#fetched.set(run_id, done);
    const latest = this.#stores.database.all('SELECT key, step, timestamp, value FROM series WHERE run_id = :run_id', { run_id }).map((row) => ({ key: String(row['key']), mark: `${String(row['step'])} ${String(row['timestamp'])} ${String(row['value'])}` }));
    for (const { key, mark } of latest.filter((each) => done.get(each.key) !== each.mark)) {
      for await (const points of source.history({ id: run_id, metrics: [{ key, step: 0, timestamp: 0, value: 0 }] })) {
        this.copies.append(run_id, points);
        await breathe();
      }
      // It came first, with the run; who reads on from a mark takes the last one for the latest.
      this.#stores.metrics.moveLatestToEnd(run_id, key);
      done.set(key, mark);
    }
  }

  /** Fetches the files of a run that are not here yet. */
  async fetchArtifacts(source: RemoteSource, run_id: string): Promise<void> {
    const { artifact_uri, artifacts } = this.#stores.runs.facts(run_id);
    const present = new Map(artifacts.map(({ path, bytes }) => [path, bytes]));
    const run = await source.run(run_id);
    let came = false;
    for await (const artifact of source.artifacts(run)) {
      if (present.get(artifact.path) !== artifact.bytes) {
        const bytes = await storeArtifact(this.#stores.artifacts, `${artifact_uri.slice(scheme.length)}/${artifact.path}`, artifact);
        this.#stores.runs.addArtifact(run_id, { path: artifact.path, bytes });
        came = true;
      }
    }
    if (came) {
      this.#onRun(run_id);
    }
  }

  #experiment(there: SourceExperiment): Experiment {
    const here = experimentHere(this.#stores.experiments, there);
    for (const [key, value] of there.tags) {
      if (here.tags[key] !== value) {
        this.#stores.experiments.setTag(here.experiment_id, key, value);
      }
    }
    return here;
  }

  #take(origin: string, run: SourceRun, seen: string | undefined): boolean {
    const mark = markOf(run);
    const experiment = this.#experiments.get(run.experiment_id);
    if (mark === seen || experiment === undefined || (seen === undefined && this.copies.isOwn(origin, run.id))) {
      return false;
    }
    this.copies.store(origin, run, experiment, true);
    this.copies.note(origin, run.id, { seen: mark });
    this.#onRun(run.id);
    return true;
  }

  /** The remote has the last word: what is gone there goes out of the way here. */
  #archiveMissing(known: ReadonlyMap<string, { run_id: string }>, seen: ReadonlySet<string>): void {
    for (const [id, { run_id }] of known) {
      if (!seen.has(id) && this.#stores.runs.find(run_id)?.archived === false) {
        this.copies.archive(run_id);
        this.#onRun(run_id);
      }
    }
  }

  #open(origin: string): string[] {
    return this.#stores.database
      .all(`SELECT origin_run_id FROM imported_runs JOIN runs USING (run_id) WHERE origin = :origin AND runs.status IN ('running', 'queued') AND runs.lifecycle = 'active'`, { origin })
      .map((row) => String(row['origin_run_id']));
  }
}
