// Training. TensorFlow.js loads when the first run begins.
export { train } from './train.ts';
export type { TrainingHost, TrainingOutcome } from './host.ts';
