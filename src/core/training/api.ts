// Training. TensorFlow.js loads when the first run begins.
export { Bootstrap, interval } from './bootstrap.ts';
export { decodeFittedRows, encodeFittedRows, holds, rowHashes, type FittedRows } from './fittedRows.ts';
export { measure, metricsOf, type Scored } from './metrics.ts';
export { normal, random } from './random.ts';
export { rowsOf } from './rows.ts';
export { blocksOfTime } from './sides.ts';
export { train } from './train.ts';
export type { TrainingHost, TrainingOutcome } from './host.ts';
