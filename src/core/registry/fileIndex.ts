import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ModelFiles, VersionFile } from '../../contracts/registry.ts';
import type { Project } from '../project/api.ts';
import type { Database } from '../store/api.ts';
import { aliasesFile, versionsFolder } from './layout.ts';
import { listModels } from './read.ts';

/** How long the files are taken to be as they were. In milliseconds. */
const freshFor = 1000;

/** Where a tracking client finds what a version from a file is. */
export function fileSource(name: string, ulid: string): string {
  return `mlflow-artifacts:/registry/${name}/${ulid}`;
}

/** Keeps the index of the files under models/ in the database as the files are; a checkout or a pull changes them. */
export class FileIndex {
  readonly #project: Project;
  readonly #database: Database;
  #looked = 0;
  #signature = '';

  constructor(project: Project, database: Database) {
    this.#project = project;
    this.#database = database;
  }

  /** @param now true after a change of our own, which must be seen at once. */
  async refresh(now = false): Promise<void> {
    if (this.#database.readOnly !== null || (!now && Date.now() - this.#looked < freshFor)) {
      return;
    }
    const signature = await this.#sign();
    if (now || signature !== this.#signature) {
      const models = await listModels(this.#project);
      this.#database.transaction(() => this.#store(models));
      this.#signature = signature;
    }
    this.#looked = Date.now();
  }

  /** What changes when a version comes or goes or an alias moves. */
  async #sign(): Promise<string> {
    const entries = await readdir(this.#project.modelsFolder, { withFileTypes: true }).catch(() => []);
    const marks = entries
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => [versionsFolder(this.#project, name), aliasesFile(this.#project, name)])
      .map(async (file) => {
        const facts = await stat(file).catch(() => null);
        return `${path.basename(path.dirname(file))} ${facts?.mtimeMs ?? 0} ${facts?.size ?? 0} ${facts?.ino ?? 0}`;
      });
    return (await Promise.all(marks)).join('\n');
  }

  #store(models: readonly ModelFiles[]): void {
    const database = this.#database;
    const ulids = models.flatMap((model) => model.versions.map(({ file }) => file.ulid));
    database.run('DELETE FROM registry_versions WHERE ulid IS NOT NULL AND ulid NOT IN (SELECT value FROM json_each(:ulids))', { ulids: JSON.stringify(ulids) });
    for (const model of models) {
      this.#storeModel(model);
    }
    database.run('DELETE FROM registry_models WHERE by_program = 0 AND name NOT IN (SELECT name FROM registry_versions)');
  }

  #storeModel({ name, versions }: ModelFiles): void {
    const database = this.#database;
    const times = versions.map(({ file }) => Date.parse(file.created) || 0);
    database.run('INSERT INTO registry_models (name, description, created, updated, by_program) VALUES (:name, :none, :created, :updated, 0) ON CONFLICT DO NOTHING', {
      name,
      none: '',
      created: Math.min(...times, Date.now()),
      updated: Math.max(...times, 0),
    });
    // Where two files have one number (they came from different branches), the newest is shown.
    const shown = versions.filter(({ file }, index) => versions.findIndex((other) => other.file.version === file.version) === index);
    for (const { file } of shown) {
      this.#makeRoom(name, file);
      database.run(
        `INSERT INTO registry_versions (name, version, ulid, created, updated, description, source, run_id)
         VALUES (:name, :version, :ulid, :created, :created, :description, :source, :run_id)
         ON CONFLICT (ulid) DO UPDATE SET version = excluded.version, description = excluded.description`,
        { name, version: file.version, ulid: file.ulid, created: Date.parse(file.created) || 0, description: file.description, source: fileSource(name, file.ulid), run_id: file.run_id },
      );
      database.run('DELETE FROM registry_version_tags WHERE name = :name AND version = :version', { name, version: file.version });
      for (const [key, value] of Object.entries(file.tags)) {
        database.run('INSERT INTO registry_version_tags (name, version, key, value) VALUES (:name, :version, :key, :value)', { name, version: file.version, key, value });
      }
    }
    this.#storeAliases(name, shown.flatMap(({ file, aliases }) => aliases.map((alias) => ({ alias, file }))));
  }

  /** An alias is where the files have it, but for one that a program moved to a candidate since: that stays until the files move it again. */
  #storeAliases(name: string, wanted: readonly { alias: string; file: VersionFile }[]): void {
    const database = this.#database;
    const rows = database.all('SELECT alias, version, over_ulid, ulid FROM registry_aliases JOIN registry_versions USING (name, version) WHERE name = :name', { name });
    const note = (label: string, from: number | null, to: number | null): void => void database.run(`INSERT INTO registry_moves (at, name, kind, label, from_version, to_version, moved_by) VALUES (:at, :name, 'alias', :label, :from, :to, 'files')`, { at: Date.now(), name, label, from, to });
    for (const row of rows) {
      const alias = String(row['alias']);
      if (row['ulid'] !== null && !wanted.some((each) => each.alias === alias)) {
        database.run('DELETE FROM registry_aliases WHERE name = :name AND alias = :alias', { name, alias });
        note(alias, Number(row['version']), null);
      }
    }
    for (const { alias, file } of wanted) {
      const row = rows.find((each) => each['alias'] === alias);
      const stays = row !== undefined && (row['ulid'] === null ? row['over_ulid'] === file.ulid : row['version'] === file.version);
      if (!stays) {
        database.run('INSERT INTO registry_aliases (name, alias, version) VALUES (:name, :alias, :version) ON CONFLICT DO UPDATE SET version = excluded.version, over_ulid = NULL', { name, alias, version: file.version });
        note(alias, row === undefined ? null : Number(row['version']), file.version);
      }
    }
  }

  /** A number that a file brings is the file's: a candidate that had it is that file where it was made of it, else gets the next free one. */
  #makeRoom(name: string, { version, ulid, source }: VersionFile): void {
    const there = this.#database.get('SELECT ulid, source FROM registry_versions WHERE name = :name AND version = :version', { name, version });
    if (there === undefined || there['ulid'] === ulid) {
      return;
    }
    if (there['ulid'] === null && there['source'] === source) {
      // What only programs called it, it is not called in the files: their own aliases count again.
      this.#database.run(
        `UPDATE registry_aliases SET version = (SELECT version FROM registry_versions WHERE ulid = over_ulid), over_ulid = NULL
         WHERE name = :name AND version = :version AND over_ulid IN (SELECT ulid FROM registry_versions WHERE name = :name)`,
        { name, version },
      );
      this.#database.run('DELETE FROM registry_aliases WHERE name = :name AND version = :version', { name, version });
      this.#database.run('UPDATE registry_versions SET ulid = :ulid, source = :files, updated = :now WHERE name = :name AND version = :version', { name, version, ulid, files: fileSource(name, ulid), now: Date.now() });
      return;
    }
    const next = 1 + Number(this.#database.get('SELECT max(version) AS last FROM registry_versions WHERE name = :name', { name })?.['last'] ?? 0);
    this.#database.run('UPDATE registry_versions SET version = :next WHERE name = :name AND version = :version', { name, version, next });
    this.#database.run(`INSERT INTO registry_moves (at, name, kind, label, from_version, to_version, moved_by) VALUES (:at, :name, 'number', :label, :version, :next, 'files')`, { at: Date.now(), name, label: 'candidate', version, next });
  }
}
