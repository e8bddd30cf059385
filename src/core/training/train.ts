import path from 'node:path';
import type { ModelFile } from '../../contracts/model.ts';
import { type Baseline, type Estimate, type TrainingReport, type TrainRequest } from '../../contracts/training.ts';
import { readTable, type Table } from '../data/api.ts';
import { compileModel } from '../serving/api.ts';
import { backend } from './backend.ts';
import { baselinesOf, constantBaseline, truthOf, type BaselineScores } from './baselines.ts';
import { Bootstrap } from './bootstrap.ts';
import { contendersOf, type Contender } from './candidates.ts';
import { calibrationOf, compete, fitChosen, spreads, type Fitting, type Result } from './competition.ts';
import { metricLabels } from '../planning/api.ts';
import { fittedRowsOf } from './fittedRows.ts';
import type { TrainingHost, TrainingOutcome } from './host.ts';
import { metricsOf, type Scored } from './metrics.ts';
import { problemOf, type Problem } from './problem.ts';
import { referenceOf } from './reference.ts';
import { rowsOf } from './rows.ts';
import { signatureOf } from './signature.ts';
import { splitSentence, verdictsOn } from './verdicts.ts';

/** Folds of the inner competitions when the evaluation is nested. */
const innerFolds = 3;

/** See api.ts. */
export async function train(request: TrainRequest, host: TrainingHost, read?: Table): Promise<TrainingOutcome> {
  const began = performance.now();
  host.progress(0, 'reading the data');
  const table = read ?? (await readTable(request.file, { signal: host.signal }));
  const problem = problemOf(request, table);
  note(request, problem, host);
  const engine = await backend(host.tensorflowFolder);
  if (engine.name === 'cpu') {
    host.log('WebAssembly could not be loaded on this machine, so training runs in plain JavaScript and takes several times as long.');
  }
  const contenders = contendersOf(request.trainers, problem.task);
  const { sides } = problem;
  const folds = sides.folds(sides.rest, request.folds);
  const nestedFolds = problem.nested ? sides.folds(sides.rest, request.folds) : [];
  const fits = contenders.length * folds.length + nestedFolds.length * (contenders.length * innerFolds + 1) + 1;
  let done = -1;
  const fitting: Fitting = {
    backend: engine,
    seed: request.seed,
    signal: host.signal,
    onStep: (message) => {
      done += 1;
      host.progress(0.05 + (0.85 * done) / fits, message);
    },
  };
  const live: Fitting = {
    ...fitting,
    onEpoch: (contender, fold, epoch, trainLoss, validationLoss) => {
      host.metric(`train_loss/${contender.name}/fold_${fold + 1}`, trainLoss, epoch);
      if (validationLoss !== null) {
        host.metric(`validation_loss/${contender.name}/fold_${fold + 1}`, validationLoss, epoch);
      }
    },
  };
  const { results, chosen } = await compete(problem, contenders, folds, live);
  for (const result of results) {
    const { mean, sd } = spreads(result)[problem.metric] ?? { mean: Number.NaN, sd: Number.NaN };
    host.log(`${result.contender.label}: ${metricLabels[problem.metric]} ${figure(mean)} ± ${figure(sd)} over ${folds.length} folds${result === chosen ? '  (chosen)' : ''}`);
  }
  const nested = problem.nested ? await nestedScores(problem, contenders, nestedFolds, fitting) : null;
  fitting.onStep('fitting the chosen model on all training rows');
  const { recipe, layers, target } = await fitChosen(problem, chosen, sides.rest, fitting);
  const model: ModelFile = {
    format: 'ml-lifecycle-model/1',
    task: problem.task,
    trainer: chosen.contender.trainer,
    signature: signatureOf(problem, sides.rest),
    recipe,
    layers,
    calibration: calibrationOf(problem, chosen),
    ...(target === undefined ? {} : { target }),
  };
  host.progress(0.92, 'measuring on rows that no fit saw');
  const evaluated = nested?.rows ?? sides.aside;
  // What is measured is what is served: the same compiled model scores the rows.
  const scores = nested?.scores ?? compileModel(model).scoreTable(rowsOf(table, evaluated));
  const baselines = nested?.baselines ?? baselinesOf(problem, sides.rest, evaluated, folds, request.horizon ?? 1);
  const bootstrap = bootstrapOf(problem, evaluated, [scores, ...baselines.map((baseline) => baseline.scores)], request.seed);
  const report = reportOf({ request, problem, results, chosen, baselines, bootstrap, evaluated, backend: engine.name, looks: host.holdoutLooks + 1, folds: folds.length });
  report.verdicts = verdictsOn(report, problem, baselines, bootstrap, scores);
  report.seconds = Math.round(performance.now() - began) / 1000;
  tell(report, host);
  return { report, model, dataSha256: table.sha256, rows: table.rows, fitted: fittedRowsOf(problem, table.sha256), reference: referenceOf(problem, model) };
}

interface Nested {
  rows: Int32Array;
  scores: Float64Array;
  baselines: BaselineScores[];
}

/** Nested cross-validation: in each outer fold the whole selection runs anew, and only its winner scores the fold. */
async function nestedScores(problem: Problem, contenders: readonly Contender[], folds: ReturnType<Problem['sides']['folds']>, fitting: Fitting): Promise<Nested> {
  const parts: { rows: Int32Array; scores: Float64Array; baselines: BaselineScores[] }[] = [];
  for (const [index, { training, validation }] of folds.entries()) {
    const inner = problem.sides.folds(training, innerFolds);
    const usable = inner.every((fold) => [fold.training, fold.validation].every((rows) => problem.classes.every((_, own) => rows.some((row) => problem.truth[row] === own)) && rows.length > 0));
    const { chosen } = usable ? await compete(problem, contenders, inner, fitting) : await compete(problem, contenders.slice(0, 1), [{ training, validation: training }], fitting);
    fitting.onStep(`outer fold ${index + 1} of ${folds.length}`);
    const { recipe, layers, target } = await fitChosen(problem, chosen, training, fitting);
    const model = compileModel({ format: 'ml-lifecycle-model/1', task: problem.task, trainer: chosen.contender.trainer, signature: signatureOf(problem, training), recipe, layers, calibration: calibrationOf(problem, chosen), ...(target === undefined ? {} : { target }) });
    parts.push({ rows: validation, scores: model.scoreTable(rowsOf(problem.table, validation)), baselines: baselinesOf(problem, training, validation, inner, 1) });
  }
  const rows = Int32Array.from(parts.flatMap((part) => [...part.rows]));
  // A constant of each fold would rank the rows by their fold, worse than chance: pooled, there is one constant.
  const constant = constantBaseline(problem, problem.sides.rest, rows);
  // The best column may differ between folds; pooled, it stands for "choose one column". Where classes are rare, some fold may have none.
  const columns = parts[0]!.baselines.filter(({ name }, index, all) => name !== constant.name && all.findIndex((other) => other.name === name) === index);
  const pooled = columns.flatMap((baseline): BaselineScores[] => {
    const scores = parts.flatMap((part) => part.baselines.find((each) => each.name === baseline.name)?.scores ?? []);
    return scores.length < parts.length ? [] : [{ ...baseline, scores: joined(scores) }];
  });
  return { rows, scores: joined(parts.map((part) => part.scores)), baselines: [constant, ...pooled] };
}

function joined(parts: Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

function bootstrapOf(problem: Problem, evaluated: Int32Array, all: Float64Array[], seed: number): Bootstrap {
  const truth = truthOf(problem, evaluated);
  const scored = all.map((scores): Scored => ({ task: problem.task, classes: Math.max(1, problem.classes.length), positive: problem.positive, truth, scores }));
  const place = new Map(Array.from(evaluated, (row, index) => [row, index]));
  const units = problem.sides.units(evaluated).map((unit) => unit.map((row) => place.get(row)!));
  return new Bootstrap(scored, units, seed);
}

interface Parts {
  request: TrainRequest;
  problem: Problem;
  results: Result[];
  chosen: Result;
  baselines: BaselineScores[];
  bootstrap: Bootstrap;
  evaluated: Int32Array;
  backend: string;
  looks: number;
  folds: number;
}

function reportOf({ problem, results, chosen, baselines, bootstrap, evaluated, backend: engine, looks, folds }: Parts): TrainingReport {
  const { task, classes, positive, split } = problem;
  const truth = truthOf(problem, evaluated);
  const two = task === 'classification' && classes.length === 2;
  const estimates = metricsOf(task).flatMap((metric): [string, Estimate][] => {
    const estimate = bootstrap.estimate(0, metric);
    return estimate === null ? [] : [[metric, estimate]];
  });
  return {
    task,
    target: problem.target,
    ...(task === 'classification' ? { classes } : {}),
    ...(two ? { positive: classes[positive]!, base_rate: truth.filter((value) => value === positive).length / truth.length } : {}),
    metric: problem.metric,
    headline: problem.headline,
    trainer: chosen.contender.trainer,
    rows: { total: problem.table.rows, fitted: problem.sides.rest.length, evaluated: evaluated.length, dropped: problem.table.rows - problem.rows.length + problem.table.dropped },
    evaluation: problem.nested ? 'nested' : 'set_aside',
    split: { kind: split.kind, ...(split.column === undefined ? {} : { column: split.column }), folds, sentence: splitSentence(problem, evaluated.length, folds) },
    metrics: Object.fromEntries(estimates),
    cv: spreads(chosen),
    candidates: results.map((result) => ({ name: result.contender.name, trainer: result.contender.trainer, label: result.contender.label, params: result.contender.params, cv: spreads(result), chosen: result === chosen })),
    baselines: baselines.map((baseline, index): Baseline => ({ name: baseline.name, label: baseline.label, ...(baseline.column === undefined ? {} : { column: baseline.column }), metrics: Object.fromEntries(Object.entries(bootstrap.values(index + 1)).filter(([, value]) => Number.isFinite(value))) })),
    verdicts: [],
    excluded: problem.excluded,
    inputs: problem.features.map((feature) => feature.name),
    holdout_looks: looks,
    backend: engine,
    seconds: 0,
  };
}

/** What the run was asked and decided, as its parameters. */
function note(request: TrainRequest, problem: Problem, host: TrainingHost): void {
  const params: Record<string, string> = {
    target: request.target,
    task: problem.task,
    metric: problem.metric,
    split: problem.split.kind,
    folds: String(request.folds),
    seed: String(request.seed),
    trainers: request.trainers.join(', '),
    inputs: String(problem.features.length),
    ...(problem.task === 'classification' && problem.classes.length === 2 ? { positive: problem.classes[problem.positive]! } : {}),
    ...(request.exclude.length > 0 ? { exclude: request.exclude.join(', ') } : {}),
  };
  for (const [key, value] of Object.entries(params)) {
    host.param(key, value);
  }
  host.tag('headline', problem.headline);
  host.log(`${path.basename(request.file)}: ${problem.rows.length.toLocaleString('en')} rows, predicting ${request.target} from ${problem.features.length} columns.`);
}

function tell(report: TrainingReport, host: TrainingHost): void {
  for (const [name, { value }] of Object.entries(report.metrics)) {
    host.metric(name, value, 0);
  }
  for (const [name, { mean }] of Object.entries(report.cv)) {
    host.metric(`cv_${name}`, mean, 0);
  }
  const chosen = report.candidates.find((candidate) => candidate.chosen);
  if (chosen !== undefined) {
    host.param('chosen', chosen.name);
  }
  const shown = report.metrics[report.headline];
  host.log(`${chosen?.label ?? report.trainer} on ${report.rows.evaluated.toLocaleString('en')} rows it never saw: ${metricLabels[report.headline]} ${figure(shown?.value ?? Number.NaN)}.`);
  for (const { text } of report.verdicts) {
    host.log(text);
  }
  host.progress(1, 'done');
}

function figure(value: number): string {
  return Number.isFinite(value) ? (Math.abs(value) >= 100 ? value.toFixed(1) : value.toPrecision(3)) : 'not known';
}
