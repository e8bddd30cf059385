import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { ulid } from 'ulid';
import { UserError } from '../../contracts/errors.ts';
import { AliasName, championAlias, ModelName, type CandidateVersion, type RegisteredVersion, type VersionFile } from '../../contracts/registry.ts';
import type { GitState } from '../../contracts/runs.ts';
import type { TrainingReport } from '../../contracts/training.ts';
import { writeFileAtomic } from '../files/api.ts';
import type { Project } from '../project/api.ts';
import { storeObject } from '../store/api.ts';
import { aliasesFile, versionsFolder } from './layout.ts';
import { listModels, readAliases, readModel, versionOf } from './read.ts';

export interface Registration {
  name: string;
  description: string;
  run_id: string;
  /** Absolute path of the run's model.json. */
  modelFile: string;
  report: TrainingReport;
  data: VersionFile['data'];
  git: GitState | null;
  /** The record of the rows that it was fitted on, and its facts. */
  fitted?: { file: string; rows: number; until?: string };
  /** Its reference for monitoring. */
  reference?: { file: string; rows: number };
}

/**
 * Writes a new version of a model: its artifact by hash into .ml/objects, its facts into models/<name>/versions.
 * The number is one above the highest; the first version becomes the champion. Call from one process at a time.
 *
 * @param above the highest number that a program's registration has: a number is given once.
 * @param leads whether a first version becomes the champion.
 * @throws UserError for a name that cannot be one, or where this run is a version of this model already.
 */
export async function registerVersion(project: Project, registration: Registration, above = 0, leads = true): Promise<VersionFile> {
  const { name, run_id, report, fitted, reference } = registration;
  const known = await versionsOf(project, name);
  const same = known.find(({ file }) => file.run_id === run_id);
  if (same !== undefined) {
    throw new UserError(`This run is registered already, as ${name} version ${same.file.version}.`, { field: 'run_id' });
  }
  const content = await readFile(registration.modelFile);
  const store = async (file: string): Promise<string> => storeObject(project.objectsFolder, await readFile(file));
  const version = await writeVersion(project, known, above, {
    model: name,
    ulid: ulid(),
    created: new Date().toISOString(),
    run_id,
    task: report.task,
    target: report.target,
    trainer: report.trainer,
    artifact: { sha256: await storeObject(project.objectsFolder, content), bytes: content.length },
    ...(fitted === undefined ? {} : { fitted: { rows: fitted.rows, ...(fitted.until === undefined ? {} : { until: fitted.until }), sha256: await store(fitted.file) } }),
    ...(reference === undefined ? {} : { reference: { sha256: await store(reference.file), rows: reference.rows } }),
    data: registration.data,
    git: registration.git,
    metrics: Object.fromEntries(Object.entries(report.metrics).map(([metric, { value }]) => [metric, value])),
    description: registration.description,
    tags: {},
  });
  if (leads) {
    await leadWhereNoneDoes(project, version);
  }
  return version;
}

/**
 * Makes a version of a candidate, whose objects lie in .ml/objects already, under its own ULID. One that is a version
 * already, or whose run is, gives that version: after a crash the same call goes on. No alias is moved.
 *
 * @param above as for registerVersion.
 * @throws UserError for a name that cannot be one.
 */
export async function registerCandidate(project: Project, candidate: CandidateVersion, above = 0): Promise<VersionFile> {
  const known = await versionsOf(project, candidate.model);
  const same = known.find(({ file }) => file.ulid === candidate.ulid || file.run_id === candidate.run_id);
  return same?.file ?? writeVersion(project, known, above, candidate);
}

/** Writes the file of a version whose number is known: a candidate of a program keeps the one that programs know. @throws UserError as registerCandidate. */
export async function registerAccepted(project: Project, file: VersionFile): Promise<VersionFile> {
  const known = await versionsOf(project, file.model);
  const same = known.find((each) => each.file.version === file.version);
  if (same === undefined) {
    await writeFileAtomic(path.join(versionsFolder(project, file.model), `${file.ulid}.yaml`), stringify(file));
  } else if (same.file.source !== file.source) {
    throw new UserError(`${file.model} has a version ${file.version} already (${same.file.ulid}.yaml).`, { field: 'version' });
  }
  return same?.file ?? file;
}

/** @throws UserError for a name that cannot be one. */
async function versionsOf(project: Project, name: string): Promise<RegisteredVersion[]> {
  if (!ModelName.safeParse(name).success) {
    throw new UserError(`"${name}" cannot be the name of a model: a name starts with a letter or digit and holds letters, digits, dots, dashes and underscores, at most 100.`, { field: 'name' });
  }
  return (await listModels(project)).find((model) => model.name === name)?.versions ?? [];
}

/** With the next number. */
async function writeVersion(project: Project, known: readonly RegisteredVersion[], above: number, candidate: CandidateVersion): Promise<VersionFile> {
  const { model, ...facts } = candidate;
  const file: VersionFile = { model, version: Math.max(above, ...known.map((each) => each.file.version)) + 1, ...facts };
  await writeFileAtomic(path.join(versionsFolder(project, model), `${file.ulid}.yaml`), stringify(file));
  return file;
}

async function leadWhereNoneDoes(project: Project, { model, ulid: id }: VersionFile): Promise<void> {
  const problems: string[] = [];
  const aliases = await readAliases(project, model, problems);
  if (problems.length === 0 && aliases[championAlias] === undefined) {
    await writeAliases(project, model, { ...aliases, [championAlias]: id });
  }
}

/** Points an alias at a version, or removes it (`null`). @throws UserError for unknown names, versions and aliases. */
export async function setAlias(project: Project, name: string, alias: string, version: number | null): Promise<void> {
  if (!AliasName.safeParse(alias).success) {
    throw new UserError(`"${alias}" cannot be an alias: it starts with a lower case letter and holds lower case letters, digits, dashes and underscores, at most 40.`, { field: 'alias' });
  }
  const model = await readModel(project, name);
  const problems: string[] = [];
  const { [alias]: before, ...others } = await readAliases(project, name, problems);
  if (problems[0] !== undefined) {
    throw new UserError(`${problems[0]} Mend it first; nothing was changed.`, { file: aliasesFile(project, name) });
  }
  if (version === null && before === undefined) {
    throw new UserError(`${name} has no alias "${alias}".`, { field: 'alias' });
  }
  await writeAliases(project, name, version === null ? others : { ...others, [alias]: versionOf(model, version).file.ulid });
}

/** Changes what may be changed of a version: its description and its tags. @throws UserError for unknown names and versions. */
export async function editVersion(project: Project, name: string, version: number, edit: (file: VersionFile) => Pick<VersionFile, 'description' | 'tags'>): Promise<void> {
  const { file } = versionOf(await readModel(project, name), version);
  const { description, tags } = edit(file);
  await writeFileAtomic(path.join(versionsFolder(project, name), `${file.ulid}.yaml`), stringify({ ...file, description, tags }));
}

/** One alias a line, sorted, so that a promotion is a change of one line. */
async function writeAliases(project: Project, name: string, aliases: Record<string, string>): Promise<void> {
  const lines = Object.entries(aliases).sort(([a], [b]) => a.localeCompare(b));
  await writeFileAtomic(aliasesFile(project, name), lines.map(([alias, id]) => `${alias}: ${id}\n`).join(''));
}
