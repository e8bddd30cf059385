// Champion against challenger, on rows that neither saw.
import path from 'node:path';
import type { ComparedPart, FairComparison, Verdict } from '../../contracts/retraining.ts';
import type { MetricName, TrainRequest } from '../../contracts/training.ts';
import { UserError } from '../../contracts/errors.ts';
import type { Table, TableColumn } from '../data/api.ts';
import { headlineOf, metricLabels, suits } from '../planning/api.ts';
import type { LoadedModel } from '../serving/api.ts';
import { interval, type FittedRows } from '../training/api.ts';
import { Contest, textOf, type Part } from './contest.ts';
import { evidenceOf, timesOf, type Evidence } from './evidence.ts';

/** Fewer fresh rows than this decide nothing. */
export const fewestFresh = 100;
/** Nor do fewer of the class of interest, nor a slice with fewer. */
const fewestPositives = 30;
/** Nor fewer groups or blocks of time: rows that belong together count little more than one. */
const fewestUnits = 20;
const defaultMargin = 0.05;
/** Two-sided, as the intervals of the parts. */
const confidence = 0.95;
const mostSlices = 50;
const mostPoints = 400;

export interface ComparisonInput {
  champion: LoadedModel;
  challenger: LoadedModel;
  /** What each saw; null where there is no record of it. */
  championSeen: FittedRows | null;
  challengerSeen: FittedRows | null;
  /** The data that the challenger was trained on. */
  table: Table;
  request: TrainRequest;
  /** In the units of the metric. */
  min_gain: number;
  /** Null: 5 % of the champion's value. */
  margin: number | null;
  slices: readonly string[];
  policy: 'better' | 'refresh';
  seed: number;
  /** Compare on exactly these rows of the table; one that a model saw is then an error. */
  rows?: Int32Array;
}

/**
 * Compares two models on rows that neither of them, nor their tuning, calibration or early stopping, saw, and gives
 * one of three verdicts:
 *
 * - `promote`: on the newest window the 95 % interval of the gain (a paired bootstrap, by blocks of time or by groups)
 *   lies above `min_gain`; with the policy `refresh` above −margin. And each of the old window and the slices that has
 *   enough rows is shown not to be worse by more than the margin; for slices Holm's method corrects for their number.
 * - `keep`: the interval lies at or below `min_gain` (`refresh`: below −margin), or the old window or a slice is shown
 *   to be worse by more than the margin.
 * - `inconclusive`: everything else; above all fewer than 100 fresh rows or 30 of the class of interest, and a missing
 *   record of what a model saw. The champion stays.
 *
 * Where both models come from the same file no row is newer than the champion; then the rows that both set aside take
 * the place of the newest window, and the reasons say so.
 *
 * @throws UserError where `rows` holds one that a model saw, a slice is no column, or a model cannot read the table.
 */
export function fairComparison(input: ComparisonInput): FairComparison {
  const { champion, challenger, table, request, policy, min_gain } = input;
  const target = table.columns.find(({ name }) => name === request.target);
  const unknown = input.slices.find((name) => !table.columns.some((column) => column.name === name));
  if (target === undefined || unknown !== undefined) {
    throw new UserError(`${path.basename(request.file)} has no column \`${unknown ?? request.target}\`${unknown === undefined ? '' : ' to make slices of'}.`, { file: request.file, field: unknown === undefined ? 'target' : 'slices' });
  }
  const times = request.split === 'time' ? timesOf(table.columns.find(({ name }) => name === request.time)) : null;
  const offered = (input.rows ?? Int32Array.from({ length: table.rows }, (_, row) => row)).filter((row) => isPresent(target, row) && (times === null || Number.isFinite(times[row]!)));
  const metric = metricOf(request, challenger, target, offered);
  const empty: FairComparison = { metric, min_gain, margin: input.margin ?? 0, policy, rows: { offered: offered.length, seen_by_champion: 0, seen_by_challenger: 0, compared: 0 }, from: null, to: null, newest: null, old: null, slices: [], verdict: 'inconclusive', reasons: [], points: [] };
  const [a, b] = [champion.file, challenger.file].map(({ task, signature }) => `${task} of \`${signature.output.name}\``);
  if (a !== b) {
    return { ...empty, reasons: [`The champion is a ${a ?? ''}, the challenger a ${b ?? ''}: they do not answer the same question, so nothing was compared.`] };
  }
  const evidence = evidenceOf({ table, champion: input.championSeen, challenger: input.challengerSeen, offered, named: input.rows !== undefined });
  if (typeof evidence === 'string') {
    return { ...empty, reasons: [`Not enough evidence: the champion stays. ${evidence}`] };
  }
  const compared = Int32Array.from([...evidence.newest, ...evidence.old]).sort();
  const rows = { offered: offered.length, seen_by_champion: evidence.seenByChampion, seen_by_challenger: evidence.seenByChallenger, compared: compared.length };
  const judged = evidence.sameData ? evidence.old : evidence.newest;
  const span = times === null || judged.length === 0 ? { from: null, to: null } : { from: dateOf(times, judged, Math.min), to: dateOf(times, judged, Math.max) };
  if (compared.length === 0) {
    return { ...empty, rows, reasons: [`Not enough evidence: the champion stays. ${tooFew(0, null, evidence, input)}`] };
  }
  const contest = new Contest({ champion, challenger, table, rows: compared, target, metric, times, identity: evidence.identity, seed: input.seed });
  const first = contest.part(evidence.sameData ? 'old' : 'newest', judged);
  const margin = input.margin ?? defaultMargin * Math.abs(first.champion ?? 0);
  const bar = policy === 'refresh' && !evidence.sameData ? -margin : min_gain;
  const lack = lacking(contest, first, judged, request);
  const main: Part = { ...first, holds: lack !== null || first.gain === null ? null : first.gain.low > bar, note: lack ?? first.note };
  const others = evidence.sameData || evidence.old.length === 0 ? null : judgeOld(contest, evidence.old, margin);
  const slices = judgeSlices(contest, input, compared, margin);
  const { verdict, reasons } = decide({ main, others, slices, bar, margin, input, metric, evidence, lack });
  return {
    ...empty,
    margin,
    rows,
    ...span,
    newest: evidence.sameData ? null : shown(main),
    old: evidence.sameData ? shown(main) : others === null ? null : shown(others),
    slices: slices.map(shown),
    verdict,
    reasons,
    points: contest.task === 'regression' && first.gain !== null ? pointsOf(contest, judged, times) : [],
  };
}

function metricOf(request: TrainRequest, challenger: LoadedModel, target: TableColumn, offered: Int32Array): MetricName {
  const { task, signature } = challenger.file;
  const { positive, classes } = signature.output;
  const share = positive === undefined ? 0 : offered.filter((row) => textOf(target, row) === positive).length / Math.max(1, offered.length);
  return request.metric !== undefined && suits(request.metric, task) ? request.metric : headlineOf(task, classes?.length ?? 0, share);
}

/** Why the rows that decide are too few; null where they are enough. */
function lacking(contest: Contest, part: Part, rows: Int32Array, request: TrainRequest): string | null {
  const units = contest.units(rows).length;
  if (rows.length < fewestFresh || (request.split !== 'time' && request.split !== 'group' && units < fewestFresh)) {
    return `At least ${fewestFresh} different rows are needed.`;
  }
  if (units < fewestUnits) {
    return `At least ${fewestUnits} groups are needed; there are ${units}.`;
  }
  return part.positives !== null && part.positives < fewestPositives ? `At least ${fewestPositives} rows of the class of interest are needed; there are ${part.positives}.` : null;
}

function judgeOld(contest: Contest, rows: Int32Array, margin: number): Part {
  const part = contest.part('old', rows);
  return enough(contest, part) && part.gain !== null ? { ...part, holds: part.gain.low > -margin } : { ...part, note: part.note ?? fewNote(contest) };
}

/** Slices by the values of columns, the most frequent first; judged where there are enough rows, corrected by Holm's method. */
function judgeSlices(contest: Contest, { table, slices }: ComparisonInput, rows: Int32Array, margin: number): Part[] {
  const parts = slices.flatMap((name) => {
    const column = table.columns.find((each) => each.name === name)!;
    const groups = [...Map.groupBy(rows, (row) => textOf(column, row))].sort(([, a], [, b]) => b.length - a.length).slice(0, mostSlices);
    return groups.map(([value, own]) => contest.part(`${name} = ${value}`, Int32Array.from(own)));
  });
  const judged = parts.filter((part) => enough(contest, part) && part.gain !== null);
  const chance = (part: Part): number => part.draws.filter((draw) => draw <= -margin).length / part.draws.length;
  const ranked = [...judged].sort((a, b) => chance(a) - chance(b));
  const results = new Map<Part, Part>();
  let failed = false;
  for (const [rank, part] of ranked.entries()) {
    const level = (1 - confidence) / (ranked.length - rank);
    // Once a hypothesis stands, Holm's method rejects no later one.
    failed ||= chance(part) > level / 2;
    const [low, high] = interval(part.draws, 1 - level);
    results.set(part, { ...part, gain: { value: part.gain!.value, low, high }, confidence: 1 - level, holds: !failed });
  }
  return parts.map((part) => results.get(part) ?? { ...part, note: part.note ?? fewNote(contest) });
}

function enough(contest: Contest, part: Part): boolean {
  return (contest.hasPositives ? (part.positives ?? 0) : part.rows) >= fewestPositives;
}

function fewNote(contest: Contest): string {
  return `Not judged: fewer than ${fewestPositives} ${contest.hasPositives ? 'rows of the class of interest' : 'rows'}.`;
}

interface Findings {
  main: Part;
  others: Part | null;
  slices: readonly Part[];
  bar: number;
  margin: number;
  input: ComparisonInput;
  metric: MetricName;
  evidence: Evidence;
  lack: string | null;
}

function decide({ main, others, slices, bar, margin, input, metric, evidence, lack }: Findings): { verdict: Verdict; reasons: string[] } {
  const where = evidence.sameData ? 'rows that both set aside' : 'new rows that neither model saw';
  const both = `${metricLabels[metric]} ${figure(main.challenger)} against the champion's ${figure(main.champion)} on ${main.rows.toLocaleString('en')} ${where}`;
  const gain = main.gain === null ? '' : `the gain is ${signed(main.gain.value)} (95 % interval ${signed(main.gain.low)} to ${signed(main.gain.high)})`;
  const after = evidence.sameData ? ['Both models come from the same file, so no row is newer than the champion; they were compared on the rows that both set aside. Each look at them wears them out a little.'] : [];
  const answer = (verdict: Verdict, text: string, ...more: string[]): { verdict: Verdict; reasons: string[] } => ({ verdict, reasons: [text, ...more, ...after] });
  if (lack !== null || main.gain === null) {
    const why = lack === null ? (main.note ?? '') : tooFew(main.rows, main.positives, evidence, input);
    return answer('inconclusive', `Not enough evidence: the champion stays. ${why}`, ...(main.gain === null ? [] : [`On what there is: ${both}; ${gain}.`]));
  }
  const guards = [...(others === null ? [] : [others]), ...slices];
  const worse = guards.filter((part) => part.gain !== null && part.holds !== null && part.gain.high < -margin);
  const open = guards.filter((part) => part.holds === false && !worse.includes(part));
  const bound = input.policy === 'refresh' && !evidence.sameData ? `may be worse by ${figure(margin)} at most` : input.min_gain === 0 ? 'must be better' : `must be better by more than ${figure(input.min_gain)}`;
  if (main.gain.high <= bar) {
    return answer('keep', `The champion stays: the challenger is not ${bar < 0 ? 'as good' : 'better'}.`, `${capital(both)}: ${gain}, and it ${bound}.`);
  }
  if (worse.length > 0) {
    return answer('keep', `The champion stays: the challenger is worse on ${named(worse)}.`, `${capital(both)}: ${gain}.`, ...worse.map(lossOf(margin)));
  }
  if (main.holds !== true) {
    return answer('inconclusive', 'The champion stays: the difference may be chance.', `${capital(both)}: ${gain}, and it ${bound}.`);
  }
  if (open.length > 0) {
    return answer('inconclusive', `The champion stays: the challenger may be worse on ${named(open)}.`, `${capital(both)}: ${gain}.`, ...open.map(lossOf(margin)));
  }
  const passed = guards.filter((part) => part.holds === true);
  return answer(
    'promote',
    main.gain.low > Math.max(0, input.min_gain) ? 'The challenger is better.' : 'The challenger is newer and not worse.',
    `${capital(both)}: ${gain}.`,
    ...(passed.length === 0 ? [] : [`It is not worse by more than ${figure(margin)} on ${named(passed)}.`]),
  );
}

/** What is missing, and where the other rows are. */
function tooFew(rows: number, positives: number | null, evidence: Evidence, { challengerSeen, request }: ComparisonInput): string {
  const have = `${rows.toLocaleString('en')} ${rows === 1 ? 'row is' : 'rows are'} ${evidence.sameData ? 'set aside by both models' : 'new and seen by neither model'}${positives === null ? '' : `, ${positives.toLocaleString('en')} of the class of interest`}`;
  const aside = challengerSeen?.header.aside.rows ?? 0;
  const nested = aside === 0 ? ' Below 1,000 rows nothing is set aside, so the challenger saw every row.' : (request.aside_rows ?? fewestFresh) < fewestFresh ? ` Its \`window\` sets only ${aside} rows aside.` : '';
  return `${have}; at least ${fewestFresh} are needed${positives === null ? '' : `, ${fewestPositives} of them of that class`}.${nested}`;
}

function lossOf(margin: number): (part: Part) => string {
  return (part) => `${part.name === 'old' ? 'Older rows' : `\`${part.name}\``}: the gain is ${signed(part.gain?.value ?? 0)} (interval ${signed(part.gain?.low ?? 0)} to ${signed(part.gain?.high ?? 0)}) and must lie above ${signed(-margin)}.`;
}

function named(parts: readonly Part[]): string {
  const names = parts.slice(0, 4).map(({ name }) => (name === 'old' ? 'older rows' : `\`${name}\``));
  return `${names.join(', ')}${parts.length > 4 ? ` and ${parts.length - 4} more` : ''}`;
}

function shown({ draws: _draws, ...part }: Part): ComparedPart {
  return part;
}

function pointsOf(contest: Contest, rows: Int32Array, times: Float64Array | null): FairComparison['points'] {
  const ordered = contest.ordered(rows);
  const count = Math.min(mostPoints, ordered.length);
  return Array.from({ length: count }, (_, index) => {
    const row = ordered[Math.floor((index * ordered.length) / count)]!;
    return { at: times?.[row] ?? null, ...contest.numbers(row) };
  });
}

function isPresent({ values }: TableColumn, row: number): boolean {
  const value = values[row];
  return value !== null && value !== undefined && !Number.isNaN(value);
}

function dateOf(times: Float64Array, rows: Int32Array, pick: (a: number, b: number) => number): string {
  return new Date(rows.reduce((found, row) => pick(found, times[row]!), times[rows[0]!]!)).toISOString().slice(0, 10);
}

function figure(value: number | null): string {
  return value === null ? 'not known' : Math.abs(value) >= 100 ? value.toFixed(1) : value.toFixed(3);
}

function signed(value: number): string {
  const size = figure(Math.abs(value));
  return Number(size) === 0 ? size : `${value < 0 ? '−' : '+'}${size}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
