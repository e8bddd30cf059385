import { readFile, stat } from 'node:fs/promises';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import type { ForeignColumn} from '../../contracts/registry.ts';
import { type ForeignModel } from '../../contracts/registry.ts';

export const describingFile = 'MLmodel';
/** In bytes; an input example is a file of its own. */
const longestDescription = 5_000_000;

const MLmodel = z.object({
  flavors: z.optional(z.record(z.string(), z.unknown())),
  mlflow_version: z.optional(z.nullable(z.string())),
  signature: z.optional(z.nullable(z.object({ inputs: z.optional(z.nullable(z.string())), outputs: z.optional(z.nullable(z.string())) }))),
});

const Column = z.object({
  name: z.optional(z.nullable(z.string())),
  type: z.string(),
  required: z.optional(z.boolean()),
  'tensor-spec': z.optional(z.object({ dtype: z.string(), shape: z.array(z.number()) })),
});

/** What the files of a model say. It is told, never loaded: a pickle is a file with a size. @param description the file MLmodel, where there is one. */
export async function foreignModel(files: readonly { path: string; bytes: number }[], description: string | null): Promise<ForeignModel> {
  const base = { files: files.map(({ path, bytes }) => ({ path, bytes })) };
  const said = description === null ? null : await readDescription(description);
  if (said === null) {
    return { format: 'files', flavors: [], mlflow_version: null, inputs: null, outputs: null, ...base };
  }
  return {
    format: 'mlflow',
    flavors: Object.keys(said.flavors ?? {}).sort((a, b) => Number(a === 'python_function') - Number(b === 'python_function') || a.localeCompare(b)),
    mlflow_version: said.mlflow_version ?? null,
    inputs: columnsOf(said.signature?.inputs),
    outputs: columnsOf(said.signature?.outputs),
    ...base,
  };
}

/** null where it is no MLmodel file that can be read. */
async function readDescription(file: string): Promise<z.infer<typeof MLmodel> | null> {
  const facts = await stat(file).catch(() => null);
  if (facts === null || facts.size > longestDescription) {
    return null;
  }
  try {
    return MLmodel.parse(parse(await readFile(file, 'utf8'), { maxAliasCount: 100 }));
  } catch {
    return null;
  }
}

/** A signature is JSON within the YAML. */
function columnsOf(text: string | null | undefined): ForeignColumn[] | null {
  if (text === null || text === undefined) {
    return null;
  }
  try {
    return z.array(Column).parse(JSON.parse(text)).map((column, index) => {
      const tensor = column['tensor-spec'];
      return { name: column.name ?? String(index), type: tensor === undefined ? column.type : `${tensor.dtype} [${tensor.shape.map((size) => (size === -1 ? 'any' : size)).join(' × ')}]`, required: column.required ?? true };
    });
  } catch {
    return null;
  }
}
