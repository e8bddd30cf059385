#!/usr/bin/env node
// How good the best of 60 trials is, beside Optuna's TPESampler on the same functions: node bench/tuning.mjs [seeds] [trials]
import { environments, pythonOf } from '../scripts/lib/python.mjs';
import { root, run } from '../scripts/lib/run.mjs';
import { suggest } from '../src/core/tuning/suggest.ts';

const seeds = Number(process.argv[2] ?? 100);
const trials = Number(process.argv[3] ?? 60);

/** @typedef {import('../src/contracts/tuning.ts').TrialParams} Params */
/** @typedef {import('../src/contracts/tuning.ts').Space} Space */

/** @param {Params} params */
function branin({ x, y }) {
  const [a, b] = [Number(x), Number(y)];
  return (b - (5.1 / (4 * Math.PI ** 2)) * a * a + (5 / Math.PI) * a - 6) ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(a) + 10;
}

const widths = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]];
const centres = [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991], [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]];

/** @param {Params} params */
function hartmann6(params) {
  return -[1, 1.2, 3, 3.2].reduce((sum, weight, row) => sum + weight * Math.exp(-(widths[row] ?? []).reduce((inner, width, index) => inner + width * (Number(params[`x${index}`]) - (centres[row]?.[index] ?? 0) / 1e4) ** 2, 0)), 0);
}

/** A mixed space, as scripts have: a rate and a size on log scales, a depth, an optimiser, a switch. Least is 0. @param {Params} params */
function mixed({ rate, units, depth, optimizer, dropout }) {
  const off = { adam: 0, sgd: 0.4, rmsprop: 0.2 }[String(optimizer)] ?? 1;
  return (Math.log10(Number(rate)) + 2.6) ** 2 + 0.3 * (Math.log2(Number(units)) - 6.3) ** 2 + 0.2 * Math.abs(Number(depth) - 4) + off + (dropout === 'yes' ? 0 : 0.3);
}

/** Curved valley, least 0 at ones. @param {Params} params */
function rosenbrock(params) {
  const at = (/** @type {number} */ index) => Number(params[`x${index}`]);
  return [0, 1, 2].reduce((sum, index) => sum + 100 * (at(index + 1) - at(index) ** 2) ** 2 + (1 - at(index)) ** 2, 0);
}

/** Many local minima, least 0. @param {Params} params */
function ackley(params) {
  const x = [0, 1, 2, 3, 4].map((index) => Number(params[`x${index}`]));
  const mean = (/** @type {(one: number) => number} */ of) => x.reduce((sum, one) => sum + of(one), 0) / x.length;
  return 20 + Math.E - 20 * Math.exp(-0.2 * Math.sqrt(mean((one) => one * one))) - Math.exp(mean((one) => Math.cos(2 * Math.PI * one)));
}

/** @type {(name: string, low: number, high: number) => Space[number]} */
const float = (name, low, high) => ({ kind: 'float', name, option: `--${name}`, low, high });

/** @type {{ name: string, space: Space, judge: (params: Params) => number }[]} */
const functions = [
  { name: 'branin', space: [float('x', -5, 10), float('y', 0, 15)], judge: branin },
  { name: 'hartmann6', space: Array.from({ length: 6 }, (_, index) => float(`x${index}`, 0, 1)), judge: hartmann6 },
  // Nothing of the sampler was chosen on these.
  { name: 'rosenbrock4', space: Array.from({ length: 4 }, (_, index) => float(`x${index}`, -2, 2)), judge: rosenbrock },
  { name: 'ackley5', space: Array.from({ length: 5 }, (_, index) => float(`x${index}`, -20, 30)), judge: ackley },
  {
    name: 'mixed5',
    space: [
      { kind: 'float', name: 'rate', option: '--rate', low: 1e-5, high: 1, log: true },
      { kind: 'int', name: 'units', option: '--units', low: 8, high: 1024, log: true },
      { kind: 'int', name: 'depth', option: '--depth', low: 1, high: 12 },
      { kind: 'choice', name: 'optimizer', option: '--optimizer', values: ['adam', 'sgd', 'rmsprop'] },
      { kind: 'choice', name: 'dropout', option: '--dropout', values: ['yes', 'no'] },
    ],
    judge: mixed,
  },
];

/** @param {number[]} values */
function quarters(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return [0.5, 0.25, 0.75].map((share) => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(3));
}

const python = await pythonOf('optuna');
const theirs = /** @type {Record<string, number[]>} */ (JSON.parse(await run(python, ['bench/tuning.py', String(seeds), String(trials)], { cwd: root })));
console.log(`best of ${trials} trials, ${seeds} seeds: median (quarters); ${environments.optuna.join(' ')}`);
for (const { name, space, judge } of functions) {
  const ours = Array.from({ length: seeds }, (_, seed) => {
    /** @type {{ params: Params, state: 'finished', value: number }[]} */
    const past = [];
    for (let index = 0; index < trials; index += 1) {
      const params = suggest({ space, sampler: 'tpe', direction: 'minimize', seed }, past, index) ?? {};
      past.push({ params, state: 'finished', value: judge(params) });
    }
    return Math.min(...past.map(({ value }) => value));
  });
  for (const [who, values] of /** @type {const} */ ([['ours', ours], ['Optuna', theirs[name] ?? []]])) {
    const [median, low, high] = quarters(values);
    console.log(`${name.padEnd(12)} ${who.padEnd(7)} ${median} (${low} to ${high})`);
  }
}
