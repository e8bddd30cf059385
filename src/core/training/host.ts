import type { ModelFile } from '../../contracts/model.ts';
import type { TableColumn } from '../data/api.ts';
import type { FittedRows } from './fittedRows.ts';
import type { TrainingReport } from '../../contracts/training.ts';

/** Where a training run writes what it finds. */
export interface TrainingHost {
  readonly signal: AbortSignal;
  param(key: string, value: string): void;
  metric(key: string, value: number, step: number): void;
  tag(key: string, value: string): void;
  /** @param fraction 0…1 of the whole run. */
  progress(fraction: number, message: string): void;
  log(line: string): void;
  /** How often the rows set aside for this data and target were looked at before. */
  readonly holdoutLooks: number;
  /** Holds an installed @tensorflow/tfjs-node, where there is one. */
  readonly tensorflowFolder?: string;
}

export interface TrainingOutcome {
  report: TrainingReport;
  model: ModelFile;
  /** Of the data file, in hex. */
  dataSha256: string;
  /** Rows of the data file. */
  rows: number;
  /** Which rows the model saw. */
  fitted: FittedRows;
  /** What monitoring compares with. */
  reference: TableColumn[];
}
