import { UserError } from '../../contracts/errors.ts';
import type { NeededKeys, RunPage } from '../../contracts/experiments.ts';
import { GitState, RunSummary, type Artifact, type MetricHistory, type MetricPoint, type RunKind, type RunStatus } from '../../contracts/runs.ts';
import type { RunEdit } from '../../contracts/server.ts';
import { baselineTag, noteTag } from '../../contracts/tags.ts';
import type { Database, DatabaseRow, Values } from '../store/api.ts';
import { someValues, valuesOfEach } from './briefRuns.ts';
import { ExperimentStore, type Lifecycle } from './experimentStore.ts';
import { MetricStore } from './metricStore.ts';
import { pageToken, readPageToken } from './pageToken.ts';
import { RunSearch, type RunQuery } from './runSearch.ts';

export interface NewRun {
  run_id: string;
  name: string;
  experiment: string;
  kind: RunKind;
  created: number;
  source: string;
  git: GitState | null;
  command: string[] | null;
  tags: Record<string, string>;
  params: Record<string, string>;
}

/** What the runs table holds beyond a summary. */
export interface RunFacts {
  artifacts: Artifact[];
  git: GitState | null;
  command: string[] | null;
  exit_code: number | null;
  artifact_uri: string;
}

/** Runs in the database. Unknown ids throw a UserError that names them. */
export class RunStore {
  readonly #database: Database;
  readonly metrics: MetricStore;
  readonly #experiments: ExperimentStore;
  readonly #search: RunSearch;

  constructor(database: Database) {
    this.#database = database;
    this.metrics = new MetricStore(database);
    this.#experiments = new ExperimentStore(database);
    this.#search = new RunSearch(database);
  }

  /** This name, or with the next number behind it (`train.py #3`) where runs have it already, so that they can be told apart. */
  freeName(name: string): string {
    const row = this.#database.get(
      `SELECT count(*) AS taken, max(CASE WHEN name = :name THEN 1 ELSE CAST(substr(name, :behind) AS INTEGER) END) AS last FROM runs
       WHERE name = :name OR (substr(name, 1, :behind - 1) = :prefix AND substr(name, :behind) NOT GLOB '*[^0-9]*')`,
      { name, prefix: `${name} #`, behind: name.length + 3 },
    );
    return row?.['taken'] === 0 ? name : `${name} #${Number(row?.['last']) + 1}`;
  }

  /** A run of a job: its artifacts lie in the job's folder. */
  create(run: NewRun): void {
    this.#database.transaction(() => {
      const experiment_id = this.#experiments.ensure(run.experiment);
      this.#database.run(
        `INSERT INTO runs (run_id, experiment_id, name, kind, status, created, source, git, command, artifact_uri)
         VALUES (:run_id, :experiment_id, :name, :kind, 'queued', :created, :source, :git, :command, :artifact_uri)`,
        {
          run_id: run.run_id,
          experiment_id,
          artifact_uri: `mlflow-artifacts:/jobs/${run.run_id}/artifacts`,
          name: run.name,
          kind: run.kind,
          created: run.created,
          source: run.source,
          git: run.git === null ? null : JSON.stringify(run.git),
          command: run.command === null ? null : JSON.stringify(run.command),
        },
      );
      for (const [key, value] of Object.entries(run.tags)) {
        this.setTag(run.run_id, key, value);
      }
      for (const [key, value] of Object.entries(run.params)) {
        this.setParam(run.run_id, key, value);
      }
    });
  }

  setStatus(run_id: string, change: { status: RunStatus; started?: number; ended?: number; error?: string | null; exit_code?: number | null }): void {
    this.#database.run(
      `UPDATE runs SET status = :status, started = coalesce(:started, started), ended = coalesce(:ended, ended), error = :error,
       exit_code = coalesce(:exit_code, exit_code) WHERE run_id = :run_id`,
      { run_id, status: change.status, started: change.started ?? null, ended: change.ended ?? null, error: change.error ?? null, exit_code: change.exit_code ?? null },
    );
  }

  /** A run that had ended goes on. */
  reopen(run_id: string): void {
    this.#database.run(`UPDATE runs SET status = 'running', ended = NULL, error = NULL WHERE run_id = :run_id`, { run_id });
  }

  /** Puts a run into the experiment that another is in. */
  moveBeside(run_id: string, other: string): void {
    this.#database.run('UPDATE runs SET experiment_id = (SELECT experiment_id FROM runs WHERE run_id = :other) WHERE run_id = :run_id', { run_id, other });
  }

  setGit(run_id: string, git: GitState): void {
    this.#database.run('UPDATE runs SET git = :git WHERE run_id = :run_id', { run_id, git: JSON.stringify(git) });
  }

  /** A parameter as our job read it; one that a tracking client logged stays as the client said. */
  setParam(run_id: string, key: string, value: string): void {
    this.#database.run('INSERT INTO params (run_id, key, value, journalled) VALUES (:run_id, :key, :value, 1) ON CONFLICT DO UPDATE SET value = excluded.value WHERE journalled = 1', { run_id, key, value });
  }

  setTag(run_id: string, key: string, value: string): void {
    this.#database.run('INSERT INTO tags (run_id, key, value) VALUES (:run_id, :key, :value) ON CONFLICT DO UPDATE SET value = excluded.value', { run_id, key, value });
  }

  addArtifact(run_id: string, artifact: Artifact): void {
    this.#database.run('INSERT INTO artifacts (run_id, path, bytes) VALUES (:run_id, :path, :bytes) ON CONFLICT DO UPDATE SET bytes = excluded.bytes', { run_id, path: artifact.path, bytes: artifact.bytes });
  }

  /** Forgets an artifact, or all in a folder. */
  removeArtifacts(run_id: string, path: string): void {
    this.#database.run(`DELETE FROM artifacts WHERE run_id = :run_id AND (path = :path OR substr(path, 1, length(:path) + 1) = :path || '/')`, { run_id, path });
  }

  /** A metric as our job read it; one that a tracking client logs is the client's. */
  addMetric(run_id: string, point: MetricPoint): void {
    this.metrics.append(run_id, [{ key: point.key, step: Math.round(point.step), timestamp: Math.round(point.timestamp), value: point.value ?? NaN }], true);
  }

  /** All that are not archived, or all that are; newest first. */
  list(archived = false): RunSummary[] {
    return this.#summaries(null, archived ? 'deleted' : 'active');
  }

  /** One page of the runs that a search finds, in its order. @throws UserError for a search that cannot be read. */
  search(query: RunQuery): { runs: RunSummary[]; next: string } {
    const { ids, next } = this.#search.ids(query);
    return { runs: this.known(ids), next };
  }

  /**
   * A part of the list, newest first, so that ten thousand runs hold nobody up.
   * @param after where the part before ended.
   * @param each so many parameters, tags and metrics of each run at most, with those that views are drawn by.
   * @param needed parameters and tags that come as well.
   */
  page(limit: number, after: string | null, archived = false, each = valuesOfEach(this.#count(archived)), needed: NeededKeys = { params: [], tags: [] }): RunPage {
    const [created = 0, run_id = ''] = after === null ? [Number.MAX_SAFE_INTEGER, ''] : readPageToken(after, 2);
    const rows = this.#database.all(
      `SELECT run_id, created FROM runs WHERE lifecycle = :lifecycle AND (created, run_id) < (:created, :run_id) ORDER BY created DESC, run_id DESC LIMIT :rows`,
      { lifecycle: archived ? 'deleted' : 'active', created, run_id, rows: limit + 1 },
    );
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      runs: this.#summaries(shown.map((row) => String(row['run_id'])), 'active', { each, needed }),
      next: rows.length > limit && last !== undefined ? pageToken([Number(last['created']), String(last['run_id'])]) : null,
    };
  }

  #count(archived: boolean): number {
    return Number(this.#database.get('SELECT count(*) AS runs FROM runs WHERE lifecycle = :lifecycle', { lifecycle: archived ? 'deleted' : 'active' })?.['runs'] ?? 0);
  }

  /** The runs with these ids, in their order; ids that are none are left out. */
  known(ids: readonly string[]): RunSummary[] {
    const byId = new Map(this.#summaries(ids).map((run) => [run.run_id, run]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  /** The runs with these ids, in their order. */
  some(ids: readonly string[]): RunSummary[] {
    return ids.map((id) => this.get(id));
  }

  find(run_id: string): RunSummary | null {
    return this.#summaries([run_id])[0] ?? null;
  }

  get(run_id: string): RunSummary {
    const found = this.find(run_id);
    if (found === null) {
      throw new UserError(`There is no run ${run_id} in this project.`, { field: 'run_id' });
    }
    return found;
  }

  facts(run_id: string): RunFacts {
    const row = this.#database.get('SELECT git, command, exit_code, artifact_uri FROM runs WHERE run_id = :run_id', { run_id }) ?? {};
    const artifacts = this.#database.all('SELECT path, bytes FROM artifacts WHERE run_id = :run_id ORDER BY path', { run_id });
    return {
      artifacts: artifacts.map((artifact) => ({ path: String(artifact['path']), bytes: Number(artifact['bytes']) })),
      git: row['git'] ? GitState.parse(JSON.parse(String(row['git']))) : null,
      command: row['command'] ? (JSON.parse(String(row['command'])) as string[]) : null,
      exit_code: row['exit_code'] === null || row['exit_code'] === undefined ? null : Number(row['exit_code']),
      artifact_uri: String(row['artifact_uri'] ?? ''),
    };
  }

  /** Every point that was stored after the mark `after` (0: all), in the order of storing. */
  history(run_id: string, after = 0): MetricHistory {
    this.get(run_id);
    return this.metrics.history(run_id, after);
  }

  edit(run_id: string, edit: RunEdit): void {
    this.get(run_id);
    this.#database.transaction(() => {
      if (edit.name !== undefined) {
        this.#database.run('UPDATE runs SET name = :name WHERE run_id = :run_id', { run_id, name: edit.name });
      }
      const note = edit.note === undefined ? {} : { [noteTag]: edit.note === '' ? null : edit.note };
      for (const [key, value] of Object.entries({ ...edit.tags, ...note })) {
        if (value === null) {
          this.#database.run('DELETE FROM tags WHERE run_id = :run_id AND key = :key', { run_id, key });
        } else {
          this.setTag(run_id, key, value);
        }
      }
      if (edit.archived !== undefined) {
        this.#database.run('UPDATE runs SET lifecycle = :lifecycle WHERE run_id = :run_id', { run_id, lifecycle: edit.archived ? 'deleted' : 'active' });
      }
      if (edit.baseline !== undefined) {
        this.#setBaseline(run_id, edit.baseline);
      }
    });
  }

  /** The run that all runs of this one's experiment are measured by; null where there is none. It may be this one. */
  baselineOf(run_id: string): RunSummary | null {
    const row = this.#database.get(
      `SELECT value FROM runs JOIN experiment_tags AS tag ON tag.experiment_id = runs.experiment_id AND tag.key = :key WHERE runs.run_id = :run_id`,
      { run_id, key: baselineTag },
    );
    return row === undefined ? null : this.find(String(row['value']));
  }

  #setBaseline(run_id: string, baseline: boolean): void {
    const { experiment } = this.get(run_id);
    const experiment_id = this.#experiments.ensure(experiment);
    if (baseline) {
      this.#experiments.setTag(experiment_id, baselineTag, run_id);
    } else if (this.baselineOf(run_id)?.run_id === run_id) {
      this.#experiments.deleteTag(experiment_id, baselineTag);
    }
  }

  delete(run_id: string): void {
    this.get(run_id);
    this.#database.run('DELETE FROM runs WHERE run_id = :run_id', { run_id });
  }

  /** How many training runs of this file and target have measured their model on the rows set aside. */
  holdoutLooks(source: string, target: string): number {
    const row = this.#database.get(
      `SELECT count(*) AS looks FROM runs JOIN params ON params.run_id = runs.run_id AND params.key = 'target' AND params.value = :target
       WHERE runs.kind = 'training' AND runs.status = 'finished' AND runs.source = :source`,
      { source, target },
    );
    return Number(row?.['looks'] ?? 0);
  }

  /** Newest first. @param ids null: all of this lifecycle. @param some as `page` has it; null: all values. */
  #summaries(ids: readonly string[] | null, lifecycle: Lifecycle = 'active', some: { each: number; needed: NeededKeys } | null = null): RunSummary[] {
    const among = (column: string): string => `${column} IN (SELECT value FROM json_each(:ids))`;
    const values: Values = ids === null ? {} : { ids: JSON.stringify(ids) };
    const where = ids === null ? '' : `WHERE ${among('run_id')}`;
    // One row for each run instead of each value: that is what makes a list of ten thousand runs quick.
    const texts = (table: 'params' | 'tags'): Map<string, unknown> =>
      new Map(this.#database.all(`SELECT run_id, json_group_object(key, value) AS texts FROM ${table} ${where} GROUP BY run_id`, values).map((row) => [String(row['run_id']), JSON.parse(String(row['texts']))]));
    const runs = this.#database.all(
      `SELECT runs.*, experiments.name AS experiment, jobs.progress AS progress FROM runs
       JOIN experiments USING (experiment_id) LEFT JOIN jobs ON jobs.job_id = runs.run_id
       WHERE ${ids === null ? 'runs.lifecycle = :lifecycle' : among('runs.run_id')} ORDER BY runs.created DESC, runs.run_id DESC`,
      ids === null ? { lifecycle } : values,
    );
    const brief = ids === null || some === null ? null : { ids, ...some };
    const valuesOf = (table: 'params' | 'tags'): Map<string, unknown> => (brief === null ? texts(table) : someValues(this.#database, table, brief.ids, brief.each, brief.needed[table]));
    const [params, tags] = [valuesOf('params'), valuesOf('tags')];
    const series = brief === null ? this.#database.all(`SELECT run_id, key, value FROM series ${where}`, values) : [...someValues(this.#database, 'series', brief.ids, brief.each, [])].flatMap(([run_id, found]) => Object.entries(found).map(([key, value]): DatabaseRow => ({ run_id, key, value: typeof value === 'number' ? value : null })));
    const metrics = metricsOf(series);
    return runs.map((row) => {
      const run_id = String(row['run_id']);
      return RunSummary.parse({
        run_id,
        name: row['name'],
        experiment: row['experiment'],
        kind: row['kind'],
        status: row['status'],
        created: row['created'],
        started: row['started'],
        ended: row['ended'],
        source: row['source'],
        params: params.get(run_id) ?? {},
        metrics: metrics.get(run_id) ?? {},
        tags: tags.get(run_id) ?? {},
        error: row['error'],
        archived: row['lifecycle'] === 'deleted',
        progress: row['status'] === 'running' && row['progress'] ? JSON.parse(String(row['progress'])) : null,
      });
    });
  }
}

function metricsOf(rows: DatabaseRow[]): Map<string, Record<string, number | null>> {
  const runs = new Map<string, Record<string, number | null>>();
  for (const row of rows) {
    const run_id = String(row['run_id']);
    const metrics = runs.get(run_id) ?? {};
    metrics[String(row['key'])] = Number.isFinite(row['value']) ? Number(row['value']) : null;
    runs.set(run_id, metrics);
  }
  return runs;
}
