// What a study tries next. Pure: the same question gives the same answer.
import { UserError } from '../../contracts/errors.ts';
import type { Direction, Sampler, Space, Trial, TrialParams } from '../../contracts/tuning.ts';
import { domainOf, everyValue, fits } from './domain.ts';
import { tpe } from './tpe.ts';

export interface Question {
  space: Space;
  sampler: Sampler;
  direction: Direction;
  seed: number;
}

/** A trial as a sampler sees it: less loss is better, none where it runs or failed. */
export interface Tried {
  params: TrialParams;
  loss: number | null;
}

/** So many trials are drawn at random before the estimator has anything to say. */
export const randomStarts = 10;
/** More combinations are no grid that anybody waits for. */
const largestGrid = 10_000;

/**
 * The parameters of the trial at `index` (from 0), given the trials before it in their order.
 *
 * @returns null where a grid has no combination left.
 * @throws UserError for a grid over numbers without end.
 */
export function suggest(question: Question, history: readonly Pick<Trial, 'params' | 'state' | 'value'>[], index: number): TrialParams | null {
  const { space, sampler, direction, seed } = question;
  if (sampler === 'grid') {
    return gridAt(space, index);
  }
  const next = generator(seed, index);
  const sign = direction === 'minimize' ? 1 : -1;
  // A trial that a person ended says nothing about its parameters.
  const tried = history
    .filter((trial) => trial.state !== 'cancelled' && fits(space, trial.params))
    .map((trial): Tried => ({ params: trial.params, loss: trial.state === 'finished' && trial.value !== null && Number.isFinite(trial.value) ? sign * trial.value : null }));
  return sampler === 'random' || tried.length < randomStarts || tried.every(({ loss }) => loss === null) ? drawn(space, next) : tpe(space, tried, next);
}

/** How many combinations a grid over this space has. @throws UserError where there is no end of them, or far too many. */
export function gridSize(space: Space): number {
  const size = space.reduce((product, parameter) => {
    const values = everyValue(parameter);
    if (values === null) {
      throw new UserError(`A grid tries every combination once, and ${parameter.name} is a range of numbers without end. Give it as a list, for example ${parameter.name}=0.001,0.01,0.1, or use the sampler tpe or random.`, { field: parameter.name });
    }
    return product * values.length;
  }, 1);
  if (size > largestGrid) {
    throw new UserError(`This grid has ${size.toLocaleString('en')} combinations, more than ${largestGrid.toLocaleString('en')}. Give shorter lists or wider steps, or use the sampler tpe or random.`, { field: 'sampler' });
  }
  return size;
}

function gridAt(space: Space, index: number): TrialParams | null {
  if (index >= gridSize(space)) {
    return null;
  }
  let rest = index;
  const params: TrialParams = {};
  // The last parameter changes fastest, as a person would write the table down.
  for (const parameter of [...space].reverse()) {
    const values = everyValue(parameter) ?? [];
    params[parameter.name] = values[rest % values.length]!;
    rest = Math.floor(rest / values.length);
  }
  return Object.fromEntries(space.map(({ name }) => [name, params[name]!]));
}

function drawn(space: Space, next: () => number): TrialParams {
  return Object.fromEntries(
    space.map((parameter) => {
      const domain = domainOf(parameter);
      const share = next();
      return [parameter.name, domain.kind === 'choice' ? domain.values[Math.floor(share * domain.values.length)]! : domain.outward(domain.low + share * (domain.high - domain.low))];
    }),
  );
}

/** Numbers in [0, 1) that are the trial's own, whatever was drawn for the others: mulberry32 over seed and index, mixed as in splitmix32. */
function generator(seed: number, index: number): () => number {
  let state = mixed((seed ^ mixed(index + 0x9e3779b9)) >>> 0);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let out = Math.imul(state ^ (state >>> 15), state | 1);
    out ^= out + Math.imul(out ^ (out >>> 7), out | 61);
    return ((out ^ (out >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function mixed(value: number): number {
  let out = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  out = Math.imul(out ^ (out >>> 15), 0x735a2d97);
  return (out ^ (out >>> 15)) >>> 0;
}
