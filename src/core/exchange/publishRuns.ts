// Copies runs of this project to a remote tracking server. Doing it again sends what is new, and nothing twice.
import { createHash } from 'node:crypto';
import path from 'node:path';
import { stat } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import { UserError } from '../../contracts/errors.ts';
import { jobTag } from '../../contracts/runs.ts';
import { nameTag, protocolStatus, RunSearch, type LoggedPoint, type RunRecord } from '../tracking/api.ts';
import type { ExchangeStores, Tally } from './importRuns.ts';
import { RemoteRefusal, type MlflowClient } from './mlflowClient.ts';
import { answers, runOf } from './mlflowWire.ts';
import { isMissing, RemoteSource } from './remoteSource.ts';
import type { Pairs, SourceRun } from './source.ts';

/** By this tag a copy is found again whose answer was lost on the way. */
export const runTag = 'ml_lifecycle.run_id';

const batch = { metrics: 1000, params: 100, tags: 100 };
const scheme = 'mlflow-artifacts:/';

export interface PublishOptions {
  artifacts: boolean;
  signal: AbortSignal;
}

export class Publisher {
  readonly client: MlflowClient;
  readonly #stores: ExchangeStores;
  readonly #search: RunSearch;
  readonly #tally: Tally;
  readonly #experiments = new Map<string, string>();

  constructor(client: MlflowClient, stores: ExchangeStores, tally: Tally) {
    this.client = client;
    this.#stores = stores;
    this.#search = new RunSearch(stores.database);
    this.#tally = tally;
  }

  /** The run that a run of this project is there; null where it was not sent yet. */
  copyOf(run_id: string): string | null {
    const row = this.#stores.database.get('SELECT remote_run_id FROM published_runs WHERE remote = :remote AND run_id = :run_id', { remote: this.client.uri, run_id });
    return row === undefined ? null : String(row['remote_run_id']);
  }

  /**
   * Sends what the remote does not have of a run.
   *
   * @throws UserError where the remote cannot be reached, or refuses.
   */
  async publish(run_id: string, { artifacts, signal }: PublishOptions): Promise<void> {
    const [record] = this.#search.records([run_id]);
    if (record === undefined) {
      throw new UserError(`There is no run ${run_id} in this project.`, { field: 'run_id' });
    }
    if (this.#stores.database.get('SELECT 1 FROM imported_runs WHERE origin = :origin AND run_id = :run_id', { origin: this.client.uri, run_id }) !== undefined) {
      // It came from there.
      this.#tally.result.unchanged += 1;
      return;
    }
    const { run: remote, added } = await this.#remoteRun(record);
    if (remote.archived && record.lifecycle === 'active') {
      this.#tally.report({ message: `${record.name} was deleted at ${this.client.host}, so nothing was sent. Restore it there to send it again.`, run_id });
      return;
    }
    let sent = await this.#values(record, remote);
    sent = (await this.#history(record, remote.id, signal)) || sent;
    sent = (await this.#inputs(record, remote)) || sent;
    if (artifacts) {
      sent = (await this.#artifacts(record, remote, signal)) || sent;
    }
    sent = (await this.#state(record, remote)) || sent;
    this.#stores.database.run('UPDATE published_runs SET sent = :sent WHERE remote = :remote AND run_id = :run_id', { remote: this.client.uri, run_id, sent: recordMark(record) });
    this.#tally.result[added ? 'added' : sent ? 'changed' : 'unchanged'] += 1;
  }

  async #remoteRun(record: RunRecord): Promise<{ run: SourceRun; added: boolean }> {
    const known = this.copyOf(record.run_id);
    if (known !== null) {
      try {
        return { run: runOf((await this.client.get(answers.run, 'runs/get', { run_id: known, run_uuid: known })).run), added: false };
      } catch (error) {
        if (!isMissing(error)) {
          throw error;
        }
        // It was removed there for good: it is sent again, whole.
      }
    }
    const experiment_id = await this.experiment(record.experiment_id);
    const lost = await this.client.post(answers.runs, 'runs/search', { experiment_ids: [experiment_id], filter: `tags."${runTag}" = '${record.run_id}'`, run_view_type: 'ACTIVE_ONLY', max_results: 1 });
    const [found] = lost.runs ?? [];
    const made = found ?? (await this.client.post(answers.run, 'runs/create', { experiment_id, user_id: record.user, run_name: record.name, start_time: record.started, tags: wire(tagsOf(record)) }, false)).run;
    const run = runOf(made);
    this.#stores.database.run(
      'INSERT INTO published_runs (remote, run_id, remote_run_id) VALUES (:remote, :run_id, :remote_run_id) ON CONFLICT DO UPDATE SET remote_run_id = excluded.remote_run_id, mark = 0',
      { remote: this.client.uri, run_id: record.run_id, remote_run_id: run.id },
    );
    return { run, added: found === undefined };
  }

  /** The id of the experiment of the same name there, made where there is none. */
  async experiment(local: string): Promise<string> {
    const known = this.#experiments.get(local);
    if (known !== undefined) {
      return known;
    }
    const { name } = this.#stores.experiments.get(local);
    const id = (await this.#experimentThere(name)) ?? (await this.#makeExperiment(name));
    this.#experiments.set(local, id);
    return id;
  }

  async #experimentThere(name: string): Promise<string | null> {
    try {
      const { experiment } = await this.client.get(answers.experiment, 'experiments/get-by-name', { experiment_name: name });
      if (experiment.lifecycle_stage === 'deleted') {
        throw new UserError(`The experiment "${name}" was deleted at ${this.client.host}. Restore it there, or give the one here another name.`, { field: 'experiment' });
      }
      return experiment.experiment_id;
    } catch (error) {
      if (isMissing(error) && error instanceof RemoteRefusal && error.code === 'RESOURCE_DOES_NOT_EXIST') {
        return null;
      }
      throw error;
    }
  }

  async #makeExperiment(name: string): Promise<string> {
    try {
      return (await this.client.post(answers.experimentId, 'experiments/create', { name }, false)).experiment_id;
    } catch (error) {
      // Somebody else made it in between.
      const there = error instanceof RemoteRefusal && error.code === 'RESOURCE_ALREADY_EXISTS' ? await this.#experimentThere(name) : null;
      if (there === null) {
        throw error;
      }
      return there;
    }
  }

  async #values(record: RunRecord, remote: SourceRun): Promise<boolean> {
    const there = new Map(remote.params);
    for (const [key, value] of record.params) {
      const other = there.get(key);
      if (other !== undefined && other !== value && !value.startsWith(other)) {
        this.#tally.report({ message: `The parameter ${key} of ${record.name} is ${short(value)} here and ${short(other)} at ${this.client.host}, where a parameter cannot be changed. It stays so.`, run_id: record.run_id });
      }
    }
    const tags = new Map(remote.tags);
    const params = record.params.filter(([key]) => !there.has(key));
    const changed = tagsOf(record).filter(([key, value]) => tags.get(key) !== value);
    for (let at = 0; at < params.length; at += batch.params) {
      await this.#log(remote.id, { params: wire(params.slice(at, at + batch.params)) });
    }
    for (let at = 0; at < changed.length; at += batch.tags) {
      await this.#log(remote.id, { tags: wire(changed.slice(at, at + batch.tags)) });
    }
    return params.length + changed.length > 0;
  }

  /** The points that were stored since the last time. A broken off one sends some again, which the server drops. */
  async #history(record: RunRecord, remote_run_id: string, signal: AbortSignal): Promise<boolean> {
    const { database, metrics } = this.#stores;
    const after = Number(database.get('SELECT mark FROM published_runs WHERE remote = :remote AND run_id = :run_id', { remote: this.client.uri, run_id: record.run_id })?.['mark'] ?? 0);
    const last = metrics.lastMark(record.run_id);
    if (last <= after) {
      return false;
    }
    let waiting: LoggedPoint[] = [];
    const flush = async (): Promise<void> => {
      if (waiting.length > 0) {
        await this.#log(remote_run_id, { metrics: waiting.map(({ key, value, timestamp, step }) => ({ key, value: Number.isFinite(value) ? value : String(value), timestamp, step })) });
        waiting = [];
      }
    };
    for (const points of metrics.since(record.run_id, after)) {
      signal.throwIfAborted();
      for (const point of points) {
        waiting.push(point);
        if (waiting.length === batch.metrics) {
          await flush();
        }
      }
      await breathe();
    }
    await flush();
    database.run('UPDATE published_runs SET mark = :last WHERE remote = :remote AND run_id = :run_id', { remote: this.client.uri, run_id: record.run_id, last });
    return true;
  }

  async #inputs(record: RunRecord, remote: SourceRun): Promise<boolean> {
    const there = new Set(remote.datasets.map(({ name, digest }) => `${digest} ${name}`));
    const missing = record.datasets.filter(({ name, digest }) => !there.has(`${digest} ${name}`));
    if (missing.length === 0) {
      return false;
    }
    const datasets = missing.map(({ tags, name, digest, source_type, source, schema, profile }) => ({
      dataset: { name, digest, source_type, source, ...(schema === null ? {} : { schema }), ...(profile === null ? {} : { profile }) },
      tags: wire(Object.entries(tags)),
    }));
    await this.client.post(answers.anything, 'runs/log-inputs', { run_id: remote.id, datasets });
    return true;
  }

  async #artifacts(record: RunRecord, remote: SourceRun, signal: AbortSignal): Promise<boolean> {
    const { artifacts, artifact_uri } = this.#stores.runs.facts(record.run_id);
    const folder = this.#stores.artifacts.folderOf(artifact_uri);
    if (artifacts.length === 0 || folder === null) {
      return false;
    }
    if (!remote.artifact_uri.startsWith(scheme)) {
      this.#tally.report({ message: `${this.client.host} keeps files at ${/^[^:]*:?\/*[^/]*/.exec(remote.artifact_uri)?.[0] ?? ''}, which only programs with access to that place can write. They were not sent. Start that server with --serve-artifacts.` });
      return false;
    }
    const root = rootOf(remote.artifact_uri);
    const there = new Map<string, number>();
    for await (const each of new RemoteSource(this.client, this.#tally.report).artifacts(remote)) {
      there.set(each.path, each.bytes);
    }
    let sent = false;
    for (const artifact of artifacts) {
      signal.throwIfAborted();
      const file = path.join(folder, artifact.path);
      const facts = await stat(file).catch(() => null);
      if (facts?.isFile() !== true) {
        this.#tally.report({ message: `${artifact.path} of ${record.name} is not here any more, so it was not sent.`, file, run_id: record.run_id });
      } else if (there.get(artifact.path) !== facts.size) {
        await this.client.upload(`${root}/${artifact.path}`, file, facts.size);
        this.#tally.result.files += 1;
        sent = true;
      }
    }
    return sent;
  }

  /** The state last: a run that has ended there has everything. */
  async #state(record: RunRecord, remote: SourceRun): Promise<boolean> {
    const changes = {
      ...(remote.status === record.status && remote.ended === record.ended ? {} : { status: protocolStatus[record.status], ...(record.ended === null ? {} : { end_time: record.ended }) }),
      ...(remote.name === record.name ? {} : { run_name: record.name }),
    };
    if (Object.keys(changes).length > 0) {
      await this.client.post(answers.anything, 'runs/update', { run_id: remote.id, run_uuid: remote.id, ...changes });
    }
    const archive = record.lifecycle === 'deleted' && !remote.archived;
    if (archive) {
      await this.client.post(answers.anything, 'runs/delete', { run_id: remote.id });
    }
    return archive || Object.keys(changes).length > 0;
  }

  async #log(run_id: string, content: object): Promise<void> {
    await this.client.post(answers.anything, 'runs/log-batch', { run_id, ...content });
  }
}

/** What changes whenever anything of a run does that is sent, but for its points. */
export function recordMark({ name, status, ended, lifecycle, params, tags, datasets }: RunRecord): string {
  return createHash('sha1').update(JSON.stringify([name, status, ended, lifecycle, params, tags, datasets])).digest('base64url');
}

/** A run's tags as they are sent: with what MLflow keeps as tags and we keep elsewhere. */
function tagsOf({ run_id, name, source, commit, user, tags }: RunRecord): Pairs {
  const own = tags.filter(([key]) => key !== jobTag && key !== nameTag);
  const given = new Set(own.map(([key]) => key));
  const facts: [string, string | null][] = [[nameTag, name], ['mlflow.source.name', source], ['mlflow.source.type', 'LOCAL'], ['mlflow.source.git.commit', commit], ['mlflow.user', user], [runTag, run_id]];
  return [...own, ...facts.flatMap(([key, value]): Pairs => (value === null || value === '' || given.has(key) ? [] : [[key, value]]))];
}

/** Where a server's own store keeps the files of a URI. */
export function rootOf(artifact_uri: string): string {
  return artifact_uri.slice(scheme.length).replace(/^\/*([^/]*:\d+\/)?/, '');
}

function wire(pairs: readonly (readonly [string, string])[]): { key: string; value: string }[] {
  return pairs.map(([key, value]) => ({ key, value }));
}

function short(value: string): string {
  return value.length > 40 ? `${value.slice(0, 39)}…` : value;
}
