import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Direction, Sampler, Space, SpaceParameter, TrialParams, TrialState } from '../../../src/contracts/tuning.ts';
import { gridSize, suggest } from '../../../src/core/tuning/api.ts';

interface Past {
  params: TrialParams;
  state: TrialState;
  value: number | null;
}

const float = (name: string, low: number, high: number, log = false): SpaceParameter => ({ kind: 'float', name, option: `--${name}`, low, high, ...(log ? { log } : {}) });
const int = (name: string, low: number, high: number, more: { log?: true; step?: number } = {}): SpaceParameter => ({ kind: 'int', name, option: `--${name}`, low, high, ...more });
const choice = (name: string, values: string[]): SpaceParameter => ({ kind: 'choice', name, option: `--${name}`, values });

/** Trials one after the other, each told what came of it. */
function study(space: Space, judge: (params: TrialParams, index: number) => Omit<Past, 'params'> | number, { trials = 40, seed = 0, sampler = 'tpe', direction = 'minimize' }: { trials?: number; seed?: number; sampler?: Sampler; direction?: Direction } = {}): Past[] {
  const past: Past[] = [];
  for (let index = 0; index < trials; index += 1) {
    const params = suggest({ space, sampler, direction, seed }, past, index);
    if (params === null) {
      break;
    }
    const judged = judge(params, index);
    past.push({ params, ...(typeof judged === 'number' ? { state: 'finished' as const, value: judged } : judged) });
  }
  return past;
}

const mixed: Space = [float('x', -5, 10), float('lr', 1e-5, 1e-1, true), int('layers', 1, 6), int('units', 16, 512, { log: true }), int('even', 2, 11, { step: 2 }), choice('opt', ['adam', 'sgd', 'none']), { kind: 'flag', name: 'amp', option: '--amp', off: null }];
const sum = (params: TrialParams): number => (Number(params['x']) - 3) ** 2 + (Math.log10(Number(params['lr'])) + 3) ** 2 + Math.abs(Number(params['layers']) - 4) + (params['opt'] === 'sgd' ? 0 : 2) + (params['amp'] === true ? 0 : 1);

/** Whether a set of values lies in its space. */
function inside(space: Space, params: TrialParams): boolean {
  return space.every((parameter) => {
    const value = params[parameter.name];
    switch (parameter.kind) {
      case 'float':
        return typeof value === 'number' && value >= parameter.low && value <= parameter.high;
      case 'int':
        return Number.isInteger(value) && Number(value) >= parameter.low && Number(value) <= parameter.high && (Number(value) - parameter.low) % (parameter.step ?? 1) === 0;
      case 'choice':
        return parameter.values.includes(String(value));
      case 'flag':
        return typeof value === 'boolean';
    }
  });
}

describe('what a study tries next', () => {
  for (const sampler of ['tpe', 'random'] as const) {
    it(`lies in the space, whatever came before (${sampler})`, () => {
      const outcome = fc.oneof(fc.double(), fc.constantFrom(0, Infinity, -Infinity, Number.NaN, 1e308, -1e308));
      const state = fc.constantFrom<TrialState>('finished', 'failed', 'cancelled', 'running', 'queued');
      fc.assert(
        fc.property(fc.array(fc.tuple(outcome, state), { minLength: 30, maxLength: 30 }), fc.nat(), (outcomes, seed) => {
          const past = study(mixed, (_, index) => ({ value: outcomes[index]?.[0] ?? null, state: outcomes[index]?.[1] ?? 'failed' }), { trials: 30, seed, sampler });
          assert.ok(past.every(({ params }) => inside(mixed, params)), JSON.stringify(past.find(({ params }) => !inside(mixed, params))));
        }),
        { numRuns: 20 },
      );
    });
  }

  it('is inside very narrow, very wide and tiny spaces too', () => {
    const space = [float('narrow', 1, 1 + 1e-9), float('wide', -1e300, 1e300), float('small', 1e-300, 1e-290, true), int('two', 0, 1), int('far', 1, 1_000_000_000, { log: true })];
    for (const result of [0, Number.NaN]) {
      const past = study(space, ({ wide }) => (result === 0 ? Number(wide) : result), { trials: 60 });
      assert.ok(past.every(({ params }) => inside(space, params)), JSON.stringify(past.find(({ params }) => !inside(space, params))));
    }
  });

  it('is the same for the same seed, and another for another', () => {
    const [first, again, other] = [study(mixed, sum, { seed: 7 }), study(mixed, sum, { seed: 7 }), study(mixed, sum, { seed: 8 })];
    assert.deepEqual(first, again);
    assert.notDeepEqual(first, other);
  });

  it('comes nearer to the best than chance does, both ways', () => {
    const best = (past: Past[], sign: number): number => Math.min(...past.map(({ value }) => sign * (value ?? Infinity)));
    const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
    const seeds = Array.from({ length: 5 }, (_, seed) => seed);
    const learned = median(seeds.map((seed) => best(study(mixed, sum, { seed, trials: 60 }), 1)));
    const chance = median(seeds.map((seed) => best(study(mixed, sum, { seed, trials: 60, sampler: 'random' }), 1)));
    assert.ok(learned < chance / 2, `${learned} is not much better than ${chance}`);
    const turned = study(mixed, (params) => -sum(params), { trials: 30, direction: 'maximize' });
    assert.deepEqual(turned.map(({ params }) => params), study(mixed, sum, { trials: 30 }).map(({ params }) => params));
  });

  it('spreads over logarithmic scales by factors', () => {
    const drawn = study([float('lr', 1e-4, 1, true), int('units', 1, 1000, { log: true })], () => 0, { trials: 2000, sampler: 'random' });
    const share = (name: string, below: number): number => drawn.filter(({ params }) => Number(params[name]) < below).length / drawn.length;
    assert.ok(Math.abs(share('lr', 1e-2) - 0.5) < 0.05);
    assert.ok(Math.abs(share('units', 32) - 0.54) < 0.05);
  });

  it('draws every whole number and every value alike', () => {
    const drawn = study([int('n', 1, 4), choice('c', ['a', 'b'])], () => 0, { trials: 2000, sampler: 'random' });
    for (const [name, values] of [['n', [1, 2, 3, 4]], ['c', ['a', 'b']]] as const) {
      for (const value of values) {
        const share = drawn.filter(({ params }) => params[name] === value).length / drawn.length;
        assert.ok(Math.abs(share - 1 / values.length) < 0.04, `${String(value)}: ${share}`);
      }
    }
  });

  it('keeps away from what runs already, so that trials side by side spread', () => {
    const space = [float('x', 0, 1)];
    const past = study(space, ({ x }) => (Number(x) - 0.3) ** 2, { trials: 30 });
    const side: Past[] = [...past];
    for (let index = 0; index < 8; index += 1) {
      side.push({ params: suggest({ space, sampler: 'tpe', direction: 'minimize', seed: 1 }, side, side.length) ?? {}, state: 'running', value: null });
    }
    const drawn = side.slice(30).map(({ params }) => Number(params['x']));
    assert.ok(new Set(drawn.map((x) => x.toFixed(3))).size >= 7, drawn.join(' '));
    assert.ok(Math.max(...drawn) - Math.min(...drawn) > 0.05, drawn.join(' '));
  });

  it('leaves alone what fails', () => {
    const space = [float('x', 0, 1)];
    const past = study(space, ({ x }) => (Number(x) > 0.5 ? { state: 'failed', value: null } : { state: 'finished', value: Math.abs(Number(x) - 0.4) }), { trials: 60 });
    const late = past.slice(30).filter(({ state }) => state === 'failed').length;
    assert.ok(late < 6, `${late} of the last 30 failed`);
  });

  describe('as a grid', () => {
    const space: Space = [int('n', 1, 3), choice('c', ['a', 'b']), { kind: 'flag', name: 'f', option: '--f', off: null }];
    it('is every combination once', () => {
      const past = study(space, () => 0, { sampler: 'grid', trials: 50 });
      assert.equal(past.length, 12);
      assert.equal(new Set(past.map(({ params }) => JSON.stringify(params))).size, 12);
      assert.equal(gridSize(space), 12);
    });
    it('refuses numbers without end, and says what to do', () => assert.throws(() => gridSize([float('lr', 0, 1)]), /lr is a range of numbers without end\. Give it as a list/));
    it('refuses what nobody waits for', () => assert.throws(() => gridSize([int('a', 1, 1000), int('b', 1, 1000)]), /1,000,000 combinations/));
  });
});
