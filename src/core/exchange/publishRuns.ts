// Copies runs of this project to a remote tracking server. Doing it again sends what is new, and nothing twice.
import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { UserError } from '../../contracts/errors.ts';
import { jobTag } from '../../contracts/runs.ts';
import { baselineTag, parentTag } from '../../contracts/tags.ts';
import { nameTag, protocolStatus, RunSearch, type LoggedPoint, type RunRecord } from '../tracking/api.ts';
import type { FollowedExperiments } from './followedExperiments.ts';
import type { ExchangeStores, Tally } from './importRuns.ts';
import { RemoteRefusal, type MlflowClient } from './mlflowClient.ts';
import { answers, runOf } from './mlflowWire.ts';
import { RemoteChanges } from './remoteChanges.ts';
import { requestOfBaseline, short } from './remoteRequest.ts';
import { publishFiles } from './publishFiles.ts';
import { isMissing } from './remoteSource.ts';
import type { Pairs, SourceRun } from './source.ts';

/** By this tag a copy is found again whose answer was lost on the way. */
export const runTag = 'ml_lifecycle.run_id';

const batch = { metrics: 1000, params: 100, tags: 100 };

/** What a run was when it was last sent. */
interface SentValues {
  tags: Record<string, string>;
  archived: boolean;
}

export interface PublishOptions {
  artifacts: boolean;
  signal: AbortSignal;
}

export class Publisher {
  readonly client: MlflowClient;
  readonly #stores: ExchangeStores;
  readonly #search: RunSearch;
  readonly #tally: Tally;
  readonly #followed: FollowedExperiments | null;
  readonly #experiments = new Map<string, string>();

  /** @param followed the experiments of that server, where the project follows it. */
  constructor(client: MlflowClient, stores: ExchangeStores, tally: Tally, followed: FollowedExperiments | null = null) {
    this.client = client;
    this.#followed = followed;
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
    const before = this.#sent(run_id);
    if (remote.archived && record.lifecycle === 'active' && before.archived) {
      // It was archived there because it was here, and is not any more.
      await this.client.post(answers.anything, 'runs/restore', { run_id: remote.id });
      remote.archived = false;
    }
    if (remote.archived && record.lifecycle === 'active') {
      this.#tally.report({ message: `${record.name} was deleted at ${this.client.host}, so nothing was sent. Restore it there to send it again.`, run_id });
      return;
    }
    const tags = this.#tagsOf(record);
    let sent = await this.#values(record, remote, tags, before.tags);
    sent = (await this.#history(record, remote.id, signal)) || sent;
    sent = (await this.#inputs(record, remote)) || sent;
    if (artifacts) {
      sent = (await publishFiles({ client: this.client, stores: this.#stores, tally: this.#tally, signal }, record, remote)) || sent;
    }
    sent = (await this.#state(record, remote, before.tags[nameTag])) || sent;
    const values: SentValues = { tags: Object.fromEntries(tags), archived: record.lifecycle === 'deleted' };
    this.#stores.database.run('UPDATE published_runs SET sent = :sent, sent_values = :values WHERE remote = :remote AND run_id = :run_id', { remote: this.client.uri, run_id, sent: recordMark(record), values: JSON.stringify(values) });
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
    const made = found ?? (await this.client.post(answers.run, 'runs/create', { experiment_id, user_id: record.user, run_name: record.name, start_time: record.started, tags: wire(this.#tagsOf(record)) }, false)).run;
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
    const id = this.#followed?.idThere(local) ?? (await this.#experimentThere(name)) ?? (await this.#makeExperiment(local));
    this.#followed?.note(local, id);
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

  async #makeExperiment(local: string): Promise<string> {
    const { name, tags } = this.#stores.experiments.get(local);
    const { [baselineTag]: baseline, ...others } = tags;
    try {
      const { experiment_id } = await this.client.post(answers.experimentId, 'experiments/create', { name, tags: wire(Object.entries(others)) }, false);
      if (this.#followed !== null && baseline !== undefined) {
        // It names a run, which has to be there first.
        new RemoteChanges(this.#stores.database, this.client.uri).add({ kind: 'experiment', id: local }, requestOfBaseline(baseline));
      }
      return experiment_id;
    } catch (error) {
      // Somebody else made it in between.
      const there = error instanceof RemoteRefusal && error.code === 'RESOURCE_ALREADY_EXISTS' ? await this.#experimentThere(name) : null;
      if (there === null) {
        throw error;
      }
      return there;
    }
  }

  /** @param before the tags when they were last sent: what is another one there since then was changed there. */
  async #values(record: RunRecord, remote: SourceRun, now: Pairs, before: Record<string, string>): Promise<boolean> {
    const there = new Map(remote.params);
    for (const [key, value] of record.params) {
      const other = there.get(key);
      if (other !== undefined && other !== value && !value.startsWith(other)) {
        this.#tally.report({ message: `The parameter ${key} of ${record.name} is ${short(value)} here and ${short(other)} at ${this.client.host}, where a parameter cannot be changed. It stays so.`, run_id: record.run_id });
      }
    }
    const tags = new Map(remote.tags);
    const params = record.params.filter(([key]) => !there.has(key));
    const changed = now.filter(([key, value]) => tags.get(key) !== value && before[key] !== value);
    for (const [key, value] of changed.filter(([key]) => before[key] !== undefined && tags.get(key) !== before[key])) {
      this.#tally.report({ message: `The tag ${key} of ${record.name} was changed at ${this.client.host} too: ${short(tags.get(key) ?? 'none')} there became ${short(value)}.`, run_id: record.run_id });
    }
    for (let at = 0; at < params.length; at += batch.params) {
      await this.#log(remote.id, { params: wire(params.slice(at, at + batch.params)) });
    }
    for (let at = 0; at < changed.length; at += batch.tags) {
      await this.#log(remote.id, { tags: wire(changed.slice(at, at + batch.tags)) });
    }
    const removed = Object.keys(before).filter((key) => tags.has(key) && !now.some(([name]) => name === key));
    for (const key of removed) {
      if (tags.get(key) === before[key]) {
        await this.client.post(answers.anything, 'runs/delete-tag', { run_id: remote.id, key });
      } else {
        this.#tally.report({ message: `The tag ${key} of ${record.name} was removed here and changed at ${this.client.host} to ${short(tags.get(key) ?? '')}. It stays there.`, run_id: record.run_id });
      }
    }
    return params.length + changed.length + removed.length > 0;
  }

  #sent(run_id: string): SentValues {
    const row = this.#stores.database.get('SELECT sent_values FROM published_runs WHERE remote = :remote AND run_id = :run_id', { remote: this.client.uri, run_id });
    return { tags: {}, archived: false, ...(JSON.parse(String(row?.['sent_values'] ?? '{}')) as Partial<SentValues>) };
  }

  /** A run's tags as they are sent: with what MLflow keeps as tags and we keep elsewhere. */
  #tagsOf({ run_id, name, source, commit, user, tags }: RunRecord): Pairs {
    const own = tags.filter(([key]) => key !== jobTag && key !== nameTag).map(([key, value]): [string, string] => [key, key === parentTag ? (this.copyOf(value) ?? value) : value]);
    const given = new Set(own.map(([key]) => key));
    const facts: [string, string | null][] = [[nameTag, name], ['mlflow.source.name', source], ['mlflow.source.type', 'LOCAL'], ['mlflow.source.git.commit', commit], ['mlflow.user', user], [runTag, run_id]];
    return [...own, ...facts.flatMap(([key, value]): Pairs => (value === null || value === '' || given.has(key) ? [] : [[key, value]]))];
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

  /** The state last: a run that has ended there has everything. */
  async #state(record: RunRecord, remote: SourceRun, nameBefore: string | undefined): Promise<boolean> {
    const changes = {
      ...(remote.status === record.status && remote.ended === record.ended ? {} : { status: protocolStatus[record.status], ...(record.ended === null ? {} : { end_time: record.ended }) }),
      ...(remote.name === record.name || nameBefore === record.name ? {} : { run_name: record.name }),
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

function wire(pairs: readonly (readonly [string, string])[]): { key: string; value: string }[] {
  return pairs.map(([key, value]) => ({ key, value }));
}
