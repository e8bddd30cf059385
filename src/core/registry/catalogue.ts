import type { Mover, RegistryMove } from '../../contracts/registry.ts';
import type { Project } from '../project/api.ts';
import type { Database, DatabaseRow } from '../store/api.ts';
import { Bindings, condition, invalid, missing, pageSql, pageToken, parseFilter, parseOrdering, readOffset, Refusal, type Vocabulary } from '../tracking/api.ts';
import { modelWords, versionWords } from './catalogueWords.ts';
import { FileIndex } from './fileIndex.ts';
import { editVersion, setAlias } from './write.ts';

export { fileSource } from './fileIndex.ts';

/** Times in milliseconds since 1970. */
export interface CatalogueVersion {
  name: string;
  version: number;
  /** Of the file that it is; null for a candidate. */
  ulid: string | null;
  created: number;
  updated: number;
  description: string;
  source: string;
  run_id: string;
  run_link: string;
  model_id: string | null;
  stage: string;
  tags: [string, string][];
  aliases: string[];
}

export interface CatalogueModel {
  name: string;
  description: string;
  created: number;
  updated: number;
  tags: [string, string][];
  aliases: [string, number][];
  /** The newest of each stage. */
  latest: CatalogueVersion[];
}

export interface CatalogueSearch {
  filter: string;
  order_by: readonly string[];
  max: number;
  token: string;
}

export const stages = ['None', 'Staging', 'Production', 'Archived'] as const;

/**
 * The registry as programs see it: candidates that they registered, and the versions that are files, in one numbering.
 * What belongs to a file is changed in the file. Unknown names throw a Refusal.
 */
export class Catalogue {
  readonly #project: Project;
  readonly #database: Database;
  readonly #files: FileIndex;

  constructor(project: Project, database: Database) {
    this.#project = project;
    this.#database = database;
    this.#files = new FileIndex(project, database);
  }

  /** Call before reading: files may have changed. @param now see FileIndex. */
  refresh(now = false): Promise<void> {
    return this.#files.refresh(now);
  }

  createModel(name: string, description: string, tags: readonly [string, string][]): CatalogueModel {
    this.#database.transaction(() => {
      const now = Date.now();
      if (this.#database.run('INSERT INTO registry_models (name, description, created, updated, by_program) VALUES (:name, :description, :now, :now, 1) ON CONFLICT DO NOTHING', { name, description, now }) === 0) {
        throw new Refusal('RESOURCE_ALREADY_EXISTS', `Registered Model (name=${name}) already exists.`);
      }
      for (const [key, value] of tags) {
        this.#setModelTag(name, key, value);
      }
    });
    return this.model(name);
  }

  model(name: string): CatalogueModel {
    const [found] = this.#models('registry_models.name = :name', { name });
    if (found === undefined) {
      throw missing(`Registered Model with name=${name} not found`);
    }
    return found;
  }

  renameModel(name: string, to: string): CatalogueModel {
    this.#ofPrograms(name);
    if (to !== name && this.#database.get('SELECT 1 FROM registry_models WHERE name = :to', { to }) !== undefined) {
      throw new Refusal('RESOURCE_ALREADY_EXISTS', `Registered Model (name=${to}) already exists.`);
    }
    this.#database.run('UPDATE registry_models SET name = :to, updated = :now WHERE name = :name', { name, to, now: Date.now() });
    return this.model(to);
  }

  describeModel(name: string, description: string): CatalogueModel {
    this.model(name);
    this.#database.run('UPDATE registry_models SET description = :description, updated = :now, by_program = 1 WHERE name = :name', { name, description, now: Date.now() });
    return this.model(name);
  }

  deleteModel(name: string): void {
    this.#ofPrograms(name);
    this.#database.run('DELETE FROM registry_models WHERE name = :name', { name });
  }

  setModelTag(name: string, key: string, value: string): void {
    this.model(name);
    this.#setModelTag(name, key, value);
  }

  deleteModelTag(name: string, key: string): void {
    this.model(name);
    this.#database.run('DELETE FROM registry_model_tags WHERE name = :name AND key = :key', { name, key });
  }

  searchModels(search: CatalogueSearch): { models: CatalogueModel[]; next: string } {
    const { rows, next } = this.#page(search, 'registry_models', 'name', modelWords, 'name');
    return { models: rows.flatMap((row) => this.#models('registry_models.name = :name', { name: String(row['name']) })), next };
  }

  /** A candidate with the next free number. @param wanted the number it gets where that is free. */
  createVersion(version: Pick<CatalogueVersion, 'name' | 'source' | 'run_id' | 'run_link' | 'description' | 'model_id' | 'tags'>, wanted?: number): CatalogueVersion {
    const { name, source, run_id, run_link, description, model_id, tags } = version;
    this.model(name);
    const number = this.#database.transaction(() => {
      const now = Date.now();
      const free = wanted !== undefined && this.#database.get('SELECT 1 FROM registry_versions WHERE name = :name AND version = :wanted', { name, wanted }) === undefined;
      const next = free ? wanted : this.highest(name) + 1;
      this.#database.run(
        `INSERT INTO registry_versions (name, version, created, updated, description, source, run_id, run_link, model_id)
         VALUES (:name, :next, :now, :now, :description, :source, :run_id, :run_link, :model_id)`,
        { name, next, now, description, source, run_id, run_link, model_id },
      );
      for (const [key, value] of tags) {
        this.#database.run('INSERT INTO registry_version_tags (name, version, key, value) VALUES (:name, :next, :key, :value) ON CONFLICT DO UPDATE SET value = excluded.value', { name, next, key, value });
      }
      this.#database.run('UPDATE registry_models SET updated = :now WHERE name = :name', { name, now });
      return next;
    });
    return this.version(name, number);
  }

  /** The highest number of a model; 0 where there is none. */
  highest(name: string): number {
    return Number(this.#database.get('SELECT max(version) AS last FROM registry_versions WHERE name = :name', { name })?.['last'] ?? 0);
  }

  version(name: string, version: number): CatalogueVersion {
    const [found] = this.#versions('registry_versions.name = :name AND registry_versions.version = :version', { name, version });
    if (found === undefined) {
      throw missing(`Model Version (name=${name}, version=${version}) not found`);
    }
    return found;
  }

  async describeVersion(name: string, version: number, description: string): Promise<CatalogueVersion> {
    if (this.version(name, version).ulid === null) {
      this.#database.run('UPDATE registry_versions SET description = :description, updated = :now WHERE name = :name AND version = :version', { name, version, description, now: Date.now() });
    } else {
      await editVersion(this.#project, name, version, ({ tags }) => ({ description, tags }));
      await this.refresh(true);
    }
    return this.version(name, version);
  }

  /** @param value null removes it. */
  async setVersionTag(name: string, version: number, key: string, value: string | null): Promise<void> {
    const found = this.version(name, version);
    if (found.ulid !== null) {
      await editVersion(this.#project, name, version, ({ description, tags: { [key]: _, ...others } }) => ({ description, tags: value === null ? others : { ...others, [key]: value } }));
      await this.refresh(true);
    } else if (value === null) {
      this.#database.run('DELETE FROM registry_version_tags WHERE name = :name AND version = :version AND key = :key', { name, version, key });
    } else {
      this.#database.run('INSERT INTO registry_version_tags (name, version, key, value) VALUES (:name, :version, :key, :value) ON CONFLICT DO UPDATE SET value = excluded.value', { name, version, key, value });
    }
  }

  deleteVersion(name: string, version: number): void {
    if (this.version(name, version).ulid !== null) {
      throw invalid(`Version ${version} of ${name} is a file of this project (models/${name}). Delete that file and commit it.`);
    }
    this.#database.run('DELETE FROM registry_versions WHERE name = :name AND version = :version', { name, version });
  }

  searchVersions(search: CatalogueSearch): { versions: CatalogueVersion[]; next: string } {
    const { rows, next } = this.#page(search, 'registry_versions', 'name, version, updated', versionWords, search.order_by.length === 0 ? 'updated DESC, name, version DESC' : 'name, version DESC');
    const keys = JSON.stringify(rows.map((row) => [row['name'], row['version']]));
    const found = this.#versions(`(registry_versions.name, registry_versions.version) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:keys))`, { keys });
    const byKey = new Map(found.map((version) => [`${version.version} ${version.name}`, version]));
    return { versions: rows.flatMap((row) => byKey.get(`${String(row['version'])} ${String(row['name'])}`) ?? []), next };
  }

  /** The newest version of each of these stages; of every stage where none is named. @throws Refusal for other names. */
  latest(name: string, wanted: readonly string[]): CatalogueVersion[] {
    const named = wanted.map(stageOf);
    return this.model(name).latest.filter(({ stage }) => named.length === 0 || named.some((each) => each === stage));
  }

  byAlias(name: string, alias: string): CatalogueVersion {
    const row = this.#database.get('SELECT version FROM registry_aliases WHERE name = :name AND alias = :alias', { name, alias });
    // `latest` cannot be given, and always stands for the newest.
    const version = row?.['version'] ?? (alias.toLowerCase() === 'latest' ? this.highest(name) || null : null);
    if (version === null) {
      this.model(name);
      throw invalid(`Registered model alias ${alias} not found.`);
    }
    return this.version(name, Number(version));
  }

  /**
   * Moves an alias, in the files where the version is one. One that a candidate gets stays in the files where it is, until
   * they move it. No gate is asked: `Promotions` does that.
   *
   * @param version null removes it, from the files too. @param reason for the record. @throws UserError for what a file's alias cannot be.
   */
  async setAlias(name: string, alias: string, version: number | null, by: Mover = 'client', reason = ''): Promise<void> {
    const target = version === null ? null : this.version(name, version);
    const before = this.#database.get('SELECT version, ulid, over_ulid FROM registry_aliases JOIN registry_versions USING (name, version) WHERE name = :name AND alias = :alias', { name, alias });
    if (target === null && before === undefined) {
      this.model(name);
      return;
    }
    const inFiles = before?.['ulid'] ?? before?.['over_ulid'] ?? null;
    if (target !== null && target.ulid !== null) {
      await setAlias(this.#project, name, alias, target.version);
    } else if (target === null && inFiles !== null) {
      await setAlias(this.#project, name, alias, null);
    }
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM registry_aliases WHERE name = :name AND alias = :alias', { name, alias });
      if (target !== null) {
        this.#database.run('INSERT INTO registry_aliases (name, alias, version, over_ulid) VALUES (:name, :alias, :version, :over)', { name, alias, version: target.version, over: target.ulid === null ? inFiles : null });
      }
      this.note(name, { kind: 'alias', label: alias, from: before === undefined ? null : Number(before['version']), to: version, by, reason });
    });
  }

  setStage(name: string, version: number, wanted: string, archiveOthers: boolean): CatalogueVersion {
    const stage = stageOf(wanted);
    const now = Date.now();
    const { stage: before } = this.version(name, version);
    if (archiveOthers && (stage === 'None' || stage === 'Archived')) {
      throw invalid(`Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are Staging, Production`);
    }
    this.#database.transaction(() => {
      if (archiveOthers) {
        this.#database.run(`UPDATE registry_versions SET stage = 'Archived', updated = :now WHERE name = :name AND stage = :stage AND version <> :version`, { name, version, stage, now });
      }
      this.#database.run('UPDATE registry_versions SET stage = :stage, updated = :now WHERE name = :name AND version = :version', { name, version, stage, now });
      this.note(name, { kind: 'stage', label: `${before} → ${stage}`, from: version, to: version, by: 'client' });
    });
    return this.version(name, version);
  }

  /** What programs registered under a name and nobody accepted, newest first. */
  candidates(name: string): CatalogueVersion[] {
    return this.#versions('registry_versions.name = :name AND ulid IS NULL', { name }).sort((a, b) => b.version - a.version);
  }

  /** The names of models that have candidates. */
  namesWithCandidates(): string[] {
    return this.#database.all('SELECT DISTINCT name FROM registry_versions WHERE ulid IS NULL ORDER BY name').map((row) => String(row['name']));
  }

  /** What was moved, and what a gate refused, newest first; at most 500. */
  moves(name: string): RegistryMove[] {
    return this.#database.all('SELECT * FROM registry_moves WHERE name = :name ORDER BY move_id DESC LIMIT 500', { name }).map((row) => ({
      at: Number(row['at']),
      kind: row['kind'] as RegistryMove['kind'],
      label: String(row['label']),
      from: row['from_version'] === null ? null : Number(row['from_version']),
      to: row['to_version'] === null ? null : Number(row['to_version']),
      by: row['moved_by'] as Mover,
      outcome: row['outcome'] as RegistryMove['outcome'],
      reason: String(row['reason']),
    }));
  }

  /** Adds to the record of moves. */
  note(name: string, { kind, label, from, to, by, outcome = 'moved', reason = '' }: Omit<RegistryMove, 'at' | 'outcome' | 'reason'> & Partial<Pick<RegistryMove, 'outcome' | 'reason'>>): void {
    this.#database.run('INSERT INTO registry_moves (at, name, kind, label, from_version, to_version, moved_by, outcome, reason) VALUES (:at, :name, :kind, :label, :from, :to, :by, :outcome, :reason)', { at: Date.now(), name, kind, label, from, to, by, outcome, reason });
  }

  #setModelTag(name: string, key: string, value: string): void {
    this.#database.run('INSERT INTO registry_model_tags (name, key, value) VALUES (:name, :key, :value) ON CONFLICT DO UPDATE SET value = excluded.value', { name, key, value });
  }

  /** @throws Refusal where a version of it is a file. */
  #ofPrograms(name: string): void {
    this.model(name);
    if (this.#database.get('SELECT 1 FROM registry_versions WHERE name = :name AND ulid IS NOT NULL', { name }) !== undefined) {
      throw invalid(`${name} has versions that are files of this project (models/${name}). Rename or delete them there and commit it.`);
    }
  }

  #page({ filter, order_by, max, token }: CatalogueSearch, table: string, columns: string, words: Vocabulary, ties: string): { rows: DatabaseRow[]; next: string } {
    const bindings = new Bindings();
    const conditions = parseFilter(filter).map((clause) => condition(clause, words, bindings));
    const offset = readOffset(token);
    const rows = this.#database.all(pageSql({ columns, table, conditions, orderings: order_by.map(parseOrdering), ties, max, offset }, words, bindings), bindings.values);
    return { rows: rows.slice(0, max), next: rows.length > max ? pageToken([offset + max]) : '' };
  }

  #models(where: string, values: Record<string, string>): CatalogueModel[] {
    return this.#database.all(`SELECT * FROM registry_models WHERE ${where}`, values).map((row) => {
      const name = String(row['name']);
      return {
        name,
        description: String(row['description']),
        created: Number(row['created']),
        updated: Number(row['updated']),
        tags: this.#database.all('SELECT key, value FROM registry_model_tags WHERE name = :name', { name }).map((tag) => [String(tag['key']), String(tag['value'])]),
        aliases: this.#database.all('SELECT alias, version FROM registry_aliases WHERE name = :name', { name }).map((alias) => [String(alias['alias']), Number(alias['version'])]),
        latest: this.#versions('registry_versions.name = :name AND version IN (SELECT max(version) FROM registry_versions WHERE name = :name GROUP BY stage)', { name }),
      };
    });
  }

  #versions(where: string, values: Record<string, string | number>): CatalogueVersion[] {
    return this.#database
      .all(
        `SELECT *, (SELECT json_group_array(json_array(key, value)) FROM registry_version_tags AS tag WHERE (tag.name, tag.version) = (registry_versions.name, registry_versions.version)) AS tags,
         (SELECT json_group_array(alias) FROM registry_aliases AS each WHERE (each.name, each.version) = (registry_versions.name, registry_versions.version)) AS aliases
         FROM registry_versions WHERE ${where}`,
        values,
      )
      .map((row) => ({
        name: String(row['name']),
        version: Number(row['version']),
        ulid: row['ulid'] === null ? null : String(row['ulid']),
        created: Number(row['created']),
        updated: Number(row['updated']),
        description: String(row['description']),
        source: String(row['source']),
        run_id: String(row['run_id']),
        run_link: String(row['run_link']),
        model_id: row['model_id'] === null ? null : String(row['model_id']),
        stage: String(row['stage']),
        tags: JSON.parse(String(row['tags'])) as [string, string][],
        aliases: JSON.parse(String(row['aliases'])) as string[],
      }));
  }
}

function stageOf(wanted: string): (typeof stages)[number] {
  const found = stages.find((stage) => stage.toLowerCase() === wanted.toLowerCase());
  if (found === undefined) {
    throw invalid(`Invalid Model Version stage: ${wanted}. Value must be one of ${stages.join(', ')}.`);
  }
  return found;
}
