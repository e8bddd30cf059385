// The project server's own HTTP API: JSON bodies, a bearer token, server-sent events.
import * as z from 'zod/mini';
import { Failure } from './errors.ts';
import { Endpoint, EndpointStats } from './endpoints.ts';
import { RemoteState } from './exchange.ts';
import { Job } from './jobs.ts';
import { Cell } from './model.ts';
import { Alert } from './monitoring.ts';
import { Decision } from './retraining.ts';
import { RegisteredModel, RegistryMove, VersionFile } from './registry.ts';
import { RunEdit, RunSummary } from './runs.ts';

/** .ml/server.json, readable by its owner only. The token lies beside it in server.key. */
export const ServerFile = z.object({
  port: z.int(),
  pid: z.int(),
  /** When that process started, so that a reused pid is not taken for it. Opaque text. */
  process_start: z.string(),
  host_name: z.string(),
  boot_id: z.string(),
  version: z.string(),
});
export type ServerFile = z.infer<typeof ServerFile>;

export const ServerStatus = z.object({
  version: z.string(),
  pid: z.number(),
  project: z.string(),
  running_jobs: z.number(),
  /** A sentence where the database can only be read. */
  read_only: z.nullable(z.string()),
  /** The file of the database, and a sentence where that is not in .ml/. */
  database: z.string(),
  notice: z.nullable(z.string()),
});
export type ServerStatus = z.infer<typeof ServerStatus>;

/** A server proves that it knows the token and serves this folder, as proofOf has it. */
export const Challenge = z.object({ nonce: z.string().check(z.minLength(16), z.maxLength(200)) });
export const Proof = z.object({ proof: z.string() });

export const ErrorBody = z.object({ error: Failure });

export const RegisterRequest = z.object({
  run_id: z.string(),
  name: z.string(),
  description: z.optional(z.string()),
});
export type RegisterRequest = z.infer<typeof RegisterRequest>;

/** `version: null` removes the alias. `by`: the editor by default. */
export const AliasRequest = z.object({ alias: z.string(), version: z.nullable(z.int()), by: z.optional(z.enum(['editor', 'command line'])) });
export type AliasRequest = z.infer<typeof AliasRequest>;

/** Body of POST /api/models/:name/candidates/:version/accept. */
export const AcceptRequest = z.object({ by: z.optional(z.enum(['editor', 'command line'])) });
export type AcceptRequest = z.infer<typeof AcceptRequest>;

/** The version that a candidate became. `refused`: aliases that a program had given it and a gate did not, each with why. */
export const Accepted = z.object({ version: VersionFile, refused: z.array(z.string()) });
export type Accepted = z.infer<typeof Accepted>;

export const MoveList = z.object({ moves: z.array(RegistryMove) });

export const CompareRequest = z.object({ run_ids: z.array(z.string()).check(z.minLength(1), z.maxLength(100)) });

/** `model`: `name`, `name@alias` or `name/version`. Values as a form or JSON gives them; errors name the field. */
export const PredictRequest = z.object({ model: z.string(), rows: z.array(z.record(z.string(), Cell)).check(z.minLength(1), z.maxLength(10000)) });
export type PredictRequest = z.infer<typeof PredictRequest>;

/** Body of POST /api/stop. `endpoints`: their model servers end too, and start again with the next project server. */
export const StopRequest = z.object({ endpoints: z.optional(z.boolean()) });
export type StopRequest = z.infer<typeof StopRequest>;

export { RunEdit };

export const RunList = z.object({ runs: z.array(RunSummary) });
export const JobList = z.object({ jobs: z.array(Job) });
export const ModelList = z.object({ models: z.array(RegisteredModel) });

/** What a window is told over /api/events. */
export const ServerEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('job'), job: Job }),
  z.object({ type: z.literal('run'), run: RunSummary }),
  z.object({ type: z.literal('run_deleted'), run_id: z.string() }),
  /** What is known of experiments changed. `runs`: an experiment was renamed, archived or restored, and its runs with it. */
  z.object({ type: z.literal('experiments'), runs: z.boolean() }),
  /** Many runs came or changed at once: ask for them again. */
  z.object({ type: z.literal('runs') }),
  z.object({ type: z.literal('remote'), remote: RemoteState }),
  z.object({ type: z.literal('models') }),
  z.object({ type: z.literal('endpoint'), endpoint: Endpoint }),
  z.object({ type: z.literal('endpoint_removed'), endpoint: z.string() }),
  /** While somebody listens, every two seconds for endpoints that are ready. */
  z.object({ type: z.literal('stats'), stats: EndpointStats }),
  /** The monitor of this endpoint has something new: a window, labels. */
  z.object({ type: z.literal('monitor'), endpoint: z.string() }),
  /** Opened, changed or closed. `notify`: say so once to a person. */
  z.object({ type: z.literal('alert'), alert: Alert, notify: z.boolean() }),
  z.object({ type: z.literal('decision'), decision: Decision }),
  /** Something about this study of a script changed: ask for it again. */
  z.object({ type: z.literal('study'), study_id: z.string() }),
]);
export type ServerEvent = z.infer<typeof ServerEvent>;
