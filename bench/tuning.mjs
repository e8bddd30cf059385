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

/** @type {(name: string, low: number, high: number) => Space[number]} */
const float = (name, low, high) => ({ kind: 'float', name, option: `--${name}`, low, high });

/** @type {{ name: string, space: Space, judge: (params: Params) => number }[]} */
const functions = [
  { name: 'branin', space: [float('x', -5, 10), float('y', 0, 15)], judge: branin },
  { name: 'hartmann6', space: Array.from({ length: 6 }, (_, index) => float(`x${index}`, 0, 1)), judge: hartmann6 },
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
    console.log(`${name.padEnd(10)} ${who.padEnd(7)} ${median} (${low} to ${high})`);
  }
}
