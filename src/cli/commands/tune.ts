import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { UserError } from '../../contracts/errors.ts';
import { higherIsBetter } from '../../contracts/metrics.ts';
import type { Study, StudySpec, Trial, TrialParams } from '../../contracts/tuning.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import type { ScriptOption } from '../../core/scripts/api.ts';
import { oneOf } from '../arguments.ts';
import { exists, projectOrNew, required, withClient, type Command, type Context } from '../context.ts';
import { table } from '../format.ts';
import { programFor } from './run.ts';

/** How often the study is looked at. In milliseconds. */
const lookEvery = 300;
const defaultTrials = 20;

export const tune: Command = {
  name: 'tune',
  positionals: '<script> [-- fixed arguments…]',
  summary: 'Tune your own script: run it with other options again and again, and find the best',
  options: {
    metric: { value: 'NAME', help: 'The metric to judge trials by, as the script logs or prints it' },
    param: { value: 'NAME=VALUES', many: true, help: 'An option to vary: lr=log:1e-4..1e-1, layers=1..4, units=32..256/32, optimizer=adam,sgd, or the bare name of a switch' },
    direction: { value: 'WAY', help: 'minimize or maximize; by default as the metric’s name says' },
    objective: { value: 'VALUE', help: 'The last value of the metric, or its best; last by default' },
    sampler: { value: 'NAME', help: 'tpe (learns from earlier trials, default), random or grid (every combination once)' },
    trials: { value: 'N', help: `How many trials; ${defaultTrials} by default, with grid all` },
    budget: { value: 'TIME', help: 'Start no trial after so long, for example 60s, 10m or 2h' },
    parallel: { value: 'N', help: 'How many trials at a time; 1 by default' },
    seed: { value: 'N', help: 'The same seed, one trial at a time, gives the same trials; 0 by default' },
    interpreter: { value: 'PROGRAM', help: 'What runs the script; by default the Python that the editor would choose' },
    name: { value: 'NAME', help: 'The name of the study' },
    'no-wait': { help: 'Start it and end; the study goes on' },
  },
  async run(context) {
    const script = required(context, 0, '<script>');
    const file = path.resolve(context.cwd, script);
    if (!(await exists(file))) {
      throw new UserError(`There is no script ${file}.`, { file });
    }
    const settings = await settingsFrom(context, file);
    const project = await projectOrNew(context);
    const { program: interpreter, before } = await programFor(context, file, project.root);
    const job: StudySpec['job'] = { kind: 'script', interpreter, interpreter_arguments: before, script: file, arguments: context.arguments.positionals.slice(1), cwd: path.dirname(file) };
    return withClient(context, project, async (client) => {
      const study = await client.startStudy({ ...settings, job });
      return context.arguments.flag('no-wait') ? show(context, study) : follow(context, client, study);
    });
  },
};

async function settingsFrom(context: Context, file: string): Promise<Omit<StudySpec, 'job'>> {
  const { arguments: given } = context;
  if (/\.ipynb$/i.test(file)) {
    throw new UserError('A notebook takes no arguments, so it cannot be tuned. Put its code into a script that takes options, for example with argparse.', { file });
  }
  const metric = given.text('metric');
  if (metric === undefined || metric === '') {
    throw new UserError('--metric is missing. Name the metric to judge trials by, as the script logs or prints it, for example --metric loss.', { field: 'metric' });
  }
  const { checkSpace, gridSize, parseParameter } = await import('../../core/tuning/api.ts');
  const options = await optionsOf(context, file);
  const space = given.all('param').map((text) => parseParameter(text, options));
  if (space.length === 0) {
    throw new UserError(`--param is missing. Name at least one option to vary, for example --param lr=log:1e-4..1e-1.${options.length === 0 ? '' : ` The script has ${options.map(({ name }) => name).join(', ')}.`}`, { field: 'param' });
  }
  checkSpace(space, given.positionals.slice(1));
  const sampler = oneOf('sampler', given.text('sampler'), ['tpe', 'random', 'grid']) ?? 'tpe';
  const combinations = sampler === 'grid' ? gridSize(space) : null;
  const seconds = secondsOf(given.text('budget'));
  const name = given.text('name');
  return {
    ...(name === undefined ? {} : { name }),
    space,
    metric,
    direction: oneOf('direction', given.text('direction'), ['minimize', 'maximize']) ?? (higherIsBetter(metric) ? 'maximize' : 'minimize'),
    objective: oneOf('objective', given.text('objective'), ['last', 'best']) ?? 'last',
    sampler,
    trials: given.integer('trials', 1, 10_000) ?? combinations ?? (seconds === null ? defaultTrials : null),
    seconds,
    parallel: given.integer('parallel', 1, 64) ?? 1,
    seed: given.integer('seed', 0, 4_294_967_295) ?? 0,
  };
}

/** What the script's parser takes; empty where it cannot be read. */
async function optionsOf(context: Context, file: string): Promise<ScriptOption[]> {
  if (!/\.py$/i.test(file)) {
    return [];
  }
  const { scriptOptions, Syntax } = await import('../../core/scripts/api.ts');
  return scriptOptions(new Syntax(path.join(context.runtime.folder, 'assets')), await readFile(file, 'utf8'));
}

function secondsOf(text: string | undefined): number | null {
  if (text === undefined) {
    return null;
  }
  const [, size = '', unit = 's'] = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text) ?? [];
  const seconds = Number(size) * { s: 1, m: 60, h: 3600 }[unit as 's' | 'm' | 'h'];
  if (size === '' || seconds < 1) {
    throw new UserError(`--budget takes a time of at least a second, for example 60s, 10m or 2h, not "${text}".`, { field: 'budget' });
  }
  return seconds;
}

async function follow(context: Context, client: ProjectClient, started: Study): Promise<number> {
  const { study_id } = started;
  const stop = (): void => void client.stopStudy(study_id);
  context.signal.addEventListener('abort', stop, { once: true });
  const told = new Set<number>();
  for (;;) {
    const study = await client.study(study_id);
    for (const trial of study.trials.filter((each) => each.ended !== null && !told.has(each.number))) {
      told.add(trial.number);
      context.log(lineOf(trial, study));
    }
    if (study.status !== 'running' && study.trials.every(({ ended }) => ended !== null)) {
      return show(context, study);
    }
    await pause(lookEvery);
  }
}

function lineOf(trial: Trial, { spec, best }: Study): string {
  return `Trial ${trial.number}${spec.trials === null ? '' : ` of ${spec.trials}`}: ${trial.state === 'finished' ? `${spec.metric} ${String(trial.value)}` : (trial.reason ?? trial.state)}${trial.number === best ? ' (best so far)' : ''}  ${paramsText(trial.params)}`;
}

/** 0 when a trial came to a value, or it still runs; 1 when none did, or it was stopped. */
function show(context: Context, study: Study): number {
  const best = study.trials.find(({ number }) => number === study.best) ?? null;
  const { study_id, name, status, sentence, spec } = study;
  context.result(
    {
      run_id: study_id,
      name,
      status,
      sentence,
      metric: spec.metric,
      direction: spec.direction,
      sampler: spec.sampler,
      seed: spec.seed,
      best: best === null ? null : { run_id: best.run_id, number: best.number, value: best.value, params: best.params },
      trials: study.trials.map(({ number, run_id, params, state, value, reason, started, ended }) => ({ number, run_id, params, state, value, reason, seconds: started === null || ended === null ? null : (ended - started) / 1000 })),
      importance: study.importance,
    },
    [
      `${name} ${status}${sentence === '' ? '' : `: ${sentence}`}`,
      ...(study.trials.length === 0 ? [] : ['', table(['trial', spec.metric, ...spec.space.map((parameter) => parameter.name), 'state'], study.trials.map((trial) => [`${trial.number}${trial.number === study.best ? ' *' : ''}`, trial.value === null ? '' : String(trial.value), ...spec.space.map((parameter) => String(trial.params[parameter.name] ?? '')), trial.state]))]),
      ...(best === null ? [] : ['', `Best: trial ${best.number}, ${spec.metric} ${String(best.value)}, ${paramsText(best.params)}, run ${best.run_id}`]),
    ].join('\n'),
  );
  return status === 'finished' || status === 'running' ? 0 : 1;
}

function paramsText(params: TrialParams): string {
  return Object.entries(params).map(([name, value]) => `${name}=${String(value)}`).join(' ');
}
