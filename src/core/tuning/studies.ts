import { EventEmitter } from 'node:events';
import path from 'node:path';
import { ulid } from 'ulid';
import { toFailure, UserError } from '../../contracts/errors.ts';
import type { Job } from '../../contracts/jobs.ts';
import { bestTrialTag, trialsTag } from '../../contracts/tags.ts';
import type { ContinueRequest, Study, StudySpec, StudyStatus, Trial } from '../../contracts/tuning.ts';
import type { JobQueue } from '../jobs/api.ts';
import type { Project } from '../project/api.ts';
import type { Database } from '../store/api.ts';
import type { JobStore, RunStore } from '../tracking/api.ts';
import { checkStudy } from './checkStudy.ts';
import { importanceOf } from './importance.ts';
import { argumentsOf } from './space.ts';
import { StudyStore, type StudyRecord } from './store.ts';
import { gridSize, suggest } from './suggest.ts';
import { bestOf, endOf, outcomeOf, whyHopeless } from './verdicts.ts';

export interface StudiesOptions {
  project: Project;
  database: Database;
  queue: JobQueue;
  jobs: JobStore;
  runs: RunStore;
  /** What nobody waits for went wrong. */
  onFault(error: unknown): void;
  /** Milliseconds since 1970. */
  now?: () => number;
}

export interface StudiesEvents {
  /** This study, its trials or its parent run changed and are stored. */
  change: [study_id: string];
}

/**
 * Studies of scripts: each a parent run, its trials ordinary jobs of the queue. A trial is stored before its job is
 * submitted, under an id that the queue takes once, so a server that is killed in between leaves one that `resume` takes up.
 */
export class Studies extends EventEmitter<StudiesEvents> {
  readonly #options: StudiesOptions;
  readonly #store: StudyStore;
  readonly #now: () => number;
  /** The last known state of each job, so that a trial's many metrics cost nothing here. */
  readonly #seen = new Map<string, Job['status']>();
  #last: Promise<unknown> = Promise.resolve();
  readonly #onChange = (job: Job): void => this.#look(job);

  constructor(options: StudiesOptions) {
    super();
    this.#options = options;
    this.#store = new StudyStore(options.database);
    this.#now = options.now ?? Date.now;
    options.queue.on('change', this.#onChange);
  }

  /** Whether a study runs. */
  get busy(): boolean {
    return this.#store.open().length > 0;
  }

  has(study_id: string): boolean {
    return this.#store.find(study_id) !== null;
  }

  /** @throws UserError for an unknown id. */
  get(study_id: string): Study {
    return this.#whole(this.#store.get(study_id));
  }

  /** Newest first. */
  list(): Study[] {
    return this.#store.list().map((record) => this.#whole(record));
  }

  /** Goes on with what an earlier server left. */
  async resume(): Promise<void> {
    for (const study_id of this.#store.open()) {
      await this.#inOrder(() => this.#advance(study_id));
    }
  }

  /** Begins a study. @throws UserError naming the field that must be mended. */
  start(spec: StudySpec): Promise<Study> {
    return this.#inOrder(async () => {
      const whole = checkStudy(spec);
      const { database, runs, project } = this.#options;
      const created = this.#now();
      const { script } = spec.job;
      const record: StudyRecord = { study_id: ulid(), name: spec.name ?? `Tune ${path.basename(script)}`, spec: whole, status: 'running', created, ended: null, until: untilOf(spec.seconds, created), since: 1, sentence: '' };
      const relative = path.relative(project.root, script);
      database.transaction(() => {
        runs.create({
          run_id: record.study_id,
          name: record.name,
          experiment: spec.job.experiment ?? path.basename(script),
          kind: 'study',
          created,
          source: relative.startsWith('..') || path.isAbsolute(relative) ? script : relative.split(path.sep).join('/'),
          git: null,
          command: null,
          tags: { headline: spec.metric, [trialsTag]: `0${ofTrials(whole)}`, sampler: spec.sampler, direction: spec.direction },
          params: {},
        });
        runs.setStatus(record.study_id, { status: 'running', started: created });
        this.#store.save(record);
      });
      await this.#advance(record.study_id);
      return this.get(record.study_id);
    });
  }

  /** Starts no more trials and ends those that run. One that has ended stays as it is. */
  stop(study_id: string): Promise<Study> {
    return this.#inOrder(async () => {
      const record = this.#store.get(study_id);
      if (record.status === 'running') {
        await this.#end(record, 'stopped', 'It was stopped.');
        await this.#advance(study_id);
      }
      return this.get(study_id);
    });
  }

  /** More trials, or more time, for a study that has ended; one that runs gets them as well. @throws UserError where there is nothing to add. */
  continue(study_id: string, { trials, seconds }: ContinueRequest): Promise<Study> {
    return this.#inOrder(async () => {
      const record = this.#store.get(study_id);
      const made = this.#store.trials(study_id);
      if (trials === undefined && seconds === undefined) {
        throw new UserError('Say how many more trials, or how many more seconds.', { field: 'trials' });
      }
      if (record.spec.sampler === 'grid' && made.length >= gridSize(record.spec.space)) {
        throw new UserError('Every combination of this grid has been tried. Start a study with more values.', { field: 'trials' });
      }
      const running = record.status === 'running';
      const spec = { ...record.spec, trials: trials === undefined ? null : (running ? Math.max(made.length, record.spec.trials ?? 0) : made.length) + trials, seconds: seconds ?? null };
      this.#store.save({ ...record, spec, status: 'running', ended: null, until: untilOf(spec.seconds, this.#now()), since: running ? record.since : made.length + 1, sentence: '' });
      this.#options.runs.reopen(study_id);
      await this.#advance(study_id);
      return this.get(study_id);
    });
  }

  /** Stops following; what runs goes on. Resolves when nothing is being written. */
  async close(): Promise<void> {
    this.#options.queue.off('change', this.#onChange);
    await this.#last.catch(() => undefined);
  }

  #look(job: Job): void {
    if (job.kind !== 'script' || this.#seen.get(job.job_id) === job.status) {
      return;
    }
    this.#seen.set(job.job_id, job.status);
    const study_id = this.#store.studyOfTrial(job.job_id);
    if (study_id !== null) {
      this.#inOrder(() => this.#advance(study_id)).catch(this.#options.onFault);
    }
    if (job.ended !== null) {
      this.#seen.delete(job.job_id);
    }
  }

  /** Takes in what trials came to, starts the next ones, and ends what has nothing left to do. Can be done twice without harm. */
  async #advance(study_id: string): Promise<void> {
    const record = this.#store.find(study_id);
    if (record === null) {
      return;
    }
    for (const trial of this.#store.trials(study_id).filter(({ ended }) => ended === null)) {
      await this.#takeIn(record, trial);
    }
    if (record.status === 'running') {
      await this.#goOn(record);
    }
    this.#describe(study_id);
    this.emit('change', study_id);
  }

  async #goOn(record: StudyRecord): Promise<void> {
    const { study_id, spec } = record;
    const most = spec.sampler === 'grid' ? Math.min(spec.trials ?? Infinity, gridSize(spec.space)) : (spec.trials ?? Infinity);
    for (;;) {
      const trials = this.#store.trials(study_id);
      const hopeless = whyHopeless(spec, trials.filter(({ number }) => number >= record.since));
      if (hopeless !== null && trials.every(({ state }) => state !== 'finished')) {
        return this.#end(record, 'failed', hopeless);
      }
      const open = trials.filter(({ ended }) => ended === null).length;
      const late = record.until !== null && this.#now() >= record.until;
      if (late || trials.length >= most) {
        return open > 0 ? undefined : this.#end(record, ...endOf(spec, trials, late));
      }
      if (open >= spec.parallel) {
        return;
      }
      const params = suggest({ ...spec }, trials, trials.length);
      if (params === null) {
        return;
      }
      const trial: Trial = { number: trials.length + 1, run_id: ulid(), params, state: 'queued', value: null, reason: null, logged: null, started: null, ended: null };
      this.#store.saveTrial(study_id, trial);
      await this.#submit(record, trial);
    }
  }

  async #submit({ study_id, spec }: StudyRecord, trial: Trial): Promise<void> {
    const { job } = spec;
    try {
      await this.#options.queue.submit({ ...job, name: `Trial ${trial.number}`, experiment: job.experiment ?? path.basename(job.script), parent: study_id, arguments: [...job.arguments, ...argumentsOf(spec.space, trial.params)] }, trial.run_id);
    } catch (error) {
      this.#store.saveTrial(study_id, { ...trial, state: 'failed', reason: `It could not be started: ${toFailure(error).message}`, ended: this.#now() });
    }
  }

  async #takeIn(record: StudyRecord, trial: Trial): Promise<void> {
    const { jobs, runs } = this.#options;
    const job = jobs.find(trial.run_id)?.job;
    if (job === undefined) {
      // Stored, and the server ended before its job was.
      return record.status === 'running' ? this.#submit(record, trial) : this.#store.saveTrial(record.study_id, { ...trial, state: 'cancelled', ended: this.#now() });
    }
    if (job.ended === null) {
      if (record.status !== 'running') {
        await this.#options.queue.cancel(job.job_id);
      }
      return;
    }
    const { spec, study_id } = record;
    const run = runs.find(trial.run_id);
    const outcome = outcomeOf(spec, run, () => runs.metrics.extreme(trial.run_id, spec.metric, spec.direction === 'minimize' ? 'least' : 'greatest'));
    const before = bestOf(spec.direction, this.#store.trials(study_id));
    this.#options.database.transaction(() => {
      this.#store.saveTrial(study_id, { ...trial, ...outcome, started: job.started, ended: job.ended });
      const trials = this.#store.trials(study_id);
      const best = bestOf(spec.direction, trials);
      if (best !== null && best.number !== before?.number) {
        // Its curve: the best so far, over how many trials had ended.
        runs.addMetric(study_id, { key: spec.metric, step: trials.filter(({ ended }) => ended !== null).length, timestamp: this.#now(), value: best.value });
        runs.setTag(study_id, bestTrialTag, best.run_id);
      }
      // A script that names its experiment takes its runs there; their parent goes with them.
      if (run !== null && run.experiment !== runs.get(study_id).experiment) {
        runs.moveBeside(study_id, trial.run_id);
      }
    });
  }

  async #end(record: StudyRecord, status: Exclude<StudyStatus, 'running'>, sentence: string): Promise<void> {
    const ended = this.#now();
    this.#store.save({ ...record, status, sentence, ended });
    for (const trial of this.#store.trials(record.study_id).filter((each) => each.ended === null)) {
      if (this.#options.jobs.find(trial.run_id) !== null) {
        await this.#options.queue.cancel(trial.run_id);
      }
    }
  }

  /** Writes into the parent run how far its study is, and when it has ended what came out of it. */
  #describe(study_id: string): void {
    const { runs, database } = this.#options;
    const { status, spec, sentence, ended } = this.#store.get(study_id);
    const trials = this.#store.trials(study_id);
    const best = bestOf(spec.direction, trials);
    database.transaction(() => {
      runs.setTag(study_id, trialsTag, `${trials.filter((trial) => trial.ended !== null).length}${ofTrials(spec)}`);
      if (status === 'running') {
        return;
      }
      const run = runs.get(study_id);
      for (const [name, value] of Object.entries(best?.params ?? {})) {
        runs.setParam(study_id, name, String(value));
      }
      const metrics = best === null ? {} : (runs.find(best.run_id)?.metrics ?? {});
      for (const [key, value] of Object.entries(metrics)) {
        if (key !== spec.metric && !key.startsWith('system/') && value !== null && run.metrics[key] !== value) {
          runs.addMetric(study_id, { key, step: trials.length, timestamp: this.#now(), value });
        }
      }
      runs.setStatus(study_id, { status: status === 'stopped' ? 'cancelled' : status, ended: ended ?? this.#now(), error: status === 'failed' ? sentence : null });
    });
  }

  #whole(record: StudyRecord): Study {
    const trials = this.#store.trials(record.study_id).map((trial): Trial => {
      const job = trial.ended === null ? this.#options.jobs.find(trial.run_id)?.job : undefined;
      return job?.status === 'running' ? { ...trial, state: 'running', started: job.started } : trial;
    });
    return { ...record, trials, best: bestOf(record.spec.direction, trials)?.number ?? null, importance: importanceOf(record.spec.space, trials) };
  }

  /** One after the other. */
  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.catch(() => undefined).then(work);
    this.#last = turn;
    return turn;
  }
}

function untilOf(seconds: number | null, from: number): number | null {
  return seconds === null ? null : from + seconds * 1000;
}

function ofTrials({ trials }: Pick<StudySpec, 'trials'>): string {
  return trials === null ? '' : ` of ${trials}`;
}
