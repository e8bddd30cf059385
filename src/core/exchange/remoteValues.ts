// What a run or an experiment has that people change: here, at the followed server, and where the two went apart.
import { baselineTag } from '../../contracts/tags.ts';
import { protocolStatus } from '../tracking/api.ts';
import type { FollowedExperiments } from './followedExperiments.ts';
import type { ExchangeStores } from './importRuns.ts';
import type { MlflowClient } from './mlflowClient.ts';
import { answers, experimentOf } from './mlflowWire.ts';
import type { Subject } from './remoteChanges.ts';
import { short, type ValuesOf } from './remoteRequest.ts';
import type { RemoteRuns } from './remoteRuns.ts';
import { isMissing, type RemoteSource } from './remoteSource.ts';

export interface RemoteValuesOptions {
  stores: ExchangeStores;
  client: MlflowClient;
  source: RemoteSource;
  runs: RemoteRuns;
  experiments: FollowedExperiments;
}

export class RemoteValues {
  readonly #options: RemoteValuesOptions;

  constructor(options: RemoteValuesOptions) {
    this.#options = options;
  }

  /** What the server has now; null where it does not know it any more. */
  async there({ kind, id }: Subject): Promise<ValuesOf | null> {
    const { client, source, runs, experiments } = this.#options;
    try {
      if (kind === 'run') {
        const { name, status, archived, tags } = await source.run(runs.copies.byRun(client.uri, id)?.origin_run_id ?? id);
        return { name, status: protocolStatus[status], archived: String(archived), ...tagValues(tags) };
      }
      const { name, archived, tags } = experimentOf((await client.get(answers.experiment, 'experiments/get', { experiment_id: experiments.idThere(id) ?? id })).experiment);
      return { name, archived: String(archived), ...tagValues(tags.map(([key, value]) => [key, key === baselineTag ? experiments.runHere(value) : value])) };
    } catch (error) {
      if (isMissing(error)) {
        return null;
      }
      throw error;
    }
  }

  /** What this project has now. @param wanted of which of its values. */
  here({ kind, id }: Subject, wanted: readonly string[]): ValuesOf {
    const { database } = this.#options.stores;
    const row = database.get(`SELECT * FROM ${kind}s WHERE ${kind}_id = :id`, { id });
    const now = (what: string): string | null => {
      switch (what) {
        case 'name':
          return String(row?.['name']);
        case 'status':
          return protocolStatus[row?.['status'] as keyof typeof protocolStatus];
        case 'archived':
          return String(row?.['lifecycle'] === 'deleted');
        default: {
          const tag = database.get(`SELECT value FROM ${kind === 'run' ? 'tags' : 'experiment_tags'} WHERE ${kind}_id = :id AND key = :key`, { id, key: what.slice('tag '.length) });
          return tag === undefined ? null : String(tag['value']);
        }
      }
    };
    return Object.fromEntries(wanted.map((what) => [what, now(what)]));
  }
}

/**
 * In words, what somebody changed at the server meanwhile; null where nobody did, or to the same.
 *
 * @param before what this project knew when it wanted `wanted`. @param there what the server has now.
 */
export function conflictOf(before: ValuesOf, wanted: ValuesOf, there: ValuesOf, host: string): string | null {
  for (const [what, known] of Object.entries(before)) {
    const [now, then] = [there[what] ?? null, wanted[what] ?? null];
    if (now !== known && now !== then) {
      const said = (value: string | null): string => (value === null ? 'gone' : `"${short(value)}"`);
      return `${what} became ${said(now)} at ${host} meanwhile; here it was to become ${said(then)}.`;
    }
  }
  return null;
}

function tagValues(tags: readonly (readonly [string, string])[]): ValuesOf {
  return Object.fromEntries(tags.map(([key, value]) => [`tag ${key}`, value]));
}
