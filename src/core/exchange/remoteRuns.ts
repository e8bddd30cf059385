// Runs of the remote server that a project follows, taken into the project's own tables.
import { setImmediate as breathe } from 'node:timers/promises';
import type { FollowedExperiments } from './followedExperiments.ts';
import { storeArtifact, type ExchangeStores } from './importRuns.ts';
import type { Subject } from './remoteChanges.ts';
import type { RemoteSource } from './remoteSource.ts';
import { markOf, RunCopies } from './runCopies.ts';
import type { SourceRun } from './source.ts';

const newestPage = 100;
const fullPage = 500;
/** Ids in one filter. */
const idsAtOnce = 50;
const scheme = 'mlflow-artifacts:/';

/** What this project wrote itself since the server was asked: its answer is older then. */
export interface OwnWrites {
  readonly now: number;
  isNewer(subject: Subject, since: number): boolean;
}

export class RemoteRuns {
  readonly copies: RunCopies;
  readonly #stores: ExchangeStores;
  readonly #experiments: FollowedExperiments;
  readonly #onRun: (run_id: string) => void;
  /** The latest point of each metric up to which its history was fetched, by run and metric. */
  readonly #fetched = new Map<string, Map<string, string>>();

  /** @param onRun told of each run that came or changed. */
  constructor(stores: ExchangeStores, experiments: FollowedExperiments, onRun: (run_id: string) => void) {
    this.#stores = stores;
    this.#experiments = experiments;
    this.#onRun = onRun;
    this.copies = new RunCopies(stores.database, stores.metrics, stores.tracked);
  }

  /**
   * Takes over what is new: the newest runs, and those that were still running; gives whether an experiment changed.
   *
   * @param full every run, so that edits and deletions are seen.
   */
  async pull(source: RemoteSource, full: boolean, writes: OwnWrites): Promise<boolean> {
    const since = writes.now;
    const isNewer = (run_id: string): boolean => writes.isNewer({ kind: 'run', id: run_id }, since);
    const experiments = await source.experiments();
    const changed = experiments.map((each) => this.#experiments.take(each, (id) => writes.isNewer({ kind: 'experiment', id }, since))).some(Boolean);
    await this.#pullRuns(source, experiments.map(({ id }) => id), full, isNewer);
    return changed;
  }

  async #pullRuns(source: RemoteSource, experiment_ids: readonly string[], full: boolean, isNewer: (run_id: string) => boolean): Promise<void> {
    const known = this.copies.of(source.origin);
    const seen = new Set<string>();
    const take = async (runs: readonly SourceRun[]): Promise<boolean> => {
      let changed = false;
      for (const run of runs) {
        seen.add(run.id);
        changed = (!isNewer(run.id) && this.#take(source.origin, run, known.get(run.id)?.seen)) || changed;
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
      this.#archiveMissing(known, (id) => seen.has(id) || isNewer(id));
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
  async refresh(source: RemoteSource, id: string, writes: OwnWrites): Promise<void> {
    const since = writes.now;
    const run = await source.run(id);
    if (!writes.isNewer({ kind: 'run', id }, since)) {
      this.#take(source.origin, run, undefined);
    }
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

  #take(origin: string, run: SourceRun, seen: string | undefined): boolean {
    const mark = markOf(run);
    if (mark === seen || (seen === undefined && this.copies.isOwn(origin, run.id))) {
      return false;
    }
    const experiment = this.#experiments.here(run.experiment_id);
    if (experiment === null) {
      return false;
    }
    this.copies.store(origin, run, experiment, true);
    this.copies.note(origin, run.id, { seen: mark });
    this.#onRun(run.id);
    return true;
  }

  /** The remote has the last word: what is gone there goes out of the way here. */
  #archiveMissing(known: ReadonlyMap<string, { run_id: string }>, isThere: (id: string) => boolean): void {
    for (const [id, { run_id }] of known) {
      if (!isThere(id) && this.#stores.runs.find(run_id)?.archived === false) {
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
