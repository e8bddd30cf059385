// Replays examples/ridership in time order through the whole loop: the first years train, the later ones arrive day by
// day at an endpoint, with their true values a day later. The shipped processes do everything; this only plays the world.
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseDocument } from 'yaml';
import { cli } from './cli.mjs';
import { root, ScriptError } from './run.mjs';

/** Days between two looks of the replay at the monitor; a window of the monitor is as long. */
export const block = 60;
const name = 'daily-riders';

/** What the replay adds to the example's ml.yaml. */
const settings = {
  models: { [name]: { trainers: ['linear'] } },
  // A look at the monitor must not come before the last days of its block are logged.
  deployments: { [name]: { model: name, flush: 10 } },
  monitors: { [name]: { deployment: name, window: block, consecutive: 2, metric: 'mae', worse_by: 0.3 } },
  retraining: { [name]: { model: name, deployment: name, on_worse_score: true, cool_down: '1s', window: 2 * block, promotion: 'automatic' } },
};

/**
 * @typedef {{ date: string, line: string, inputs: Record<string, string | number | null>, value: number }} Day
 * @typedef {{ folder: string, days: Day[], header: string }} Stream
 */

/**
 * Makes a project in `folder` whose data end with the first years; the other days wait in the result.
 * @param {string} folder @param {{ years?: number, shuffled?: boolean }} [options] `years`: how many of 2001… are there from the start.
 * @returns {Stream}
 */
export function prepareStream(folder, { years = 5, shuffled = false } = {}) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const example = path.join(root, 'examples', 'ridership');
  for (const file of ['ridership.csv', 'ml.yaml']) {
    cpSync(path.join(example, file), path.join(folder, file));
  }
  const file = path.join(folder, 'ml.yaml');
  const document = parseDocument(readFileSync(file, 'utf8'));
  for (const [section, entries] of Object.entries(settings)) {
    for (const [entry, values] of Object.entries(entries)) {
      for (const [key, value] of Object.entries(values)) {
        document.setIn([section, entry, key], value);
      }
    }
  }
  writeFileSync(file, document.toString({ lineWidth: 0 }));
  const { header, days } = readDays(path.join(folder, 'ridership.csv'));
  if (shuffled) {
    shuffle(days);
  }
  const until = `${2001 + years}-01-01`;
  const known = shuffled ? Math.round(365.25 * years) : days.findIndex((day) => day.date >= until);
  writeFileSync(path.join(folder, 'ridership.csv'), `${header}\n${days.slice(0, known).map((day) => `${day.line}\n`).join('')}`);
  return { folder, header, days: days.slice(known) };
}

/** @param {string} file @returns {{ header: string, days: Day[] }} in the order of their dates */
function readDays(file) {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const names = header.split(',').map((each) => each.replaceAll('"', ''));
  const days = lines.map((line) => {
    const cells = line.split(',').map((cell) => (cell.startsWith('"') ? cell.replaceAll('"', '') : cell === '' ? null : Number(cell)));
    const { ridership, ...inputs } = Object.fromEntries(names.map((each, index) => [each, cells[index] ?? null]));
    return { date: String(inputs['date']), line, inputs, value: Number(ridership) };
  });
  return { header, days: days.sort((a, b) => (a.date < b.date ? -1 : 1)) };
}

/** The same order at each call. @param {Day[]} days */
function shuffle(days) {
  let state = 20_261_124;
  for (let index = days.length - 1; index > 0; index -= 1) {
    state = (1_664_525 * state + 1_013_904_223) % 4_294_967_296;
    const other = Math.floor((state / 4_294_967_296) * (index + 1));
    [days[index], days[other]] = [/** @type {Day} */ (days[other]), /** @type {Day} */ (days[index])];
  }
}

/** Trains on the first years, registers, deploys. @param {Stream} stream @returns {Promise<{ endpoint: string, url: string, key: string, trained: any }>} */
export async function startStream({ folder }) {
  const trained = await cli(folder, 'train', 'ridership', '--as', name);
  const deployed = await cli(folder, 'deploy', name);
  return { ...deployed, trained };
}

/**
 * Lets the days arrive, and tells after each block what the monitor saw and what retraining decided.
 * @param {Stream} stream @param {{ endpoint: string, url: string, key: string }} at
 * @param {{ days?: number, say(line: string): void }} options `days`: at most so many.
 * @returns {Promise<{ days: number, windows: any[], alerts: any[], decisions: any[] }>}
 */
export async function replay({ folder, days }, at, { days: most = Number.POSITIVE_INFINITY, say }) {
  const told = new Set();
  const model = /** @type {{ inputs: { name: string }[] }} */ (await inputsOf(at));
  const wanted = new Set(model.inputs.map((input) => input.name));
  const some = days.slice(0, most);
  /** @type {{ windows: any[], alerts: any[] }} */
  let monitor = { windows: [], alerts: [] };
  /** @type {any[]} */
  let decisions = [];
  for (let start = 0; start < some.length; start += block) {
    for (const day of some.slice(start, start + block)) {
      await live(folder, at, day, wanted);
    }
    monitor = await cli(folder, 'monitor', at.endpoint);
    for (const window of monitor.windows.filter((/** @type {any} */ each) => each.kind === 'performance' && !told.has(each.window_id))) {
      told.add(window.window_id);
      say(windowLine(window, monitor.windows));
    }
    for (const alert of monitor.alerts.filter((/** @type {any} */ each) => !told.has(each.alert_id))) {
      told.add(alert.alert_id);
      say(`  alert: ${alert.message}`);
    }
    decisions = await settled(folder);
    for (const decision of decisions.filter((each) => !told.has(each.decision_id))) {
      told.add(decision.decision_id);
      say(`  retraining (${decision.trigger.detail}): ${decision.outcome}. ${decision.sentence}`);
      say(`  its page: ml-lifecycle retrain show ${decision.decision_id}`);
    }
  }
  return { days: some.length, windows: monitor.windows, alerts: monitor.alerts, decisions };
}

/** One day: a prediction is asked for, then the day comes to its end and its true value is known. @param {string} folder @param {{ url: string, key: string }} at @param {Day} day @param {Set<string>} wanted */
async function live(folder, at, day, wanted) {
  const row = Object.fromEntries(Object.entries(day.inputs).filter(([column]) => wanted.has(column)));
  await post(at, '/invocations', { dataframe_records: [row] }, { 'x-request-id': day.date });
  await post(at, '/labels', { labels: [{ id: day.date, value: day.value }] });
  appendFileSync(path.join(folder, 'ridership.csv'), `${day.line}\n`);
}

/** @param {{ url: string, key: string }} at @param {string} where @param {unknown} body @param {Record<string, string>} [headers] */
async function post(at, where, body, headers = {}) {
  const response = await fetch(at.url + where, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${at.key}`, ...headers }, body: JSON.stringify(body) });
  if (!response.ok) {
    throw new ScriptError(`${where} answered ${response.status}: ${await response.text()}`);
  }
  return response.json();
}

/** What the served model reads, as any client would ask for it. @param {{ url: string, key: string, endpoint: string }} at */
async function inputsOf(at) {
  const response = await fetch(`${at.url}/v2/models/${at.endpoint}`, { headers: { authorization: `Bearer ${at.key}` } });
  return response.json();
}

/** The decisions, once none is under way. @param {string} folder @returns {Promise<any[]>} */
async function settled(folder) {
  for (;;) {
    const { decisions } = await cli(folder, 'retrain', 'list');
    if (decisions.every((/** @type {any} */ each) => each.status !== 'running')) {
      return decisions.toReversed();
    }
    await pause(200);
  }
}

/** @param {any} window @param {any[]} windows */
function windowLine(window, windows) {
  const day = (/** @type {number} */ at) => new Date(at).toISOString().slice(0, 10);
  const three = (/** @type {number | null} */ value) => (value === null ? '–' : value.toFixed(2));
  const { performance } = window;
  const data = windows.findLast((each) => each.kind === 'data' && each.ulid === window.ulid && each.from === window.from);
  const drifted = data?.drift?.columns.filter((/** @type {any} */ column) => column.drift).map((/** @type {any} */ column) => column.name) ?? [];
  const score = performance === null ? (window.note ?? '') : `mean error ${three(performance.value)} (limit ${three(performance.limit)})${performance.worse ? ', worse' : ''}`;
  return `${day(window.from)} to ${day(window.to)}, version ${window.version ?? '?'}: ${score}; drift: ${drifted.length === 0 ? 'none' : drifted.join(', ')}`;
}
