// Endpoints: model versions served over HTTP on this machine, each endpoint by a model server of its own.
import * as z from 'zod/mini';
import { EntryName } from './projectFile.ts';
import { Cell, Predictions, Signature } from './model.ts';

export const EndpointName = EntryName;

/** A version as an endpoint serves it: pinned by ULID and hash, so that no checkout and no alias moves it. */
export const ServedVersion = z.object({
  ulid: z.string(),
  model: z.string(),
  /** Its number in the registry; null for a candidate that retraining proposed. */
  version: z.nullable(z.int()),
  /** Of model.json, which lies in .ml/objects under it. */
  sha256: z.string(),
  /** Its share of the requests in percent; those of the versions that answer add up to 100. */
  weight: z.int().check(z.minimum(0), z.maximum(100)),
  /** Gets a copy of every request; what it says is logged and never returned. Its weight is 0. */
  shadow: z.boolean(),
});
export type ServedVersion = z.infer<typeof ServedVersion>;

/** How predictions are logged. */
export const LogSettings = z.object({
  enabled: z.boolean(),
  /** At most so much is lost in a crash. In milliseconds. */
  flush: z.int().check(z.minimum(10), z.maximum(60_000)),
  /** True: an answer leaves only once its line is on disk, so a crash loses none. */
  durable: z.boolean(),
});
export type LogSettings = z.infer<typeof LogSettings>;

/** A key that a server accepts: scrypt is not needed, since keys are 256 random bits. `hash` is SHA-256(salt + key) in hex. */
export const KeyHash = z.object({ salt: z.string(), hash: z.string() });
export type KeyHash = z.infer<typeof KeyHash>;

/** .ml/endpoints/<name>/endpoint.json: what a model server reads at its start and when it is told that it changed. */
export const EndpointConfig = z.object({
  name: EndpointName,
  port: z.int(),
  workers: z.int().check(z.minimum(1), z.maximum(32)),
  /** Any of these opens it; null where no key is asked for. */
  keys: z.nullable(z.array(KeyHash)),
  /** Opens it for the project server, which cannot know the person's key. */
  server_key: KeyHash,
  /** `file`: absolute path of the model file. */
  versions: z.array(z.extend(ServedVersion, { file: z.string() })).check(z.minLength(1)),
  log: LogSettings,
  /** The project's state folder as folderIdentity names it: in a copy of the project it is another. */
  home: z.optional(z.string()),
  /** Counts changes; the server says which one it serves. */
  revision: z.int(),
});
export type EndpointConfig = z.infer<typeof EndpointConfig>;

/** In an endpoint's folder, .ml/endpoints/<name>/. */
export const endpointFiles = { config: 'endpoint.json', output: 'server.log', predictions: 'predictions', labels: 'labels' } as const;

/** How a model server ends that cannot serve: what it was told to serve cannot be loaded, or another program has its port. */
export const modelServerExits = { config: 78, port: 75 } as const;

/**
 * One line of predictions/<day>-<process>.ndjson: one row that was predicted. A file is only appended to, and a line
 * that a crash cut short is left out by readers.
 */
export const LoggedPrediction = z.object({
  /** Unique within the endpoint; labels are joined by it. */
  id: z.string(),
  /** The request that it came with. */
  request: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
  ulid: z.string(),
  version: z.nullable(z.int()),
  shadow: z.boolean(),
  inputs: z.record(z.string(), Cell),
  prediction: z.union([z.string(), z.number()]),
  /** Classifiers: by class. */
  probabilities: z.optional(z.record(z.string(), z.number())),
  /** Of the whole request inside the server. In milliseconds. */
  latency: z.number(),
});
export type LoggedPrediction = z.infer<typeof LoggedPrediction>;

/** One line of labels/<day>-<process>.ndjson: what turned out to be true. Of two for one id the later counts. */
export const LabelLine = z.object({ id: z.string(), value: z.union([z.string(), z.number()]), at: z.number() });
export type LabelLine = z.infer<typeof LabelLine>;

/** Body of POST /labels, at an endpoint and at the project server. */
export const LabelsRequest = z.object({
  labels: z.array(z.object({ id: z.string().check(z.minLength(1), z.maxLength(300)), value: z.union([z.string(), z.number(), z.boolean()]) })).check(z.minLength(1), z.maxLength(100_000)),
});
export type LabelsRequest = z.infer<typeof LabelsRequest>;

/** Where labels went. `unknown`: ids that were never predicted, at most 20; `repeated`: ids that had a label already. */
export const LabelsResult = z.object({ accepted: z.int(), unknown: z.int(), unknown_ids: z.array(z.string()), repeated: z.int() });
export type LabelsResult = z.infer<typeof LabelsResult>;

/**
 * `starting`: not ready yet. `restarting`: it died and is being started again. `failed`: it died too often or cannot
 * start; `error` says why. `stopped`: a person stopped it.
 */
export const EndpointState = z.enum(['starting', 'ready', 'restarting', 'stopped', 'failed']);
export type EndpointState = z.infer<typeof EndpointState>;

/** A change of what an endpoint serves, newest first in `Endpoint.history`. */
export const TrafficChange = z.object({ change_id: z.int(), at: z.number(), reason: z.string(), versions: z.array(ServedVersion) });
export type TrafficChange = z.infer<typeof TrafficChange>;

export const Endpoint = z.object({
  name: EndpointName,
  state: EndpointState,
  url: z.string(),
  port: z.int(),
  /** The model server's process; null where none runs. */
  pid: z.nullable(z.int()),
  /** When it last became ready; milliseconds since 1970. */
  ready_since: z.nullable(z.number()),
  restarts: z.int(),
  error: z.nullable(z.string()),
  /** Whether requests need a key. */
  needs_key: z.boolean(),
  versions: z.array(ServedVersion),
  /** At most the last 50 changes; the first is the present state. */
  history: z.array(TrafficChange),
  log: LogSettings,
  workers: z.int(),
  created: z.number(),
  /** Absolute path of the endpoint's folder. */
  folder: z.string(),
});
export type Endpoint = z.infer<typeof Endpoint>;

/** Since the model server started; latencies are of requests inside the server, in milliseconds. */
export const VersionStats = z.object({
  ulid: z.string(),
  version: z.nullable(z.int()),
  shadow: z.boolean(),
  requests: z.int(),
  /** Rows that were predicted. */
  rows: z.int(),
  /** Requests that ended with an error of ours (5xx). */
  errors: z.int(),
  /** Requests that were refused (4xx) count for the endpoint, not for a version. */
  p50: z.nullable(z.number()),
  p95: z.nullable(z.number()),
  p99: z.nullable(z.number()),
});
export type VersionStats = z.infer<typeof VersionStats>;

export const EndpointStats = z.object({
  endpoint: z.string(),
  at: z.number(),
  /** Over the last ten seconds. */
  requests_per_second: z.number(),
  refused: z.int(),
  versions: z.array(VersionStats),
});
export type EndpointStats = z.infer<typeof EndpointStats>;

/** `model`: `name` (its champion, else the newest), `name@alias` or `name/version`. */
export const DeployRequest = z.object({
  model: z.string(),
  /** The endpoint's name; the model's by default. An endpoint of this name then serves this version instead. */
  name: z.optional(EndpointName),
  port: z.optional(z.int().check(z.minimum(1), z.maximum(65_535))),
  workers: z.optional(z.int().check(z.minimum(1), z.maximum(32))),
  /** False: no key is asked for. True by default. */
  key: z.optional(z.boolean()),
  log: z.optional(z.partial(LogSettings)),
  /** In percent, beside what the endpoint serves; 100 by default. */
  weight: z.optional(z.int().check(z.minimum(1), z.maximum(100))),
  shadow: z.optional(z.boolean()),
});
export type DeployRequest = z.infer<typeof DeployRequest>;

/** `key` in plain text, once, where a new one was made. */
export const Deployed = z.object({ endpoint: Endpoint, key: z.nullable(z.string()) });
export type Deployed = z.infer<typeof Deployed>;

/** New weights by ULID or version number as text; versions that are not named leave the endpoint. */
export const TrafficRequest = z.object({
  versions: z.array(z.object({ version: z.string(), weight: z.int().check(z.minimum(0), z.maximum(100)), shadow: z.optional(z.boolean()) })).check(z.minLength(1)),
  reason: z.optional(z.string()),
});
export type TrafficRequest = z.infer<typeof TrafficRequest>;

/** Rows for an endpoint, as the project server takes them for a window or the command line. */
export const EndpointPredictRequest = z.object({ rows: z.array(z.record(z.string(), Cell)).check(z.minLength(1), z.maxLength(10_000)) });

/** Which version answered, and under which ids labels can be given later. */
export const EndpointPredictions = z.extend(Predictions, { ids: z.array(z.string()), ulid: z.string(), version: z.nullable(z.int()) });
export type EndpointPredictions = z.infer<typeof EndpointPredictions>;

/** What a form and snippets need. */
export const EndpointDetail = z.object({ endpoint: Endpoint, stats: z.nullable(EndpointStats), signature: z.nullable(Signature), output: z.string() });
export type EndpointDetail = z.infer<typeof EndpointDetail>;

export const EndpointList = z.object({ endpoints: z.array(Endpoint) });
