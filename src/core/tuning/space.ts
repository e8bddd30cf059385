// The space as people write it, what is wrong with it, and a trial's parameters as the script gets them.
import { UserError } from '../../contracts/errors.ts';
import type { Space, SpaceParameter, TrialParams } from '../../contracts/tuning.ts';
import { nearest } from '../project/api.ts';
import type { ScriptOption } from '../scripts/api.ts';

const number = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`;
const rangeForm = new RegExp(`^(log:)?(${number})\\.\\.(${number})(?:/(${number}))?$`);

/**
 * One parameter as the command line has it: `lr=log:1e-4..1e-1`, `layers=1..4`, `units=32..256/32`, `optimizer=adam,sgd`,
 * or the bare name of a switch.
 *
 * @param options what the script's parser takes; empty where it could not be read: then any name goes.
 * @throws UserError that names the parameter.
 */
export function parseParameter(text: string, options: readonly ScriptOption[]): SpaceParameter {
  const [, given = '', , values] = /^([^=]+)(=(.*))?$/s.exec(text) ?? [];
  const known = optionFor(given.trim(), options);
  const name = known?.name ?? given.trim().replace(/^-+/, '');
  const field = name === '' ? 'param' : name;
  const option = known?.option ?? (given.trim().startsWith('-') ? given.trim() : name.length === 1 ? `-${name}` : `--${name}`);
  if (!/^--?[A-Za-z][\w.-]*$/.test(option)) {
    throw new UserError(`--param "${text}" is not understood. Write a name and its values, for example lr=log:1e-4..1e-1, layers=1..4 or optimizer=adam,sgd.`, { field });
  }
  if (values === undefined || (known?.kind === 'flag' && /^(on,off|off,on|true,false|false,true)$/i.test(values))) {
    if (values === undefined && known !== null && known.kind !== 'flag') {
      throw new UserError(`--param ${name} has no values. Give a range, for example ${name}=1..4, or a list, for example ${name}=a,b.`, { field });
    }
    return { kind: 'flag', name, option, off: known?.off ?? null };
  }
  if (known?.kind === 'flag') {
    throw new UserError(`${option} is a switch, which is set or not. Write --param ${name} alone.`, { field });
  }
  const range = rangeForm.exec(values.trim());
  const parameter = range === null ? listed(name, option, values, known) : ranged(name, option, range, known);
  checkParameter(parameter);
  return parameter;
}

/** @throws UserError naming the first parameter that cannot be searched. */
export function checkSpace(space: Space, fixed: readonly string[]): void {
  const names = new Set<string>();
  for (const parameter of space) {
    if (names.has(parameter.name)) {
      throw new UserError(`${parameter.name} is given twice. Give each parameter once.`, { field: parameter.name });
    }
    names.add(parameter.name);
    if (fixed.some((each) => each === parameter.option || each.startsWith(`${parameter.option}=`))) {
      throw new UserError(`${parameter.option} is both varied and fixed. Take it out of the fixed arguments, or do not vary it.`, { field: parameter.name });
    }
    checkParameter(parameter);
  }
}

/** The arguments that give a script these parameters, before those that all trials share. */
export function argumentsOf(space: Space, params: TrialParams): string[] {
  return space.flatMap((parameter) => {
    const value = params[parameter.name];
    if (value === undefined) {
      return [];
    }
    if (parameter.kind === 'flag') {
      return value === true ? [parameter.option] : parameter.off === null ? [] : [parameter.off];
    }
    const text = String(value);
    // A parser would take `-5` for an option of its own.
    return text.startsWith('-') && parameter.option.startsWith('--') ? [`${parameter.option}=${text}`] : [parameter.option, text];
  });
}

/** A space as options of the command line, which reads it back. */
export function writtenParameter(parameter: SpaceParameter): string {
  switch (parameter.kind) {
    case 'flag':
      return parameter.name;
    case 'choice':
      return `${parameter.name}=${parameter.values.join(',')}`;
    case 'float':
      return `${parameter.name}=${parameter.log === true ? 'log:' : ''}${decimal(parameter.low)}..${decimal(parameter.high)}`;
    case 'int':
      return `${parameter.name}=${parameter.log === true ? 'log:' : ''}${parameter.low}..${parameter.high}${parameter.step === undefined ? '' : `/${parameter.step}`}`;
  }
}

/** So that it is not read as a whole number. */
function decimal(value: number): string {
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function optionFor(given: string, options: readonly ScriptOption[]): ScriptOption | null {
  if (options.length === 0) {
    return null;
  }
  const plain = (text: string): string => text.replace(/^-+/, '').replaceAll('_', '-');
  const found = options.find(({ name }) => plain(name) === plain(given));
  if (found === undefined) {
    const names = options.map(({ name }) => name);
    const meant = nearest(plain(given), names);
    throw new UserError(`The script has no option ${given.startsWith('-') ? given : `--${given}`}.${meant === null ? '' : ` Did you mean ${meant}?`} It has ${names.join(', ')}.`, { field: given });
  }
  return found;
}

function ranged(name: string, option: string, [, log, from = '', to = '', by]: RegExpExecArray, known: ScriptOption | null): SpaceParameter {
  const [low, high] = [Number(from), Number(to)];
  const whole = [from, to].every((text) => /^[-+]?\d+$/.test(text));
  if (known?.kind === 'int' && !(Number.isSafeInteger(low) && Number.isSafeInteger(high))) {
    throw new UserError(`${name} takes whole numbers, and ${from}..${to} are none.`, { field: name });
  }
  const scale = log === undefined ? {} : { log: true };
  if (known?.kind === 'int' || (whole && known?.kind !== 'float')) {
    const step = by === undefined ? undefined : Number(by);
    if (step !== undefined && (!Number.isInteger(step) || step < 1)) {
      throw new UserError(`The step of ${name} must be a whole number of at least 1, not ${by ?? ''}.`, { field: name });
    }
    return { kind: 'int', name, option, low, high, ...scale, ...(step === undefined ? {} : { step }) };
  }
  if (by !== undefined) {
    throw new UserError(`Only ranges of whole numbers take a step. Give ${name} without /${by}, or as a list.`, { field: name });
  }
  return { kind: 'float', name, option, low, high, ...scale };
}

function listed(name: string, option: string, values: string, known: ScriptOption | null): SpaceParameter {
  if (/^log:|\.\./.test(values)) {
    throw new UserError(`The range of ${name}, "${values}", is not understood. Write for example ${name}=0.1..0.9 or ${name}=log:1e-4..1e-1.`, { field: name });
  }
  const found = values.split(',').map((value) => value.trim());
  const wrong = found.find((value) => value === '') === undefined ? found.find((value) => known?.choices !== null && known?.choices !== undefined && !known.choices.includes(value)) : '';
  if (wrong === '') {
    throw new UserError(`The list of ${name} has an empty value. Separate values by one comma each.`, { field: name });
  }
  if (wrong !== undefined) {
    throw new UserError(`The script does not take ${wrong} for ${option}. It takes ${known?.choices?.join(', ') ?? ''}.`, { field: name });
  }
  const unread = known?.kind === 'float' || known?.kind === 'int' ? found.find((value) => !Number.isFinite(Number(value))) : undefined;
  if (unread !== undefined) {
    throw new UserError(`${option} takes numbers, and ${unread} is none.`, { field: name });
  }
  return { kind: 'choice', name, option, values: found };
}

function checkParameter(parameter: SpaceParameter): void {
  const { name } = parameter;
  if (parameter.kind === 'choice') {
    const twice = parameter.values.find((value, index) => parameter.values.indexOf(value) !== index);
    if (twice !== undefined) {
      throw new UserError(`${name} lists ${twice} twice. Give each value once.`, { field: name });
    }
    return;
  }
  if (parameter.kind === 'flag') {
    return;
  }
  const { low, high, log } = parameter;
  if (!Number.isFinite(low) || !Number.isFinite(high) || !Number.isFinite(high - low)) {
    throw new UserError(`The range of ${name} must have two ends that are numbers.`, { field: name });
  }
  if (low >= high) {
    throw new UserError(`The range of ${name} begins at ${low} and ends at ${high}. It must begin below its end${low === high ? '; for one value only, give it with the fixed arguments' : ''}.`, { field: name });
  }
  if (log === true && low <= 0) {
    throw new UserError(`${name} is searched on a logarithmic scale, which has no ${low}. Begin above 0, or leave out the logarithm.`, { field: name });
  }
}
