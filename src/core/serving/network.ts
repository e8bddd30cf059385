import type { DenseLayer } from '../../contracts/model.ts';
import { decodeWeights } from './weights.ts';

/** Row-major: `values[row × width + column]`. */
export interface Matrix {
  rows: number;
  width: number;
  values: Float32Array | Float64Array;
}

interface Layer {
  inputs: number;
  units: number;
  relu: boolean;
  /** inputs × units, row-major. */
  kernel: Float64Array | Float32Array;
  bias: Float64Array | Float32Array;
}

export type Network = readonly Layer[];

/** Decodes layers and checks that each fits the next. */
export function networkOf(layers: readonly DenseLayer[], width: number): Network {
  let inputs = width;
  return layers.map((layer, index) => {
    if (layer.inputs !== inputs) {
      throw new Error(`Layer ${index + 1} takes ${layer.inputs} inputs, but gets ${inputs}.`);
    }
    inputs = layer.units;
    return { inputs: layer.inputs, units: layer.units, relu: layer.activation === 'relu', kernel: decodeWeights(layer.kernel, layer.inputs * layer.units), bias: decodeWeights(layer.bias, layer.units) };
  });
}

/** The last layer's outputs for every row, row-major. */
export function scoreLayers(network: Network, { rows, width, values }: Matrix): Float64Array {
  const outputs = network.at(-1)?.units ?? 0;
  const result = new Float64Array(rows * outputs);
  const widest = Math.max(width, ...network.map((layer) => layer.units));
  let input = new Float64Array(widest);
  let output = new Float64Array(widest);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < width; column += 1) {
      input[column] = values[row * width + column]!;
    }
    for (const layer of network) {
      const { inputs, units, kernel, bias, relu } = layer;
      for (let unit = 0; unit < units; unit += 1) {
        output[unit] = bias[unit]!;
      }
      for (let from = 0; from < inputs; from += 1) {
        const value = input[from]!;
        if (value !== 0) {
          const offset = from * units;
          for (let unit = 0; unit < units; unit += 1) {
            output[unit]! += value * kernel[offset + unit]!;
          }
        }
      }
      if (relu) {
        for (let unit = 0; unit < units; unit += 1) {
          if (output[unit]! < 0) {
            output[unit] = 0;
          }
        }
      }
      [input, output] = [output, input];
    }
    for (let unit = 0; unit < outputs; unit += 1) {
      result[row * outputs + unit] = input[unit]!;
    }
  }
  return result;
}
