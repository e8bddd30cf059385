// Copying runs in and out of a project: what is asked, how it goes on, and the state of a remote that a project follows.
import * as z from 'zod/mini';

/** How a person signs in at a tracking server: a token, or a user and a password. Held in memory only. */
export const Credentials = z.object({ token: z.optional(z.string()), username: z.optional(z.string()), password: z.optional(z.string()) });
export type Credentials = z.infer<typeof Credentials>;

export const ImportRequest = z.object({
  /** A folder, a file (absolute), or the address of a tracking server. */
  from: z.string().check(z.minLength(1)),
  /** Only this experiment; for TensorBoard's folders the one that the runs go into. */
  experiment: z.optional(z.string()),
  credentials: z.optional(Credentials),
});
export type ImportRequest = z.infer<typeof ImportRequest>;

export const PublishRequest = z.object({
  /** The address of a tracking server. */
  to: z.string().check(z.minLength(1)),
  run_ids: z.optional(z.array(z.string())),
  experiment: z.optional(z.string()),
  /** In the search language. */
  filter: z.optional(z.string()),
  artifacts: z.boolean(),
  /** Registered versions that came from these runs go too. */
  versions: z.boolean(),
  credentials: z.optional(Credentials),
});
export type PublishRequest = z.infer<typeof PublishRequest>;

/** Something that could not be copied as it is; the rest went on. */
export const ExchangeProblem = z.object({ message: z.string(), file: z.optional(z.string()), line: z.optional(z.number()), run_id: z.optional(z.string()) });
export type ExchangeProblem = z.infer<typeof ExchangeProblem>;

export const ExchangeResult = z.object({
  added: z.number(),
  changed: z.number(),
  unchanged: z.number(),
  /** Files and registered versions that were copied. */
  files: z.number(),
  versions: z.number(),
  /** The first of them; `problem_count` is how many there are. */
  problems: z.array(ExchangeProblem),
  problem_count: z.number(),
});
export type ExchangeResult = z.infer<typeof ExchangeResult>;

export const ExchangeTask = z.object({
  task_id: z.string(),
  kind: z.enum(['import', 'publish']),
  status: z.enum(['queued', 'running', 'finished', 'failed', 'cancelled']),
  /** What it is doing, in words; `fraction` is 0…1 where it is known. */
  progress: z.object({ fraction: z.nullable(z.number()), message: z.string() }),
  result: ExchangeResult,
  /** One sentence where it failed. */
  error: z.nullable(z.string()),
  /** It failed because the server wants other credentials. */
  needs_credentials: z.boolean(),
});
export type ExchangeTask = z.infer<typeof ExchangeTask>;

/** The remote tracking server that ml.yaml names, as this project sees it. Times in milliseconds since 1970. */
export const RemoteState = z.object({
  /** Null where ml.yaml names none. */
  uri: z.nullable(z.string()),
  host: z.string(),
  /** When its runs were last the same here; null: not yet. */
  synchronised: z.nullable(z.number()),
  /** Why it cannot be reached, in a sentence; null where it can. */
  problem: z.nullable(z.string()),
  /** It refuses these credentials, or wants some. */
  needs_credentials: z.boolean(),
  /** Runs of this project that it does not have yet. */
  waiting: z.number(),
  /** Changes of its own runs and experiments that were made here and wait to be sent. */
  changes: z.number(),
  /** Changes and runs that it refused, on which a person has to decide, and its reason for the first. */
  refused: z.number(),
  refusal: z.nullable(z.string()),
});
export type RemoteState = z.infer<typeof RemoteState>;

export const CredentialsRequest = z.object({ uri: z.string(), credentials: Credentials });

/** A change that a followed server has not taken, in words. */
export const RemoteChange = z.object({
  change_id: z.number(),
  /** The run or the experiment that it is about, by its name. */
  name: z.string(),
  what: z.string(),
  /** When it was wanted; milliseconds since 1970. */
  at: z.number(),
  /** Why the server refused it; null while it waits. */
  problem: z.nullable(z.string()),
});
export type RemoteChange = z.infer<typeof RemoteChange>;

export const RemoteChangeList = z.object({ changes: z.array(RemoteChange) });
