// The tree-structured Parzen estimator (Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization"; the roles of
// its parts as Watanabe 2023, arXiv:2304.11127, has measured them), with kernels over all numbers together.
import type { Space, TrialParams } from '../../contracts/tuning.ts';
import { domainOf } from './domain.ts';
import { choiceEstimator, kernelWeights, numericEstimator, type Estimator } from './parzen.ts';
import type { Tried } from './suggest.ts';

/** How many sets of values are drawn for each parameter; the best of all is chosen. */
const candidates = 24;

/** How many of the finished trials count as good: a tenth, at most 25. */
function good(finished: number): number {
  return Math.min(Math.ceil(0.1 * finished), 25);
}

/**
 * The next trial: of parameters drawn from the density of good trials, those whose density among the good is highest
 * beside their density among the others.
 *
 * @param tried in the order of their start. Losses: less is better; those without one (they run, or they failed) count
 * as the worst seen, so that trials side by side spread and what crashes is left alone ("constant liar").
 */
export function tpe(space: Space, tried: readonly Tried[], next: () => number): TrialParams {
  const finished = tried.map((each, index) => ({ index, loss: each.loss })).filter((each): each is { index: number; loss: number } => each.loss !== null);
  finished.sort((a, b) => a.loss - b.loss || a.index - b.index);
  const best = new Set(finished.slice(0, good(finished.length)).map(({ index }) => index));
  const below = tried.filter((_, index) => best.has(index));
  const above = tried.filter((_, index) => !best.has(index));
  const dimensions = space.map((parameter): Dimension => {
    const domain = domainOf(parameter);
    const estimator = (trials: readonly Tried[]): Estimator => {
      const values = trials.map(({ params }) => params[parameter.name]!);
      return domain.kind === 'numeric' ? numericEstimator(domain, values.map(Number)) : choiceEstimator(domain, values);
    };
    return { name: parameter.name, likely: estimator(below), unlikely: estimator(above) };
  });
  const isNumeric = new Set(space.filter(({ kind }) => kind === 'float' || kind === 'int').map(({ name }) => name));
  // Numbers are drawn together, since their best values depend on each other. A choice is drawn for itself: tied to
  // the few good numbers, a search would stay with the category that happened to come with them.
  const groups = [dimensions.filter(({ name }) => isNumeric.has(name)), ...dimensions.filter(({ name }) => !isNumeric.has(name)).map((each) => [each])];
  const [likely, unlikely] = [kernelWeights(below.length), kernelWeights(above.length)];
  const chosen = Object.assign({}, ...groups.map((group) => choose(group, likely, unlikely, next))) as TrialParams;
  return Object.fromEntries(space.map(({ name }) => [name, chosen[name]!]));
}

/** Of so many drawn sets of values, the one that is likeliest among the good beside the others. */
function choose(group: readonly Dimension[], likely: readonly number[], unlikely: readonly number[], next: () => number): TrialParams {
  let chosen: TrialParams = {};
  let highest = -Infinity;
  for (let index = 0; index < candidates * group.length; index += 1) {
    const kernel = pick(likely, next());
    const params: TrialParams = Object.fromEntries(group.map((each) => [each.name, each.likely.draw(kernel, next)]));
    const gain = logDensity(group.map((each) => each.likely.logs(params[each.name]!)), likely) - logDensity(group.map((each) => each.unlikely.logs(params[each.name]!)), unlikely);
    if (index === 0 || gain > highest) {
      chosen = params;
      highest = gain;
    }
  }
  return chosen;
}

interface Dimension {
  name: string;
  likely: Estimator;
  unlikely: Estimator;
}

function pick(weights: readonly number[], share: number): number {
  let left = share;
  for (let index = 0; index < weights.length; index += 1) {
    left -= weights[index]!;
    if (left < 0) {
      return index;
    }
  }
  return weights.length - 1;
}

/** Of a mixture whose kernels are products over the parameters. */
function logDensity(logs: readonly (readonly number[])[], weights: readonly number[]): number {
  const kernels = weights.map((weight, index) => logs.reduce((sum, each) => sum + each[index]!, Math.log(weight)));
  const most = Math.max(...kernels);
  return most + Math.log(kernels.reduce((sum, log) => sum + Math.exp(log - most), 0));
}
