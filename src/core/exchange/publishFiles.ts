// The files of runs of this project, at the remote.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { RunRecord } from '../tracking/api.ts';
import type { ExchangeStores, Tally } from './importRuns.ts';
import type { MlflowClient } from './mlflowClient.ts';
import { RemoteSource } from './remoteSource.ts';
import type { SourceRun } from './source.ts';

const scheme = 'mlflow-artifacts:/';

interface FilesOptions {
  client: MlflowClient;
  stores: ExchangeStores;
  tally: Tally;
  signal: AbortSignal;
}

/** Sends the files of a run that the remote does not have; gives whether there were any. */
export async function publishFiles({ client, stores, tally, signal }: FilesOptions, record: RunRecord, remote: SourceRun): Promise<boolean> {
  const { artifacts, artifact_uri } = stores.runs.facts(record.run_id);
  const folder = stores.artifacts.folderOf(artifact_uri);
  if (artifacts.length === 0 || folder === null) {
    return false;
  }
  if (!remote.artifact_uri.startsWith(scheme)) {
    tally.report({ message: `${client.host} keeps files at ${/^[^:]*:?\/*[^/]*/.exec(remote.artifact_uri)?.[0] ?? ''}, which only programs with access to that place can write. They were not sent. Start that server with --serve-artifacts.` });
    return false;
  }
  const root = rootOf(remote.artifact_uri);
  const there = new Map<string, number>();
  for await (const each of new RemoteSource(client, tally.report).artifacts(remote)) {
    there.set(each.path, each.bytes);
  }
  let sent = false;
  for (const artifact of artifacts) {
    signal.throwIfAborted();
    const file = path.join(folder, artifact.path);
    const facts = await stat(file).catch(() => null);
    if (facts?.isFile() !== true) {
      tally.report({ message: `${artifact.path} of ${record.name} is not here any more, so it was not sent.`, file, run_id: record.run_id });
    } else if (there.get(artifact.path) !== facts.size) {
      await client.upload(`${root}/${artifact.path}`, file, facts.size);
      tally.result.files += 1;
      sent = true;
    }
  }
  return sent;
}

/** Where a server's own store keeps the files of a URI. */
export function rootOf(artifact_uri: string): string {
  return artifact_uri.slice(scheme.length).replace(/^\/*([^/]*:\d+\/)?/, '');
}
