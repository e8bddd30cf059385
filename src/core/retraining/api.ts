// Retraining: fair comparison, triggers, decisions.
export { fairComparison, type ComparisonInput } from './compare.ts';
export { newDecision, withoutTheRest, withStep } from './decision.ts';
export type { Champions, RetrainingEndpoints } from './promote.ts';
export { Retraining, type RetrainingEvents, type RetrainingOptions } from './retraining.ts';
