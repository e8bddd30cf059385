import { invalid } from '../../../core/tracking/api.ts';
import { loggedIn, sourceOf, type CatalogueVersion } from '../../../core/registry/api.ts';
import { alias, aliasName, key, longest, modelName, pageSize, upTo, versionNumber } from './limits.ts';
import { route, type Route, type Tracking } from './routes.ts';
import { flag, list, object, optional, required, text } from './validate.ts';
import { modelVersion, present, registeredModel } from './wire.ts';

const ofModel = { name: required(text) };
const ofVersion = { name: required(text), version: required(versionNumber) };
const ofTag = { key: required(key), value: optional(upTo(100_000), '') };
const tags = list(object(ofTag));

export function registryRoutes(tracking: Tracking): Route[] {
  return [...modelRoutes(tracking), ...aliasRoutes(tracking), ...versionRoutes(tracking)];
}

/** Reads after looking whether the files changed. */
function reading({ catalogue }: Tracking) {
  return async <T>(work: () => T): Promise<T> => {
    await catalogue.refresh();
    return work();
  };
}

/** Changes in turn, and tells the windows, also where a gate refused: that is on record. */
function changing({ catalogue, inTurn, modelsChanged }: Tracking) {
  return <T>(work: () => T | Promise<T>): Promise<T> =>
    inTurn(async () => {
      try {
        await catalogue.refresh();
        return await work();
      } finally {
        modelsChanged();
      }
    });
}

const searching = { filter: optional(text, ''), order_by: optional(list(text), []), page_token: optional(text, '') };

function modelRoutes(tracking: Tracking): Route[] {
  const { catalogue } = tracking;
  const read = reading(tracking);
  const change = changing(tracking);
  const latest = object({ ...ofModel, stages: optional(list(text), []) });
  const latestOf = ({ name, stages }: ReturnType<typeof latest>): unknown => read(() => present({ model_versions: catalogue.latest(name, stages).map(modelVersion) }));
  return [
    route('POST', '/mlflow/registered-models/create', object({ name: required(modelName), tags: optional(tags, []), description: optional(text, '') }), (input) =>
      change(() => ({ registered_model: registeredModel(catalogue.createModel(input.name, input.description, input.tags.map(({ key, value }) => [key, value]))) })),
    ),
    route('GET', '/mlflow/registered-models/get', object(ofModel), ({ name }) => read(() => ({ registered_model: registeredModel(catalogue.model(name)) }))),
    route('POST', '/mlflow/registered-models/rename', object({ ...ofModel, new_name: required(modelName) }), ({ name, new_name }) => change(() => ({ registered_model: registeredModel(catalogue.renameModel(name, new_name)) }))),
    route('PATCH', '/mlflow/registered-models/update', object({ ...ofModel, description: optional(text, '') }), ({ name, description }) => change(() => ({ registered_model: registeredModel(catalogue.describeModel(name, description)) }))),
    route('DELETE', '/mlflow/registered-models/delete', object(ofModel), ({ name }) =>
      change(() => {
        catalogue.deleteModel(name);
        return {};
      }),
    ),
    route('GET', '/mlflow/registered-models/search', object({ ...searching, max_results: optional(pageSize(longest.registryResults), 100) }), (input) =>
      read(() => {
        const { models, next } = catalogue.searchModels({ filter: input.filter, order_by: input.order_by, max: input.max_results, token: input.page_token });
        return present({ registered_models: models.map(registeredModel), next_page_token: next || undefined });
      }),
    ),
    route('POST', '/mlflow/registered-models/get-latest-versions', latest, latestOf),
    route('GET', '/mlflow/registered-models/get-latest-versions', latest, latestOf),
    route('POST', '/mlflow/registered-models/set-tag', object({ ...ofModel, ...ofTag }), ({ name, key, value }) =>
      change(() => {
        catalogue.setModelTag(name, key, value);
        return {};
      }),
    ),
    route('DELETE', '/mlflow/registered-models/delete-tag', object({ ...ofModel, key: required(text) }), ({ name, key }) =>
      change(() => {
        catalogue.deleteModelTag(name, key);
        return {};
      }),
    ),
  ];
}

function aliasRoutes(tracking: Tracking): Route[] {
  const { catalogue, promotions } = tracking;
  const change = changing(tracking);
  const move = (name: string, given: string, version: number | null): Promise<object> =>
    change(async () => {
      await promotions.move(name, given, version, 'client');
      return {};
    });
  return [
    route('POST', '/mlflow/registered-models/alias', object({ ...ofVersion, alias: required(alias) }), (input) => move(input.name, input.alias, input.version)),
    route('DELETE', '/mlflow/registered-models/alias', object({ ...ofModel, alias: required(aliasName) }), (input) => move(input.name, input.alias, null)),
    route('GET', '/mlflow/registered-models/alias', object({ ...ofModel, alias: required(text) }), (input) => reading(tracking)(() => ({ model_version: modelVersion(catalogue.byAlias(input.name, input.alias)) }))),
  ];
}

function versionRoutes(tracking: Tracking): Route[] {
  const { catalogue, models, search } = tracking;
  const read = reading(tracking);
  const change = changing(tracking);
  return [
    route(
      'POST',
      '/mlflow/model-versions/create',
      object({ name: required(modelName), source: required(text), run_id: optional(text, ''), tags: optional(tags, []), run_link: optional(text, ''), description: optional(text, ''), model_id: optional(text) }),
      (input) =>
        change(() => {
          const logged = input.model_id ?? loggedIn(input.source);
          const model = logged === undefined || logged === '' ? null : models.get(logged);
          const copied = copiedFrom(tracking, input.source);
          const run_id = input.run_id || (model?.source_run_id ?? copied?.run_id ?? '');
          checkSource(input.source, [search.records([run_id])[0]?.artifact_uri, model?.artifact_uri]);
          const version = catalogue.createVersion({
            name: input.name,
            source: input.source,
            run_id,
            run_link: input.run_link,
            description: input.description,
            model_id: model?.model_id ?? copied?.model_id ?? null,
            tags: input.tags.map(({ key, value }) => [key, value]),
          });
          if (model !== null) {
            models.setTags(model.model_id, [['mlflow.modelVersions', JSON.stringify(models.get(model.model_id).registrations)]]);
          }
          return { model_version: modelVersion(version) };
        }),
    ),
    route('GET', '/mlflow/model-versions/get', object(ofVersion), ({ name, version }) => read(() => ({ model_version: modelVersion(catalogue.version(name, version)) }))),
    route('GET', '/mlflow/model-versions/get-download-uri', object(ofVersion), ({ name, version }) => read(() => ({ artifact_uri: sourceOf(catalogue, models, catalogue.version(name, version).source) }))),
    route('PATCH', '/mlflow/model-versions/update', object({ ...ofVersion, description: optional(text, '') }), ({ name, version, description }) =>
      change(async () => ({ model_version: modelVersion(await catalogue.describeVersion(name, version, description)) })),
    ),
    route('DELETE', '/mlflow/model-versions/delete', object(ofVersion), ({ name, version }) =>
      change(() => {
        catalogue.deleteVersion(name, version);
        return {};
      }),
    ),
    route('GET', '/mlflow/model-versions/search', object({ ...searching, max_results: optional(pageSize(longest.versionResults), 10_000) }), (input) =>
      read(() => {
        const { versions, next } = catalogue.searchVersions({ filter: input.filter, order_by: input.order_by, max: input.max_results, token: input.page_token });
        return present({ model_versions: versions.map(modelVersion), next_page_token: next || undefined });
      }),
    ),
    route('POST', '/mlflow/model-versions/set-tag', object({ ...ofVersion, ...ofTag }), ({ name, version, key, value }) =>
      change(async () => {
        await catalogue.setVersionTag(name, version, key, value);
        return {};
      }),
    ),
    route('DELETE', '/mlflow/model-versions/delete-tag', object({ ...ofVersion, key: required(text) }), ({ name, version, key }) =>
      change(async () => {
        await catalogue.setVersionTag(name, version, key, null);
        return {};
      }),
    ),
    route('POST', '/mlflow/model-versions/transition-stage', object({ ...ofVersion, stage: required(text), archive_existing_versions: optional(flag, false) }), (input) =>
      change(() => ({ model_version: modelVersion(catalogue.setStage(input.name, input.version, input.stage, input.archive_existing_versions)) })),
    ),
  ];
}

/** The version that a source such as `models:/iris/3` names. @throws Refusal where there is none. */
function copiedFrom({ catalogue }: Tracking, source: string): CatalogueVersion | null {
  const [, name, version] = /^models:\/([^/]+)\/(\d{1,15})$/.exec(source) ?? [];
  return name === undefined ? null : catalogue.version(name, Number(version));
}

/** A path on this machine would let a client read any file of it. @param roots of the run and the logged model. */
function checkSource(source: string, roots: readonly (string | undefined)[]): void {
  const inside = roots.some((root) => root !== undefined && root !== '' && source.startsWith(root.replace(/\/?$/, '/')));
  const local = source.startsWith('file:') || !/^[a-zA-Z][a-zA-Z0-9+.-]+:/.test(source);
  const refused = leadsElsewhere(source);
  if (!local && refused) {
    throw invalid(`Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.`);
  }
  if (local && (!inside || refused)) {
    throw invalid(
      `Invalid model version source: '${source}'. To use a local path as a model version source, the run_id request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the run_id.`,
    );
  }
}

/** However often it is encoded. */
function leadsElsewhere(source: string): boolean {
  for (let text = source, before = ''; text !== before; ) {
    if (text.includes('\0') || text.split(/[/\\]/).includes('..')) {
      return true;
    }
    [before, text] = [text, decoded(text)];
  }
  return false;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that encodes nothing.
    return text;
  }
}
