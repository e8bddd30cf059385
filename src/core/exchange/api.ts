// Runs in and out of a project: MLflow's files and servers, TensorBoard's folders.
export { openSource } from './openSource.ts';
export { importRuns, Tally, type ExchangeOptions, type ExchangeStores } from './importRuns.ts';
export { environmentCredentials } from './environment.ts';
export { Mirror } from './mirror.ts';
export { MirroredRuns } from './mirroredRuns.ts';
export { Publisher } from './publishRuns.ts';
export { publishVersions } from './publishVersions.ts';
export { MlflowClient, type ClientOptions, readAddress, RemoteRefusal, RemoteUnreachable, SignInNeeded } from './mlflowClient.ts';
export type { Report, RunSource, SourceArtifact, SourceExperiment, SourceModel, SourceRegistered, SourceRun } from './source.ts';
