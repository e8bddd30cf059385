// Which columns are known when a prediction is wanted: from ml.yaml into requests and forms.
import type { DatasetEntry } from '../../contracts/projectFile.ts';
import type { TrainRequest } from '../../contracts/training.ts';

export type Roles = Pick<TrainRequest, 'horizon' | 'observed' | 'known'>;

/** What a data set's entry says about time: the horizon, and the columns that are known in time or are not. */
export function rolesOf(entry: DatasetEntry | undefined): Roles {
  const known = [...(entry?.known_ahead ?? []), ...(entry?.lagged ?? [])];
  return {
    ...(entry?.horizon === undefined ? {} : { horizon: entry.horizon }),
    ...(entry?.observed === undefined ? {} : { observed: entry.observed }),
    ...(known.length === 0 ? {} : { known }),
  };
}

/** Why an observed column is left out. @param horizon in rows. */
export function observedReason(horizon: number): string {
  return `it is \`observed\`: ${horizon === 1 ? 'one row' : `${horizon} rows`} ahead it is not known yet`;
}
