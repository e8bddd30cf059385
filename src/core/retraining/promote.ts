// From a proposed challenger to a champion that is served.
import { UserError, toFailure } from '../../contracts/errors.ts';
import type { Endpoint, ServedVersion } from '../../contracts/endpoints.ts';
import type { CandidateVersion, VersionFile } from '../../contracts/registry.ts';
import type { Decision, StepName } from '../../contracts/retraining.ts';
import { workTreeState } from '../git/api.ts';
import type { Project } from '../project/api.ts';
import { registerCandidate } from '../registry/api.ts';
import { withStep } from './decision.ts';
import { championOf } from './plan.ts';

/** What retraining asks of the endpoints. */
export interface RetrainingEndpoints {
  list(): readonly Endpoint[];
  /** Lets an endpoint serve a version, with `weight` in percent; resolves when it does. `reason` goes into its history. */
  serve(endpoint: string, version: Pick<ServedVersion, 'ulid' | 'model' | 'version' | 'sha256'>, options: { weight: number; reason: string }): Promise<unknown>;
}

/** Why nobody but a person may write the registry's files now; null where a program may. */
export async function automaticProblem(project: Project, branch: string | undefined): Promise<string | null> {
  const state = await workTreeState(project.root).catch((error: unknown) => toFailure(error).message);
  if (typeof state === 'string') {
    return `Git does not say whether the work tree is clean (${state.split('\n')[0] ?? ''})`;
  }
  if (state === null) {
    return null;
  }
  if (branch !== undefined && state.branch !== branch) {
    return `the work tree is on ${state.branch === null ? 'no branch' : `the branch ${state.branch}`}, not on ${branch}`;
  }
  return state.clean ? null : `the work tree has changes that are not committed (${state.changed.slice(0, 3).join(', ')}${state.changed.length > 3 ? ' and more' : ''})`;
}

/** Why the comparison does not hold any more; null where it does. */
export async function staleProblem(project: Project, decision: Decision, candidate: CandidateVersion): Promise<string | null> {
  const champion = await championOf(project, decision.model).catch((error: unknown) => toFailure(error).message);
  if (typeof champion === 'string') {
    return `its model’s files cannot be read (${champion.replace(/\.$/, '')})`;
  }
  const same = (champion?.file.ulid ?? null) === (decision.champion?.ulid ?? null) || champion?.file.ulid === candidate.ulid || champion?.file.run_id === candidate.run_id;
  return same ? null : `${champion === null ? 'the champion was taken away' : `version ${champion.file.version} became the champion`} since the comparison`;
}

/** How a version becomes the champion: past the gate of that alias. */
export interface Champions {
  /** @throws UserError with what the gate of champion wants and the candidate has not. */
  check(candidate: CandidateVersion): Promise<void>;
  /** @throws UserError as `check`. */
  set(model: string, version: number): Promise<void>;
}

export interface PromotionParts {
  project: Project;
  endpoints: RetrainingEndpoints | null;
  /** One change of the registry at a time. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** The highest number that any version of this model has, one of a program as well: a number is given once. */
  highestNumber(model: string): Promise<number>;
  champions: Champions;
  /** Stores what is known so far. */
  keep(decision: Decision): void;
}

/**
 * Registers the candidate and makes it the champion, the alias last, then lets the endpoint serve it. A step that
 * fails is recorded as that, and the next is left out. Done twice, it does no more than done once.
 *
 * @returns the decision with both steps; `promoted` tells whether the alias was moved.
 */
export async function promote(start: Decision, candidate: CandidateVersion, parts: PromotionParts): Promise<{ decision: Decision; promoted: VersionFile | null }> {
  const { project, inTurn, highestNumber, champions, keep } = parts;
  let decision = start;
  const step = async <T>(name: StepName, work: () => Promise<{ value: T; message: string; status?: 'skipped' }>): Promise<T | null> => {
    const began = performance.now();
    keep((decision = withStep(decision, name, { status: 'running' })));
    try {
      const { value, message, status = 'done' } = await work();
      keep((decision = withStep(decision, name, { status, seconds: secondsSince(began), message })));
      return value;
    } catch (error) {
      keep((decision = withStep(decision, name, { status: 'failed', seconds: secondsSince(began), message: toFailure(error).message })));
      return null;
    }
  };
  const promoted = await step('promote', () =>
    inTurn(async () => {
      const stale = await staleProblem(project, decision, candidate);
      if (stale !== null) {
        throw new UserError(`It cannot be promoted: ${stale}. Retrain again, to compare with that one.`);
      }
      // Before its file is written: what the gate holds back leaves the work tree as it is.
      await champions.check(candidate);
      const file = await registerCandidate(project, candidate, await highestNumber(candidate.model));
      await champions.set(candidate.model, file.version);
      return { value: file, message: `Version ${file.version} of ${candidate.model} is the champion.` };
    }),
  );
  if (promoted === null) {
    return { decision: withStep(decision, 'deploy', { status: 'skipped', message: 'It was not promoted.' }), promoted: null };
  }
  decision = { ...decision, challenger: decision.challenger === null ? null : { ...decision.challenger, ulid: promoted.ulid, version: promoted.version } };
  await step('deploy', () => deploy(decision, promoted, parts.endpoints));
  return { decision, promoted };
}

async function deploy({ endpoint, decision_id, trigger }: Decision, file: VersionFile, endpoints: RetrainingEndpoints | null): Promise<{ value: null; message: string; status?: 'skipped' }> {
  if (endpoint === null) {
    return { value: null, status: 'skipped', message: 'No endpoint belongs to this retraining.' };
  }
  const served = endpoints?.list().find(({ name }) => name === endpoint);
  if (served === undefined) {
    return { value: null, status: 'skipped', message: `There is no endpoint ${endpoint} on this machine.` };
  }
  const message = `${endpoint} serves version ${file.version}.`;
  if (served.versions.some(({ ulid, weight }) => ulid === file.ulid && weight === 100)) {
    return { value: null, message };
  }
  await endpoints!.serve(endpoint, { ulid: file.ulid, model: file.model, version: file.version, sha256: file.artifact.sha256 }, { weight: 100, reason: `Retraining promoted version ${file.version}: ${trigger.detail.replace(/\.$/, '')}. Decision ${decision_id}.` });
  return { value: null, message };
}

function secondsSince(began: number): number {
  return Math.round(performance.now() - began) / 1000;
}
