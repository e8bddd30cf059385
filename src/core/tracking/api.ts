// Runs: stored, listed, compared, and read out of a script's output.
export { RunStore, type NewRun } from './runStore.ts';
export { JobStore, type StoredJob } from './jobStore.ts';
export { ingestJournal } from './journal.ts';
export { compareRuns } from './compare.ts';
export { LineReader } from './outputLines.ts';
export { boardFolders, watchEventFiles, type BoardMetric } from './tensorboard/watch.ts';
export { MetricLines, parametersOfArguments, type Finding } from './metricLines.ts';
