// Registered versions of published runs, at the remote: under the same name, with the next number there.
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CatalogueVersion } from '../registry/api.ts';
import { LoggedModelStore } from '../tracking/api.ts';
import type { ExchangeStores, Tally } from './importRuns.ts';
import { RemoteRefusal } from './mlflowClient.ts';
import { answers, modelOf, runOf } from './mlflowWire.ts';
import { rootOf } from './publishFiles.ts';
import type { Publisher } from './publishRuns.ts';
import { isMissing } from './remoteSource.ts';

/** Says which version of which project a version is, so that it is not sent twice. */
const versionTag = 'ml_lifecycle.version';
const scheme = 'mlflow-artifacts:/';

/** @param run_ids published before. */
export async function publishVersions(publisher: Publisher, stores: ExchangeStores, run_ids: readonly string[], tally: Tally, signal: AbortSignal): Promise<void> {
  await stores.inTurn(() => stores.catalogue.refresh());
  const rows = stores.database.all('SELECT name, version FROM registry_versions WHERE run_id IN (SELECT value FROM json_each(:ids)) ORDER BY name, version', { ids: JSON.stringify(run_ids) });
  for (const row of rows) {
    signal.throwIfAborted();
    const version = stores.catalogue.version(String(row['name']), Number(row['version']));
    try {
      await publishVersion(publisher, stores, version, tally);
    } catch (error) {
      if (!(error instanceof RemoteRefusal)) {
        throw error;
      }
      tally.report({ message: `${version.name} version ${version.version} was not registered: ${error.message}` });
    }
  }
}

async function publishVersion(publisher: Publisher, stores: ExchangeStores, version: CatalogueVersion, tally: Tally): Promise<void> {
  const { client } = publisher;
  const { name } = version;
  const remote_run = publisher.copyOf(version.run_id);
  if (remote_run === null) {
    return;
  }
  const mark = version.ulid ?? `${version.run_id}/${name}/${version.version}`;
  await makeModel(publisher, stores, name);
  const { model_versions = [] } = await client.get(answers.versions, 'model-versions/search', { filter: `name = '${name}'`, max_results: 10_000 });
  if (model_versions.some((each) => (each.tags ?? []).some((tag) => tag.key === versionTag && tag.value === mark))) {
    return;
  }
  const source = await sourceThere(publisher, stores, version, remote_run);
  const tags = [...version.tags.filter(([key]) => !key.startsWith('ml_lifecycle.')), [versionTag, mark]].map(([key, value]) => ({ key, value }));
  const { model_version } = await client.post(answers.version, 'model-versions/create', { name, source, run_id: remote_run, description: version.description, tags, ...(source.startsWith('models:/') ? { model_id: source.slice('models:/'.length) } : {}) }, false);
  tally.result.versions += 1;
  const given = new Set(model_versions.flatMap((each) => each.aliases ?? []));
  for (const alias of version.aliases.filter((each) => !given.has(each))) {
    // An alias that stands there already stays where it is: somebody may serve it.
    await setFreeAlias(publisher, name, alias, model_version.version);
  }
}

async function setFreeAlias({ client }: Publisher, name: string, alias: string, version: number): Promise<void> {
  try {
    await client.get(answers.version, 'registered-models/alias', { name, alias });
  } catch (error) {
    if (!(error instanceof RemoteRefusal)) {
      throw error;
    }
    await client.post(answers.anything, 'registered-models/alias', { name, alias, version: String(version) });
  }
}

async function makeModel({ client }: Publisher, { catalogue }: ExchangeStores, name: string): Promise<void> {
  const { description, tags } = catalogue.model(name);
  try {
    await client.post(answers.anything, 'registered-models/create', { name, description, tags: tags.map(([key, value]) => ({ key, value })) }, false);
  } catch (error) {
    if (!(error instanceof RemoteRefusal && error.code === 'RESOURCE_ALREADY_EXISTS')) {
      throw error;
    }
  }
}

/** Where the files of a version lie at the remote; those of a logged model are sent now. */
async function sourceThere(publisher: Publisher, stores: ExchangeStores, { source, run_id, model_id }: CatalogueVersion, remote_run: string): Promise<string> {
  const { client } = publisher;
  const run = runOf((await client.get(answers.run, 'runs/get', { run_id: remote_run, run_uuid: remote_run })).run);
  if (model_id !== null) {
    return sendLoggedModel(publisher, stores, model_id, run);
  }
  const { artifact_uri } = stores.runs.facts(run_id);
  // A version that is a file was trained here: its run keeps the model in this folder.
  const inside = source.startsWith(`${artifact_uri}/`) ? source.slice(artifact_uri.length) : source.startsWith(`${scheme}registry/`) ? '/model' : null;
  return inside === null ? source : `${run.artifact_uri}${inside}`;
}

async function sendLoggedModel(publisher: Publisher, stores: ExchangeStores, model_id: string, run: { id: string; experiment_id: string; artifact_uri: string }): Promise<string> {
  const { client } = publisher;
  const model = new LoggedModelStore(stores.database).get(model_id, true);
  const pairs = (given: readonly [string, string][]): object[] => given.map(([key, value]) => ({ key, value }));
  const folder = stores.artifacts.folderOf(model.artifact_uri);
  try {
    const made = modelOf((await client.post(answers.loggedModel, 'logged-models', { experiment_id: run.experiment_id, name: model.name, model_type: model.model_type ?? '', source_run_id: run.id, params: pairs(model.params.slice(0, 100)), tags: pairs(model.tags.filter(([key]) => key !== 'mlflow.modelVersions')) }, false)).model);
    await sendFolder(publisher, folder, made.artifact_uri);
    await client.send(answers.anything, 'PATCH', `logged-models/${made.model_id}`, { model_id: made.model_id, status: 'LOGGED_MODEL_READY' });
    await client.post(answers.anything, 'runs/outputs', { run_id: run.id, models: [{ model_id: made.model_id, step: 0 }] });
    return `models:/${made.model_id}`;
  } catch (error) {
    if (!isMissing(error)) {
      throw error;
    }
    // A server before MLflow 3 keeps models among the files of their run.
    await sendFolder(publisher, folder, `${run.artifact_uri}/${model.name}`);
    return `${run.artifact_uri}/${model.name}`;
  }
}

async function sendFolder({ client }: Publisher, folder: string | null, artifact_uri: string): Promise<void> {
  const entries = folder === null || !artifact_uri.startsWith(scheme) ? [] : await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = path.join(entry.parentPath, entry.name);
    await client.upload(`${rootOf(artifact_uri)}/${path.relative(folder ?? '', file).split(path.sep).join('/')}`, file, (await stat(file)).size);
  }
}
