// Training: what will be done in words, and doing it. TensorFlow.js loads with the first fit only.
export { defaultForm, planTraining, requestFrom } from './plan.ts';
export type { TrainingHost, TrainingOutcome } from './host.ts';
export { train } from './start.ts';
