import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Space, SpaceParameter, Trial } from '../../../src/contracts/tuning.ts';
import type { ScriptOption } from '../../../src/core/scripts/api.ts';
import { argumentsOf, checkSpace, defaultTuneForm, importanceOf, parseParameter, planTuning, studyFrom, suggest, suggestRange, tuneCommand, writtenParameter } from '../../../src/core/tuning/api.ts';

const option = (name: string, kind: ScriptOption['kind'], start: string | null, more: Partial<ScriptOption> = {}): ScriptOption => ({ name, option: `--${name}`, also: [], kind, default: start, choices: null, off: null, low: null, high: null, help: null, ...more });
const known = [option('learning-rate', 'float', '0.01'), option('layers', 'int', '2'), option('opt', 'text', 'adam', { choices: ['adam', 'sgd'] }), option('amp', 'flag', 'false')];

describe('a space as it is written', () => {
  const right: [text: string, options: ScriptOption[], expected: object][] = [
    ['lr=log:1e-4..1e-1', [], { kind: 'float', name: 'lr', option: '--lr', low: 1e-4, high: 0.1, log: true }],
    ['layers=1..4', [], { kind: 'int', name: 'layers', option: '--layers', low: 1, high: 4 }],
    ['units=32..256/32', [], { kind: 'int', name: 'units', option: '--units', low: 32, high: 256, step: 32 }],
    ['shift=-1.5..2', [], { kind: 'float', name: 'shift', option: '--shift', low: -1.5, high: 2 }],
    ['optimizer=adam, sgd', [], { kind: 'choice', name: 'optimizer', option: '--optimizer', values: ['adam', 'sgd'] }],
    ['n=1..9', [], { kind: 'int', name: 'n', option: '-n', low: 1, high: 9 }],
    ['learning_rate=1..2', known, { kind: 'float', name: 'learning-rate', option: '--learning-rate', low: 1, high: 2 }],
    ['--layers=1,2,8', known, { kind: 'choice', name: 'layers', option: '--layers', values: ['1', '2', '8'] }],
    ['amp', known, { kind: 'flag', name: 'amp', option: '--amp', off: null }],
  ];
  for (const [text, options, expected] of right) {
    it(`reads ${text}${options.length > 0 ? ' of a script whose options are known' : ''}`, () => assert.deepEqual(parseParameter(text, options), expected));
  }

  const wrong: [text: string, options: ScriptOption[], message: RegExp, field: string][] = [
    ['lr=log:0..1', [], /logarithmic scale, which has no 0/, 'lr'],
    ['lr=2..1', [], /begins at 2 and ends at 1/, 'lr'],
    ['lr=1..1', [], /one value only/, 'lr'],
    ['lr=1..', [], /is not understood\. Write for example lr=/, 'lr'],
    ['lr=', [], /empty value/, 'lr'],
    ['a=x,,y', [], /empty value/, 'a'],
    ['a=x,y,x', [], /lists x twice/, 'a'],
    ['=1..2', [], /is not understood/, 'param'],
    ['layer=1..4', known, /no option --layer\. Did you mean layers\?/, 'layer'],
    ['layers=0.5..2', known, /whole numbers/, 'layers'],
    ['layers', known, /has no values/, 'layers'],
    ['opt=adam,rmsprop', known, /does not take rmsprop for --opt\. It takes adam, sgd/, 'opt'],
    ['learning-rate=0.1,high', known, /high is none/, 'learning-rate'],
    ['amp=1..2', known, /is a switch/, 'amp'],
  ];
  for (const [text, options, message, field] of wrong) {
    it(`refuses ${text} and says what to do`, () =>
      assert.throws(
        () => parseParameter(text, options),
        (error: Error & { place: { field: string } }) => message.test(error.message) && error.place.field === field,
      ));
  }

  it('refuses a parameter twice, and one that is fixed as well', () => {
    const lr = parseParameter('lr=0.1..1', []);
    assert.throws(() => checkSpace([lr, lr], []), /given twice/);
    assert.throws(() => checkSpace([lr], ['--lr=0.1']), /both varied and fixed/);
    assert.throws(() => checkSpace([lr], ['--lr', '0.1']), /both varied and fixed/);
  });

  it('is read back from what is written of it', () => {
    const ends = fc.tuple(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), fc.double({ min: 1e-9, max: 1e9, noNaN: true })).filter(([a, b]) => a < b);
    const whole = fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 })).filter(([a, b]) => a < b);
    const parameter = fc.oneof(
      ends.map(([low, high]): SpaceParameter => ({ kind: 'float', name: 'x', option: '-x', low, high, log: true })),
      whole.map(([low, high]): SpaceParameter => ({ kind: 'int', name: 'x', option: '-x', low, high, step: 3 })),
    );
    fc.assert(fc.property(parameter, (each) => assert.deepEqual(parseParameter(writtenParameter(each), []), each)));
  });

  it('becomes arguments that no parser takes for an option', () => {
    const space: Space = [parseParameter('shift=-2..-1', []), parseParameter('n=1..2', []), parseParameter('amp', []), { kind: 'flag', name: 'aug', option: '--aug', off: '--no-aug' }];
    assert.deepEqual(argumentsOf(space, { shift: -2, n: 1, amp: true, aug: false }), ['--shift=-2', '-n', '1', '--amp', '--no-aug']);
    assert.deepEqual(argumentsOf(space, { shift: -1, n: 2, amp: false, aug: true }), ['--shift=-1', '-n', '2', '--aug']);
  });
});

describe('what is suggested for an option', () => {
  it('is logarithmic for rates and sizes, a share for dropout, around the default else', () => {
    const of = (each: ScriptOption): unknown => {
      const { parameter, vary } = suggestRange(each);
      return [parameter.kind, 'low' in parameter ? [parameter.low, parameter.high, parameter.log ?? false] : [], vary];
    };
    assert.deepEqual(of(option('lr', 'float', '0.01')), ['float', [1e-4, 0.1, true], true]);
    assert.deepEqual(of(option('dropout', 'float', '0.1')), ['float', [0, 0.5, false], true]);
    assert.deepEqual(of(option('hidden', 'int', '64')), ['int', [16, 256, true], true]);
    assert.deepEqual(of(option('max-depth', 'int', '6')), ['int', [3, 12, false], true]);
    assert.deepEqual(of(option('depth', 'int', '3', { low: 1, high: 4 })), ['int', [1, 4, false], true]);
    assert.deepEqual(of(option('epochs', 'int', '10')), ['int', [5, 20, false], false]);
    assert.deepEqual(of(option('seed', 'int', '0')), ['int', [0, 10, false], false]);
    assert.deepEqual(of(option('data', 'text', 'x.csv')), ['choice', [], false]);
  });

  it('makes a form that can be started at once, and the command that starts the same', () => {
    const form = defaultTuneForm(known, ['accuracy', 'loss']);
    const plan = planTuning(form, 1);
    assert.deepEqual(plan.problems, []);
    assert.equal(plan.direction, 'maximize');
    const spec = studyFrom({ ...form, fixed: '--data "a b.csv"' }, { kind: 'script', interpreter: 'python', interpreter_arguments: [], script: '/p/train.py', arguments: [], cwd: '/p' });
    assert.deepEqual(spec.job.arguments, ['--data', 'a b.csv']);
    assert.equal(tuneCommand(spec, 'train.py', spec.job.arguments), "ml-lifecycle tune train.py --metric accuracy --direction maximize --param learning-rate=log:0.0001..0.1 --param layers=1..4 --param opt=adam,sgd --trials 20 --seed 0 -- --data 'a b.csv'");
  });

  it('says by field what must be mended', () => {
    const form = defaultTuneForm(known, []);
    const fields = (change: object): string[] => planTuning({ ...form, metric: 'loss', ...change }, 1).problems.map(({ field }) => field);
    assert.deepEqual(fields({}), []);
    assert.deepEqual(fields({ metric: ' ', trials: '0', seed: 'x', fixed: '"' }).sort(), ['fixed', 'metric', 'seed', 'trials']);
    assert.deepEqual(fields({ parameters: form.parameters.map((each) => ({ ...each, vary: false })) }), ['parameters']);
    assert.deepEqual(fields({ parameters: form.parameters.map((each) => ({ ...each, low: '5', high: '1' })) }), ['learning-rate']);
    assert.deepEqual(fields({ sampler: 'grid' }), ['learning-rate']);
  });
});

describe('which parameter mattered', () => {
  const space: Space = [parseParameter('x=0.0..1.0', []), parseParameter('noise=0.0..1.0', []), parseParameter('c=a,b', [])];
  const trials = (count: number, judge: (params: Trial['params']) => number): Pick<Trial, 'params' | 'state' | 'value'>[] =>
    Array.from({ length: count }, (_, index) => {
      const params = suggest({ space, sampler: 'random', direction: 'minimize', seed: 3 }, [], index) ?? {};
      return { params, state: 'finished', value: judge(params) };
    });

  it('finds a best value in the middle, and a category', () => {
    const found = new Map(importanceOf(space, trials(80, ({ x, c }) => (Number(x) - 0.5) ** 2 + (c === 'a' ? 0.1 : 0)))?.map(({ name, share }) => [name, share]));
    assert.ok((found.get('x') ?? 0) > 0.3 && (found.get('c') ?? 0) > 0.1 && (found.get('noise') ?? 1) < 0.08, JSON.stringify([...found]));
  });
  it('says nothing with fewer than ten trials, and of equal results', () => {
    assert.equal(importanceOf(space, trials(9, ({ x }) => Number(x))), null);
    assert.deepEqual(importanceOf(space, trials(20, () => 1)), []);
  });
});
