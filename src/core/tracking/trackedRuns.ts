import { randomInt, randomUUID } from 'node:crypto';
import path from 'node:path';
import { jobTag, type RunStatus } from '../../contracts/runs.ts';
import type { Database } from '../store/api.ts';
import { ExperimentStore, type Lifecycle } from './experimentStore.ts';
import type { LoggedModelStore } from './loggedModelStore.ts';
import type { LoggedPoint, MetricStore } from './metricStore.ts';
import { invalid, missing } from './refusal.ts';
import { nameTag, protocolStatus, type DatasetInput } from './runSearch.ts';

export interface ClientRun {
  experiment_id: string;
  /** '': one is made up. */
  name: string;
  user: string;
  /** In milliseconds since 1970. */
  started: number;
  tags: [string, string][];
}

/** A metric of a run, and of a logged model where `model_id` is given. */
export interface ClientMetric extends LoggedPoint {
  model_id?: string | undefined;
  dataset_name?: string | undefined;
  dataset_digest?: string | undefined;
}

export interface Batch {
  metrics: readonly ClientMetric[];
  params: readonly [string, string][];
  tags: readonly [string, string][];
}

export interface RunChange {
  status?: RunStatus | undefined;
  ended?: number | undefined;
  name?: string | undefined;
}

interface Found {
  lifecycle: Lifecycle;
  experiment_id: string;
  /** True while a job of ours runs it. */
  ofOpenJob: boolean;
}

/** Why a run failed whose program is gone; nothing else says so. */
const abandoned = 'Its program ended without ending the run: it was killed, or it crashed.';

const adjectives = ['able', 'amber', 'bold', 'brisk', 'calm', 'clever', 'crisp', 'eager', 'fair', 'gentle', 'glad', 'golden', 'keen', 'lively', 'lucid', 'mellow', 'nimble', 'proud', 'quick', 'quiet', 'silver', 'steady', 'sunny', 'swift', 'warm', 'wise'];
const nouns = ['ant', 'badger', 'crane', 'deer', 'eagle', 'falcon', 'finch', 'fox', 'gull', 'hare', 'heron', 'ibis', 'jay', 'lark', 'lynx', 'mole', 'newt', 'otter', 'owl', 'panda', 'quail', 'raven', 'robin', 'seal', 'stork', 'swan', 'tern', 'vole', 'wren', 'yak'];

/** What tracking clients write into runs, those of our jobs as well. Every call may be repeated without doing more. */
export class TrackedRuns {
  readonly #database: Database;
  readonly #metrics: MetricStore;
  readonly #models: LoggedModelStore;
  readonly #experiments: ExperimentStore;
  readonly #root: string;

  /** @param root the project's folder; sources are shown relative to it. */
  constructor(database: Database, metrics: MetricStore, models: LoggedModelStore, root: string) {
    this.#database = database;
    this.#metrics = metrics;
    this.#models = models;
    this.#experiments = new ExperimentStore(database);
    this.#root = root;
  }

  /**
   * Gives the id of a new, running run. The first that a script of a job of ours starts is the job's own run, which
   * then goes by the script's name and experiment.
   *
   * @throws Refusal for an experiment that is not there or deleted.
   */
  create(run: ClientRun): string {
    const tagged = run.tags.find(([key]) => key === nameTag)?.[1] ?? '';
    if (run.name !== '' && tagged !== '' && run.name !== tagged) {
      throw invalid(`Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${run.name}', mlflow.runName='${tagged}').`);
    }
    const own = this.#ofJob(run.tags);
    if (own !== null) {
      this.#adopt(own, run, tagged);
      return own;
    }
    const run_id = randomUUID().replaceAll('-', '');
    this.#database.transaction(() => {
      const { artifact_location } = this.#experiments.active(run.experiment_id);
      this.#database.run(
        `INSERT INTO runs (run_id, experiment_id, name, kind, status, created, started, source, user, artifact_uri)
         VALUES (:run_id, :experiment_id, :name, 'external', 'running', :created, :started, :source, :user, :artifact_uri)`,
        {
          run_id,
          experiment_id: run.experiment_id,
          name: run.name || tagged || madeUpName(),
          created: Date.now(),
          started: run.started,
          source: this.#shown(run.tags.find(([key]) => key === 'mlflow.source.name')?.[1] ?? ''),
          user: run.user,
          artifact_uri: `${artifact_location.replace(/\/$/, '')}/${run_id}/artifacts`,
        },
      );
      this.#setTags(run_id, run.tags);
    });
    return run_id;
  }

  /**
   * Changes what is given. While a job of ours runs it, its state is the job's to say: a script may end its MLflow run
   * long before it ends itself, or never.
   */
  update(run_id: string, { status, ended, name }: RunChange): void {
    const { ofOpenJob } = this.#active(run_id);
    this.#database.run(
      `UPDATE runs SET name = coalesce(:name, name), status = coalesce(:status, status),
       ended = CASE WHEN :status = 'running' THEN NULL ELSE coalesce(:ended, ended) END,
       error = CASE WHEN :status IS NOT NULL AND kind = 'external' THEN NULL ELSE error END WHERE run_id = :run_id`,
      { run_id, name: name || null, status: ofOpenJob ? null : (status ?? null), ended: ofOpenJob ? null : (ended ?? null) },
    );
  }

  /**
   * Ends an open run of a client whose program is gone.
   *
   * @param ended when it was last written to, in milliseconds since 1970; null: as its metrics say.
   */
  abandon(run_id: string, ended: number | null): void {
    this.#database.run(
      `UPDATE runs SET status = 'failed', error = :abandoned,
       ended = max(coalesce(started, 0), coalesce(:ended, (SELECT max(timestamp) FROM series WHERE series.run_id = runs.run_id), :now))
       WHERE run_id = :run_id AND kind = 'external' AND status = 'running'`,
      { run_id, ended, abandoned, now: Date.now() },
    );
  }

  /** Opens a run again that was taken for abandoned: somebody goes on with it. */
  resume(run_id: string): void {
    this.#database.run(`UPDATE runs SET status = 'running', ended = NULL, error = NULL WHERE run_id = :run_id AND status = 'failed' AND error = :abandoned`, { run_id, abandoned });
  }

  /**
   * Stores a batch whole or not at all.
   *
   * @throws Refusal for a run that is not there or deleted, and for a parameter that has another value already.
   */
  log(run_id: string, { metrics, params, tags }: Batch): void {
    this.#database.transaction(() => {
      this.#active(run_id);
      for (const [key, value] of params) {
        this.#setParam(run_id, key, value);
      }
      this.#setTags(run_id, tags);
      if (metrics.length > 0) {
        this.#metrics.append(run_id, metrics, false);
        this.#models.addMetrics(run_id, metrics);
      }
    });
  }

  deleteTag(run_id: string, key: string): void {
    this.#active(run_id);
    if (this.#database.run('DELETE FROM tags WHERE run_id = :run_id AND key = :key', { run_id, key }) === 0) {
      throw missing(`No tag with name: ${key} in run with id ${run_id}`);
    }
  }

  /** What is there already stays as it was said first, as with MLflow. */
  addInputs(run_id: string, datasets: readonly DatasetInput[], models: readonly string[]): void {
    this.#database.transaction(() => {
      const { experiment_id } = this.#active(run_id);
      for (const dataset of datasets) {
        const { name, digest, source_type, source, schema, profile, tags } = dataset;
        const row = this.#database.get(
          `INSERT INTO datasets (experiment_id, name, digest, source_type, source, schema, profile)
           VALUES (:experiment_id, :name, :digest, :source_type, :source, :schema, :profile)
           ON CONFLICT (experiment_id, name, digest) DO UPDATE SET source = source RETURNING dataset_id`,
          { experiment_id, name, digest, source_type, source, schema, profile },
        );
        this.#database.run(
          `INSERT INTO run_datasets (run_id, dataset_id, context, tags) VALUES (:run_id, :dataset_id, :context, :tags)
           ON CONFLICT DO NOTHING`,
          { run_id, dataset_id: Number(row?.['dataset_id']), context: tags['mlflow.data.context'] ?? null, tags: JSON.stringify(tags) },
        );
      }
      this.#addModels(run_id, 'input', models.map((model_id) => ({ model_id, step: 0 })));
    });
  }

  addOutputs(run_id: string, models: readonly { model_id: string; step: number }[]): void {
    this.#database.transaction(() => {
      this.#active(run_id);
      this.#addModels(run_id, 'output', models);
    });
  }

  /** A deleted run is kept, and can be read and restored. What is so already stays. */
  setLifecycle(run_id: string, lifecycle: Lifecycle): void {
    const found = this.#find(run_id);
    if (found.ofOpenJob && lifecycle === 'deleted') {
      throw invalid(`The run ${run_id} has not ended. Cancel it first.`);
    }
    this.#database.run('UPDATE runs SET lifecycle = :lifecycle WHERE run_id = :run_id', { run_id, lifecycle });
  }

  /** The run of an open job that its script now starts as its first; null for any other. */
  #ofJob(tags: ClientRun['tags']): string | null {
    const job_id = tags.find(([key]) => key === jobTag)?.[1];
    if (job_id === undefined || tags.some(([key]) => key === 'mlflow.parentRunId')) {
      return null;
    }
    const row = this.#database.get(
      `SELECT jobs.run_id FROM jobs JOIN runs ON runs.run_id = jobs.run_id WHERE job_id = :job_id AND jobs.status = 'running'
       AND runs.lifecycle = 'active' AND NOT EXISTS (SELECT 1 FROM tags WHERE tags.run_id = jobs.run_id AND tags.key = :jobTag)`,
      { job_id, jobTag },
    );
    return row === undefined ? null : String(row['run_id']);
  }

  #adopt(run_id: string, run: ClientRun, tagged: string): void {
    this.#database.transaction(() => {
      // Experiment 0 is what a client sends whose script named none.
      const experiment_id = run.experiment_id === '0' ? null : this.#experiments.active(run.experiment_id).experiment_id;
      this.#database.run('UPDATE runs SET experiment_id = coalesce(CAST(:experiment_id AS INTEGER), experiment_id), name = coalesce(:name, name), user = :user WHERE run_id = :run_id', {
        run_id,
        experiment_id,
        name: run.name || tagged || null,
        user: run.user,
      });
      this.#setTags(run_id, run.tags);
    });
  }

  #setParam(run_id: string, key: string, value: string): void {
    // What our job read from arguments or output is a guess beside the client's own word, also where it stands there as `batch-size`.
    if (key.includes('_')) {
      this.#database.run('DELETE FROM params WHERE run_id = :run_id AND key = :dashed AND journalled = 1', { run_id, dashed: key.replaceAll('_', '-') });
    }
    const added = this.#database.run(
      `INSERT INTO params (run_id, key, value) VALUES (:run_id, :key, :value)
       ON CONFLICT DO UPDATE SET value = excluded.value, journalled = 0 WHERE journalled = 1 OR value = excluded.value`,
      { run_id, key, value },
    );
    if (added === 0) {
      const old = String(this.#database.get('SELECT value FROM params WHERE run_id = :run_id AND key = :key', { run_id, key })?.['value']);
      throw invalid(`Changing param values is not allowed. Param with key='${key}' was already logged with value='${old}' for run ID='${run_id}'. Attempted logging new value '${value}'.`);
    }
  }

  #setTags(run_id: string, tags: readonly [string, string][]): void {
    for (const [key, value] of tags) {
      if (key === nameTag) {
        this.#database.run('UPDATE runs SET name = :value WHERE run_id = :run_id AND :value <> :none', { run_id, value, none: '' });
      } else {
        this.#database.run('INSERT INTO tags (run_id, key, value) VALUES (:run_id, :key, :value) ON CONFLICT DO UPDATE SET value = excluded.value', { run_id, key, value });
      }
    }
  }

  #addModels(run_id: string, role: 'input' | 'output', models: readonly { model_id: string; step: number }[]): void {
    for (const { model_id, step } of models) {
      this.#database.run('INSERT INTO run_models (run_id, role, model_id, step) VALUES (:run_id, :role, :model_id, :step) ON CONFLICT DO NOTHING', { run_id, role, model_id, step });
    }
  }

  #active(run_id: string): Found {
    const found = this.#find(run_id);
    if (found.lifecycle !== 'active') {
      throw invalid(`The run ${run_id} must be in the 'active' state. Current state is deleted.`);
    }
    return found;
  }

  #find(run_id: string): Found {
    const row = this.#database.get('SELECT lifecycle, experiment_id, jobs.status AS job FROM runs LEFT JOIN jobs ON jobs.job_id = runs.run_id WHERE runs.run_id = :run_id', { run_id });
    if (row === undefined) {
      throw missing(`Run with id=${run_id} not found`);
    }
    return { lifecycle: row['lifecycle'] === 'deleted' ? 'deleted' : 'active', experiment_id: String(row['experiment_id']), ofOpenJob: row['job'] === 'queued' || row['job'] === 'running' };
  }

  /** A source inside the project is shown as people write it there. */
  #shown(source: string): string {
    if (!path.isAbsolute(source)) {
      return source;
    }
    const relative = path.relative(this.#root, source);
    return relative.startsWith('..') || path.isAbsolute(relative) ? source : relative.split(path.sep).join('/');
  }
}

/** Our state by the protocol's name of it. @throws Refusal for a name that is none. */
export function statusOf(theirs: string): RunStatus {
  const found = (Object.keys(protocolStatus) as RunStatus[]).find((ours) => protocolStatus[ours] === theirs);
  if (found === undefined) {
    throw invalid(`Invalid value "${theirs}" for parameter 'status' supplied: it is one of ${Object.values(protocolStatus).join(', ')}.`);
  }
  return found;
}

function madeUpName(): string {
  const one = (words: readonly string[]): string => words[randomInt(words.length)] ?? '';
  return `${one(adjectives)}-${one(nouns)}-${randomInt(1000)}`;
}
