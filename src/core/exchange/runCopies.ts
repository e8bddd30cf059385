// Runs of somewhere else as runs of this project: one row for each, found again by where it came from.
import { createHash } from 'node:crypto';
import type { Database } from '../store/api.ts';
import type { LoggedPoint, MetricStore, TrackedRuns } from '../tracking/api.ts';
import type { SourceModel, SourceRun } from './source.ts';

/** What is known of a copy: the run that it is here, and marks of what was taken over. */
export interface Copy {
  run_id: string;
  seen: string;
  fetched: string;
}

/** What changes whenever anything of a run does. */
export function markOf(run: SourceRun): string {
  const sorted = <T>(items: readonly T[]): string[] => items.map((item) => JSON.stringify(item)).sort();
  const { name, user, status, started, ended, archived, params, tags, metrics, datasets, inputs, outputs, size } = run;
  const points = metrics.map((point) => ({ ...point, value: String(point.value) }));
  return createHash('sha1')
    .update(JSON.stringify([name, user, status, started, ended, archived, sorted(params), sorted(tags), sorted(points), sorted(datasets), sorted(inputs), sorted(outputs), size]))
    .digest('base64url');
}

export class RunCopies {
  readonly #database: Database;
  readonly #metrics: MetricStore;
  readonly #tracked: TrackedRuns;

  constructor(database: Database, metrics: MetricStore, tracked: TrackedRuns) {
    this.#database = database;
    this.#metrics = metrics;
    this.#tracked = tracked;
  }

  /** The copies from one origin, by their ids there. */
  of(origin: string): Map<string, Copy> {
    const rows = this.#database.all('SELECT origin_run_id, run_id, seen, fetched FROM imported_runs WHERE origin = :origin', { origin });
    return new Map(rows.map((row) => [String(row['origin_run_id']), { run_id: String(row['run_id']), seen: String(row['seen']), fetched: String(row['fetched']) }]));
  }

  /** The copy that a run of this project is of a run of an origin; null where it is none. */
  byRun(origin: string, run_id: string): (Copy & { origin_run_id: string }) | null {
    const row = this.#database.get('SELECT origin_run_id, seen, fetched FROM imported_runs WHERE run_id = :run_id AND origin = :origin', { run_id, origin });
    return row === undefined ? null : { run_id, origin_run_id: String(row['origin_run_id']), seen: String(row['seen']), fetched: String(row['fetched']) };
  }

  /** Whether a run with this id is this project's own: made here, or copied from here to that origin before. */
  isOwn(origin: string, id: string): boolean {
    const sql = `SELECT 1 FROM published_runs WHERE remote = :origin AND remote_run_id = :id
      UNION SELECT 1 FROM runs WHERE run_id = :id AND NOT EXISTS (SELECT 1 FROM imported_runs WHERE run_id = :id)`;
    return this.#database.get(sql, { origin, id }) !== undefined;
  }

  /**
   * Takes a run over, but for its history and its files. A run keeps its id, which is one of its kind.
   *
   * @param replace true where the origin alone says what its parameters and tags are; else what was added here stays.
   */
  store(origin: string, run: SourceRun, experiment: { experiment_id: string; artifact_location: string }, replace: boolean): void {
    const database = this.#database;
    const run_id = run.id;
    const tag = (key: string): string | null => run.tags.find(([name]) => name === key)?.[1] ?? null;
    const commit = tag('mlflow.source.git.commit');
    database.transaction(() => {
      database.run(
        `INSERT INTO runs (run_id, experiment_id, name, kind, status, created, started, ended, source, user, artifact_uri, git)
         VALUES (:run_id, :experiment_id, :name, 'external', :status, :started, :started, :ended, :source, :user, :artifact_uri, :git)
         ON CONFLICT (run_id) DO UPDATE SET experiment_id = excluded.experiment_id, name = excluded.name, status = excluded.status, started = excluded.started, ended = excluded.ended, lifecycle = 'active'`,
        {
          run_id,
          experiment_id: experiment.experiment_id,
          name: run.name,
          status: run.status,
          started: run.started,
          ended: run.ended,
          source: tag('mlflow.source.name') ?? '',
          user: run.user,
          artifact_uri: `${experiment.artifact_location.replace(/\/$/, '')}/${run_id}/artifacts`,
          git: commit === null ? null : JSON.stringify({ commit, branch: tag('mlflow.source.git.branch'), dirty: false }),
        },
      );
      if (replace) {
        database.run('DELETE FROM params WHERE run_id = :run_id', { run_id });
        database.run('DELETE FROM tags WHERE run_id = :run_id', { run_id });
      }
      for (const [key, value] of run.params) {
        database.run('INSERT INTO params (run_id, key, value) VALUES (:run_id, :key, :value) ON CONFLICT DO UPDATE SET value = excluded.value', { run_id, key, value });
      }
      for (const [key, value] of run.tags) {
        if (key !== 'mlflow.runName') {
          database.run('INSERT INTO tags (run_id, key, value) VALUES (:run_id, :key, :value) ON CONFLICT DO UPDATE SET value = excluded.value', { run_id, key, value });
        }
      }
      this.#metrics.append(run_id, run.metrics, false);
      this.#tracked.addInputs(run_id, run.datasets, run.inputs);
      this.#tracked.addOutputs(run_id, run.outputs);
      if (run.archived) {
        database.run(`UPDATE runs SET lifecycle = 'deleted' WHERE run_id = :run_id`, { run_id });
      }
      database.run('INSERT INTO imported_runs (origin, origin_run_id, run_id) VALUES (:origin, :run_id, :run_id) ON CONFLICT DO NOTHING', { origin, run_id });
    });
  }

  append(run_id: string, points: readonly LoggedPoint[]): void {
    this.#metrics.append(run_id, points, false);
  }

  /** Notes what was taken over. */
  note(origin: string, id: string, marks: Partial<Pick<Copy, 'seen' | 'fetched'>>): void {
    this.#database.run('UPDATE imported_runs SET seen = coalesce(:seen, seen), fetched = coalesce(:fetched, fetched) WHERE origin = :origin AND origin_run_id = :id', { origin, id, seen: marks.seen ?? null, fetched: marks.fetched ?? null });
  }

  /** A run that is not at its origin any more goes out of the way; nothing of it is lost. */
  archive(run_id: string): void {
    this.#database.run(`UPDATE runs SET lifecycle = 'deleted' WHERE run_id = :run_id`, { run_id });
  }

  /** Takes a logged model over, but for its files. */
  storeModel(model: SourceModel, experiment: { experiment_id: string; artifact_location: string }): void {
    const database = this.#database;
    const { model_id, name, model_type, source_run_id, status, created, updated } = model;
    database.transaction(() => {
      database.run(
        `INSERT INTO logged_models (model_id, experiment_id, name, model_type, source_run_id, status, artifact_uri, created, updated)
         VALUES (:model_id, :experiment_id, :name, :model_type, :source_run_id, :status, :artifact_uri, :created, :updated)
         ON CONFLICT (model_id) DO UPDATE SET status = excluded.status, updated = excluded.updated`,
        { model_id, experiment_id: experiment.experiment_id, name, model_type, source_run_id, status, created, updated, artifact_uri: modelFolder(experiment, model_id) },
      );
      for (const [table, pairs] of [['logged_model_params', model.params], ['logged_model_tags', model.tags]] as const) {
        for (const [key, value] of pairs) {
          database.run(`INSERT INTO ${table} (model_id, key, value) VALUES (:model_id, :key, :value) ON CONFLICT DO UPDATE SET value = excluded.value`, { model_id, key, value });
        }
      }
      for (const { key, dataset_name, dataset_digest, run_id, step, timestamp, value } of model.metrics) {
        database.run(
          `INSERT INTO logged_model_metrics (model_id, key, dataset_name, dataset_digest, run_id, step, timestamp, value)
           VALUES (:model_id, :key, :dataset_name, :dataset_digest, :run_id, :step, :timestamp, :value)
           ON CONFLICT DO NOTHING`,
          { model_id, key, dataset_name, dataset_digest, run_id, step, timestamp, value: Number.isNaN(value) ? 'NaN' : value },
        );
      }
    });
  }
}

/** Where the files of a logged model lie. */
export function modelFolder(experiment: { artifact_location: string }, model_id: string): string {
  return `${experiment.artifact_location.replace(/\/$/, '')}/models/${model_id}/artifacts`;
}
