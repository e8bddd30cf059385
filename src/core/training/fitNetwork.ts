import type { Scalar, Tensor, Tensor2D, Variable } from '@tensorflow/tfjs';
import type { DenseLayer } from '../../contracts/model.ts';
import type { Task } from '../../contracts/training.ts';
import { encodeWeights, scoreLayers, type Matrix, type Network } from '../serving/api.ts';
import type { Backend } from './backend.ts';
import { normal, random, shuffle } from './random.ts';

/** What a fit is asked for. */
export interface Design {
  /** Units of the hidden layers; none for a linear model. */
  hidden: readonly number[];
  /** Weight of the squared kernel entries in the loss. */
  l2: number;
  learningRate: number;
}

export interface Examples {
  matrix: Matrix;
  /** Class indices, or standardised numbers. */
  truth: Int32Array | Float64Array;
}

export interface FitOptions {
  task: Task;
  /** Units of the last layer: 1 for two classes and for numbers. */
  outputs: number;
  /** Two classes: the class whose logit the network gives. */
  positive: number;
  seed: number;
  signal: AbortSignal;
  /** How many epochs; with `stop`, at most. */
  epochs?: number;
  /** Begin from these weights, of a network of the same shape, rather than from chance. */
  start?: Network;
  /** Rows that decide when to stop. */
  stop?: Examples;
  /** Rows whose loss is drawn beside; they decide nothing. */
  watch?: Examples;
  onEpoch?(epoch: number, trainLoss: number, validationLoss: number | null): void;
}

export interface Fitted {
  layers: DenseLayer[];
  network: Network;
  /** The epoch whose weights these are, from 1. */
  epochs: number;
}

/** Epochs without a better loss on the rows that decide, until training stops. */
const patience = 6;
const mostEpochs = 60;
/** A linear fit takes at least this many steps, on few rows too: enough for Adam to settle on standardised inputs. */
const linearSteps = 200;
/** From the weights of a stronger regularisation the way is shorter: their losses are convex and their minima near. */
const warmSteps = 80;
/** Epochs of one fit that are told about at most. */
const mostTold = 60;

/** Fits a dense network with Adam in mini-batches. Deterministic for a seed on one backend. */
export async function fitNetwork({ tf }: Backend, design: Design, examples: Examples, options: FitOptions): Promise<Fitted> {
  const { matrix, truth } = examples;
  const next = random(options.seed);
  const sizes = [matrix.width, ...design.hidden, options.outputs];
  const variables = sizes.slice(1).map((units, index) => {
    const inputs = sizes[index]!;
    const last = index === sizes.length - 2;
    const known = options.start?.[index];
    // He's initialisation before relu; the last layer starts at zero, so that the first predictions are neutral.
    const kernel = known?.kernel ?? Float32Array.from({ length: inputs * units }, () => (last ? 0 : normal(next) * Math.sqrt(2 / inputs)));
    const bias = known?.bias ?? new Float32Array(units);
    return { kernel: tf.variable(tf.tensor2d(Float32Array.from(kernel), [inputs, units])), bias: tf.variable(tf.tensor1d(Float32Array.from(bias))), inputs, units, relu: !last };
  });
  const targets = targetsOf(truth, options);
  const optimizer = tf.train.adam(design.learningRate);
  const batch = matrix.rows > 100_000 ? 4096 : matrix.rows > 20_000 ? 1024 : matrix.rows > 4000 ? 512 : 128;
  const steps = Math.ceil(matrix.rows / batch);
  const epochs = options.epochs ?? (design.hidden.length === 0 ? Math.max(4, Math.ceil((options.start === undefined ? linearSteps : warmSteps) / steps)) : mostEpochs);
  const order = Int32Array.from({ length: matrix.rows }, (_, row) => row);
  let best: { loss: number; epoch: number; network: Network } | null = null;
  try {
    for (let epoch = 1; epoch <= epochs; epoch += 1) {
      shuffle(order, next);
      // Smaller steps towards the end, so that the last weights do not depend on the last batch.
      setLearningRate(optimizer, design.learningRate * (design.hidden.length === 0 ? 0.05 + 0.95 * 0.5 * (1 + Math.cos((Math.PI * (epoch - 1)) / epochs)) : 1));
      let sum = 0;
      for (let start = 0; start < matrix.rows; start += batch) {
        options.signal.throwIfAborted();
        const rows = order.subarray(start, Math.min(start + batch, matrix.rows));
        const loss = tf.tidy(() => {
          // Rows are gathered here: the WebAssembly backend takes ten times as long for it.
          const x = tf.tensor2d(gather(matrix.values, matrix.width, rows), [rows.length, matrix.width]);
          const y = tf.tensor2d(gather(targets, options.outputs, rows), [rows.length, options.outputs]);
          const value = optimizer.minimize(() => lossOf(tf, variables, x, y, design.l2, options), true);
          return value === null ? 0 : (value.dataSync()[0] ?? 0);
        });
        sum += loss * rows.length;
        if ((start / batch) % 50 === 49) {
          await breathe();
        }
      }
      await breathe();
      const told = epoch % Math.ceil(epochs / mostTold) === 0 || epoch === epochs;
      if (options.stop !== undefined || told) {
        const network = networkOf(variables);
        const loss = options.stop === undefined ? 0 : meanLoss(network, options.stop, options);
        if (best === null || options.stop === undefined || loss < best.loss - 1e-5) {
          best = { loss, epoch, network };
        }
        if (told) {
          options.onEpoch?.(epoch, sum / matrix.rows, options.watch === undefined ? null : meanLoss(network, options.watch, options));
        }
      }
      if (options.stop !== undefined && best !== null && epoch - best.epoch >= patience) {
        break;
      }
    }
  } finally {
    tf.dispose([...variables.flatMap(({ kernel, bias }) => [kernel, bias])]);
    optimizer.dispose();
  }
  const network = best!.network;
  return { network, epochs: best!.epoch, layers: network.map((layer) => ({ inputs: layer.inputs, units: layer.units, activation: layer.relu ? 'relu' : 'linear', kernel: encodeWeights(Float32Array.from(layer.kernel)), bias: encodeWeights(Float32Array.from(layer.bias)) })) };
}

type Tf = Backend['tf'];

interface LayerVariables {
  kernel: Variable;
  bias: Variable;
  inputs: number;
  units: number;
  relu: boolean;
}

/** Lets messages, timers and the request to cancel through. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Adam keeps its rate in a field that is not part of its type. */
function setLearningRate(optimizer: object, rate: number): void {
  (optimizer as { learningRate: number }).learningRate = rate;
}

/** rows × outputs: 0 or 1 for each class (two classes: for the positive one), or the number. */
function targetsOf(truth: Int32Array | Float64Array, { task, outputs, positive }: FitOptions): Float32Array {
  const values = new Float32Array(truth.length * outputs);
  for (let row = 0; row < truth.length; row += 1) {
    if (task === 'regression') {
      values[row] = truth[row]!;
    } else if (outputs === 1) {
      values[row] = truth[row] === positive ? 1 : 0;
    } else {
      values[row * outputs + truth[row]!] = 1;
    }
  }
  return values;
}

/** Some rows of a row-major matrix. */
function gather(values: Float32Array | Float64Array, width: number, rows: Int32Array): Float32Array {
  const found = new Float32Array(rows.length * width);
  rows.forEach((row, index) => found.set(values.subarray(row * width, (row + 1) * width), index * width));
  return found;
}

/** x · kernel, with a gradient that transposes first: the WebAssembly backend multiplies transposed matrices slowly. */
function multiply(tf: Tf, x: Tensor, kernel: Tensor): Tensor {
  const product = tf.customGrad((a, b, save) => {
    const [left, right] = [a, b] as Tensor2D[];
    (save as (tensors: Tensor[]) => void)([left!, right!]);
    return {
      value: tf.matMul(left!, right!),
      gradFunc: (dy: Tensor, saved: Tensor[]) => [tf.matMul(dy as Tensor2D, tf.transpose(saved[1] as Tensor2D)), tf.matMul(tf.transpose(saved[0] as Tensor2D), dy as Tensor2D)],
    };
  });
  return product(x, kernel);
}

function lossOf(tf: Tf, layers: readonly LayerVariables[], x: Tensor, y: Tensor, l2: number, { task, outputs }: FitOptions): Scalar {
  let value: Tensor = x;
  for (const { kernel, bias, relu } of layers) {
    value = tf.add(multiply(tf, value, kernel), bias);
    value = relu ? tf.relu(value) : value;
  }
  const fit =
    task === 'regression'
      ? tf.mean(tf.square(tf.sub(value, y)))
      : outputs === 1
        ? // log(1 + e^z) − y·z, without overflow
          tf.mean(tf.sub(tf.add(tf.relu(value), tf.log(tf.add(tf.exp(tf.neg(tf.abs(value))), 1))), tf.mul(y, value)))
        : tf.neg(tf.mean(tf.sum(tf.mul(y, tf.logSoftmax(value)), 1)));
  const penalty = layers.map(({ kernel }) => tf.sum(tf.square(kernel))).reduce((sum, each) => tf.add(sum, each));
  return tf.add(fit, tf.mul(penalty, l2));
}

function networkOf(layers: readonly LayerVariables[]): Network {
  return layers.map(({ kernel, bias, inputs, units, relu }) => ({ inputs, units, relu, kernel: Float32Array.from(kernel.dataSync()), bias: Float32Array.from(bias.dataSync()) }));
}

/** The loss without the penalty, in the plain arithmetic that serving uses. */
function meanLoss(network: Network, { matrix, truth }: Examples, { task, outputs, positive }: FitOptions): number {
  const raw = scoreLayers(network, matrix);
  let sum = 0;
  for (let row = 0; row < truth.length; row += 1) {
    if (task === 'regression') {
      sum += (raw[row]! - truth[row]!) ** 2;
    } else if (outputs === 1) {
      const z = raw[row]!;
      sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - (truth[row] === positive ? z : 0);
    } else {
      const own = raw.subarray(row * outputs, (row + 1) * outputs);
      const highest = Math.max(...own);
      sum += highest + Math.log(own.reduce((total, value) => total + Math.exp(value - highest), 0)) - own[truth[row]!]!;
    }
  }
  return sum / Math.max(1, truth.length);
}
