// The Open Inference Protocol, version 2, over REST.
import { UserError } from '../../contracts/errors.ts';
import type { Cell, ModelInput, Predictions, Row, Signature } from '../../contracts/model.ts';
import { cellOf, checkRowCount, isObject, kindOf, shortened } from './rows.ts';
import { checkId } from './scoringProtocol.ts';

export interface Tensor {
  name: string;
  shape: number[];
  datatype: string;
  parameters?: Record<string, string>;
}

type OutputName = 'prediction' | 'probabilities';

export interface InferenceRequest {
  id: string | null;
  rows: Row[];
  /** What the client wants back; all where it does not say. */
  outputs: OutputName[];
}

const integers = ['UINT8', 'UINT16', 'UINT32', 'UINT64', 'INT8', 'INT16', 'INT32', 'INT64'];
const numbers = [...integers, 'FP16', 'FP32', 'FP64'];
const accepted: Record<ModelInput['type'], readonly string[]> = { number: numbers, boolean: ['BOOL'], text: ['BYTES'], date: ['BYTES'] };
const shown: Record<ModelInput['type'], string> = { number: 'FP64', boolean: 'BOOL', text: 'BYTES', date: 'BYTES' };

/** The model's tensors as its metadata lists them; −1 stands for any number of rows. */
export function tensorsOf({ inputs, output }: Signature): { inputs: Tensor[]; outputs: Tensor[] } {
  return {
    inputs: inputs.map((input) => ({ name: input.name, datatype: shown[input.type], shape: [-1] })),
    outputs: [
      { name: 'prediction', datatype: output.classes === undefined ? 'FP64' : 'BYTES', shape: [-1] },
      ...(output.classes === undefined ? [] : [{ name: 'probabilities', datatype: 'FP64', shape: [-1, output.classes.length], parameters: { classes: JSON.stringify(output.classes) } }]),
    ],
  };
}

/** One tensor an input column, [n] or [n, 1]. @throws UserError that says what is wrong and names the tensor. */
export function parseInferenceRequest(body: unknown, signature: Signature): InferenceRequest {
  if (!isObject(body) || !Array.isArray(body['inputs'])) {
    throw new UserError(`The body must be a JSON object with inputs, a list of tensors${isObject(body) ? '' : `, got ${kindOf(body)}`}.`, { field: 'inputs' });
  }
  const columns = new Map<string, { tensor: Record<string, unknown>; values: Cell[] }>();
  const known = new Map(signature.inputs.map((input) => [input.name, input]));
  body['inputs'].forEach((tensor: unknown, index: number) => {
    if (!isObject(tensor) || typeof tensor['name'] !== 'string') {
      throw new UserError(`inputs.${index} must be a tensor with a name.`, { field: `inputs.${index}` });
    }
    const { name } = tensor;
    if (columns.has(name)) {
      throw new UserError(`The tensor \`${shortened(name)}\` is there twice.`, { field: name });
    }
    columns.set(name, { tensor, values: valuesOf(name, tensor, known.get(name)) });
  });
  const [first] = columns.values();
  const count = first?.values.length ?? 0;
  checkRowCount(count);
  for (const [name, { values }] of columns) {
    if (values.length !== count) {
      throw new UserError(`All tensors must have the same number of rows, but \`${shortened(name)}\` has ${values.length} and the first has ${count}.`, { field: name });
    }
  }
  const entries = [...columns];
  const rows = Array.from({ length: count }, (_, row) => Object.fromEntries(entries.map(([name, { values }]) => [name, values[row] ?? null])));
  const { id } = body;
  return { id: id === undefined || id === null ? null : checkId(id, 'id'), rows, outputs: outputsOf(body['outputs'], signature) };
}

function valuesOf(name: string, { shape, datatype, data, parameters }: Record<string, unknown>, input: ModelInput | undefined): Cell[] {
  const field = { field: name };
  const tensor = `The tensor \`${shortened(name)}\``;
  if (isObject(parameters) && Object.hasOwn(parameters, 'binary_data_size')) {
    throw new UserError(`${tensor} is sent as binary data, which this server does not take. Send JSON (in Triton's client: binary_data=False).`, field);
  }
  if (!Array.isArray(shape) || shape.length === 0 || !shape.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new UserError(`${tensor} must have a shape, a list of whole numbers such as [1].`, field);
  }
  if (shape.length > 2 || (shape.length === 2 && shape[1] !== 1)) {
    throw new UserError(`${tensor} must have the shape [rows] or [rows, 1]: each input of the model is a tensor of its own, got [${shape.slice(0, 8).join(', ')}].`, field);
  }
  if (!Array.isArray(data)) {
    throw new UserError(`${tensor} must have data, a list.`, field);
  }
  if (typeof datatype !== 'string' || !(datatype === 'BOOL' || datatype === 'BYTES' || numbers.includes(datatype))) {
    throw new UserError(`${tensor} must have a datatype: BOOL, BYTES, ${numbers.join(', ')}.`, field);
  }
  if (input !== undefined && !accepted[input.type].includes(datatype)) {
    const wanted = input.type === 'number' ? 'FP64 (or another type of numbers)' : input.type === 'date' ? 'BYTES, as ISO text' : shown[input.type];
    throw new UserError(`${tensor} must be of type ${wanted}, got ${datatype}.`, field);
  }
  const count = shape[0] as number;
  if (data.length !== count) {
    throw new UserError(`${tensor} has the shape [${shape.join(', ')}], but ${data.length} values.`, field);
  }
  return data.map((each: unknown, row) => {
    const bare: unknown = shape.length === 2 && Array.isArray(each) && each.length === 1 ? each[0] : each;
    return checked(cellOf(bare, () => ({ text: `\`${shortened(name)}\` in row ${row + 1}`, field: name })), datatype, row, tensor, name);
  });
}

/** A value as its datatype has it. null stands for a missing value, as JSON has no other. */
function checked(value: Cell, datatype: string, row: number, tensor: string, field: string): Cell {
  if (value === null) {
    return null;
  }
  const good =
    datatype === 'BYTES' ? typeof value === 'string' : datatype === 'BOOL' ? typeof value === 'boolean' || value === 0 || value === 1 : typeof value === 'number' && (!integers.includes(datatype) || (Number.isInteger(value) && (value >= 0 || !datatype.startsWith('U'))));
  if (!good) {
    throw new UserError(`${tensor} is of type ${datatype}, but row ${row + 1} holds ${typeof value === 'number' ? `the number ${value}` : kindOf(value)}.`, { field });
  }
  return datatype === 'BOOL' ? Boolean(value) : value;
}

function outputsOf(outputs: unknown, signature: Signature): OutputName[] {
  const all: OutputName[] = signature.output.classes === undefined ? ['prediction'] : ['prediction', 'probabilities'];
  if (outputs === undefined || outputs === null || (Array.isArray(outputs) && outputs.length === 0)) {
    return all;
  }
  if (!Array.isArray(outputs)) {
    throw new UserError(`outputs must be a list, got ${kindOf(outputs)}.`, { field: 'outputs' });
  }
  const names = outputs.map((output: unknown) => (isObject(output) ? output['name'] : undefined));
  const unknown = names.findIndex((name) => !all.some((each) => each === name));
  if (unknown >= 0) {
    const name = names[unknown];
    throw new UserError(`The model has no output ${typeof name === 'string' ? `\`${shortened(name)}\`` : `without a name (outputs.${unknown})`}. It has ${all.join(' and ')}.`, { field: 'outputs' });
  }
  return all.filter((name) => names.includes(name));
}

export interface InferenceResponse {
  model_name: string;
  model_version: string;
  id: string;
  outputs: (Tensor & { data: (string | number)[] })[];
}

/** The answer: tensors flat and row-major. */
export function inferenceResponse(model: { name: string; version: string }, id: string, { predictions, probabilities }: Predictions, signature: Signature, wanted: readonly OutputName[]): InferenceResponse {
  const rows = predictions.length;
  const classes = signature.output.classes ?? [];
  const outputs = tensorsOf(signature).outputs.filter(({ name }) => wanted.some((each) => each === name));
  return {
    model_name: model.name,
    model_version: model.version,
    id,
    outputs: outputs.map((tensor) => ({
      ...tensor,
      shape: [rows, ...tensor.shape.slice(1)],
      data: tensor.name === 'prediction' ? predictions : (probabilities ?? []).flatMap((row) => classes.map((name) => row[name] ?? 0)),
    })),
  };
}
