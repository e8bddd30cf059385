// The registry: committed text files, and how they are listed.
import * as z from 'zod/mini';
import { Signature } from './model.ts';
import { GitState } from './runs.ts';
import { EntryName } from './projectFile.ts';

export const ModelName = EntryName;
export const AliasName = z.string().check(z.regex(/^[a-z][a-z0-9_-]{0,39}$/, 'an alias is lower case letters, digits, dashes and underscores'));

/** models/<name>/versions/<ulid>.yaml. Immutable but for `description` and `tags`. */
export const VersionFile = z.strictObject({
  model: ModelName,
  version: z.int().check(z.minimum(1)),
  ulid: z.string(),
  created: z.string(),
  run_id: z.string(),
  task: z.string(),
  target: z.string(),
  trainer: z.string(),
  /** SHA-256 of model.json, which lies in .ml/objects under it. */
  artifact: z.strictObject({ sha256: z.string(), bytes: z.number() }),
  /** What it was fitted on: rows, and for time the newest date among them. `sha256`: the object with the rows' hashes. */
  fitted: z.optional(z.strictObject({ rows: z.int(), until: z.optional(z.string()), sha256: z.string() })),
  /** The object with its reference for monitoring, a Parquet file. */
  reference: z.optional(z.strictObject({ sha256: z.string(), rows: z.int() })),
  data: z.strictObject({ path: z.string(), sha256: z.string(), rows: z.number() }),
  git: z.nullable(GitState),
  metrics: z.record(z.string(), z.number()),
  description: z.string(),
  tags: z.record(z.string(), z.string()),
});
export type VersionFile = z.infer<typeof VersionFile>;

/** A version that nobody promoted yet: it has no number. Also candidate.json among a retraining's artifacts. */
export const CandidateVersion = z.omit(VersionFile, { version: true });
export type CandidateVersion = z.infer<typeof CandidateVersion>;

/** models/<name>/aliases.yaml: alias → ULID, one a line. */
export const AliasesFile = z.record(AliasName, z.string());
export type AliasesFile = z.infer<typeof AliasesFile>;

export const RegisteredVersion = z.object({
  file: VersionFile,
  aliases: z.array(z.string()),
  /** False where the artifact is not in this machine's .ml/objects. */
  available: z.boolean(),
});
export type RegisteredVersion = z.infer<typeof RegisteredVersion>;

export const RegisteredModel = z.object({
  name: z.string(),
  /** Newest first. */
  versions: z.array(RegisteredVersion),
  /** alias → version number */
  aliases: z.record(z.string(), z.number()),
  /** Files that could not be read, each with a sentence. */
  problems: z.array(z.string()),
});
export type RegisteredModel = z.infer<typeof RegisteredModel>;

/** A version with what a prediction form needs. */
export const VersionDetail = z.object({ version: RegisteredVersion, signature: z.nullable(Signature) });
export type VersionDetail = z.infer<typeof VersionDetail>;

/** The alias that a first version gets, and that `promote` moves. */
export const championAlias = 'champion';
