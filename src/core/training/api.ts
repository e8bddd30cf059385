// Training. TensorFlow.js loads when the first run begins.
export { Bootstrap } from './bootstrap.ts';
export { measure, metricsOf, type Scored } from './metrics.ts';
export { normal, random } from './random.ts';
export { train } from './train.ts';
export { Bootstrap, interval } from './bootstrap.ts';
export { decodeFittedRows, encodeFittedRows, holds, rowHashes, type FittedRows } from './fittedRows.ts';
export { metricsOf, type Scored } from './metrics.ts';
export { random } from './random.ts';
export { rowsOf } from './rows.ts';
export { blocksOfTime } from './sides.ts';
export type { TrainingHost, TrainingOutcome } from './host.ts';
