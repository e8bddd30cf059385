// Tags that programs write and read, by which several parts know the same thing. Without a schema, so that views load quickly.

/** The tag by which a script's first run is known as the run of the job that started the script. */
export const jobTag = 'ml_lifecycle.job';

/** The tag of an experiment that names the run which all others are measured by. */
export const baselineTag = 'ml_lifecycle.baseline';

/** The tag of an experiment that names the metric by which its runs are shown and sorted. */
export const keyMetricTag = 'ml_lifecycle.key_metric';

/** Where a run's note is kept, as MLflow does too. */
export const noteTag = 'mlflow.note.content';

/** The tag of a run that names the run it belongs to. */
export const parentTag = 'mlflow.parentRunId';

/** Of a study: how many trials have ended, as "12 of 20"; and the run that was best. */
export const trialsTag = 'ml_lifecycle.trials';
export const bestTrialTag = 'ml_lifecycle.best_trial';

/** Tags in which a run of a job keeps its facts. */
const jobFacts = new Set(['data_sha256', 'data_rows', 'evaluation', 'headline', 'python', 'host', 'cwd', 'autologging', 'retraining', 'error_kind']);

/** A person sees them and leaves them alone. */
export function isSystemTag(key: string): boolean {
  return /^(mlflow\.|ml_lifecycle\.|data\/)/.test(key) || jobFacts.has(key);
}
