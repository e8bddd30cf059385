import type { Socket } from 'node:net';
import type { MirroredRuns } from '../../../core/exchange/api.ts';
import type { Project } from '../../../core/project/api.ts';
import type { Catalogue, Promotions } from '../../../core/registry/api.ts';
import type { Database } from '../../../core/store/api.ts';
import type { ExperimentStore, LoggedModelStore, MetricStore, RunSearch, RunStore, TrackedRuns } from '../../../core/tracking/api.ts';
import type { Reader } from './validate.ts';

/** What the groups of routes work with. */
export interface Tracking {
  project: Project;
  database: Database;
  experiments: ExperimentStore;
  runs: RunStore;
  search: RunSearch;
  tracked: TrackedRuns;
  metrics: MetricStore;
  models: LoggedModelStore;
  catalogue: Catalogue;
  promotions: Promotions;
  /** Answers a client's request, so that it is known whose program writes into which run. */
  asked(socket: Socket, answer: () => unknown): unknown;
  /** What a followed server keeps. */
  mirrored: MirroredRuns;
  /** A client wrote into this run: windows are told soon. */
  touched(run_id: string): void;
  /** A client deleted this run: windows are told. */
  removed(run_id: string): void;
  /** An experiment changed, and where `runs` is true its runs with it: windows are told. */
  experimentsChanged(runs: boolean): void;
  /** The registry changed: windows are told. */
  modelsChanged(): void;
  /** One change of the registry at a time. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

/** One call of the protocol: how it is asked, what it takes, what it answers. */
export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
  path: string;
  /** @param input the query string, the path's parameters and the body in one object. */
  handle(input: unknown): unknown;
}

/** Joins a reader and an answer, so that the answer sees only what was read. */
export function route<I>(method: Route['method'], path: string, input: Reader<I>, answer: (input: I) => unknown): Route {
  return { method, path, handle: (raw) => answer(input(raw, '')) };
}
