import type { ModelFile, Predictions, Row } from '../../contracts/model.ts';
import type { AddedColumn, Table } from '../data/api.ts';
import { inputsOfOtherTable, inputsOfRows, type InputColumns } from './inputColumns.ts';
import { networkOf, scoreLayers } from './network.ts';
import { applyRecipe, recipeWidth } from './recipe.ts';

/** A model that is ready to predict. */
export interface LoadedModel {
  readonly file: ModelFile;
  /**
   * Predicts rows as a form or JSON gives them.
   * @throws UserError that names every field that is missing, extra or of a wrong type.
   */
  predictRows(rows: readonly Row[]): Predictions;
  /**
   * Predicts all rows of a table; columns that the model does not read are left alone, missing values are imputed.
   * @throws UserError that names a column that is missing or of a wrong type.
   */
  predictTable(table: Table): Predictions;
  /** Probabilities (rows × classes, row-major) or predicted numbers (rows × 1). */
  scoreTable(table: Table): Float64Array;
}

/** Prepares a model. @throws Error where its parts do not fit together: the file is damaged. */
export function compileModel(file: ModelFile): LoadedModel {
  const width = file.recipe.columns.reduce((sum, column) => sum + recipeWidth(column), 0);
  if (width !== file.recipe.width) {
    throw new Error(`The model file is damaged: its recipe gives ${width} numbers, not ${file.recipe.width}.`);
  }
  const network = networkOf(file.layers, width);
  const { inputs, output } = file.signature;
  const outputs = file.layers.at(-1)?.units ?? 0;
  const score = (columns: InputColumns, rows: number): Float64Array => finish(file, scoreLayers(network, applyRecipe(file.recipe, columns, rows)), rows, outputs);
  return {
    file,
    predictRows: (rows) => predictionsOf(file, score(inputsOfRows(rows, inputs, output.name), rows.length)),
    predictTable: (table) => predictionsOf(file, score(inputsOfOtherTable(table, inputs), table.rows)),
    scoreTable: (table) => score(inputsOfOtherTable(table, inputs), table.rows),
  };
}

/** From the network's raw outputs to probabilities or numbers. */
function finish(file: ModelFile, raw: Float64Array, rows: number, outputs: number): Float64Array {
  const { slope, intercept } = file.calibration;
  if (file.task === 'regression') {
    const { mean, scale } = file.target ?? { mean: 0, scale: 1 };
    return raw.map((value) => value * scale + mean);
  }
  const classes = file.signature.output.classes ?? [];
  if (outputs === 1) {
    const positive = classes.indexOf(file.signature.output.positive ?? '');
    const result = new Float64Array(rows * 2);
    for (let row = 0; row < rows; row += 1) {
      const probability = sigmoid(slope * raw[row]! + intercept);
      result[row * 2 + positive] = probability;
      result[row * 2 + (1 - positive)] = 1 - probability;
    }
    return result;
  }
  return softmax(raw, rows, outputs, slope);
}

/** 1 / (1 + e^−x), without overflow. */
export function sigmoid(value: number): number {
  return value >= 0 ? 1 / (1 + Math.exp(-value)) : Math.exp(value) / (1 + Math.exp(value));
}

/** Row by row e^(slope·x) over its sum, without overflow. */
export function softmax(raw: Float64Array, rows: number, classes: number, slope: number): Float64Array {
  const result = new Float64Array(rows * classes);
  for (let row = 0; row < rows; row += 1) {
    let highest = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < classes; index += 1) {
      highest = Math.max(highest, raw[row * classes + index]! * slope);
    }
    let sum = 0;
    for (let index = 0; index < classes; index += 1) {
      const value = Math.exp(raw[row * classes + index]! * slope - highest);
      result[row * classes + index] = value;
      sum += value;
    }
    for (let index = 0; index < classes; index += 1) {
      result[row * classes + index]! /= sum;
    }
  }
  return result;
}

/** The predicted class is the most probable one; of two that are equal, the first. */
function predictionsOf(file: ModelFile, scores: Float64Array): Predictions {
  const { classes } = file.signature.output;
  if (file.task === 'regression' || classes === undefined) {
    return { predictions: [...scores] };
  }
  const rows = scores.length / classes.length;
  const predictions: string[] = [];
  const probabilities: Record<string, number>[] = [];
  for (let row = 0; row < rows; row += 1) {
    const own = scores.subarray(row * classes.length, (row + 1) * classes.length);
    predictions.push(classes[own.indexOf(Math.max(...own))] ?? '');
    probabilities.push(Object.fromEntries(classes.map((name, index) => [name, own[index]!])));
  }
  return { predictions, probabilities };
}

/** Predictions as columns beside their rows: `prediction`, and `probability_<class>` for classifiers. */
export function predictionColumns({ predictions, probabilities }: Predictions): AddedColumn[] {
  const classes = Object.keys(probabilities?.[0] ?? {});
  return [{ name: 'prediction', values: predictions }, ...classes.map((name) => ({ name: `probability_${name}`, values: (probabilities ?? []).map((each) => each[name] ?? null) }))];
}
