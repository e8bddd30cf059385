// Training, and what measures models. TensorFlow.js loads when the first training begins.
import type { TrainRequest } from '../../contracts/training.ts';
import type { Table } from '../data/api.ts';
import type { TrainingHost, TrainingOutcome } from './host.ts';

export { Bootstrap, interval } from './bootstrap.ts';
export { decodeFittedRows, encodeFittedRows, holds, rowHashes, type FittedRows } from './fittedRows.ts';
export { measure, metricsOf, type Scored } from './metrics.ts';
export { normal, random } from './random.ts';
export { rowsOf } from './rows.ts';
export { blocksOfTime } from './sides.ts';
export type { TrainingHost, TrainingOutcome } from './host.ts';

/**
 * Trains as asked: sets rows aside, lets the candidates compete in cross-validation, measures the winner once beside
 * its baselines. Deterministic: the same file, request and backend give the same model to the byte.
 *
 * @param read the table of `request.file`, where it is read already.
 * @throws UserError that names file and field where the data do not allow it; the signal's reason when it aborts.
 */
export async function train(request: TrainRequest, host: TrainingHost, read?: Table): Promise<TrainingOutcome> {
  return (await import('./train.ts')).train(request, host, read);
}
