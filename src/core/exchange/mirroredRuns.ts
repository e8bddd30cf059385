// Reading and writing what a followed server keeps, as windows, the command line and tracking clients do it here.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ExperimentEdit } from '../../contracts/experiments.ts';
import type { RunEdit } from '../../contracts/server.ts';
import type { ArtifactEntry } from '../tracking/api.ts';
import type { Following } from './following.ts';
import type { ExchangeStores } from './importRuns.ts';
import type { RemoteRequest, Subject } from './remoteChanges.ts';
import { requestOfBaseline, requestsOfExperiment, requestsOfRun } from './remoteRequest.ts';
import { isAway } from './remoteWrites.ts';

/** A view waits at most so long for a remote; what comes later is shown later. In milliseconds. */
const longestWait = 8_000;

export class MirroredRuns {
  readonly #stores: ExchangeStores;
  readonly #following: () => Following | null;
  readonly #onFailed: (following: Following, error: unknown) => void;
  readonly #opening = new Map<string, Promise<void>>();

  constructor(stores: ExchangeStores, following: () => Following | null, onFailed: (following: Following, error: unknown) => void) {
    this.#stores = stores;
    this.#following = following;
    this.#onFailed = onFailed;
  }

  /** Whether the followed server has the last word on this run. */
  owns(run_id: string): boolean {
    return this.#following()?.writes.isKept({ kind: 'run', id: run_id }) === true;
  }

  /**
   * Makes a change where it is kept, then here; while the server is away only here, and there later.
   *
   * @param apply makes it here; gives what the change answers. @throws RemoteRefusal where the server says no.
   */
  async write(subject: Subject, requests: readonly RemoteRequest[], apply: () => unknown): Promise<unknown> {
    const writes = this.#following()?.writes;
    return writes?.isKept(subject) === true ? writes.write(subject, requests, apply) : apply();
  }

  /** Edits a run of this project. @throws UserError for an unknown one, and where the server says no. */
  async edit(run_id: string, { baseline, ...edit }: RunEdit): Promise<void> {
    const { runs, experiments } = this.#stores;
    const { experiment } = runs.get(run_id);
    await this.write({ kind: 'run', id: run_id }, requestsOfRun(edit), () => runs.edit(run_id, edit));
    const pinned = runs.baselineOf(run_id)?.run_id === run_id;
    if (baseline !== undefined && baseline !== pinned) {
      const id = experiments.byName(experiment)?.experiment_id ?? '';
      await this.write({ kind: 'experiment', id }, [requestOfBaseline(baseline ? run_id : null)], () => runs.edit(run_id, { baseline }));
    }
  }

  /** Edits an experiment. @throws UserError as `edit` does. */
  async editExperiment(experiment_id: string, edit: ExperimentEdit): Promise<void> {
    const { experiments } = this.#stores;
    const { name, lifecycle, tags } = experiments.get(experiment_id);
    const archived = lifecycle === 'deleted';
    const change: ExperimentEdit = {
      ...(edit.name === undefined || edit.name === name ? {} : { name: edit.name }),
      ...(edit.archived === undefined || edit.archived === archived ? {} : { archived: edit.archived }),
      tags: Object.fromEntries(Object.entries(edit.tags ?? {}).filter(([key, value]) => value !== (tags[key] ?? null))),
    };
    await this.write({ kind: 'experiment', id: experiment_id }, requestsOfExperiment(change), () => experiments.edit(experiment_id, edit));
  }

  /** Brings a run's history here before it is shown, as far as that does not take long. @param files its files too, which come later. */
  async open(run_id: string, files: boolean): Promise<void> {
    const following = this.#following();
    const copy = following?.runs.copies.byRun(following.uri, run_id) ?? null;
    if (following === null || copy === null || copy.fetched === copy.seen) {
      return;
    }
    const opening = this.#opening.get(run_id) ?? this.#fetch(following, run_id, files ? copy.seen : null);
    this.#opening.set(run_id, opening);
    await Promise.race([opening, pause(longestWait, undefined, { ref: false })]);
  }

  /** Brings a run's whole history here for a program, which would take a part of it for all. @throws UserError where the server does not answer. */
  async fetchHistory(run_id: string): Promise<void> {
    const following = this.#following();
    const copy = following?.runs.copies.byRun(following.uri, run_id) ?? null;
    if (following !== null && copy !== null && copy.fetched !== copy.seen) {
      await following.runs.fetchHistory(following.source, run_id);
    }
  }

  /**
   * What a folder of a run holds here and there, by name; while the server is away what is here, where anything is.
   *
   * @param here what it holds here. @throws UserError where the server does not answer and nothing of it is here.
   */
  async list(run_id: string, folder: string, here: readonly ArtifactEntry[]): Promise<ArtifactEntry[]> {
    const following = this.#lacking(run_id);
    if (following === null) {
      return [...here];
    }
    let there: ArtifactEntry[];
    try {
      there = await following.files.list(run_id, folder);
    } catch (error) {
      if (!isAway(error) || !(await this.#isHere(run_id, folder))) {
        throw error;
      }
      there = [];
    }
    const known = new Set(here.map(({ name }) => name));
    return [...here, ...there.filter(({ name }) => !known.has(name))].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Brings a file of a run here where it is not. @throws UserError where the server does not answer. */
  async fetchFile(run_id: string, file: string): Promise<void> {
    const following = this.#lacking(run_id);
    if (following !== null && !(await this.#isHere(run_id, file))) {
      await following.files.fetch(run_id, file);
    }
  }

  /** A client put a file into a run, or removed one. @throws UserError where the server says no. */
  async wroteFile(run_id: string, file: string, before: number | null, apply: () => void): Promise<void> {
    await this.write({ kind: 'run', id: run_id }, [{ path: 'artifacts/put', body: { path: file }, replaces: { bytes: before === null ? null : String(before) } }], apply);
  }

  async removedFile(run_id: string, file: string, apply: () => void): Promise<void> {
    await this.write({ kind: 'run', id: run_id }, [{ path: 'artifacts/delete', body: { path: file } }], apply);
  }

  async close(): Promise<void> {
    await Promise.all(this.#opening.values());
  }

  async #isHere(run_id: string, file: string): Promise<boolean> {
    const folder = this.#stores.artifacts.folderOf(this.#stores.runs.facts(run_id).artifact_uri);
    return folder !== null && (await stat(path.join(folder, file)).catch(() => null)) !== null;
  }

  /** The server, where it may have files of this run that are not here. */
  #lacking(run_id: string): Following | null {
    const following = this.#following();
    const copy = following?.runs.copies.byRun(following.uri, run_id) ?? null;
    return copy === null || copy.fetched === copy.seen ? null : following;
  }

  /** @param seen what its files are fetched for; null: they are not. */
  async #fetch(following: Following, run_id: string, seen: string | null): Promise<void> {
    const { runs, source, uri } = following;
    try {
      await runs.fetchHistory(source, run_id);
    } catch (error) {
      this.#opening.delete(run_id);
      this.#onFailed(following, error);
      return;
    }
    if (seen === null) {
      this.#opening.delete(run_id);
      return;
    }
    // Files may be large: the view shows the rest meanwhile and is told when they have come.
    void runs
      .fetchArtifacts(source, run_id)
      .then(() => {
        if (this.#stores.runs.find(run_id)?.status !== 'running') {
          runs.copies.note(uri, run_id, { fetched: seen });
        }
      })
      .catch((error: unknown) => this.#onFailed(following, error))
      .finally(() => this.#opening.delete(run_id));
  }
}
