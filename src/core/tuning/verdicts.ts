// What a trial came to, and what a study makes of its trials.
import type { RunSummary } from '../../contracts/runs.ts';
import type { StudySpec, StudyStatus, Trial } from '../../contracts/tuning.ts';

/** So many trials that all fail say that the next will too. */
const failuresEnough = 5;
/** A script that ends well without the metric does so every time. */
const silentEnough = 2;

type Outcome = Pick<Trial, 'state' | 'value' | 'reason' | 'logged'>;

/**
 * What the run of a trial came to.
 *
 * @param run null where it was deleted.
 * @param extreme the best finite value that it logged of the metric.
 */
export function outcomeOf(spec: Pick<StudySpec, 'metric' | 'objective'>, run: RunSummary | null, extreme: () => number | null): Outcome {
  const failed = (reason: string, logged: string[] | null = null): Outcome => ({ state: 'failed', value: null, reason, logged });
  if (run === null) {
    return failed('Its run was deleted.');
  }
  if (run.status === 'cancelled') {
    return { state: 'cancelled', value: null, reason: 'It was cancelled.', logged: null };
  }
  if (run.status !== 'finished') {
    return failed(run.error ?? 'It failed.');
  }
  const last = run.metrics[spec.metric];
  if (last === undefined) {
    const logged = Object.keys(run.metrics).filter((key) => !key.startsWith('system/'));
    return failed(`It logged no ${spec.metric}.`, logged);
  }
  const value = spec.objective === 'last' ? last : extreme();
  return value === null || !Number.isFinite(value) ? failed(`${spec.metric} was not a finite number.`) : { state: 'finished', value, reason: null, logged: null };
}

/** The best of the finished trials, the earlier one of equals; null where none is. */
export function bestOf(direction: StudySpec['direction'], trials: readonly Trial[]): Trial | null {
  const sign = direction === 'minimize' ? 1 : -1;
  let best: Trial | null = null;
  for (const trial of trials) {
    if (trial.state === 'finished' && trial.value !== null && (best === null || sign * trial.value < sign * (best.value ?? 0))) {
      best = trial;
    }
  }
  return best;
}

/** Why going on is no use, in a sentence or two that say what to do; null where it may be. */
export function whyHopeless(spec: Pick<StudySpec, 'metric' | 'trials'>, trials: readonly Trial[]): string | null {
  const failed = trials.filter(({ state }) => state === 'failed');
  if (trials.some(({ state }) => state === 'finished')) {
    return null;
  }
  const most = spec.trials ?? Infinity;
  const silent = failed.filter(({ logged }) => logged !== null);
  if (silent.length >= Math.min(silentEnough, most)) {
    const names = [...new Set(silent.flatMap(({ logged }) => logged ?? []))];
    const found = names.length === 0 ? `It logged no metrics at all: let it print a line such as ${spec.metric}=0.21, or log it with MLflow.` : `It logged ${names.slice(0, 12).join(', ')}${names.length > 12 ? ` and ${names.length - 12} more` : ''}: choose one of these, or let it print ${spec.metric}=….`;
    return `The script ended well and logged no ${spec.metric}. ${found}`;
  }
  if (failed.length >= Math.min(failuresEnough, most)) {
    return `${failed.length === 1 ? 'The only trial failed' : `The first ${failed.length} trials all failed`}. The last: ${failed.at(-1)?.reason ?? ''}`;
  }
  return null;
}

/** How a study ends that has nothing left to try, and why. @param late its time was over */
export function endOf(spec: StudySpec, trials: readonly Trial[], late: boolean): [Exclude<StudyStatus, 'running'>, string] {
  if (trials.every(({ state }) => state !== 'finished')) {
    return ['failed', trials.length === 0 ? 'No trial was started: the time was over.' : `No trial came to a value. The last: ${trials.at(-1)?.reason ?? ''}`];
  }
  return ['finished', late && trials.length !== spec.trials ? 'The time was over.' : `All ${trials.length} trials have ended.`];
}
