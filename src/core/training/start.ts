import type { TrainRequest } from '../../contracts/training.ts';
import type { TrainingHost, TrainingOutcome } from './host.ts';

/**
 * Trains as asked: sets rows aside, lets the candidates compete in cross-validation, measures the winner once beside
 * its baselines. Deterministic: the same file, request and backend give the same model to the byte.
 *
 * @throws UserError that names file and field where the data do not allow it; the signal's reason when it aborts.
 */
export async function train(request: TrainRequest, host: TrainingHost): Promise<TrainingOutcome> {
  const { run } = await import('./train.ts');
  return run(request, host);
}
