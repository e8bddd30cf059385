// The registry: committed text files, and how they are listed.
import * as z from 'zod/mini';
import { Signature } from './model.ts';
import { GitState } from './runs.ts';
import { AliasName, EntryName } from './projectFile.ts';

export { AliasName };

export const ModelName = EntryName;

/** models/<name>/versions/<ulid>.yaml. Immutable but for `description` and `tags`. */
export const VersionFile = z.strictObject({
  model: ModelName,
  version: z.int().check(z.minimum(1)),
  ulid: z.string(),
  created: z.string(),
  run_id: z.string(),
  /** Absent where a program registered it and its model does not say. */
  task: z.optional(z.string()),
  target: z.optional(z.string()),
  /** For an MLflow model its main flavour. */
  trainer: z.string(),
  /** What its artifact is: model.json of this program where absent, else files that a program logged, with an MLmodel file or without. */
  format: z.optional(z.enum(['mlflow', 'files'])),
  /** The flavours that its MLmodel file names. */
  flavors: z.optional(z.array(z.string())),
  /** Where its files came from, for what a program registered. */
  source: z.optional(z.string()),
  /** SHA-256 of model.json, which lies in .ml/objects under it; with `format`, of the list of its files, which lies there like each of them. */
  artifact: z.strictObject({ sha256: z.string(), bytes: z.number() }),
  /** What it was fitted on: rows, and for time the newest date among them. `sha256`: the object with the rows' hashes. */
  fitted: z.optional(z.strictObject({ rows: z.int(), until: z.optional(z.string()), sha256: z.string() })),
  /** The object with its reference for monitoring, a Parquet file. */
  reference: z.optional(z.strictObject({ sha256: z.string(), rows: z.int() })),
  data: z.optional(z.strictObject({ path: z.string(), sha256: z.string(), rows: z.number() })),
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

/** What a program registered, and nobody made a version of yet: it is in the database only. Times in milliseconds since 1970. */
export const ProgramCandidate = z.object({
  version: z.int(),
  created: z.number(),
  description: z.string(),
  /** Where its files lie: an artifact URI. */
  source: z.string(),
  /** Empty where the program named none. */
  run_id: z.string(),
  stage: z.string(),
  tags: z.record(z.string(), z.string()),
  /** What a program has it called; in this project's files these are where they were until a person accepts it. */
  aliases: z.array(z.string()),
});
export type ProgramCandidate = z.infer<typeof ProgramCandidate>;

/** A model as its files have it. */
export const ModelFiles = z.object({
  name: z.string(),
  /** Newest first. */
  versions: z.array(RegisteredVersion),
  /** alias → version number */
  aliases: z.record(z.string(), z.number()),
  /** Files that could not be read, each with a sentence. */
  problems: z.array(z.string()),
});
export type ModelFiles = z.infer<typeof ModelFiles>;

/** A model as its files have it, and what programs registered beside, newest first. */
export const RegisteredModel = z.extend(ModelFiles, { candidates: z.array(ProgramCandidate) });
export type RegisteredModel = z.infer<typeof RegisteredModel>;

/** A column that an MLmodel file names. `type` in MLflow's words. */
export const ForeignColumn = z.object({ name: z.string(), type: z.string(), required: z.boolean() });
export type ForeignColumn = z.infer<typeof ForeignColumn>;

/** What is known of a model that another program made, from its files' names and its MLmodel file. Nothing of it is loaded. */
export const ForeignModel = z.object({
  format: z.enum(['mlflow', 'files']),
  flavors: z.array(z.string()),
  mlflow_version: z.nullable(z.string()),
  /** null where the MLmodel file has none. */
  inputs: z.nullable(z.array(ForeignColumn)),
  outputs: z.nullable(z.array(ForeignColumn)),
  /** By path; `bytes` each. */
  files: z.array(z.object({ path: z.string(), bytes: z.number() })),
});
export type ForeignModel = z.infer<typeof ForeignModel>;

/** A version with what a prediction form needs; `foreign` where another program made it. */
export const VersionDetail = z.object({ version: RegisteredVersion, signature: z.nullable(Signature), foreign: z.nullable(ForeignModel) });
export type VersionDetail = z.infer<typeof VersionDetail>;

export const CandidateDetail = z.object({
  candidate: ProgramCandidate,
  /** Where it is a model of this program, which can score it. */
  signature: z.nullable(Signature),
  foreign: z.nullable(ForeignModel),
  /** The folder of a model that can be scored, absolute. */
  folder: z.nullable(z.string()),
  /** Why it cannot become a version. */
  problem: z.nullable(z.string()),
});
export type CandidateDetail = z.infer<typeof CandidateDetail>;

/** Who moves an alias. `files`: a pull, a checkout or an edit of aliases.yaml. */
export const Mover = z.enum(['client', 'editor', 'command line', 'retraining', 'registration', 'files', '']);
export type Mover = z.infer<typeof Mover>;

/** An entry of the registry's record: a move of an alias or a stage, or one that its gate refused. */
export const RegistryMove = z.object({
  /** Milliseconds since 1970. */
  at: z.number(),
  kind: z.enum(['alias', 'stage', 'number', 'accepted']),
  /** Which alias or stage. */
  label: z.string(),
  /** Versions; null is none. */
  from: z.nullable(z.number()),
  to: z.nullable(z.number()),
  by: Mover,
  outcome: z.enum(['moved', 'refused']),
  reason: z.string(),
});
export type RegistryMove = z.infer<typeof RegistryMove>;

/** The field that a gate's refusal names. */
export function gateField(model: string, alias: string): string {
  return `models.${model}.gates.${alias}`;
}

/** The alias that a first version gets, and that `promote` moves. */
export const championAlias = 'champion';
