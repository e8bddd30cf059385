// Training. TensorFlow.js loads when the first run begins.
export { Bootstrap } from './bootstrap.ts';
export { measure, metricsOf, type Scored } from './metrics.ts';
export { normal, random } from './random.ts';
export { train } from './train.ts';
export type { TrainingHost, TrainingOutcome } from './host.ts';
