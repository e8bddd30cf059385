// Which parameter mattered. Simple, and said as what it is: how much of the order of the results a parameter explains.
import type { Importance, SpaceParameter, Trial } from '../../contracts/tuning.ts';

/** With fewer finished trials nothing is said. */
export const leastTrials = 10;

/**
 * For each parameter the share of the variance of the results' ranks that lies between groups of its values: its
 * categories, or the lower, middle and upper third of its numbers. That is the correlation ratio, corrected for what
 * chance alone would give (ε², Kelley 1935), so a parameter without effect is near 0 and a best value in the middle shows.
 *
 * @returns the strongest first; null with too few finished trials. A parameter that cannot be judged is left out.
 */
export function importanceOf(space: readonly SpaceParameter[], trials: readonly Pick<Trial, 'params' | 'state' | 'value'>[]): Importance[] | null {
  const finished = trials.filter((trial) => trial.state === 'finished' && trial.value !== null && Number.isFinite(trial.value));
  if (finished.length < leastTrials) {
    return null;
  }
  const results = ranks(finished.map(({ value }) => value ?? 0));
  const found = space.flatMap(({ name }) => {
    const share = explained(groupsOf(finished.map(({ params }) => params[name])), results);
    return share === null ? [] : [{ name, share }];
  });
  return found.sort((a, b) => b.share - a.share);
}

function groupsOf(values: readonly (number | string | boolean | undefined)[]): number[] {
  const distinct = [...new Set(values)];
  if (distinct.length <= 3 || values.some((value) => typeof value !== 'number')) {
    return values.map((value) => distinct.indexOf(value));
  }
  return ranks(values.map(Number)).map((rank) => Math.min(2, Math.floor((rank / values.length) * 3)));
}

function explained(groups: readonly number[], results: readonly number[]): number | null {
  const count = new Set(groups).size;
  const size = results.length;
  const mean = results.reduce((sum, rank) => sum + rank, 0) / size;
  const total = results.reduce((sum, rank) => sum + (rank - mean) ** 2, 0);
  if (count < 2 || size - count < 3 || total === 0) {
    return null;
  }
  let between = 0;
  for (const group of new Set(groups)) {
    const own = results.filter((_, index) => groups[index] === group);
    between += own.length * (own.reduce((sum, rank) => sum + rank, 0) / own.length - mean) ** 2;
  }
  return Math.max(0, 1 - ((1 - between / total) * (size - 1)) / (size - count));
}

/** From 0; equal values share the mean of their ranks. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const found = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end]!] === values[order[start]!]) {
      end += 1;
    }
    for (let place = start; place < end; place += 1) {
      found[order[place]!] = (start + end - 1) / 2;
    }
    start = end;
  }
  return found;
}
