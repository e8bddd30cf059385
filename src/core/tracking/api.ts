// Runs: stored, listed, compared, and read out of a script's output.
export { RunStore, type NewRun } from './runStore.ts';
export { JobStore, type StoredJob } from './jobStore.ts';
export { ingestJournal } from './journal.ts';
export { compareRuns } from './compare.ts';
export { LineReader } from './outputLines.ts';
export { boardFolders, watchEventFiles, type BoardMetric } from './tensorboard/watch.ts';
export { MetricLines, parametersOfArguments, type Finding } from './metricLines.ts';
export { ExperimentStore, type Experiment, type View } from './experimentStore.ts';
export { findRuns, isComparison } from './findRuns.ts';
export { RunSearch, nameTag, protocolStatus, type DatasetInput, type RunQuery, type RunRecord } from './runSearch.ts';
export { TrackedRuns, statusOf, type ClientMetric, type ClientRun } from './trackedRuns.ts';
export { LoggedModelStore, modelStatuses, type LoggedModel } from './loggedModelStore.ts';
export { ArtifactStore, type ArtifactEntry } from './artifactStore.ts';
export { MetricStore, type LoggedPoint } from './metricStore.ts';
export { Refusal, invalid, missing, type RefusalCode } from './refusal.ts';
export { pageToken, readOffset } from './pageToken.ts';
export { parseFilter, parseOrdering } from './filter.ts';
export { Bindings, condition, keyed, listed, numeric, pageSql, textual, type Vocabulary } from './filterSql.ts';
