import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import { modelFileName } from '../../contracts/model.ts';
import { championAlias, type ModelFiles, type RegisteredVersion, type VersionFile } from '../../contracts/registry.ts';
import type { Project } from '../project/api.ts';
import { objectPath } from '../store/api.ts';
import { readModel, versionOf } from './read.ts';

/**
 * The model file or folder that a reference stands for: `name` (its champion, else the newest version),
 * `name@alias`, `name/version`, or a path to a model folder.
 *
 * @throws UserError where it names nothing, its artifact is not on this machine, or is not what was registered.
 */
export async function resolveModel(project: Project, reference: string): Promise<string> {
  const folder = path.resolve(project.root, reference);
  const isFolder = await access(path.join(folder, modelFileName)).then(
    () => true,
    () => false,
  );
  if (isFolder) {
    return folder;
  }
  return (await resolveVersion(project, reference)).modelFile;
}

/** A registered version with its artifact, checked. */
export interface ResolvedVersion {
  file: VersionFile;
  /** Absolute path of its model.json. */
  modelFile: string;
}

/**
 * The registered version that `name` (its champion, else the newest), `name@alias` or `name/version` stands for.
 *
 * @throws UserError where it names nothing, its artifact is not on this machine, or is not what was registered.
 */
export async function resolveVersion(project: Project, reference: string): Promise<ResolvedVersion> {
  const [, name = '', alias, version] = /^([^@/]+)(?:@([^@/]+)|\/(\d+))?$/.exec(reference) ?? [];
  if (name === '') {
    throw new UserError(`"${reference}" names no model. Write name, name@alias, name/version or the path of a model folder.`, { field: 'model' });
  }
  const model = await readModel(project, name);
  const { file } = choose(model, alias, version);
  const label = `${name} version ${file.version}`;
  if (file.format !== undefined) {
    const what = file.format === 'mlflow' ? `a model of MLflow (${file.flavors?.join(', ') ?? ''})` : 'made of files that this program does not know';
    throw new UserError(`${label} is ${what}, so it cannot score here. A program can load it: mlflow.pyfunc.load_model("models:/${name}/${file.version}").`, { field: 'model' });
  }
  const object = objectPath(project.objectsFolder, file.artifact.sha256);
  const content = await readFile(object).catch(() => null);
  if (content === null) {
    throw new UserError(`The artifact of ${label} is not on this machine (${object}). Train it again, or copy that file from where it was registered.`, { file: object, field: 'model' });
  }
  if (createHash('sha256').update(content).digest('hex') !== file.artifact.sha256) {
    throw new UserError(`The artifact of ${label} is damaged: its content does not match the hash that was registered. Replace ${object} from where it was registered.`, { file: object, field: 'model' });
  }
  return { file, modelFile: object };
}

function choose(model: ModelFiles, alias: string | undefined, version: string | undefined): RegisteredVersion {
  if (version !== undefined) {
    return versionOf(model, Number(version));
  }
  const wanted = alias ?? championAlias;
  const found = model.versions.find((each) => each.aliases.includes(wanted)) ?? (alias === undefined ? model.versions[0] : undefined);
  if (found === undefined) {
    const known = Object.keys(model.aliases);
    throw new UserError(`${model.name} has no alias "${wanted}". ${known.length === 0 ? 'It has none.' : `It has ${known.join(', ')}.`}`, { field: 'model' });
  }
  return found;
}
