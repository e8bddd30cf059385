// From the form of the tune panel to a study, and what is wrong with it by field. Light enough for each keystroke.
import { UserError } from '../../contracts/errors.ts';
import type { ScriptJob } from '../../contracts/jobs.ts';
import { higherIsBetter } from '../../contracts/metrics.ts';
import type { TuneForm, TuneParameter, TunePlan } from '../../contracts/panels/tune.ts';
import { mostTrials, type SpaceParameter, type StudySpec } from '../../contracts/tuning.ts';
import { joinArguments, splitArguments, type ScriptOption } from '../scripts/api.ts';
import { suggestRange } from './ranges.ts';
import { checkSpace, writtenParameter } from './space.ts';
import { gridSize } from './suggest.ts';

/** The form that a script starts with. @param metrics what its last runs logged, the first most likely. */
export function defaultTuneForm(options: readonly ScriptOption[], metrics: readonly string[]): TuneForm {
  return { parameters: options.map(parameterOf), metric: metrics[0] ?? '', direction: '', objective: 'last', limit: 'trials', trials: '20', minutes: '10', parallel: '1', sampler: 'tpe', seed: '0', fixed: '' };
}

function parameterOf(option: ScriptOption): TuneParameter {
  const { parameter, vary, hint } = suggestRange(option);
  const { name } = option;
  const blank = { name, option: option.option, vary, kind: parameter.kind, low: '', high: '', log: false, step: '', values: '', off: option.off, default: option.default, hint, typed: false };
  switch (parameter.kind) {
    case 'float':
    case 'int':
      return { ...blank, low: String(parameter.low), high: String(parameter.high), log: parameter.log === true };
    case 'choice':
      return { ...blank, values: parameter.values.join(', ') };
    case 'flag':
      return blank;
  }
}

/** What starting would do, in words, or what must be mended first. @param running how many runs of the project go on side by side. */
export function planTuning(form: TuneForm, running: number): TunePlan {
  const { problems, spec } = read(form);
  const direction = form.direction === '' ? (form.metric !== '' && higherIsBetter(form.metric.trim()) ? 'maximize' : 'minimize') : form.direction;
  if (spec === null) {
    return { sentences: [], problems, direction };
  }
  const names = spec.space.map(({ name }) => `\`${name}\``);
  const size = spec.sampler === 'grid' ? gridSize(spec.space) : null;
  const trials = size === null ? spec.trials : Math.min(size, spec.trials ?? size);
  const long = spec.seconds === null ? '' : ` for ${spec.seconds / 60} ${spec.seconds === 60 ? 'minute' : 'minutes'}; no trial starts after that`;
  const sentences = [
    `Runs the script ${trials === null ? 'again and again' : trials === 1 ? 'once' : `${trials} times`}${trials === null ? long : ''}, each time with other values of ${listed(names)}.`,
    `A trial is judged by the ${spec.objective} value of \`${spec.metric}\` that it logs; ${direction === 'maximize' ? 'more' : 'less'} is better.`,
    ...(size === null ? [] : [`The grid has ${size} ${size === 1 ? 'combination' : 'combinations'}.`]),
    ...(spec.parallel > running ? [`${running === 1 ? 'Only one run goes' : `Only ${running} runs go`} on at a time in this project; the setting “Parallel Runs” changes that.`] : []),
  ];
  return { sentences, problems, direction };
}

/** The study that the form describes. @throws UserError naming the first field that must be mended. */
export function studyFrom(form: TuneForm, job: ScriptJob): StudySpec {
  const { spec, problems } = read(form);
  const [problem] = problems;
  if (spec === null || problem !== undefined) {
    throw new UserError(problem?.message ?? 'The form is not complete.', { field: problem?.field ?? 'form' });
  }
  return { ...spec, job: { ...job, arguments: splitArguments(form.fixed) ?? [] } };
}

/** What starts the same study from a terminal. @param script as it is written there. */
export function tuneCommand(spec: Omit<StudySpec, 'job'>, script: string, fixed: readonly string[]): string {
  const words = ['ml-lifecycle', 'tune', script, '--metric', spec.metric, '--direction', spec.direction];
  for (const parameter of spec.space) {
    words.push('--param', writtenParameter(parameter));
  }
  words.push(...(spec.objective === 'last' ? [] : ['--objective', spec.objective]), ...(spec.sampler === 'tpe' ? [] : ['--sampler', spec.sampler]));
  words.push(...(spec.trials === null ? [] : ['--trials', String(spec.trials)]), ...(spec.seconds === null ? [] : ['--budget', `${spec.seconds}s`]));
  words.push(...(spec.parallel === 1 ? [] : ['--parallel', String(spec.parallel)]), '--seed', String(spec.seed));
  return joinArguments([...words, ...(fixed.length === 0 ? [] : ['--', ...fixed])]);
}

function read(form: TuneForm): { spec: Omit<StudySpec, 'job'> | null; problems: TunePlan['problems'] } {
  const problems: TunePlan['problems'] = [];
  const attempt = <T>(field: string, work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof UserError)) {
        throw error;
      }
      problems.push({ field: error.place.field ?? field, message: error.message });
      return null;
    }
  };
  const whole = (field: string, text: string, low: number, high: number): number => attempt(field, () => wholeNumber(text, low, high)) ?? low;
  const varied = form.parameters.filter(({ vary }) => vary);
  const space = varied.flatMap((parameter) => attempt(parameter.name, () => spaceParameter(parameter)) ?? []);
  const fixed = splitArguments(form.fixed);
  const metric = form.metric.trim();
  if (fixed === null) {
    problems.push({ field: 'fixed', message: 'A quote is not closed.' });
  }
  if (varied.length === 0) {
    problems.push({ field: 'parameters', message: 'Tick at least one option to vary.' });
  }
  if (metric === '') {
    problems.push({ field: 'metric', message: 'Name the metric that trials are judged by.' });
  }
  attempt('parameters', () => checkSpace(space, fixed ?? []));
  if (form.sampler === 'grid') {
    attempt('sampler', () => gridSize(space));
  }
  const spec: Omit<StudySpec, 'job'> = {
    space,
    metric,
    direction: form.direction === '' ? (higherIsBetter(metric) ? 'maximize' : 'minimize') : form.direction,
    objective: form.objective,
    sampler: form.sampler,
    trials: form.limit === 'trials' ? whole('trials', form.trials, 1, mostTrials) : null,
    seconds: form.limit === 'time' ? whole('minutes', form.minutes, 1, 525_600) * 60 : null,
    parallel: whole('parallel', form.parallel, 1, 64),
    seed: whole('seed', form.seed, 0, 4_294_967_295),
  };
  return { spec: problems.length === 0 ? spec : null, problems };
}

function spaceParameter({ name, option, kind, low, high, log, step, values, off }: TuneParameter): SpaceParameter {
  const common = { name, option };
  switch (kind) {
    case 'flag':
      return { kind, ...common, off };
    case 'choice': {
      const list = values.split(',').map((value) => value.trim()).filter((value) => value !== '');
      if (list.length < 2) {
        throw new UserError(`Give ${name} at least two values, separated by commas.`, { field: name });
      }
      return { kind, ...common, values: list };
    }
    case 'float':
      return { kind, ...common, low: anyNumber(name, low), high: anyNumber(name, high), ...(log ? { log: true } : {}) };
    case 'int': {
      const ends = { low: anyNumber(name, low), high: anyNumber(name, high) };
      if (!Number.isSafeInteger(ends.low) || !Number.isSafeInteger(ends.high)) {
        throw new UserError(`${name} takes whole numbers.`, { field: name });
      }
      return { kind, ...common, ...ends, ...(log ? { log: true } : {}), ...(step.trim() === '' ? {} : { step: wholeNumber(step, 1, Number.MAX_SAFE_INTEGER, name) }) };
    }
  }
}

function anyNumber(name: string, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) {
    throw new UserError(text.trim() === '' ? `Give both ends of the range of ${name}.` : `${text.trim()} is no number.`, { field: name });
  }
  return value;
}

function wholeNumber(text: string, low: number, high: number, field?: string): number {
  const value = /^\d{1,16}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value >= low && value <= high)) {
    throw new UserError(`Give a whole number from ${low.toLocaleString('en')}${high === Number.MAX_SAFE_INTEGER ? ' up' : ` to ${high.toLocaleString('en')}`}.`, field === undefined ? {} : { field });
  }
  return value;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
