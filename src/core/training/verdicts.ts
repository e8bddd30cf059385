// What the figures mean, in words.
import { higherIsBetter } from '../../contracts/metrics.ts';
import type { TrainingReport } from '../../contracts/training.ts';
import type { BaselineScores } from './baselines.ts';
import type { Bootstrap } from './bootstrap.ts';
import { metricLabels } from '../planning/api.ts';
import type { Problem } from './problem.ts';

type Verdict = TrainingReport['verdicts'][number];

/** A single column that separates this well is likelier to be a leak than a discovery. */
const suspicious = 0.99;
const fewEvaluated = 200;

/** The verdicts on a model, the most important first. */
export function verdictsOn(report: TrainingReport, problem: Problem, baselines: readonly BaselineScores[], bootstrap: Bootstrap, scores: Float64Array): Verdict[] {
  const verdicts: Verdict[] = [];
  const add = (kind: Verdict['kind'], text: string): void => void verdicts.push({ kind, text });
  const { headline, positive, base_rate } = report;
  baselines.forEach((baseline, index) => {
    for (const metric of baseline.bestBy ?? [headline]) {
      verdicts.push(comparison(baseline, index + 1, metric, bootstrap));
    }
  });
  if (headline === 'average_precision' && base_rate !== undefined) {
    add('note', `${share(base_rate)} of the rows are \`${positive ?? ''}\`: guessing has an average precision of ${figure(base_rate)}, and accuracy would flatter, so average precision is shown first.`);
  }
  const leak = baselines.find((baseline, index) => baseline.column !== undefined && (bootstrap.values(index + 1)['roc_auc'] ?? bootstrap.values(index + 1)['r2'] ?? 0) > suspicious);
  if (leak !== undefined) {
    add('warning', `\`${leak.column ?? ''}\` alone gives the target away almost perfectly. Is it known when a prediction is wanted? If not, leave it out.`);
  }
  if (problem.classes.length === 2 && report.metrics['f1']?.value === 0 && !someAbove(scores, problem.positive)) {
    add('note', `No row's probability of \`${positive ?? ''}\` reaches one half, so the predicted class is always the other one. Use the probability, with a limit that fits what a miss costs.`);
  }
  if (report.evaluation === 'nested') {
    add('note', `With fewer than 1,000 rows nothing is set aside; nested cross-validation over ${report.split.folds} folds measured every row by a model that did not see it.`);
  }
  if (report.rows.evaluated < fewEvaluated) {
    add('warning', `Only ${report.rows.evaluated} rows measured this model, so its figures are rough; look at the intervals.`);
  }
  if (report.evaluation === 'set_aside' && report.holdout_looks > 1) {
    add(report.holdout_looks > 10 ? 'warning' : 'note', `The rows set aside have now been looked at ${report.holdout_looks} times for this target. Choosing between runs by their figures slowly fits those rows as well.`);
  }
  const dropped = report.rows.dropped;
  if (dropped > 0) {
    add('note', `${dropped.toLocaleString('en')} ${dropped === 1 ? 'row was' : 'rows were'} left out: they have no \`${report.target}\`${problem.times === null ? '' : ', no date'} or do not fit the header.`);
  }
  if (problem.undeclared.length > 0) {
    const names = problem.undeclared.slice(0, 4).map((name) => `\`${name}\``).join(', ');
    add('note', `${problem.undeclared.length === 1 ? 'One column is' : `${problem.undeclared.length} columns are`} taken as known in time, since ml.yaml declares ${problem.undeclared.length === 1 ? 'it' : 'them'} neither \`known_ahead\` nor \`lagged\` nor \`observed\`: ${names}${problem.undeclared.length > 4 ? ' and more' : ''}.`);
  }
  const automatic = report.excluded.filter(({ reason }) => reason !== 'you left it out');
  if (automatic.length > 0) {
    add('note', `${automatic.length === 1 ? 'One column was' : `${automatic.length} columns were`} left out: ${automatic.slice(0, 4).map(({ column, reason }) => `\`${column}\` (${reason})`).join(', ')}${automatic.length > 4 ? ' and more' : ''}.`);
  }
  return verdicts;
}

function comparison(baseline: BaselineScores, index: number, metric: keyof typeof metricLabels, bootstrap: Bootstrap): Verdict {
  const own = bootstrap.values(0)[metric] ?? Number.NaN;
  const other = bootstrap.values(index)[metric] ?? Number.NaN;
  const sign = higherIsBetter(metric) ? 1 : -1;
  const [low, high] = bootstrap.difference(0, index, metric).map((value) => sign * value).sort((a, b) => a - b) as [number, number];
  const label = metricLabels[metric];
  const subject = baseline.column === undefined ? `"${baseline.label}"` : `\`${baseline.column}\` alone`;
  if (low > 0) {
    return { kind: 'good', text: `The model beats ${subject}: ${label} ${figure(own)} against ${figure(other)}.` };
  }
  if (high < 0) {
    return { kind: 'warning', text: `${capital(subject)} reaches ${label} ${figure(other)}; the model's ${figure(own)} is worse.` };
  }
  return { kind: baseline.column === undefined ? 'warning' : 'note', text: `${capital(subject)} reaches ${label} ${figure(other)}; the model's ${figure(own)} does not beat it (the difference may be chance).` };
}

/** How the rows were divided, in a sentence. */
export function splitSentence(problem: Problem, evaluated: number, folds: number): string {
  const fitted = problem.sides.rest.length;
  const how = problem.split.kind === 'time' ? `the newest by \`${problem.split.column ?? ''}\`` : problem.split.kind === 'group' ? `whole groups of \`${problem.split.column ?? ''}\`, by a stable hash` : 'by a stable hash of their content';
  return problem.nested
    ? `Nested cross-validation over ${folds} folds on all ${evaluated.toLocaleString('en')} rows.`
    : `${evaluated.toLocaleString('en')} rows (${Math.round((100 * evaluated) / (evaluated + fitted))} %, ${how}) were set aside and used once; ${folds}-fold cross-validation on the other ${fitted.toLocaleString('en')} picked the model.`;
}

function someAbove(scores: Float64Array, positive: number): boolean {
  return scores.some((value, index) => index % 2 === positive && value >= 0.5);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function share(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}

function figure(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(1) : value.toFixed(3);
}
