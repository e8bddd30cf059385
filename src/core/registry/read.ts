import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { UserError } from '../../contracts/errors.ts';
import { ModelFile } from '../../contracts/model.ts';
import { AliasesFile, ModelName, VersionFile, type ModelFiles, type RegisteredVersion, type VersionDetail } from '../../contracts/registry.ts';
import type { Project } from '../project/api.ts';
import { objectPath } from '../store/api.ts';
import { filesOf } from './artifactFiles.ts';
import { describingFile, foreignModel } from './foreignModel.ts';
import { aliasesFile, versionsFolder } from './layout.ts';

/** Every registered model, by name. */
export async function listModels(project: Project): Promise<ModelFiles[]> {
  const entries = await readdir(project.modelsFolder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory() && ModelName.safeParse(entry.name).success).map((entry) => entry.name);
  const models = await Promise.all(names.sort().map((name) => readOne(project, name)));
  return models.filter((model) => model.versions.length > 0 || model.problems.length > 0);
}

/** @throws UserError where there is no model of this name. */
export async function readModel(project: Project, name: string): Promise<ModelFiles> {
  const model = ModelName.safeParse(name).success ? await readOne(project, name) : null;
  if (model === null || (model.versions.length === 0 && model.problems.length === 0)) {
    const others = (await listModels(project)).map((other) => other.name);
    const known = others.length === 0 ? 'No model is registered yet.' : `Registered are ${others.join(', ')}.`;
    throw new UserError(`There is no model "${name}" in this project. ${known}`, { field: 'model' });
  }
  return model;
}

/** A version with the signature of its model; null where the artifact is not on this machine. */
export async function versionDetail(project: Project, name: string, version: number): Promise<VersionDetail> {
  const model = await readModel(project, name);
  const found = versionOf(model, version);
  if (found.file.format !== undefined) {
    const files = await filesOf(project, found.file);
    const description = files?.find((file) => file.path === describingFile);
    return { version: found, signature: null, foreign: files === null ? null : await foreignModel(files, description === undefined ? null : objectPath(project.objectsFolder, description.sha256)) };
  }
  const text = await readFile(objectPath(project.objectsFolder, found.file.artifact.sha256), 'utf8').catch(() => null);
  const parsed = text === null ? null : ModelFile.safeParse(JSON.parse(text));
  return { version: found, signature: parsed?.success ? parsed.data.signature : null, foreign: null };
}

/** @throws UserError where the number is unknown, or stands for two versions that came from different branches. */
export function versionOf(model: ModelFiles, version: number): RegisteredVersion {
  const [found, second] = model.versions.filter((each) => each.file.version === version);
  if (found === undefined) {
    throw new UserError(`${model.name} has no version ${version}. It has ${model.versions.map((each) => each.file.version).reverse().join(', ') || 'none'}.`, { field: 'version' });
  }
  if (second !== undefined) {
    throw new UserError(`Two versions of ${model.name} are numbered ${version} (they came from different branches). Change \`version\` in one of their files: ${found.file.ulid}.yaml or ${second.file.ulid}.yaml.`, { field: 'version' });
  }
  return found;
}

async function readOne(project: Project, name: string): Promise<ModelFiles> {
  const problems: string[] = [];
  const aliases = await readAliases(project, name, problems);
  const folder = versionsFolder(project, name);
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.yaml'));
  const versions: RegisteredVersion[] = [];
  for (const file of files) {
    const whole = path.join(folder, file);
    try {
      const version = VersionFile.parse(parse(await readFile(whole, 'utf8')));
      if (`${version.ulid}.yaml` !== file) {
        throw new Error('its name and its ulid differ');
      }
      const available = await access(objectPath(project.objectsFolder, version.artifact.sha256)).then(
        () => true,
        () => false,
      );
      const own = Object.entries(aliases).filter(([, ulid]) => ulid === version.ulid);
      versions.push({ file: version, aliases: own.map(([alias]) => alias).sort(), available });
    } catch (error) {
      problems.push(`${whole} cannot be read: ${plainly(error)}.`);
    }
  }
  versions.sort((a, b) => b.file.version - a.file.version || b.file.ulid.localeCompare(a.file.ulid));
  for (const [alias, ulid] of Object.entries(aliases)) {
    if (!versions.some(({ file }) => file.ulid === ulid)) {
      problems.push(`The alias ${alias} in ${aliasesFile(project, name)} names ${ulid}, which is no version here.`);
    }
  }
  return {
    name,
    versions,
    aliases: Object.fromEntries(versions.flatMap(({ file, aliases: own }) => own.map((alias) => [alias, file.version]))),
    problems,
  };
}

/** What aliases.yaml says; where it cannot be read, why is added to `problems`. */
export async function readAliases(project: Project, name: string, problems: string[]): Promise<Record<string, string>> {
  const file = aliasesFile(project, name);
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) {
    return {};
  }
  try {
    return AliasesFile.parse(parse(text) ?? {});
  } catch (error) {
    problems.push(`${file} cannot be read: ${plainly(error)}.`);
    return {};
  }
}

function plainly(error: unknown): string {
  if (error instanceof Error && 'issues' in error && Array.isArray(error.issues)) {
    return (error.issues as { path: (string | number)[]; message: string }[]).map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`).join('; ');
  }
  return error instanceof Error ? (error.message.split('\n')[0] ?? '').replace(/[.:]$/, '') : String(error);
}
