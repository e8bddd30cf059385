// What a script means that names no experiment: clients send Default's id then, and it is the one of the script's job.
import type { Database } from '../../../core/store/api.ts';

const defaultExperiment = '0';
/** Where a client says which experiment it works in. Changing Default is not among it. */
const calls: ReadonlySet<string> = new Set(['/mlflow/runs/create', '/mlflow/runs/search', '/mlflow/experiments/get', '/mlflow/logged-models', '/mlflow/logged-models/search']);

/**
 * The input of a call, with the experiment of the asking script's run in place of Default. So all runs of a script stand
 * together, and it finds them where it looks. A list that names other experiments too is left alone.
 *
 * @param job_id of the job whose script asks; empty where it is none.
 */
export function inOwnExperiment(database: Database, call: string, job_id: string, input: Record<string, unknown>): Record<string, unknown> {
  const { experiment_id, experiment_ids } = input;
  const single = experiment_id === defaultExperiment;
  const only = experiment_ids === defaultExperiment || (Array.isArray(experiment_ids) && experiment_ids.length === 1 && experiment_ids[0] === defaultExperiment);
  if (job_id === '' || !calls.has(call) || !(single || only)) {
    return input;
  }
  const row = database.get('SELECT experiment_id FROM jobs JOIN runs USING (run_id) WHERE job_id = :job_id', { job_id });
  if (row === undefined) {
    return input;
  }
  const own = String(row['experiment_id']);
  return { ...input, ...(single ? { experiment_id: own } : {}), ...(only ? { experiment_ids: [own] } : {}) };
}
