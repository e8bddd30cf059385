import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { EndpointConfig } from '../../contracts/endpoints.ts';
import { UserError } from '../../contracts/errors.ts';
import { ModelFile, type Row } from '../../contracts/model.ts';
import { compileModel, type LoadedModel } from './compileModel.ts';

export type PinnedVersion = EndpointConfig['versions'][number];

/** A version of an endpoint in memory. */
export interface PinnedModel {
  readonly version: PinnedVersion;
  /** Its number, or its ULID where it has none yet: how clients name it. */
  readonly label: string;
  readonly model: LoadedModel;
  /** The values that the model tells apart, by input; others count as "other". */
  readonly levels: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Loads a version and checks that it is the one that was registered. @throws UserError that says what to do. */
export async function loadPinned(version: PinnedVersion): Promise<PinnedModel> {
  const label = version.version === null ? version.ulid : String(version.version);
  const name = `${version.model} version ${label}`;
  const content = await readFile(version.file).catch(() => {
    throw new UserError(`The model file of ${name} is missing (${version.file}). Copy it from where it was registered, or deploy another version.`, { file: version.file });
  });
  if (createHash('sha256').update(content).digest('hex') !== version.sha256) {
    throw new UserError(`The model file of ${name} is damaged: its content does not match the hash that was registered. Replace ${version.file} from where it was registered, or deploy another version.`, { file: version.file });
  }
  try {
    const model = compileModel(ModelFile.parse(JSON.parse(content.toString('utf8'))));
    const levels = model.file.recipe.columns.flatMap((column) => (column.kind === 'category' ? [[column.input, new Set(column.levels)] as const] : []));
    return { version, label, model, levels: new Map(levels) };
  } catch (error) {
    throw new UserError(`The model file of ${name} cannot be used by this version of the program (${version.file}). Train it again, or update the extension.`, { file: version.file }, { cause: error });
  }
}

/** How often each input of these rows held a category that training never saw; inputs without one are left out. */
export function unseenCategories({ levels }: PinnedModel, rows: readonly Row[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [input, known] of levels) {
    for (const row of rows) {
      const value = row[input];
      if (typeof value === 'string' && !known.has(value)) {
        counts.set(input, (counts.get(input) ?? 0) + 1);
      }
    }
  }
  return counts;
}
