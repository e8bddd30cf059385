import { UserError } from '../../contracts/errors.ts';
import { GitState, RunSummary, type Artifact, type MetricHistory, type MetricPoint, type RunKind, type RunStatus } from '../../contracts/runs.ts';
import type { RunEdit } from '../../contracts/server.ts';
import type { Database, DatabaseRow } from '../store/api.ts';

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
}

const noteTag = 'note';

/** Runs in the database. Unknown ids throw a UserError that names them. */
export class RunStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  create(run: NewRun): void {
    this.#database.transaction(() => {
      this.#database.run('INSERT INTO experiments (name, created) VALUES (:name, :created) ON CONFLICT (name) DO NOTHING', { name: run.experiment, created: run.created });
      this.#database.run(
        `INSERT INTO runs (run_id, experiment_id, name, kind, status, created, source, git, command)
         SELECT :run_id, experiment_id, :name, :kind, 'queued', :created, :source, :git, :command FROM experiments WHERE name = :experiment`,
        {
          run_id: run.run_id,
          name: run.name,
          kind: run.kind,
          created: run.created,
          source: run.source,
          experiment: run.experiment,
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

  setGit(run_id: string, git: GitState): void {
    this.#database.run('UPDATE runs SET git = :git WHERE run_id = :run_id', { run_id, git: JSON.stringify(git) });
  }

  setParam(run_id: string, key: string, value: string): void {
    this.#database.run('INSERT INTO params (run_id, key, value) VALUES (:run_id, :key, :value) ON CONFLICT DO UPDATE SET value = excluded.value', { run_id, key, value });
  }

  setTag(run_id: string, key: string, value: string): void {
    this.#database.run('INSERT INTO tags (run_id, key, value) VALUES (:run_id, :key, :value) ON CONFLICT DO UPDATE SET value = excluded.value', { run_id, key, value });
  }

  addArtifact(run_id: string, artifact: Artifact): void {
    this.#database.run('INSERT INTO artifacts (run_id, path, bytes) VALUES (:run_id, :path, :bytes) ON CONFLICT DO UPDATE SET bytes = excluded.bytes', { run_id, path: artifact.path, bytes: artifact.bytes });
  }

  addMetric(run_id: string, point: MetricPoint): void {
    const values = { run_id, key: point.key, step: Math.round(point.step), timestamp: Math.round(point.timestamp), value: point.value };
    this.#database.run('INSERT INTO metrics (run_id, key, step, timestamp, value) VALUES (:run_id, :key, :step, :timestamp, :value)', values);
    this.#database.run(
      `INSERT INTO latest_metrics (run_id, key, step, timestamp, value) VALUES (:run_id, :key, :step, :timestamp, :value)
       ON CONFLICT DO UPDATE SET step = excluded.step, timestamp = excluded.timestamp, value = excluded.value WHERE excluded.step >= step`,
      values,
    );
  }

  /** All runs, newest first. */
  list(): RunSummary[] {
    return this.#summaries('', {});
  }

  /** The runs with these ids, in their order. */
  some(ids: readonly string[]): RunSummary[] {
    return ids.map((id) => this.get(id));
  }

  get(run_id: string): RunSummary {
    const [found] = this.#summaries('WHERE runs.run_id = :run_id', { run_id });
    if (found === undefined) {
      throw new UserError(`There is no run ${run_id} in this project.`, { field: 'run_id' });
    }
    return found;
  }

  facts(run_id: string): RunFacts {
    const row = this.#database.get('SELECT git, command, exit_code FROM runs WHERE run_id = :run_id', { run_id }) ?? {};
    const artifacts = this.#database.all('SELECT path, bytes FROM artifacts WHERE run_id = :run_id ORDER BY path', { run_id });
    return {
      artifacts: artifacts.map((artifact) => ({ path: String(artifact['path']), bytes: Number(artifact['bytes']) })),
      git: row['git'] ? GitState.parse(JSON.parse(String(row['git']))) : null,
      command: row['command'] ? (JSON.parse(String(row['command'])) as string[]) : null,
      exit_code: row['exit_code'] === null || row['exit_code'] === undefined ? null : Number(row['exit_code']),
    };
  }

  /** Every point that was stored after the mark `after` (0: all), in the order of storing. */
  history(run_id: string, after = 0): MetricHistory {
    this.get(run_id);
    const rows = this.#database.all('SELECT metric_id, key, step, timestamp, value FROM metrics WHERE run_id = :run_id AND metric_id > :after ORDER BY metric_id', { run_id, after });
    return {
      points: rows.map((row) => ({ key: String(row['key']), step: Number(row['step']), timestamp: Number(row['timestamp']), value: numberOrNull(row['value']) })),
      last: Number(rows.at(-1)?.['metric_id'] ?? after),
    };
  }

  edit(run_id: string, edit: RunEdit): void {
    this.get(run_id);
    this.#database.transaction(() => {
      if (edit.name !== undefined) {
        this.#database.run('UPDATE runs SET name = :name WHERE run_id = :run_id', { run_id, name: edit.name });
      }
      if (edit.note !== undefined) {
        this.setTag(run_id, noteTag, edit.note);
      }
    });
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

  #summaries(where: string, values: Record<string, string>): RunSummary[] {
    const runs = this.#database.all(
      `SELECT runs.*, experiments.name AS experiment, jobs.progress AS progress FROM runs
       JOIN experiments USING (experiment_id) LEFT JOIN jobs ON jobs.job_id = runs.run_id ${where} ORDER BY runs.created DESC, runs.run_id DESC`,
      values,
    );
    const params = this.#pairs('params', where, values);
    const tags = this.#pairs('tags', where, values);
    const metrics = this.#pairs('latest_metrics', where, values);
    return runs.map((row) => {
      const run_id = String(row['run_id']);
      const of = (pairs: Map<string, [string, DatabaseRow[string]][]>): [string, DatabaseRow[string]][] => pairs.get(run_id) ?? [];
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
        params: Object.fromEntries(of(params)),
        metrics: Object.fromEntries(of(metrics)),
        tags: Object.fromEntries(of(tags)),
        error: row['error'],
        progress: row['status'] === 'running' && row['progress'] ? JSON.parse(String(row['progress'])) : null,
      });
    });
  }

  #pairs(table: 'params' | 'tags' | 'latest_metrics', where: string, values: Record<string, string>): Map<string, [string, DatabaseRow[string]][]> {
    const rows = this.#database.all(`SELECT run_id, key, value FROM ${table} ${where.replace('runs.run_id', 'run_id')}`, values);
    const grouped = new Map<string, [string, DatabaseRow[string]][]>();
    for (const row of rows) {
      const run_id = String(row['run_id']);
      const list = grouped.get(run_id) ?? [];
      list.push([String(row['key']), row['value'] ?? null]);
      grouped.set(run_id, list);
    }
    return grouped;
  }
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
