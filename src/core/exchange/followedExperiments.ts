// The experiments of a followed server as experiments of this project: found again whatever they are called by now.
import { baselineTag } from '../../contracts/tags.ts';
import type { Experiment } from '../tracking/api.ts';
import type { ExchangeStores } from './importRuns.ts';
import type { SourceExperiment } from './source.ts';

export class FollowedExperiments {
  readonly #stores: ExchangeStores;
  readonly #remote: string;

  /** @param remote the server's address. */
  constructor(stores: ExchangeStores, remote: string) {
    this.#stores = stores;
    this.#remote = remote;
  }

  /** The id there of an experiment of this project; null where it has none there that is known. */
  idThere(experiment_id: string): string | null {
    const row = this.#stores.database.get('SELECT remote_experiment_id FROM followed_experiments WHERE remote = :remote AND experiment_id = CAST(:experiment_id AS INTEGER)', { remote: this.#remote, experiment_id });
    return row === undefined ? null : String(row['remote_experiment_id']);
  }

  /** The experiment of this project that one there is; null where it was not taken over yet. */
  here(remote_experiment_id: string): Experiment | null {
    const row = this.#stores.database.get('SELECT experiment_id FROM followed_experiments WHERE remote = :remote AND remote_experiment_id = :remote_experiment_id', { remote: this.#remote, remote_experiment_id });
    return row === undefined ? null : this.#stores.experiments.get(String(row['experiment_id']));
  }

  /** Notes that an experiment of this project is that one there. */
  note(experiment_id: string, remote_experiment_id: string): void {
    this.#stores.database.run(
      `INSERT INTO followed_experiments (remote, remote_experiment_id, experiment_id) VALUES (:remote, :remote_experiment_id, CAST(:experiment_id AS INTEGER))
       ON CONFLICT DO UPDATE SET experiment_id = excluded.experiment_id`,
      { remote: this.#remote, remote_experiment_id, experiment_id },
    );
  }

  /** The run of this project that an id of a run there means: what was sent there has another id. */
  runHere(id: string): string {
    const row = this.#stores.database.get('SELECT run_id FROM published_runs WHERE remote = :remote AND remote_run_id = :id', { remote: this.#remote, id });
    return row === undefined ? id : String(row['run_id']);
  }

  /**
   * Takes one over as it is there; gives whether something of it changed here.
   *
   * @param isNewer whether this project changed it since the server was asked: then it stays.
   */
  take(there: SourceExperiment, isNewer: (experiment_id: string) => boolean): boolean {
    const { experiments, database } = this.#stores;
    const known = this.here(there.id);
    if (known !== null && isNewer(known.experiment_id)) {
      return false;
    }
    return database.transaction(() => {
      const local = known ?? experiments.get(experiments.ensure(there.name));
      this.note(local.experiment_id, there.id);
      const before = lookOf(local);
      this.#lifecycle(local, there.archived);
      if (!there.archived) {
        if (local.name !== there.name && experiments.byName(there.name) === null) {
          experiments.rename(local.experiment_id, there.name);
        }
        this.#tags(local, there);
      }
      return known === null || lookOf(experiments.get(local.experiment_id)) !== before;
    });
  }

  #lifecycle({ experiment_id, lifecycle }: Experiment, archived: boolean): void {
    const { experiments, database } = this.#stores;
    if (archived && lifecycle === 'active') {
      // Runs of this project's own would go with it, which that server may never have had.
      const own = database.get(`SELECT 1 FROM runs WHERE experiment_id = CAST(:experiment_id AS INTEGER) AND lifecycle = 'active' AND NOT EXISTS (SELECT 1 FROM imported_runs WHERE imported_runs.run_id = runs.run_id)`, { experiment_id });
      if (own === undefined) {
        experiments.delete(experiment_id);
      }
    } else if (!archived && lifecycle === 'deleted') {
      experiments.restore(experiment_id);
      // Which of its runs are archived there is looked at anew.
      database.run(`UPDATE imported_runs SET seen = '' WHERE origin = :remote AND run_id IN (SELECT run_id FROM runs WHERE experiment_id = CAST(:experiment_id AS INTEGER))`, { remote: this.#remote, experiment_id });
    }
  }

  /** A tag that only this project has stays; one that was there and is gone goes here too. */
  #tags({ experiment_id, tags: present }: Experiment, there: SourceExperiment): void {
    const { experiments, database } = this.#stores;
    const tags = Object.fromEntries(there.tags.filter(([key, value]) => key !== baselineTag || value !== '').map(([key, value]) => [key, key === baselineTag ? this.runHere(value) : value]));
    const values = { remote: this.#remote, id: there.id };
    const row = database.get('SELECT tags FROM followed_experiments WHERE remote = :remote AND remote_experiment_id = :id', values);
    const last = JSON.parse(String(row?.['tags'] ?? '{}')) as Record<string, string>;
    for (const [key, value] of Object.entries(tags).filter(([key, value]) => present[key] !== value)) {
      experiments.setTag(experiment_id, key, value);
    }
    for (const key of Object.keys(last).filter((each) => !(each in tags) && each in present)) {
      experiments.deleteTag(experiment_id, key);
    }
    database.run('UPDATE followed_experiments SET tags = :tags WHERE remote = :remote AND remote_experiment_id = :id', { ...values, tags: JSON.stringify(tags) });
  }
}

function lookOf({ name, lifecycle, tags }: Experiment): string {
  return JSON.stringify([name, lifecycle, tags]);
}
