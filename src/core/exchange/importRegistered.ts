// Registered models of a source as candidates of this project: versions with their tags, aliases that are free here.
import type { Catalogue } from '../registry/api.ts';
import type { ExchangeStores, Tally } from './importRuns.ts';
import type { RunSource, SourceRegistered, SourceVersion } from './source.ts';

/** Says where a version was copied from, so that it is not copied twice. */
export const originTag = 'ml_lifecycle.copied_from';

/** @param all false: only versions whose runs are here. */
export async function importRegistered(source: RunSource, stores: ExchangeStores, all: boolean, tally: Tally, signal: AbortSignal): Promise<void> {
  for await (const model of source.registered()) {
    signal.throwIfAborted();
    const wanted = model.versions.filter((version) => all || stores.runs.find(version.run_id) !== null);
    if (wanted.length === 0 && !all) {
      continue;
    }
    try {
      await stores.inTurn(async () => {
        await stores.catalogue.refresh();
        await copyModel(source.origin, stores, model, wanted, tally);
      });
    } catch (error) {
      tally.report({ message: `The registered model ${model.name} could not be copied: ${error instanceof Error ? error.message : String(error)}` });
    }
  }
}

async function copyModel(origin: string, stores: ExchangeStores, model: SourceRegistered, versions: readonly SourceVersion[], tally: Tally): Promise<void> {
  const { catalogue, database } = stores;
  const { name } = model;
  const there = database.get('SELECT 1 FROM registry_models WHERE name = :name', { name }) !== undefined;
  if (!there) {
    catalogue.createModel(name, model.description, model.tags);
  }
  const numbers = new Map<number, number>();
  for (const version of versions) {
    const from = `${origin} ${name}/${version.version}`;
    const known = database.get('SELECT version FROM registry_version_tags WHERE name = :name AND key = :originTag AND value = :from', { name, originTag, from });
    if (known !== undefined) {
      numbers.set(version.version, Number(known['version']));
      continue;
    }
    const made = catalogue.createVersion({ ...version, name, source: sourceHere(stores, version), tags: [...version.tags, [originTag, from]] }, version.version);
    numbers.set(version.version, made.version);
    tally.result.versions += 1;
    if (version.stage !== 'None' && version.stage !== '') {
      catalogue.setStage(name, made.version, version.stage, false);
    }
  }
  await copyAliases(catalogue, model, numbers);
}

/** An alias that is given here stays where it is. */
async function copyAliases(catalogue: Catalogue, { name, aliases }: SourceRegistered, numbers: ReadonlyMap<number, number>): Promise<void> {
  const given = new Set(catalogue.model(name).aliases.map(([alias]) => alias));
  for (const [alias, version] of aliases) {
    const number = numbers.get(version);
    if (number !== undefined && !given.has(alias)) {
      await catalogue.setAlias(name, alias, number);
    }
  }
}

/** Where the files of a version lie in this project, if they came with its run. */
export function sourceHere({ runs }: Pick<ExchangeStores, 'runs'>, { source, run_id }: SourceVersion): string {
  const at = run_id === '' ? -1 : source.indexOf(`${run_id}/artifacts`);
  return at === -1 || runs.find(run_id) === null ? source : `${runs.facts(run_id).artifact_uri}${source.slice(at + `${run_id}/artifacts`.length)}`;
}
