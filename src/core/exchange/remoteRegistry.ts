// Registered models of the remote server that a project follows, among the candidates of the project's own registry.
import type { Catalogue } from '../registry/api.ts';
import type { ExchangeStores } from './importRuns.ts';
import { originTag, sourceHere } from './importRegistered.ts';
import type { MlflowClient } from './mlflowClient.ts';
import { answers } from './mlflowWire.ts';
import type { RemoteSource } from './remoteSource.ts';
import type { SourceRegistered, SourceVersion } from './source.ts';

export class RemoteRegistry {
  readonly #stores: ExchangeStores;
  readonly #onChange: () => void;
  /** What each model looked like when its versions were last asked for. */
  readonly #seen = new Map<string, string>();

  constructor(stores: ExchangeStores, onChange: () => void) {
    this.#stores = stores;
    this.#onChange = onChange;
  }

  /** @param full also models that look as before: the description or a tag of a version may have changed. */
  async pull(source: RemoteSource, full: boolean): Promise<void> {
    let changed = false;
    for await (const { look, model } of source.registeredChanges((name, look) => full || this.#seen.get(name) !== look)) {
      await this.#stores.inTurn(async () => {
        await this.#stores.catalogue.refresh();
        changed = (await this.#take(source.origin, model)) || changed;
      });
      this.#seen.set(model.name, look);
    }
    if (changed) {
      this.#onChange();
    }
  }

  /** Moves an alias at the server where the version is one of its own; nothing for others. @param version null removes it. @throws UserError in its words. */
  async moveAlias(client: MlflowClient, name: string, alias: string, version: number | null): Promise<void> {
    const before = this.#stores.database.get('SELECT version FROM registry_aliases WHERE name = :name AND alias = :alias', { name, alias })?.['version'];
    const there = version === null ? null : this.#numberThere(client.uri, name, version);
    if (there !== null) {
      await client.post(answers.anything, 'registered-models/alias', { name, alias, version: String(there) });
    } else if (before !== undefined && this.#numberThere(client.uri, name, Number(before)) !== null) {
      await client.send(answers.anything, 'DELETE', 'registered-models/alias', { name, alias });
    }
  }

  async #take(origin: string, model: SourceRegistered): Promise<boolean> {
    const { catalogue, database } = this.#stores;
    const { name } = model;
    let changed = false;
    if (database.get('SELECT 1 FROM registry_models WHERE name = :name', { name }) === undefined) {
      catalogue.createModel(name, model.description, model.tags);
      changed = true;
    } else if (catalogue.model(name).description !== model.description) {
      catalogue.describeModel(name, model.description);
      changed = true;
    }
    const here = this.#mirrored(origin, name);
    for (const version of model.versions) {
      changed = (await this.#takeVersion(origin, name, version, here.get(version.version))) || changed;
    }
    const there = new Set(model.versions.map(({ version }) => version));
    for (const [number, local] of here) {
      if (!there.has(number)) {
        catalogue.deleteVersion(name, local);
        changed = true;
      }
    }
    return (await this.#takeAliases(catalogue, origin, model)) || changed;
  }

  async #takeVersion(origin: string, name: string, version: SourceVersion, local: number | undefined): Promise<boolean> {
    const { catalogue } = this.#stores;
    const tags: [string, string][] = [...version.tags, [originTag, `${origin} ${name}/${version.version}`]];
    const made = local === undefined ? catalogue.createVersion({ ...version, name, source: sourceHere(this.#stores, version), tags }, version.version) : catalogue.version(name, local);
    let changed = local === undefined;
    if (made.description !== version.description) {
      await catalogue.describeVersion(name, made.version, version.description);
      changed = true;
    }
    const present = new Map(made.tags);
    for (const [key, value] of tags.filter(([key, value]) => present.get(key) !== value)) {
      await catalogue.setVersionTag(name, made.version, key, value);
      changed = true;
    }
    for (const [key] of made.tags.filter(([key]) => !tags.some(([other]) => other === key))) {
      await catalogue.setVersionTag(name, made.version, key, null);
      changed = true;
    }
    if (made.stage !== version.stage && version.stage !== '') {
      catalogue.setStage(name, made.version, version.stage, false);
      changed = true;
    }
    return changed;
  }

  /** An alias that a file of this project gives is the file's: nothing under models/ is written by itself. */
  async #takeAliases(catalogue: Catalogue, origin: string, { name, aliases }: SourceRegistered): Promise<boolean> {
    const numbers = this.#mirrored(origin, name);
    const locals = new Set(numbers.values());
    const given = new Map(catalogue.model(name).aliases);
    let changed = false;
    for (const [alias, version] of aliases) {
      const [wanted, now] = [numbers.get(version), given.get(alias)];
      if (wanted !== undefined && wanted !== now && (now === undefined || catalogue.version(name, now).ulid === null)) {
        await catalogue.setAlias(name, alias, wanted);
        changed = true;
      }
    }
    for (const [alias, now] of given) {
      if (locals.has(now) && !aliases.some(([other]) => other === alias)) {
        await catalogue.setAlias(name, alias, null);
        changed = true;
      }
    }
    return changed;
  }

  /** The numbers here of a server's versions, by their numbers there. */
  #mirrored(origin: string, name: string): Map<number, number> {
    const from = `${origin} ${name}/`;
    const rows = this.#stores.database.all('SELECT version, value FROM registry_version_tags WHERE name = :name AND key = :originTag AND substr(value, 1, length(:from)) = :from', { name, originTag, from });
    return new Map(rows.map((row) => [Number(String(row['value']).slice(from.length)), Number(row['version'])]));
  }

  #numberThere(origin: string, name: string, version: number): number | null {
    return [...this.#mirrored(origin, name)].find(([, here]) => here === version)?.[0] ?? null;
  }
}
