// Files of the runs that a followed server keeps: fetched when they are asked for, sent when something here writes them.
import path from 'node:path';
import { stat } from 'node:fs/promises';
import { invalid } from '../tracking/api.ts';
import type { ExchangeStores } from './importRuns.ts';
import type { MlflowClient } from './mlflowClient.ts';
import { answers } from './mlflowWire.ts';
import { rootOf } from './publishFiles.ts';
import type { RemoteRequest } from './remoteChanges.ts';
import { isMissing, type RemoteSource } from './remoteSource.ts';
import type { RunCopies } from './runCopies.ts';

const scheme = 'mlflow-artifacts:/';

export interface RemoteEntry {
  name: string;
  folder: boolean;
  bytes: number;
}

export class RemoteFiles {
  readonly #stores: ExchangeStores;
  readonly #client: MlflowClient;
  readonly #source: RemoteSource;
  readonly #copies: RunCopies;
  /** Where the server keeps a run's files, by the run. */
  readonly #roots = new Map<string, string>();

  constructor(stores: ExchangeStores, client: MlflowClient, source: RemoteSource, copies: RunCopies) {
    this.#stores = stores;
    this.#client = client;
    this.#source = source;
    this.#copies = copies;
  }

  /** What a folder of a run holds there. @param folder its path among the run's files; '' for all of them. */
  async list(run_id: string, folder: string): Promise<RemoteEntry[]> {
    const root = await this.#rootOf(run_id);
    try {
      const { files = [] } = await this.#client.list(folder === '' ? root : `${root}/${folder}`);
      return (files ?? []).map((file) => ({ name: path.posix.basename(file.path), folder: file.is_dir === true, bytes: file.file_size ?? 0 }));
    } catch (error) {
      if (isMissing(error)) {
        return [];
      }
      throw error;
    }
  }

  /** Brings a file here; nothing where there is none there. */
  async fetch(run_id: string, file: string): Promise<void> {
    const root = await this.#rootOf(run_id);
    try {
      const content = await this.#client.download(`${root}/${file}`);
      const bytes = await this.#stores.artifacts.put(`${this.#placeOf(run_id)}/${file}`, content);
      this.#stores.runs.addArtifact(run_id, { path: file, bytes });
    } catch (error) {
      if (!isMissing(error)) {
        throw error;
      }
    }
  }

  /** Sends a file as it is here. */
  async send(run_id: string, file: string): Promise<object> {
    const here = this.#fileOf(run_id, file);
    const facts = await stat(here).catch(() => null);
    if (facts?.isFile() === true) {
      await this.#client.upload(`${await this.#rootOf(run_id)}/${file}`, here, facts.size);
    }
    // What is not here any more was deleted later, which is sent later too.
    return {};
  }

  async remove(run_id: string, file: string): Promise<object> {
    await this.#client.send(answers.anything, 'DELETE', `mlflow-artifacts/artifacts/${`${await this.#rootOf(run_id)}/${file}`.split('/').map(encodeURIComponent).join('/')}`, {}).catch((error: unknown) => {
      if (!isMissing(error)) {
        throw error;
      }
    });
    return {};
  }

  /** In words, where somebody put another file there meanwhile; else null. */
  async conflict(run_id: string, { body, replaces }: RemoteRequest): Promise<string | null> {
    const file = String(body['path']);
    const folder = path.posix.dirname(file);
    const there = (await this.list(run_id, folder === '.' ? '' : folder)).find(({ name }) => name === path.posix.basename(file));
    const now = there === undefined ? null : String(there.bytes);
    const here = await stat(this.#fileOf(run_id, file)).catch(() => null);
    const before = replaces?.['bytes'] ?? null;
    return now === null || now === before || now === String(here?.size) ? null : `another ${file} was put there meanwhile, at ${this.#client.host}.`;
  }

  #fileOf(run_id: string, file: string): string {
    return path.join(this.#stores.artifacts.folderOf(this.#stores.runs.facts(run_id).artifact_uri) ?? '', file);
  }

  #placeOf(run_id: string): string {
    return this.#stores.runs.facts(run_id).artifact_uri.slice(scheme.length);
  }

  /** @throws Refusal where the server points its clients to a bucket. */
  async #rootOf(run_id: string): Promise<string> {
    const known = this.#roots.get(run_id);
    if (known !== undefined) {
      return known;
    }
    const { artifact_uri } = await this.#source.run(this.#copies.byRun(this.#source.origin, run_id)?.origin_run_id ?? run_id);
    if (!artifact_uri.startsWith(scheme)) {
      throw invalid(`${this.#client.host} keeps the files of this run at ${/^[^:]*:?\/*[^/]*/.exec(artifact_uri)?.[0] ?? artifact_uri}, which only programs with access to that place can use. Log it there, or start that server with --serve-artifacts.`);
    }
    const root = rootOf(artifact_uri);
    this.#roots.set(run_id, root);
    return root;
  }
}
