// What programs registered, looked at where its files lie.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ulid } from 'ulid';
import { toFailure, UserError } from '../../contracts/errors.ts';
import { ModelFile, modelFileName } from '../../contracts/model.ts';
import type { CandidateDetail, ForeignModel, ProgramCandidate, VersionFile } from '../../contracts/registry.ts';
import type { Project } from '../project/api.ts';
import { storeObject } from '../store/api.ts';
import type { ArtifactStore, LoggedModelStore, RunStore } from '../tracking/api.ts';
import { filesIn, keepFiles } from './artifactFiles.ts';
import type { Catalogue, CatalogueVersion } from './catalogue.ts';
import { lastOf } from './figures.ts';
import { describingFile, foreignModel } from './foreignModel.ts';
import { listModels } from './read.ts';

type Content =
  /** A model of this program: its file, absolute. */
  | { kind: 'own'; file: string; model: ModelFile }
  | { kind: 'foreign'; folder: string; model: ForeignModel }
  /** Another name for a version that is a file. */
  | { kind: 'version'; file: VersionFile };

export function asCandidate({ version, created, description, source, run_id, stage, tags, aliases }: CatalogueVersion): ProgramCandidate {
  return { version, created, description, source, run_id, stage, tags: Object.fromEntries(tags), aliases: [...aliases].sort() };
}

/** Where the files of a source are: other registered and logged models are followed. */
export function sourceOf(catalogue: Catalogue, models: LoggedModelStore, source: string, depth = 0): string {
  const logged = loggedIn(source);
  if (logged !== undefined) {
    return models.get(logged, true).artifact_uri;
  }
  const [name = '', version = ''] = source.startsWith('models:/') ? source.slice('models:/'.length).split('/') : [];
  return name !== '' && /^\d{1,9}$/.test(version) && depth < 10 ? sourceOf(catalogue, models, catalogue.version(name, Number(version)).source, depth + 1) : source;
}

/** `models:/m-…` names a logged model. */
export function loggedIn(source: string): string | undefined {
  return source.startsWith('models:/m-') ? source.slice('models:/'.length) : undefined;
}

/** Looks at candidates, and makes versions of them. */
export class Candidates {
  readonly #project: Project;
  readonly #catalogue: Catalogue;
  readonly #runs: RunStore;
  readonly #models: LoggedModelStore;
  readonly #artifacts: ArtifactStore;

  constructor(project: Project, catalogue: Catalogue, runs: RunStore, models: LoggedModelStore, artifacts: ArtifactStore) {
    this.#project = project;
    this.#catalogue = catalogue;
    this.#runs = runs;
    this.#models = models;
    this.#artifacts = artifacts;
  }

  /** What is known of a candidate; what its files are is read, never loaded. */
  async detail(version: CatalogueVersion): Promise<CandidateDetail> {
    const candidate = asCandidate(version);
    try {
      const content = await this.#content(version);
      switch (content.kind) {
        case 'own':
          return { candidate, signature: content.model.signature, foreign: null, folder: path.dirname(content.file), problem: null };
        case 'foreign':
          return { candidate, signature: null, foreign: content.model, folder: null, problem: null };
        case 'version':
          return { candidate, signature: null, foreign: null, folder: null, problem: null };
      }
    } catch (error) {
      return { candidate, signature: null, foreign: null, folder: null, problem: toFailure(error).message };
    }
  }

  /** The last metrics of the logged model that a version comes from; null where it comes from none that is here. */
  loggedMetrics(version: Pick<CatalogueVersion, 'model_id' | 'source'>): Readonly<Record<string, number | null>> | null {
    const id = version.model_id ?? loggedIn(version.source);
    const model = id === undefined ? null : this.#models.find(id);
    return model === null ? null : lastOf(model);
  }

  /** The facts of the version that a candidate becomes, its files kept in .ml/objects. @throws UserError where its files are not here. */
  async facts(version: CatalogueVersion): Promise<VersionFile> {
    const content = await this.#content(version);
    const { name, run_id, description, source } = version;
    const own = { model: name, version: version.version, ulid: ulid(), created: new Date(version.created).toISOString(), description, tags: Object.fromEntries(version.tags), source };
    if (content.kind === 'version') {
      return { ...content.file, ...own };
    }
    const run = this.#runs.find(run_id);
    const metrics = Object.fromEntries(Object.entries({ ...run?.metrics, ...this.loggedMetrics(version) }).filter((entry): entry is [string, number] => entry[1] !== null && !entry[0].startsWith('system/')));
    const facts = { ...own, run_id, git: run === null ? null : this.#runs.facts(run_id).git, metrics };
    if (content.kind === 'foreign') {
      const { format, flavors } = content.model;
      return { ...facts, trainer: flavors[0] ?? 'files', format, flavors, artifact: await keepFiles(this.#project, content.folder) };
    }
    const text = await readFile(content.file);
    const { task, trainer, signature } = content.model;
    return { ...facts, task, target: signature.output.name, trainer, artifact: { sha256: await storeObject(this.#project.objectsFolder, text), bytes: text.length } };
  }

  /** @throws UserError where its files are not here. */
  async #content({ source }: CatalogueVersion): Promise<Content> {
    const found = sourceOf(this.#catalogue, this.#models, source);
    const [, name, id] = /^mlflow-artifacts:\/registry\/([^/]+)\/([^/]+)$/.exec(found) ?? [];
    if (name !== undefined && id !== undefined) {
      const file = (await listModels(this.#project)).find((model) => model.name === name)?.versions.find((each) => each.file.ulid === id)?.file;
      if (file === undefined) {
        throw new UserError(`It stands for a version of ${name} whose file is not in models/ any more.`);
      }
      return { kind: 'version', file };
    }
    const folder = this.#artifacts.folderOf(found);
    if (folder === null || (await stat(folder).catch(() => null)) === null) {
      throw new UserError(folder === null ? `Its files lie at ${found}, which this project cannot read. Log the model to this project, then register it again.` : `Its files are not at ${folder} any more; they were deleted. Register it again from a run that has them.`);
    }
    const file = path.join(folder, modelFileName);
    const text = await readFile(file, 'utf8').catch(() => null);
    const parsed = text === null ? null : ModelFile.safeParse(parseJson(text));
    if (parsed?.success === true) {
      return { kind: 'own', file, model: parsed.data };
    }
    return { kind: 'foreign', folder, model: await foreignModel(await filesIn(folder), path.join(folder, describingFile)) };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
