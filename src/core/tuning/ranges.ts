// What an option is suggested to be searched over, from its name, its type and its default; and why, in a short hint.
import type { SpaceParameter } from '../../contracts/tuning.ts';
import type { ScriptOption } from '../scripts/api.ts';

export interface SuggestedRange {
  parameter: SpaceParameter;
  /** Whether it is usually worth varying. */
  vary: boolean;
  hint: string;
}

/** Options that say where, how long or how, not what. */
const settings = /(^|[-_])(seed|random-state|device|gpu|gpus|workers|jobs|threads|port|host|rank|verbose|debug|log|logs|dir|path|file|data|dataset|out|output|save|load|resume|checkpoint|name|run|tag|config|test|train|version|quiet|print|every|interval)([-_]|$)/i;
const scaleLike = /(^|[-_])(lr|learning-rate|eta|weight-decay|decay|alpha|lambda|l1|l2|reg|regularization|eps|epsilon|gamma|tol|c)([-_]|$)/i;
const shareLike = /(^|[-_])(dropout|drop|momentum|subsample|colsample|fraction|ratio|prob|probability|beta|beta1|beta2|label-smoothing)([-_]|$)/i;
const sizeLike = /(^|[-_])(batch|batch-size|hidden|units|width|dim|channels|filters|neurons|estimators|n-estimators|trees|leaves|num-leaves|embedding)([-_]|$)/i;
const longRunning = /(^|[-_])(epochs?|steps?|iterations?|iters?|rounds?)([-_]|$)/i;

/** Around the option's default where it has one. */
export function suggestRange(option: ScriptOption): SuggestedRange {
  const { name, kind } = option;
  const words = name.replaceAll('_', '-');
  const common = { name, option: option.option };
  const setting = settings.test(words);
  if (kind === 'flag') {
    return { parameter: { kind: 'flag', ...common, off: option.off }, vary: false, hint: 'Set, or not set.' };
  }
  if (option.choices !== null || kind === 'text') {
    const values = option.choices ?? (option.default === null ? [] : [option.default]);
    return { parameter: { kind: 'choice', ...common, values }, vary: option.choices !== null && !setting, hint: option.choices === null ? 'Values, separated by commas.' : 'What the script allows.' };
  }
  const start = option.default === null ? null : Number(option.default);
  const bound = (value: number, whole: boolean): number => tidy(Math.min(option.high ?? Infinity, Math.max(option.low ?? -Infinity, value)), whole);
  if (kind === 'int') {
    return { parameter: { kind: 'int', ...common, ...wholeRange(words, start, bound) }, vary: !setting && !longRunning.test(words) && start !== null, hint: longRunning.test(words) ? 'More of it takes longer; usually left as it is.' : sizeLike.test(words) ? 'A logarithmic scale, since sizes are compared by factors.' : start === null ? 'No default is known: check this range.' : 'Around the default.' };
  }
  if (shareLike.test(words) && (start === null || (start >= 0 && start <= 1))) {
    const high = (start ?? 0) > 0.5 ? 1 : 0.5;
    return { parameter: { kind: 'float', ...common, low: bound(high === 1 ? 0.5 : 0, false), high: bound(high === 1 ? 0.999 : 0.5, false) }, vary: !setting, hint: 'A share.' };
  }
  if (scaleLike.test(words) && (start === null || start >= 0)) {
    const centre = start !== null && start > 0 ? start : 0.001;
    return { parameter: { kind: 'float', ...common, low: bound(centre / 100, false) || 1e-6, high: bound(centre * 10, false), log: true }, vary: !setting, hint: 'A logarithmic scale, since such values are compared by factors: 0.001 and 0.01 are as far apart as 0.01 and 0.1.' };
  }
  if (start === null || start === 0) {
    return { parameter: { kind: 'float', ...common, low: bound(0, false), high: bound(1, false) }, vary: false, hint: 'No default to start from: check this range.' };
  }
  const [low, high] = start > 0 ? [start / 3, start * 3] : [start * 3, start / 3];
  return { parameter: { kind: 'float', ...common, low: bound(low, false), high: bound(high, false) }, vary: !setting, hint: 'A third of the default to three times it.' };
}

function wholeRange(words: string, start: number | null, bound: (value: number, whole: boolean) => number): { low: number; high: number; log?: true } {
  if (start === null || start <= 0) {
    return { low: bound(start === null ? 1 : Math.min(start, 0), true), high: bound(start === null ? 10 : start + 10, true) };
  }
  if (sizeLike.test(words)) {
    return { low: bound(Math.max(1, Math.round(start / 4)), true), high: bound(start * 4, true), log: true };
  }
  return { low: bound(Math.max(1, Math.floor(start / 2)), true), high: bound(Math.max(start + 1, start * 2), true) };
}

/** Without the digits that a division leaves. */
function tidy(value: number, whole: boolean): number {
  return whole ? Math.round(value) : Number(value.toPrecision(3));
}
