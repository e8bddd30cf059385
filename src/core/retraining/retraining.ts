import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ulid } from 'ulid';
import { toFailure, UserError } from '../../contracts/errors.ts';
import { jobFiles, type Job } from '../../contracts/jobs.ts';
import type { Alert } from '../../contracts/monitoring.ts';
import type { ProjectFile, RetrainingEntry } from '../../contracts/projectFile.ts';
import { CandidateVersion } from '../../contracts/registry.ts';
import { Decision, decisionFiles, type DecisionAnswer, type RetrainingState, type RetrainRequest } from '../../contracts/retraining.ts';
import type { JobQueue } from '../jobs/api.ts';
import type { Project } from '../project/api.ts';
import type { Database } from '../store/api.ts';
import type { JobStore, RunStore } from '../tracking/api.ts';
import { currentStep, failedAt, newDecision, withoutTheRest } from './decision.ts';
import { FreshFile } from './freshFile.ts';
import { jobFor } from './plan.ts';
import { automaticProblem, promote, staleProblem, type Champions, type RetrainingEndpoints } from './promote.ts';
import { nextRun } from './schedule.ts';
import { RetrainingStore } from './store.ts';
import { afterStart, coolingUntil, dueTrigger, faultOf, noteAlert, noteNewRows, triggersOf } from './triggers.ts';

export interface RetrainingOptions {
  project: Project;
  database: Database;
  queue: JobQueue;
  jobs: JobStore;
  runs: RunStore;
  /** Null where nothing is served. */
  endpoints: RetrainingEndpoints | null;
  /** Rows of a data file, counted in another process. */
  countRows(file: string): Promise<number>;
  /** One change of the registry at a time. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** The highest number that any version of this model has, one of a program as well. */
  highestNumber(model: string): Promise<number>;
  champions: Champions;
  /** What nobody waits for went wrong. */
  onFault(error: unknown): void;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** How often triggers are looked at, in milliseconds; 2000 by default, 0 for never by itself. */
  every?: number;
}

export interface RetrainingEvents {
  /** Is stored, new or changed. */
  decision: [Decision];
  /** The registry changed. */
  models: [];
}

/** The steps that the job runner does; the server does the others. */
const ofTheRunner = new Set(['check', 'train', 'compare', 'propose']);

/** Starts retrainings, by hand or by a trigger, follows their jobs, and does with each decision what its entry says. */
export class Retraining extends EventEmitter<RetrainingEvents> {
  readonly #options: RetrainingOptions;
  readonly #store: RetrainingStore;
  readonly #file: FreshFile;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #onChange = (job: Job): void => void this.#inOrder(() => this.#follow(job)).catch(this.#options.onFault);
  #last: Promise<unknown> = Promise.resolve();
  #looking: Promise<void> | null = null;

  constructor(options: RetrainingOptions) {
    super();
    this.#options = options;
    this.#store = new RetrainingStore(options.database);
    this.#file = new FreshFile(options.project);
    this.#now = options.now ?? Date.now;
    options.queue.on('change', this.#onChange);
    const every = options.every ?? 2000;
    this.#timer = every === 0 ? undefined : setInterval(() => void this.look().catch(options.onFault), every);
  }

  /** Whether an entry of ml.yaml waits for something, so that somebody must be there. As of the last look. */
  get awaits(): boolean {
    return Object.values(this.#file.value?.retraining ?? {}).some((entry) => triggersOf(entry).length > 0);
  }

  /** Takes up decisions whose job ended, or never began, while no server was there. Call once, before anything else. */
  async resume(): Promise<void> {
    for (const decision of this.#store.running()) {
      const job = this.#options.jobs.find(decision.decision_id)?.job;
      if (job === undefined) {
        this.#keep({ ...withoutTheRest(decision, 'It never began.'), status: 'failed', outcome: 'failed', ended: this.#now(), sentence: 'It never began: the server ended before. Start it again.' });
      } else {
        await this.#inOrder(() => this.#follow(job));
      }
    }
  }

  /** Looks at the triggers of all entries now. Calls that come together share one look. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Starts one by hand; one of the same name that runs is given instead. @throws UserError where it cannot start. */
  start({ retraining, detail }: RetrainRequest): Promise<Decision> {
    return this.#inOrder(async () => {
      const file = await this.#file.read();
      if (file === null) {
        throw new UserError(this.#file.problem ?? 'ml.yaml cannot be read.', { file: this.#options.project.file });
      }
      return this.#begin(file, retraining, { kind: 'manual', detail: detail ?? 'Started by hand.' });
    });
  }

  /** An alert of monitoring opened, changed or closed. */
  async alert(alert: Alert): Promise<void> {
    for (const [name, entry] of Object.entries((await this.#file.read())?.retraining ?? {})) {
      noteAlert(this.#store, name, entry, alert, this.#runningOf(name) !== null);
    }
    await this.look();
  }

  /** Every entry as it stands; where ml.yaml is broken, the last ones known, each with that problem. */
  async states(): Promise<RetrainingState[]> {
    await this.#file.read();
    const { known, problem } = this.#file;
    return Object.entries(known?.retraining ?? {}).map(([name, entry]) => this.#state(name, entry, problem));
  }

  /** Newest first, at most 200. */
  decisions(): Decision[] {
    return this.#store.list();
  }

  /** @throws UserError for an unknown id. */
  decision(decision_id: string): Decision {
    return this.#store.get(decision_id);
  }

  /** A person's word on a proposed challenger. @throws UserError where there is nothing to decide, or not any more. */
  answer(decision_id: string, { answer }: DecisionAnswer): Promise<Decision> {
    return this.#inOrder(async () => {
      const decision = this.#store.get(decision_id);
      const candidate = decision.challenger === null ? null : this.#store.candidate(decision.challenger.ulid);
      if (decision.outcome !== 'proposed' || candidate === null) {
        const state = { running: 'it still runs', promoted: 'it was promoted already', kept: 'the champion stayed', discarded: 'it was discarded', failed: 'it failed', proposed: 'its challenger is gone' }[decision.outcome];
        throw new UserError(`There is nothing to ${answer} in this decision: ${state}.`, { field: 'decision_id' });
      }
      if (answer === 'discard') {
        this.#store.removeCandidate(candidate.ulid);
        return this.#keep({ ...withoutTheRest(decision, 'It was discarded.'), outcome: 'discarded', sentence: 'The challenger was discarded by a person.' });
      }
      const stale = await staleProblem(this.#options.project, decision, candidate);
      if (stale !== null) {
        throw new UserError(`It cannot be promoted: ${stale}. Retrain again, to compare with that one.`, { field: 'decision_id' });
      }
      return this.#promote(decision, candidate, 'A person promoted it.');
    });
  }

  /** Stops looking; what runs goes on. Resolves when nothing is being written. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#options.queue.off('change', this.#onChange);
    await this.#looking?.catch(() => undefined);
    await this.#last.catch(() => undefined);
  }

  async #look(): Promise<void> {
    const { project, countRows, onFault } = this.#options;
    const file = await this.#file.read();
    for (const [name, entry] of Object.entries(file?.retraining ?? {})) {
      try {
        await noteNewRows(this.#store, project, file!, name, entry, countRows);
        await this.#inOrder(async () => {
          const trigger = dueTrigger(this.#store, name, entry, this.#runningOf(name) !== null, this.#file.changed, this.#now());
          if (trigger !== null) {
            await this.#begin(file!, name, { kind: trigger.kind, detail: trigger.detail });
          }
        });
      } catch (error) {
        // What started it waits on: the next try comes after the cool-down, or when ml.yaml changes.
        this.#store.remember(name, { fault: { message: toFailure(error).message, at: this.#now(), file: this.#file.changed } });
        if (!(error instanceof UserError)) {
          onFault(error);
        }
      }
    }
  }

  async #begin(file: ProjectFile, name: string, trigger: Decision['trigger']): Promise<Decision> {
    const running = this.#runningOf(name);
    if (running !== null) {
      return running;
    }
    const { project, jobs, queue } = this.#options;
    const spec = await jobFor(project, jobs, file, name, trigger);
    const entry = file.retraining?.[name];
    const decision = newDecision(ulid(), spec, this.#now(), entry === undefined ? this.#servingOf(spec.model) : (entry.deployment ?? null));
    // First the decision: a server that ends here leaves one that `resume` finds.
    this.#keep(decision);
    if (file.retraining?.[name] !== undefined) {
      afterStart(this.#store, name, this.#now());
    }
    await queue.submit(spec, decision.decision_id);
    return decision;
  }

  /** Takes over what a job has come to; when it has ended, brings its decision to an end, exactly once. */
  async #follow(job: Job): Promise<void> {
    const stored = job.kind === 'retrain' ? this.#store.find(job.job_id) : null;
    if (stored === null || stored.status !== 'running') {
      return;
    }
    const decision = merged(stored, await this.#written(job.job_id));
    if (JSON.stringify(decision) !== JSON.stringify(stored)) {
      this.#keep(decision);
    }
    if (job.status === 'failed' || job.status === 'cancelled') {
      const failed = decision.steps.find(({ status }) => status === 'failed');
      const message = failed?.message ?? (job.status === 'cancelled' ? 'It was cancelled.' : (job.error ?? 'The process ended without a word.'));
      this.#keep(failedAt(decision, failed?.name ?? currentStep(decision), message, job.ended ?? this.#now(), job.status));
    } else if (job.status === 'finished') {
      try {
        await this.#decide(decision);
      } catch (error) {
        const now = this.#store.get(decision.decision_id);
        this.#keep(failedAt(now, currentStep(now), toFailure(error).message, this.#now()));
        this.#options.onFault(error);
      }
    }
  }

  async #decide(decision: Decision): Promise<void> {
    const { project, runs } = this.#options;
    if (decision.data !== null) {
      this.#store.remember(decision.retraining, { tried_rows: decision.data.rows });
    }
    const { comparison } = decision;
    if (comparison !== null && comparison.verdict !== 'promote') {
      this.#keep({ ...withoutTheRest(decision, comparison.verdict === 'keep' ? 'The champion stays.' : 'There is not enough evidence for it.'), status: 'decided', outcome: 'kept', ended: this.#now(), sentence: comparison.reasons[0] ?? 'The champion stays.' });
      return;
    }
    const candidate = await this.#candidateOf(decision);
    if (candidate === null) {
      this.#keep(failedAt(decision, 'propose', 'What the job proposed cannot be read.', this.#now()));
      return;
    }
    this.#store.saveCandidate({ ...candidate, git: runs.facts(decision.decision_id).git }, this.#now());
    const entry = (await this.#file.read())?.retraining?.[decision.retraining];
    if (comparison === null || entry?.promotion !== 'automatic') {
      this.#propose(decision, comparison === null ? 'There is no champion to compare with. A person can promote the challenger.' : `${comparison.reasons[0] ?? ''} A person can promote it.`);
      return;
    }
    // After a crash the version may be written already; then the work tree is not clean by our own hand.
    const begun = decision.steps.some(({ name, status }) => name === 'promote' && status !== 'waiting');
    const problem = (await staleProblem(project, decision, candidate)) ?? (begun ? null : await automaticProblem(project, entry.branch));
    if (problem !== null) {
      this.#propose(decision, `${comparison.reasons[0] ?? ''} It was not promoted automatically: ${problem}.`);
      return;
    }
    await this.#promote(decision, candidate, comparison.reasons[0] ?? '');
  }

  #propose(decision: Decision, sentence: string): void {
    this.#keep({ ...decision, status: 'decided', outcome: 'proposed', ended: this.#now(), sentence });
  }

  async #promote(before: Decision, candidate: CandidateVersion, why: string): Promise<Decision> {
    const { project, endpoints, inTurn, highestNumber, champions } = this.#options;
    const { decision, promoted } = await promote(before, candidate, { project, endpoints, inTurn, highestNumber, champions, keep: (next) => void this.#keep(next) });
    const failed = decision.steps.find(({ name, status }) => status === 'failed' && !ofTheRunner.has(name));
    const status = failed === undefined ? 'decided' : 'failed';
    if (promoted === null) {
      return this.#keep({ ...decision, status, outcome: 'proposed', ended: this.#now(), sentence: `The champion stays, since the challenger could not be promoted: ${failed?.message ?? ''}` });
    }
    this.#store.removeCandidate(candidate.ulid);
    this.emit('models');
    const served = decision.steps.find(({ name }) => name === 'deploy')?.message ?? '';
    return this.#keep({ ...decision, status, outcome: 'promoted', ended: this.#now(), sentence: `${why} Version ${promoted.version} of ${promoted.model} is the champion. ${failed === undefined ? served : `It could not be served, so the endpoint serves what it served before: ${served}`}`.trim() });
  }

  #keep(decision: Decision): Decision {
    this.#store.save(decision);
    this.emit('decision', decision);
    return decision;
  }

  #state(name: string, entry: RetrainingEntry, broken: string | null): RetrainingState {
    const memory = this.#store.memory(name);
    let next: number | null = null;
    let problem = broken ?? faultOf(memory, this.#file.changed)?.message ?? null;
    try {
      next = entry.schedule === undefined ? null : nextRun(entry.schedule, this.#now());
    } catch (error) {
      problem ??= toFailure(error).message;
    }
    return {
      name,
      model: entry.model,
      endpoint: entry.deployment ?? null,
      promotion: entry.promotion ?? 'manual',
      triggers: triggersOf(entry),
      next_schedule: next,
      cooling_until: coolingUntil(entry, memory, this.#file.changed, this.#now()),
      running: this.#runningOf(name)?.decision_id ?? null,
      last: this.#store.last(name),
      problem,
    };
  }

  /** Without an entry: the endpoint that serves the model, where there is exactly one. */
  #servingOf(model: string): string | null {
    const serving = (this.#options.endpoints?.list() ?? []).filter(({ versions }) => versions.some((version) => version.model === model && !version.shadow));
    return serving.length === 1 ? (serving[0]?.name ?? null) : null;
  }

  #runningOf(name: string): Decision | null {
    return this.#store.running().find(({ retraining }) => retraining === name) ?? null;
  }

  async #written(job_id: string): Promise<Decision | null> {
    return this.#artifact(job_id, decisionFiles.decision, (value) => Decision.parse(value));
  }

  async #candidateOf({ decision_id, challenger }: Decision): Promise<CandidateVersion | null> {
    const candidate = await this.#artifact(decision_id, decisionFiles.candidate, (value) => CandidateVersion.parse(value));
    return candidate?.ulid === challenger?.ulid ? candidate : null;
  }

  async #artifact<T>(job_id: string, name: string, parse: (value: unknown) => T): Promise<T | null> {
    try {
      return parse(JSON.parse(await readFile(path.join(this.#options.queue.folder(job_id), jobFiles.artifacts, name), 'utf8')));
    } catch {
      return null;
    }
  }

  /** One after the other, so that a decision is brought to an end once and two triggers start one. */
  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

/** What the runner knows, within what the server knows. */
function merged(stored: Decision, written: Decision | null): Decision {
  if (written === null) {
    return stored;
  }
  const steps = stored.steps.map((step) => (ofTheRunner.has(step.name) ? (written.steps.find(({ name }) => name === step.name) ?? step) : step));
  return { ...stored, steps, challenger: stored.challenger?.version ? stored.challenger : written.challenger, data: written.data, comparison: written.comparison };
}
