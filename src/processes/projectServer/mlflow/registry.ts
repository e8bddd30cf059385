import { invalid } from '../../../core/tracking/api.ts';
import { alias, longest, modelName, pageSize, upTo, versionNumber } from './limits.ts';
import { route, type Route, type Tracking } from './routes.ts';
import { flag, list, object, optional, required, text } from './validate.ts';
import { modelVersion, present, registeredModel } from './wire.ts';

const tags = list(object({ key: required(upTo(250)), value: optional(upTo(100_000), '') }));
const ofModel = { name: required(text) };
const ofVersion = { name: required(text), version: required(versionNumber) };
const ofTag = { key: required(upTo(250)), value: optional(upTo(100_000), '') };

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

/** Changes in turn, and tells the windows. */
function changing({ catalogue, inTurn, modelsChanged }: Tracking) {
  return <T>(work: () => T | Promise<T>): Promise<T> =>
    inTurn(async () => {
      await catalogue.refresh();
      const result = await work();
      modelsChanged();
      return result;
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
  const { catalogue } = tracking;
  const change = changing(tracking);
  const move = (name: string, given: string, version: number | null): Promise<object> =>
    change(async () => {
      await tracking.moveAliasThere(name, given, version);
      await catalogue.setAlias(name, given, version);
      return {};
    });
  return [
    route('POST', '/mlflow/registered-models/alias', object({ ...ofVersion, alias: required(alias) }), (input) => move(input.name, input.alias, input.version)),
    route('DELETE', '/mlflow/registered-models/alias', object({ ...ofModel, alias: required(text) }), (input) => move(input.name, input.alias, null)),
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
          const run_id = input.run_id || (model?.source_run_id ?? '');
          checkSource(input.source, [search.records([run_id])[0]?.artifact_uri, model?.artifact_uri]);
          const version = catalogue.createVersion({
            name: input.name,
            source: input.source,
            run_id,
            run_link: input.run_link,
            description: input.description,
            model_id: model?.model_id ?? null,
            tags: input.tags.map(({ key, value }) => [key, value]),
          });
          if (model !== null) {
            models.setTags(model.model_id, [['mlflow.modelVersions', JSON.stringify(models.get(model.model_id).registrations)]]);
          }
          return { model_version: modelVersion(version) };
        }),
    ),
    route('GET', '/mlflow/model-versions/get', object(ofVersion), ({ name, version }) => read(() => ({ model_version: modelVersion(catalogue.version(name, version)) }))),
    route('GET', '/mlflow/model-versions/get-download-uri', object(ofVersion), ({ name, version }) => read(() => ({ artifact_uri: downloadUri(tracking, catalogue.version(name, version).source) }))),
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

/** `models:/m-…` names a logged model. */
function loggedIn(source: string): string | undefined {
  return source.startsWith('models:/m-') ? source.slice('models:/'.length) : undefined;
}

/** Where the files of a source are: other registered and logged models are followed. */
function downloadUri(tracking: Tracking, source: string, depth = 0): string {
  const logged = loggedIn(source);
  if (logged !== undefined) {
    return tracking.models.get(logged, true).artifact_uri;
  }
  const [name = '', version = ''] = source.startsWith('models:/') ? source.slice('models:/'.length).split('/') : [];
  return name !== '' && /^\d{1,9}$/.test(version) && depth < 10 ? downloadUri(tracking, tracking.catalogue.version(name, Number(version)).source, depth + 1) : source;
}

/** A path on this machine would let a client read any file of it. @param roots of the run and the logged model. */
function checkSource(source: string, roots: readonly (string | undefined)[]): void {
  const inside = roots.some((root) => root !== undefined && root !== '' && source.startsWith(root.replace(/\/?$/, '/')));
  const local = source.startsWith('file:') || !/^[a-zA-Z][a-zA-Z0-9+.-]+:/.test(source);
  const decoded = source.replaceAll(/%2e/gi, '.');
  if ((local && !inside) || /(^|[/\\])\.\.([/\\]|$)/.test(decoded)) {
    throw invalid(
      `Invalid model version source: '${source}'. To use a local path as a model version source, the run_id request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the run_id.`,
    );
  }
}
