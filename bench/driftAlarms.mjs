#!/usr/bin/env node
// How often mode `monitor` cries wolf, and how soon it sees half a standard deviation: node bench/driftAlarms.mjs [requests]
// Twenty columns without any change, windows of 500, an alarm after two in a row, over several references; then the
// same with one column shifted, beginning anywhere inside a window.
import { Reference } from '../src/core/monitoring/reference.ts';
import { normal, random } from '../src/core/training/random.ts';

const requests = Number(process.argv[2] ?? 200_000);
const window = 500;
const consecutive = 2;
const referenceRows = [1000, 5000, 20_000];

/** What people have: measured numbers, long tails, whole numbers, flags, few and many categories, gaps. @type {((next: () => number) => number | string | null)[]} */
const kinds = [
  (next) => normal(next),
  (next) => -Math.log(1 - next()),
  (next) => Math.exp(2 * normal(next)),
  (next) => Math.floor(next() * 1000),
  (next) => Math.floor(next() ** 2 * 6),
  (next) => (next() < 0.7 ? 0 : Math.floor(next() * 50)),
  (next) => (next() < 0.1 ? Number.NaN : normal(next)),
  (next) => (next() < 0.03 ? 'yes' : 'no'),
  (next) => 'abcd'[Math.floor(next() * 4)] ?? null,
  (next) => (next() < 0.05 ? null : `city ${Math.floor(next() ** 1.5 * 60)}`),
];
const names = Array.from({ length: 20 }, (_, index) => `column ${index}`);

/** @param {number} rows @param {() => number} next @param {number} [shift] of the first column */
function sample(rows, next, shift = 0) {
  return new Map(
    names.map((name, index) => {
      const kind = kinds[index % kinds.length] ?? normal;
      const values = Array.from({ length: rows }, () => kind(next));
      const number = values.some((value) => typeof value === 'number');
      return [name, number ? Float64Array.from(values, (value) => Number(value) + (index === 0 ? shift : 0)) : /** @type {(string | null)[]} */ (values)];
    }),
  );
}

/** @param {number} rows @param {() => number} next */
const referenceOf = (rows, next) => new Reference([...sample(rows, next)].map(([name, values]) => ({ name, role: /** @type {const} */ ('input'), values })), null);

/** Columns that drift in a window. @param {Reference} reference @param {ReturnType<typeof sample>} columns */
const drifted = (reference, columns) => new Set(reference.judge({ rows: window, columns, times: null }, 0.1).columns.filter((column) => column.drift).map((column) => column.name));

for (const rows of referenceRows) {
  const next = random(rows);
  let alarms = 0;
  let flagged = 0;
  const each = 25_000;
  for (let done = 0; done < requests; done += each) {
    const reference = referenceOf(rows, next);
    const streaks = new Map(names.map((name) => [name, 0]));
    for (let start = 0; start < each; start += window) {
      const found = drifted(reference, sample(window, next));
      flagged += found.size;
      for (const name of names) {
        streaks.set(name, found.has(name) ? (streaks.get(name) ?? 0) + 1 : 0);
        alarms += streaks.get(name) === consecutive ? 1 : 0;
      }
    }
  }
  console.log(`reference of ${rows.toLocaleString('en')} rows: ${alarms} false alarms in ${requests.toLocaleString('en')} requests (${((alarms * 100_000) / requests).toFixed(2)} in 100,000); ${flagged} of ${((20 * requests) / window).toLocaleString('en')} columns flagged in single windows`);
}

for (const rows of referenceRows) {
  const next = random(7 * rows);
  const waits = [];
  for (let trial = 0; trial < 100; trial += 1) {
    const reference = referenceOf(rows, next);
    const offset = Math.floor(next() * window);
    let streak = 0;
    let seen = 0;
    for (let start = -offset; streak < consecutive && seen < 20_000; start += window) {
      const columns = sample(window, next, 0.5);
      const before = Math.max(0, -start);
      const plain = sample(window, next).get('column 0');
      const first = /** @type {Float64Array} */ (columns.get('column 0'));
      first.set(/** @type {Float64Array} */ (plain).subarray(0, before));
      seen = start + window;
      streak = drifted(reference, columns).has('column 0') ? streak + 1 : 0;
    }
    waits.push(seen);
  }
  waits.sort((a, b) => a - b);
  console.log(`reference of ${rows.toLocaleString('en')} rows: half a standard deviation is an alarm after ${waits[50]} requests in the median, ${waits[95]} in 95 %, ${waits[99]} at most (100 trials)`);
}
