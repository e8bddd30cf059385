// What belongs to one server while a project follows it.
import { FollowedExperiments } from './followedExperiments.ts';
import { Tally, type ExchangeStores } from './importRuns.ts';
import type { MlflowClient } from './mlflowClient.ts';
import { OwnRuns } from './ownRuns.ts';
import { Publisher } from './publishRuns.ts';
import { RemoteFiles } from './remoteFiles.ts';
import { RemoteRuns } from './remoteRuns.ts';
import { RemoteSource } from './remoteSource.ts';
import { RemoteWrites } from './remoteWrites.ts';

export interface Following {
  uri: string;
  host: string;
  client: MlflowClient;
  source: RemoteSource;
  runs: RemoteRuns;
  experiments: FollowedExperiments;
  files: RemoteFiles;
  writes: RemoteWrites;
  own: OwnRuns;
  /** Milliseconds between two rounds. */
  every: number;
  abort: AbortController;
  lastFull: number;
}

export interface FollowingOptions {
  stores: ExchangeStores;
  connect(signal: AbortSignal): MlflowClient;
  every: number;
  onRun(run_id: string): void;
  /** Told when a change waits, was sent or was refused; with the error that made it wait. */
  onChange(error?: unknown): void;
}

export function beginFollowing({ stores, connect, every, onRun, onChange }: FollowingOptions): Following {
  const { database } = stores;
  const abort = new AbortController();
  const { signal } = abort;
  const client = connect(signal);
  const { uri, host } = client;
  database.run('INSERT INTO followed_remotes (remote, since) VALUES (:uri, :now) ON CONFLICT DO NOTHING', { uri, now: Date.now() });
  const since = Number(database.get('SELECT since FROM followed_remotes WHERE remote = :uri', { uri })?.['since'] ?? 0);
  const tally = new Tally();
  const source = new RemoteSource(client, tally.report);
  const experiments = new FollowedExperiments(stores, uri);
  const runs = new RemoteRuns(stores, experiments, onRun);
  const files = new RemoteFiles(stores, client, source, runs.copies);
  const publisherTally = new Tally();
  const publisher = new Publisher(client, stores, publisherTally, experiments);
  const writes = new RemoteWrites({ stores, client, source, publisher, runs, experiments, files, signal, onChange });
  const own = new OwnRuns({ stores, publisher, tally: publisherTally, uri, since, signal });
  return { uri, host, client, source, runs, experiments, files, writes, own, every, abort, lastFull: 0 };
}
