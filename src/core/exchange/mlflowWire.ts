// MLflow's JSON as a server sends it: whole numbers as numbers or text, what is empty left out.
import * as z from 'zod/mini';
import type { DatasetInput, LoggedPoint } from '../tracking/api.ts';
import { statusOfCode } from './fileStoreText.ts';
import type { Pairs, SourceExperiment, SourceModel, SourceRegistered, SourceRun, SourceVersion } from './source.ts';

const number = z.pipe(z.union([z.number(), z.string()]), z.transform(Number));
const text = z.optional(z.nullable(z.string()));
const pair = z.object({ key: z.string(), value: text });
const pairs = z.optional(z.array(pair));
const token = { next_page_token: text };

const metric = z.object({ key: z.string(), value: z.optional(number), timestamp: z.optional(number), step: z.optional(number) });
const dataset = z.object({ name: z.string(), digest: z.string(), source_type: z.string(), source: z.string(), schema: text, profile: text });

const experiment = z.object({ experiment_id: z.string(), name: z.string(), lifecycle_stage: text, tags: pairs });
const info = z.object({ run_id: text, run_uuid: text, run_name: text, experiment_id: z.string(), user_id: text, status: z.optional(z.union([z.string(), z.number()])), start_time: z.optional(number), end_time: z.optional(number), artifact_uri: text, lifecycle_stage: text });
const data = z.object({ metrics: z.optional(z.array(metric)), params: pairs, tags: pairs });
const run = z.object({
  info,
  data: z.optional(data),
  inputs: z.optional(z.object({ dataset_inputs: z.optional(z.array(z.object({ dataset, tags: pairs }))), model_inputs: z.optional(z.array(z.object({ model_id: z.string() }))) })),
  outputs: z.optional(z.object({ model_outputs: z.optional(z.array(z.object({ model_id: z.string(), step: z.optional(number) }))) })),
});
const version = z.object({ name: z.string(), version: number, creation_timestamp: z.optional(number), description: text, source: text, run_id: text, run_link: text, current_stage: text, model_id: text, tags: pairs, aliases: z.optional(z.array(z.string())) });
const registered = z.object({ name: z.string(), last_updated_timestamp: z.optional(number), latest_versions: z.optional(z.array(version)), description: text, tags: pairs, aliases: z.optional(z.array(z.object({ alias: z.string(), version: number }))) });
const model = z.object({
  info: z.object({ model_id: z.string(), experiment_id: z.string(), name: text, model_type: text, source_run_id: text, status: z.optional(z.union([z.string(), z.number()])), artifact_uri: text, creation_timestamp_ms: z.optional(number), last_updated_timestamp_ms: z.optional(number), tags: pairs }),
  data: z.optional(z.object({ params: pairs, metrics: z.optional(z.array(z.extend(metric, { run_id: text, dataset_name: text, dataset_digest: text }))) })),
});

/** What each call answers. */
export const answers = {
  experiments: z.object({ experiments: z.optional(z.array(experiment)), ...token }),
  experiment: z.object({ experiment }),
  experimentId: z.object({ experiment_id: z.string() }),
  runs: z.object({ runs: z.optional(z.array(run)), ...token }),
  run: z.object({ run }),
  history: z.object({ metrics: z.optional(z.array(metric)), ...token }),
  files: z.object({ root_uri: text, files: z.optional(z.array(z.object({ path: z.string(), is_dir: z.optional(z.boolean()), file_size: z.optional(number) }))), ...token }),
  models: z.object({ registered_models: z.optional(z.array(registered)), ...token }),
  versions: z.object({ model_versions: z.optional(z.array(version)), ...token }),
  version: z.object({ model_version: version }),
  loggedModels: z.object({ models: z.optional(z.array(model)), ...token }),
  loggedModel: z.object({ model }),
  anything: z.unknown(),
};

const listed = (found: z.infer<typeof pairs>): Pairs => (found ?? []).map(({ key, value }) => [key, value ?? '']);

export function experimentOf(wire: z.infer<typeof experiment>): SourceExperiment {
  return { id: wire.experiment_id, name: wire.name, archived: wire.lifecycle_stage === 'deleted', tags: listed(wire.tags) };
}

/** Servers on a database answer with the greatest number for what is infinite. */
export function pointOf(wire: z.infer<typeof metric>): LoggedPoint {
  const value = wire.value ?? 0;
  return { key: wire.key, value: Math.abs(value) === Number.MAX_VALUE ? Math.sign(value) * Infinity : value, timestamp: wire.timestamp ?? 0, step: wire.step ?? 0 };
}

export function runOf(wire: z.infer<typeof run>): SourceRun {
  const id = wire.info.run_id || wire.info.run_uuid || '';
  const tags = listed(wire.data?.tags);
  return {
    id,
    experiment_id: wire.info.experiment_id,
    name: wire.info.run_name || tags.find(([key]) => key === 'mlflow.runName')?.[1] || id,
    user: wire.info.user_id ?? '',
    status: statusOfCode(wire.info.status),
    started: wire.info.start_time ?? 0,
    ended: wire.info.end_time || null,
    archived: wire.info.lifecycle_stage === 'deleted',
    artifact_uri: wire.info.artifact_uri ?? '',
    params: listed(wire.data?.params),
    tags,
    metrics: (wire.data?.metrics ?? []).map(pointOf),
    datasets: (wire.inputs?.dataset_inputs ?? []).map((each): DatasetInput => ({ ...each.dataset, schema: each.dataset.schema ?? null, profile: each.dataset.profile ?? null, tags: Object.fromEntries(listed(each.tags)) })),
    inputs: (wire.inputs?.model_inputs ?? []).map(({ model_id }) => model_id),
    outputs: (wire.outputs?.model_outputs ?? []).map(({ model_id, step }) => ({ model_id, step: step ?? 0 })),
    size: '',
  };
}

export function versionOf(wire: z.infer<typeof version>): SourceVersion {
  return {
    version: wire.version,
    created: wire.creation_timestamp ?? 0,
    description: wire.description ?? '',
    source: wire.source ?? '',
    run_id: wire.run_id ?? '',
    run_link: wire.run_link ?? '',
    model_id: wire.model_id || (/^models:\/(m-\w+)$/.exec(wire.source ?? '')?.[1] ?? null),
    stage: wire.current_stage ?? 'None',
    tags: listed(wire.tags),
  };
}

/** @param versions all of its versions, whose aliases count where the server names none with the model. */
export function registeredOf(wire: z.infer<typeof registered>, versions: readonly z.infer<typeof version>[]): SourceRegistered {
  const aliases = new Map<string, number>([...versions.flatMap((each) => (each.aliases ?? []).map((alias): [string, number] => [alias, each.version])), ...(wire.aliases ?? []).map((each): [string, number] => [each.alias, each.version])]);
  return { name: wire.name, description: wire.description ?? '', tags: listed(wire.tags), aliases: [...aliases], versions: versions.map(versionOf).sort((a, b) => a.version - b.version) };
}

export function modelOf(wire: z.infer<typeof model>): SourceModel {
  const status = wire.info.status;
  return {
    model_id: wire.info.model_id,
    experiment_id: wire.info.experiment_id,
    name: wire.info.name ?? '',
    model_type: wire.info.model_type ?? null,
    source_run_id: wire.info.source_run_id ?? null,
    status: status === 'LOGGED_MODEL_PENDING' || status === 1 ? 'LOGGED_MODEL_PENDING' : status === 'LOGGED_MODEL_UPLOAD_FAILED' || status === 3 ? 'LOGGED_MODEL_UPLOAD_FAILED' : 'LOGGED_MODEL_READY',
    artifact_uri: wire.info.artifact_uri ?? '',
    created: wire.info.creation_timestamp_ms ?? 0,
    updated: wire.info.last_updated_timestamp_ms ?? 0,
    params: listed(wire.data?.params),
    tags: listed(wire.info.tags),
    metrics: (wire.data?.metrics ?? []).map((each) => ({ ...pointOf(each), run_id: each.run_id ?? '', dataset_name: each.dataset_name ?? '', dataset_digest: each.dataset_digest ?? '' })),
  };
}
