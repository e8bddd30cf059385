// What the primary of a model server and its workers say to each other.
import * as z from 'zod/mini';

const VersionCounts = z.object({
  ulid: z.string(),
  version: z.nullable(z.int()),
  shadow: z.boolean(),
  requests: z.int(),
  rows: z.int(),
  errors: z.int(),
  /** As Latencies gives them. */
  latencies: z.array(z.tuple([z.int(), z.int()])),
});

/** What a worker has counted since it started. `metrics`: its Prometheus registry as prom-client's JSON. */
export const Snapshot = z.object({ metrics: z.array(z.object({ name: z.string(), type: z.unknown(), help: z.unknown(), aggregator: z.unknown(), values: z.unknown() })), versions: z.array(VersionCounts), refused: z.int() });
export type Snapshot = z.infer<typeof Snapshot>;

/** Questions of a client that only the primary can answer. */
export const Question = z.enum(['metrics', 'stats', 'reload']);
export type Question = z.infer<typeof Question>;

export const FromWorker = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), revision: z.int() }),
  /** It cannot serve at all and ends. `port`: another program has the port. */
  z.object({ type: z.literal('unusable'), reason: z.enum(['config', 'port']), message: z.string() }),
  /** What endpoint.json asks for is in memory; `problem` says why not. */
  z.object({ type: z.literal('loaded'), revision: z.int(), problem: z.nullable(z.string()) }),
  z.object({ type: z.literal('snapshot'), snapshot: Snapshot }),
  z.object({ type: z.literal('ask'), id: z.int(), question: Question }),
  z.object({ type: z.literal('stop') }),
]);
export type FromWorker = z.infer<typeof FromWorker>;

export const FromPrimary = z.discriminatedUnion('type', [
  /** Load what endpoint.json says now, beside what is served. */
  z.object({ type: z.literal('load') }),
  /** Serve what was loaded. */
  z.object({ type: z.literal('switch') }),
  z.object({ type: z.literal('report') }),
  z.object({ type: z.literal('answer'), id: z.int(), ok: z.boolean(), text: z.string() }),
  /** Finish the requests in flight, flush the logs, end. */
  z.object({ type: z.literal('drain') }),
]);
export type FromPrimary = z.infer<typeof FromPrimary>;
