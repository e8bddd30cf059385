import type { ModelInput, Signature } from '../../contracts/model.ts';
import { tensorsOf } from './inferenceProtocol.ts';
import { mostRows } from './rows.ts';

type Json = Record<string, unknown>;

export interface ApiOf {
  endpoint: string;
  /** The registered model's name. */
  model: string;
  version: string;
  url: string;
  needsKey: boolean;
  signature: Signature;
}

/** The endpoint as an OpenAPI 3.1 document: what it takes and gives, made from the model's signature. */
export function openApiOf(api: ApiOf): Json {
  const locked = api.needsKey ? { security: [{ key: [] }, { header: [] }] } : {};
  const errors = (schema: string): Json => ({
    '400': answer('What is wrong with the request; it names the field.', schema),
    ...(api.needsKey ? { '401': answer('The key is missing or wrong.', schema) } : {}),
    '413': answer('The body is too large.', schema),
    '503': answer('The endpoint is ending, or its durable log cannot be written.', schema),
  });
  return {
    openapi: '3.1.0',
    info: { title: api.endpoint, version: api.version, description: `Predicts \`${api.signature.output.name}\` with the model ${api.model}.` },
    servers: [{ url: api.url }],
    paths: {
      '/invocations': {
        post: {
          operationId: 'predict',
          summary: `Predict ${api.signature.output.name} (MLflow’s scoring protocol)`,
          ...locked,
          requestBody: { required: true, content: { 'application/json': { schema: reference('ScoringRequest'), example: { dataframe_records: [exampleOf(api.signature)] } }, 'text/csv': { schema: { type: 'string' } } } },
          responses: { '200': answer('One prediction a row, in the order of the rows.', 'ScoringResponse'), '415': answer('The content type is neither JSON nor CSV.', 'ScoringError'), ...errors('ScoringError') },
        },
      },
      [`/v2/models/${encodeURIComponent(api.model)}/infer`]: {
        post: {
          operationId: 'infer',
          summary: `Predict ${api.signature.output.name} (Open Inference Protocol)`,
          ...locked,
          requestBody: { required: true, content: { 'application/json': { schema: reference('InferenceRequest') } } },
          responses: { '200': answer('The predictions as tensors.', 'InferenceResponse'), ...errors('InferenceError') },
        },
      },
      '/labels': {
        post: {
          operationId: 'addLabels',
          summary: 'Say what turned out to be true, by the ids of the predictions',
          ...locked,
          requestBody: { required: true, content: { 'application/json': { schema: reference('Labels') } } },
          responses: { '202': { description: 'They are on disk.', ...json({ type: 'object', properties: { accepted: { type: 'integer' } }, required: ['accepted'] }) }, ...errors('ScoringError') },
        },
      },
      '/health': { get: { operationId: 'health', summary: 'Whether it is ready', responses: { '200': { description: 'Ready.' }, '503': { description: 'Not ready.' } } } },
    },
    components: {
      schemas: schemasOf(api.signature),
      ...(api.needsKey ? { securitySchemes: { key: { type: 'http', scheme: 'bearer' }, header: { type: 'apiKey', in: 'header', name: 'X-API-Key' } } } : {}),
    },
  };
}

function schemasOf(signature: Signature): Json {
  const { inputs, output } = signature;
  const prediction = output.classes === undefined ? { type: 'number' } : { type: 'string', enum: output.classes };
  const rows = { type: 'array', items: reference('Row'), minItems: 1, maxItems: mostRows };
  const tensor = (item: Json): Json => ({ type: 'object', required: ['name', 'shape', 'datatype', 'data'], properties: { name: { type: 'string' }, shape: { type: 'array', items: { type: 'integer' } }, datatype: { type: 'string' }, data: { type: 'array', items: item } } });
  return {
    Row: {
      type: 'object',
      properties: Object.fromEntries(inputs.map((input) => [input.name, propertyOf(input)])),
      required: inputs.filter((input) => !input.optional).map((input) => input.name),
      additionalProperties: false,
    },
    ScoringRequest: {
      type: 'object',
      oneOf: [
        { required: ['dataframe_records'], properties: { dataframe_records: rows } },
        { required: ['dataframe_split'], properties: { dataframe_split: { type: 'object', required: ['columns', 'data'], properties: { columns: { type: 'array', items: { type: 'string' } }, data: { type: 'array', items: { type: 'array' } } } } } },
        { required: ['instances'], properties: { instances: rows } },
        { required: ['inputs'], properties: { inputs: { type: ['object', 'array'] } } },
      ],
      properties: { params: { type: 'object', properties: { ids: { type: 'array', items: { type: 'string' }, description: 'An id a row, by which labels can be given later.' } } } },
    },
    ScoringResponse: {
      type: 'object',
      required: ['predictions', 'ids', 'ulid', 'version'],
      properties: {
        predictions: { type: 'array', items: prediction },
        ...(output.classes === undefined ? {} : { probabilities: { type: 'array', items: { type: 'object', properties: Object.fromEntries(output.classes.map((name) => [name, { type: 'number' }])) } } }),
        ids: { type: 'array', items: { type: 'string' } },
        ulid: { type: 'string' },
        version: { type: ['integer', 'null'] },
      },
    },
    ScoringError: { type: 'object', required: ['error_code', 'message'], properties: { error_code: { type: 'string' }, message: { type: 'string' } } },
    InferenceRequest: {
      type: 'object',
      required: ['inputs'],
      properties: { id: { type: 'string' }, inputs: { type: 'array', items: tensor({}), description: `One tensor a field: ${tensorsOf(signature).inputs.map(({ name, datatype }) => `${name} (${datatype})`).join(', ')}.` }, outputs: { type: 'array', items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } } },
    },
    InferenceResponse: { type: 'object', required: ['model_name', 'model_version', 'id', 'outputs'], properties: { model_name: { type: 'string' }, model_version: { type: 'string' }, id: { type: 'string' }, outputs: { type: 'array', items: tensor({ type: ['string', 'number'] }) } } },
    InferenceError: { type: 'object', required: ['error'], properties: { error: { type: 'string' } } },
    Labels: {
      type: 'object',
      required: ['labels'],
      properties: { labels: { type: 'array', minItems: 1, maxItems: 100_000, items: { type: 'object', required: ['id', 'value'], properties: { id: { type: 'string' }, value: { type: ['string', 'number', 'boolean'] } } } } },
    },
  };
}

function propertyOf(input: ModelInput): Json {
  const type = { number: 'number', boolean: 'boolean', text: 'string', date: 'string' }[input.type];
  return {
    type: input.optional ? [type, 'null'] : type,
    ...(input.type === 'date' ? { description: 'An ISO date or time; UTC without a zone.' } : {}),
    ...(input.minimum === undefined || input.maximum === undefined ? {} : { description: `Seen in training: ${input.minimum} to ${input.maximum}.` }),
    ...(input.typical === null ? {} : { examples: [input.typical] }),
  };
}

function exampleOf(signature: Signature): Json {
  return Object.fromEntries(signature.inputs.map((input) => [input.name, input.typical]));
}

function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function json(schema: Json): Json {
  return { content: { 'application/json': { schema } } };
}

function answer(description: string, schema: string): Json {
  return { description, ...json(reference(schema)) };
}
