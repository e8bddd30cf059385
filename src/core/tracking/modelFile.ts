// The file MLmodel beside a logged model: what it takes and gives, and what can load it. It is text; no model is loaded.
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/userError.ts';
import type { ModelFacts } from '../../contracts/panels/preview.ts';

const text = z.optional(z.nullable(z.union([z.string(), z.number(), z.boolean()])));
const ModelFile = z.object({
  flavors: z.optional(z.record(z.string(), z.record(z.string(), z.unknown()))),
  signature: z.optional(z.nullable(z.object({ inputs: z.optional(z.nullable(z.string())), outputs: z.optional(z.nullable(z.string())), params: z.optional(z.nullable(z.string())) }))),
  mlflow_version: text,
  model_id: text,
  run_id: text,
  utc_time_created: text,
  model_size_bytes: text,
});

const Specs = z.array(z.record(z.string(), z.unknown()));
type Field = NonNullable<ModelFacts['signature']>['inputs'][number];

/** @throws UserError where it is no such file. */
export function readModelFile(content: string): ModelFacts {
  const parsed = ModelFile.safeParse(yaml(content));
  if (!parsed.success) {
    throw new UserError('This MLmodel file cannot be read: it does not describe a model as MLflow writes it.');
  }
  const { flavors = {}, signature, ...rest } = parsed.data;
  const facts = { 'MLflow': rest.mlflow_version, 'Logged (UTC)': rest.utc_time_created, 'Size in bytes': rest.model_size_bytes, 'Model': rest.model_id, 'Run': rest.run_id };
  return {
    flavors: Object.entries(flavors).map(([name, flavor]) => ({ name, version: versionOf(flavor) })),
    signature: signature === undefined || signature === null ? null : { inputs: fields(signature.inputs), outputs: fields(signature.outputs), params: fields(signature.params) },
    facts: Object.entries(facts).flatMap(([name, value]) => (value === undefined || value === null ? [] : [{ name, value: String(value) }])),
  };
}

function yaml(content: string): unknown {
  try {
    // MLflow writes plain data; more aliases than that are an attempt to fill the memory.
    return parse(content, { maxAliasCount: 10 });
  } catch {
    return null;
  }
}

/** The library's version: `sklearn_version`, `pytorch_version`, … */
function versionOf(flavor: Record<string, unknown>): string | null {
  const found = Object.entries(flavor).find(([key, value]) => key.endsWith('_version') && typeof value === 'string');
  return found === undefined ? null : `${found[0].replace(/_version$/, '')} ${String(found[1])}`;
}

function fields(json: string | null | undefined): Field[] {
  if (json === null || json === undefined) {
    return [];
  }
  let data: unknown = null;
  try {
    data = JSON.parse(json);
  } catch {
    // As if it were no list.
  }
  const specs = Specs.safeParse(data);
  return specs.success ? specs.data.map((spec, index) => ({ name: typeof spec['name'] === 'string' ? spec['name'] : `(${index + 1})`, type: typeOf(spec), required: spec['required'] !== false && !('default' in spec) })) : [];
}

/** `double`, `float32 tensor (-1, 28, 28)`, `list of string`, `{a: long, b: string}`. */
function typeOf(spec: Record<string, unknown>): string {
  const inner = (value: unknown): string => (typeof value === 'object' && value !== null ? typeOf(value as Record<string, unknown>) : 'unknown');
  if (spec['type'] === 'tensor') {
    const { dtype, shape } = (spec['tensor-spec'] ?? {}) as { dtype?: unknown; shape?: unknown };
    return `${typeof dtype === 'string' ? dtype : 'unknown'} tensor (${Array.isArray(shape) ? shape.join(', ') : ''})`;
  }
  if (spec['type'] === 'array') {
    return `list of ${inner(spec['items'])}`;
  }
  if (spec['type'] === 'map') {
    return `map of ${inner(spec['values'])}`;
  }
  if (spec['type'] === 'object') {
    const properties = typeof spec['properties'] === 'object' && spec['properties'] !== null ? Object.entries(spec['properties']) : [];
    return `{${properties.map(([name, value]) => `${name}: ${inner(value)}`).join(', ')}}`;
  }
  const base = typeof spec['type'] === 'string' ? spec['type'] : 'unknown';
  return spec['default'] === undefined ? base : `${base}, default ${JSON.stringify(spec['default'])}`;
}
