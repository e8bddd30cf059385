// A decision and its steps. Plain values: the job runner writes them, the server goes on with them.
import type { RetrainJob } from '../../contracts/jobs.ts';
import { StepName, type Decision, type DecisionStep } from '../../contracts/retraining.ts';

/** The decision that a retraining begins with: nothing is done yet. @param created milliseconds since 1970. */
export function newDecision(decision_id: string, spec: RetrainJob, created: number, endpoint: string | null): Decision {
  return {
    decision_id,
    retraining: spec.retraining,
    model: spec.model,
    endpoint,
    trigger: spec.trigger,
    created,
    ended: null,
    status: 'running',
    steps: StepName.options.map((name): DecisionStep => ({ name, status: 'waiting', seconds: null, message: '' })),
    champion: spec.champion?.contestant ?? null,
    challenger: null,
    data: null,
    comparison: null,
    outcome: 'running',
    sentence: '',
  };
}

/** The same decision with one step changed. */
export function withStep(decision: Decision, name: StepName, change: Partial<DecisionStep>): Decision {
  return { ...decision, steps: decision.steps.map((step) => (step.name === name ? { ...step, ...change } : step)) };
}

/** The same decision with every step that did not run left out, and why. */
export function withoutTheRest(decision: Decision, message: string): Decision {
  return { ...decision, steps: decision.steps.map((step) => (step.status === 'waiting' ? { ...step, status: 'skipped', message } : step)) };
}

/** The step that runs, or the first that waits. */
export function currentStep(decision: Decision): StepName {
  return (decision.steps.find(({ status }) => status === 'running') ?? decision.steps.find(({ status }) => status === 'waiting') ?? decision.steps.at(-1)!).name;
}

/** The same decision, ended by a step that failed: nothing was changed. @param ended milliseconds since 1970. */
export function failedAt(decision: Decision, name: StepName, message: string, ended: number, status: 'failed' | 'cancelled' = 'failed'): Decision {
  return { ...withoutTheRest(withStep(decision, name, { status: 'failed', message }), 'An earlier step failed.'), status, outcome: 'failed', ended, sentence: `Nothing was changed. ${message}` };
}
