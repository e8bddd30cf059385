// Scales of a chart: where a value lies, which values stand at the axis, and how they read.
import { figure } from '../components/format.ts';
import type { Axis } from './series.ts';

export interface Scale {
  place(value: number): number;
  /** What lies at a place. */
  at(place: number): number;
  ticks: { value: number; label: string }[];
}

/** @param to the places of both ends of the domain. */
function linear([low, high]: readonly [number, number], [from, to]: readonly [number, number]): Pick<Scale, 'place' | 'at'> {
  const span = high - low || 1;
  return { place: (value) => from + ((value - low) / span) * (to - from), at: (place) => low + ((place - from) / (to - from || 1)) * span };
}

/** Round values, about `count` of them. */
function roundTicks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * size >= rough) ?? 10) * size;
  return multiples(low, high, step, 0);
}

function multiples(low: number, high: number, step: number, offset: number): number[] {
  const ticks: number[] = [];
  for (let tick = Math.ceil((low - offset) / step); tick * step + offset <= high && ticks.length < 50; tick += 1) {
    // Products such as 3 * 0.1 carry an error that would be printed.
    ticks.push(Number((tick * step + offset).toPrecision(12)));
  }
  return ticks;
}

export function valueScale(domain: readonly [number, number], range: readonly [number, number], logarithmic: boolean): Scale {
  if (!logarithmic) {
    // A little room, so that a line at the border is seen whole.
    const room = domain[0] === domain[1] ? Math.abs(domain[0]) * 0.1 || 1 : (domain[1] - domain[0]) * 0.03;
    const [low, high] = [domain[0] - room, domain[1] + room];
    return { ...linear([low, high], range), ticks: roundTicks(low, high, 4).map((value) => ({ value, label: figure(value) })) };
  }
  const [low, high] = domain[0] === domain[1] ? [domain[0] / 2, domain[1] * 2] : domain;
  const { place, at } = linear([Math.log10(low), Math.log10(high)], range);
  const decades = Math.log10(high / low);
  const every = Math.max(1, Math.ceil(decades / 4));
  const factors = decades < 1 ? [1, 2, 3, 5, 7] : decades < 2 ? [1, 3] : [1];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    ticks.push(...(power % every === 0 ? factors : []).map((factor) => factor * 10 ** power).filter((value) => value >= low && value <= high));
  }
  return { place: (value) => place(Math.log10(value)), at: (value) => 10 ** at(value), ticks: ticks.map((value) => ({ value, label: figure(value) })) };
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const spans = [second, 2 * second, 5 * second, 10 * second, 30 * second, minute, 2 * minute, 5 * minute, 10 * minute, 30 * minute, hour, 2 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 30 * day, 365 * day];

/** @param start the moment from which relative times count, in milliseconds since 1970. */
export function axisScale(axis: Axis, domain: readonly [number, number], range: readonly [number, number], start: number): Scale {
  const [low, high] = domain[0] === domain[1] ? [domain[0] - 0.5, domain[1] + 0.5] : domain;
  const count = Math.max(3, Math.floor(Math.abs(range[1] - range[0]) / 70));
  const offset = axis === 'step' ? 0 : axis === 'relative' ? start : new Date(low).getTimezoneOffset() * minute;
  const span = spans.find((each) => each >= (high - low) / count);
  const ticks = axis === 'step' || high - low < count * second ? roundTicks(low - offset, high - offset, count).map((tick) => tick + offset) : multiples(low, high, span ?? 365 * day, offset);
  return { ...linear([low, high], range), ticks: ticks.map((value) => ({ value, label: tickLabel(axis, value, start, high - low) })) };
}

function tickLabel(axis: Axis, value: number, start: number, width: number): string {
  if (axis === 'step') {
    return figure(value);
  }
  return axis === 'relative' ? elapsed(value - start) : width > 2 * day ? new Date(value).toLocaleDateString([], { month: 'short', day: 'numeric' }) : new Date(value).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', ...(width < 5 * minute ? { second: '2-digit' } : {}) });
}

/** `1.5 s`, `4 min`, `2 h 30 min`. */
export function elapsed(milliseconds: number): string {
  const sign = milliseconds < 0 ? '−' : '';
  const size = Math.abs(milliseconds);
  if (size < minute) {
    return `${sign}${figure(Number((size / second).toPrecision(6)))} s`;
  }
  const [whole, rest, unit] = size < hour ? [Math.floor(size / minute), Math.round((size % minute) / second), ['min', 's']] : [Math.floor(size / hour), Math.round((size % hour) / minute), ['h', 'min']];
  return `${sign}${whole.toLocaleString('en')} ${unit[0] ?? ''}${rest === 0 ? '' : ` ${rest} ${unit[1] ?? ''}`}`;
}

/** A place on the axis in full, as it reads under the pointer. */
export function axisText(axis: Axis, value: number, start: number): string {
  return axis === 'step' ? `step ${value.toLocaleString('en')}` : axis === 'relative' ? `after ${elapsed(value - start)}` : new Date(value).toLocaleString([], { dateStyle: 'short', timeStyle: 'medium' });
}
