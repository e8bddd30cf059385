import { nameTag, protocolStatus, type Experiment, type LoggedModel, type LoggedPoint, type RunRecord } from '../../../core/tracking/api.ts';
import type { CatalogueModel, CatalogueVersion } from '../../../core/registry/api.ts';

// Our records as MLflow's JSON: whole numbers as numbers, what JSON has no number for as text, what is empty left out.

type Json = Record<string, unknown>;
type Pairs = readonly (readonly [string, string])[];

/** Without what is undefined, null or an empty list. */
export function present(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)));
}

export function number(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

export function metric({ key, value, timestamp, step }: LoggedPoint): Json {
  return { key, value: number(value), timestamp, step };
}

export function pairs(entries: Pairs): Json[] {
  return entries.map(([key, value]) => ({ key, value }));
}

export function experiment({ experiment_id, name, lifecycle, created, updated, artifact_location, tags }: Experiment): Json {
  return present({ experiment_id, name, artifact_location, lifecycle_stage: lifecycle, creation_time: created, last_update_time: updated, tags: pairs(Object.entries(tags)) });
}

export function runInfo(run: RunRecord): Json {
  return present({
    run_id: run.run_id,
    run_uuid: run.run_id,
    run_name: run.name,
    experiment_id: run.experiment_id,
    user_id: run.user,
    status: protocolStatus[run.status],
    start_time: run.started,
    end_time: run.ended,
    artifact_uri: run.artifact_uri,
    lifecycle_stage: run.lifecycle,
  });
}

export function run(record: RunRecord): Json {
  const inputs = present({
    dataset_inputs: record.datasets.map(({ tags, name, digest, source_type, source, schema, profile }) =>
      present({ dataset: present({ name, digest, source_type, source, schema, profile }), tags: pairs(Object.entries(tags)) }),
    ),
    model_inputs: record.inputs.map((model_id) => ({ model_id })),
  });
  return {
    info: runInfo(record),
    data: present({ metrics: record.metrics.map(metric), params: pairs(record.params), tags: pairs(tagsOf(record)) }),
    inputs,
    outputs: present({ model_outputs: record.outputs }),
  };
}

/** A run's tags, with those that MLflow makes of facts that we keep elsewhere. Of its own runs a client says them itself. */
function tagsOf({ name, external, source, commit, tags }: RunRecord): Pairs {
  const given = new Set(tags.map(([key]) => key));
  const ours: [string, string | null][] = [
    ['mlflow.source.name', source],
    ['mlflow.source.type', 'LOCAL'],
    ['mlflow.source.git.commit', commit],
  ];
  const facts: [string, string | null][] = [[nameTag, name], ...(external ? [] : ours)];
  return [...tags, ...facts.flatMap(([key, value]): [string, string][] => (value === null || value === '' || given.has(key) ? [] : [[key, value]]))];
}

export function loggedModel(model: LoggedModel): Json {
  const { model_id, experiment_id, name, artifact_uri, status, model_type, source_run_id, tags, registrations } = model;
  return {
    info: present({
      model_id,
      experiment_id,
      name,
      creation_timestamp_ms: model.created,
      last_updated_timestamp_ms: model.updated,
      artifact_uri,
      status,
      model_type,
      source_run_id,
      tags: pairs(tags),
      registrations: registrations.map((each) => ({ name: each.name, version: String(each.version) })),
    }),
    data: present({
      params: pairs(model.params),
      metrics: model.metrics.map((each) => present({ ...metric(each), model_id, run_id: each.run_id, dataset_name: each.dataset_name || undefined, dataset_digest: each.dataset_digest || undefined })),
    }),
  };
}

export function modelVersion(version: CatalogueVersion): Json {
  return present({
    name: version.name,
    version: String(version.version),
    creation_timestamp: version.created,
    last_updated_timestamp: version.updated,
    current_stage: version.stage,
    description: version.description,
    source: version.source,
    run_id: version.run_id,
    run_link: version.run_link,
    status: 'READY',
    tags: pairs(version.tags),
    aliases: version.aliases,
    model_id: version.model_id,
  });
}

export function registeredModel(model: CatalogueModel): Json {
  return present({
    name: model.name,
    creation_timestamp: model.created,
    last_updated_timestamp: model.updated,
    description: model.description,
    latest_versions: model.latest.map(modelVersion),
    tags: pairs(model.tags),
    aliases: model.aliases.map(([alias, version]) => ({ alias, version: String(version) })),
  });
}
