import type { ModelFile } from '../../contracts/model.ts';
import { mostReferenceRows as mostRows } from '../../contracts/training.ts';
import type { TableColumn } from '../data/api.ts';
import { compileModel } from '../serving/api.ts';
import { truthOf } from './baselines.ts';
import { rowHashes } from './fittedRows.ts';
import type { Problem } from './problem.ts';
import { rowsOf } from './rows.ts';

/**
 * What monitoring compares with: the model's inputs on the rows of its training, and what the shipped model says of
 * them. Where there are more than 100,000 rows, those with the lowest hashes of their content.
 */
export function referenceOf(problem: Problem, model: ModelFile): TableColumn[] {
  const rows = sampled(problem);
  const table = rowsOf(problem.table, rows);
  const compiled = compileModel(model);
  const inputs = model.signature.inputs.flatMap(({ name }) => table.columns.filter((column) => column.name === name));
  const { predictions } = compiled.predictTable(table);
  const truth = truthOf(problem, rows);
  const aside = new Set(problem.sides.aside);
  const isRegression = problem.task === 'regression';
  return [
    ...inputs,
    isRegression ? { name: '__prediction', type: 'number', values: Float64Array.from(predictions as number[]) } : { name: '__prediction', type: 'text', values: predictions as string[] },
    { name: '__score', type: 'number', values: scoresOf(problem, compiled.scoreTable(table)) },
    isRegression ? { name: '__truth', type: 'number', values: Float64Array.from(truth) } : { name: '__truth', type: 'text', values: Array.from(truth, (own) => problem.classes[own] ?? null) },
    { name: '__aside', type: 'boolean', values: Float64Array.from(rows, (row) => (aside.has(row) ? 1 : 0)) },
  ];
}

/** The predicted number, the probability of the class of interest, or none where there are more classes. */
function scoresOf({ task, classes, positive }: Problem, scores: Float64Array): Float64Array {
  if (task === 'regression') {
    return scores;
  }
  return classes.length === 2 ? scores.filter((_, index) => index % 2 === positive) : new Float64Array(scores.length / classes.length).fill(Number.NaN);
}

function sampled({ rows, table, split, hashes }: Problem): Int32Array {
  if (rows.length <= mostRows) {
    return rows;
  }
  // A group has one hash; a part of every group is the better sample.
  const places = split.kind === 'group' ? rowHashes(table, table.columns.map(({ name }) => name)) : hashes;
  const kept = Int32Array.from(rows).sort((a, b) => (places[a]! < places[b]! ? -1 : places[a]! > places[b]! ? 1 : a - b)).slice(0, mostRows);
  return kept.sort();
}
