// What runs can be copied from: a folder of MLflow's file store, its SQLite file, TensorBoard's folders, a remote server.
import type { Readable } from 'node:stream';
import type { ExchangeProblem } from '../../contracts/exchange.ts';
import type { RunStatus } from '../../contracts/runs.ts';
import type { CatalogueVersion } from '../registry/api.ts';
import type { DatasetInput, LoggedModel, LoggedPoint } from '../tracking/api.ts';

export type Pairs = [string, string][];

export interface SourceExperiment {
  id: string;
  name: string;
  archived: boolean;
  tags: Pairs;
}

/** Times in milliseconds since 1970. */
export interface SourceRun {
  id: string;
  experiment_id: string;
  name: string;
  user: string;
  status: RunStatus;
  started: number;
  ended: number | null;
  archived: boolean;
  artifact_uri: string;
  params: Pairs;
  tags: Pairs;
  /** The latest point of each metric, where the source has that without its history. */
  metrics: LoggedPoint[];
  datasets: DatasetInput[];
  inputs: string[];
  outputs: { model_id: string; step: number }[];
  /** Changes with the history, however little else does. */
  size: string;
}

export interface SourceArtifact {
  /** Within the run's or the model's artifacts, with slashes. */
  path: string;
  bytes: number;
  /** Where it lies on this machine; null where it has to be fetched. */
  file: string | null;
  read(): Promise<Readable>;
}

export type SourceModel = Omit<LoggedModel, 'registrations'>;

/** Its number and its run are those of the source. */
export type SourceVersion = Pick<CatalogueVersion, 'version' | 'created' | 'description' | 'source' | 'run_id' | 'run_link' | 'model_id' | 'stage' | 'tags'>;

export interface SourceRegistered {
  name: string;
  description: string;
  tags: Pairs;
  aliases: [string, number][];
  versions: SourceVersion[];
}

/** Something to copy runs from. Nothing of it is ever written. */
export interface RunSource {
  /** What tells this source from all others: an absolute path or an address. */
  readonly origin: string;
  /** Lies on this machine, so that looking again costs little. */
  readonly local: boolean;
  experiments(): Promise<SourceExperiment[]>;
  /** Archived ones too. */
  runs(experiment: SourceExperiment): AsyncIterable<SourceRun>;
  /** Every point of a run, some at a time. */
  history(run: SourceRun): AsyncIterable<LoggedPoint[]>;
  artifacts(owner: Pick<SourceRun, 'id' | 'artifact_uri'>): AsyncIterable<SourceArtifact>;
  loggedModels(experiment: SourceExperiment): AsyncIterable<SourceModel>;
  registered(): AsyncIterable<SourceRegistered>;
  close(): void;
}

/** Told of what cannot be read; the rest goes on. */
export type Report = (problem: ExchangeProblem) => void;
