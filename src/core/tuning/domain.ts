// A parameter as samplers see it: a line of numbers, or a list.
import type { Space, SpaceParameter, TrialParams } from '../../contracts/tuning.ts';

export type Value = TrialParams[string];

/** Numbers between `low` and `high` in the sampler's own scale, where a whole number owns half a step to each side. */
export interface NumericDomain {
  kind: 'numeric';
  low: number;
  high: number;
  /** Into the sampler's scale. */
  inward(value: number): number;
  /** To a value that the script can be given, always inside the space. */
  outward(position: number): number;
  /** The stretch of the scale that stands for one value; null where values have no width. */
  cell(value: number): [low: number, high: number] | null;
}

export interface ChoiceDomain {
  kind: 'choice';
  values: readonly Value[];
}

export type Domain = NumericDomain | ChoiceDomain;

export function domainOf(parameter: SpaceParameter): Domain {
  switch (parameter.kind) {
    case 'choice':
      return { kind: 'choice', values: parameter.values };
    case 'flag':
      return { kind: 'choice', values: [false, true] };
    case 'float': {
      const { low, high, log = false } = parameter;
      const [inward, outward] = scales(log);
      return { kind: 'numeric', low: inward(low), high: inward(high), inward, outward: (position) => clip(readable(outward(position)), low, high), cell: () => null };
    }
    case 'int': {
      const { low, log = false, step = 1 } = parameter;
      const high = low + Math.floor((parameter.high - low) / step) * step;
      const [inward, outward] = scales(log);
      const half = step / 2;
      return {
        kind: 'numeric',
        low: inward(low - half),
        high: inward(high + half),
        inward,
        outward: (position) => clip(low + Math.round((outward(position) - low) / step) * step, low, high),
        cell: (value) => [inward(value - half), inward(value + half)],
      };
    }
  }
}

/** Every value of a parameter, in order; null where there is no end of them. */
export function everyValue(parameter: SpaceParameter): readonly Value[] | null {
  switch (parameter.kind) {
    case 'choice':
      return parameter.values;
    case 'flag':
      return [false, true];
    case 'int': {
      const { low, high, step = 1 } = parameter;
      return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, index) => low + index * step);
    }
    case 'float':
      return parameter.low === parameter.high ? [parameter.low] : null;
  }
}

/** Whether these are values of this space: those of a space that was changed since are not. */
export function fits(space: Space, params: TrialParams): boolean {
  return space.every((parameter) => {
    const value = params[parameter.name];
    const domain = domainOf(parameter);
    return value !== undefined && (domain.kind === 'choice' ? domain.values.includes(value) : typeof value === 'number' && Number.isFinite(value));
  });
}

function scales(log: boolean): [inward: (value: number) => number, outward: (position: number) => number] {
  return log ? [Math.log, Math.exp] : [(value) => value, (position) => position];
}

/** Seven digits are enough for a search, and for a person to read. */
function readable(value: number): number {
  return Number(value.toPrecision(7));
}

function clip(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
