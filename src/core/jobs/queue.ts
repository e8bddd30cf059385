import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ulid } from 'ulid';
import { UserError } from '../../contracts/errors.ts';
import { jobFiles, type Job, type JobSpec, type LiveEntries, type LiveLine, type RunnerTask } from '../../contracts/jobs.ts';
import { parentTag } from '../../contracts/tags.ts';
import { captureGit } from '../git/api.ts';
import { isRunning, processStart } from '../discovery/api.ts';
import { writeFileAtomic } from '../files/api.ts';
import type { Project } from '../project/api.ts';
import { ingestJournal, type JobStore, type RunStore, type StoredJob } from '../tracking/api.ts';
import type { Database } from '../store/api.ts';
import { runnerEnvironment, type TrackingAddress } from './environment.ts';
import { parallelJobs } from './parallel.ts';
import { endTree } from './processTree.ts';

/** How often running jobs are looked at. In milliseconds. */
const lookEvery = 150;
/** How often a runner is told from another process that got its pid. In milliseconds. */
const identifyEvery = 2000;

export interface QueueEvents {
  /** Something about this job (and its run) changed and is stored. */
  change: [Job];
}

export interface QueueOptions {
  project: Project;
  database: Database;
  runs: RunStore;
  jobs: JobStore;
  /** The built job runner. */
  runnerFile: string;
  /** Finds the model folder of a score job; throws a UserError. */
  resolveModel(reference: string): Promise<string>;
  /** Where scripts find the tracking server; null until it listens, and no job starts before. */
  tracking(): TrackingAddress | null;
  /** Where a job could not be started or followed. */
  onFault(error: unknown): void;
}

/**
 * Starts jobs, each in a process of its own that outlives this one, and stores what they journal. A new queue on the
 * same project takes up where the last one stopped.
 */
export class JobQueue extends EventEmitter<QueueEvents> {
  readonly #options: QueueOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #starting = new Set<string>();
  /** When a job's runner was last told from another process with its pid. */
  readonly #identified = new Map<string, number>();
  #looking: Promise<void> | null = null;

  constructor(options: QueueOptions) {
    super();
    this.#options = options;
    this.#timer = setInterval(() => void this.look(), lookEvery);
  }

  /** How many jobs wait or run. */
  get open(): number {
    return this.#options.jobs.withStatus('running').length + this.#options.jobs.withStatus('queued').length;
  }

  /** Takes a job in. The same `job_id` again gives the job that is there: a client may repeat a request. */
  async submit(spec: JobSpec, job_id: string = ulid()): Promise<Job> {
    const { database, jobs, runs, project } = this.#options;
    const known = jobs.find(job_id);
    if (known !== null) {
      return known.job;
    }
    if (spec.kind === 'score') {
      await this.#options.resolveModel(spec.model);
    }
    const created = Date.now();
    const source = sourceOf(spec);
    const shown = relativeInside(project.root, source);
    const folder = path.join(project.jobsFolder, job_id);
    await mkdir(path.join(folder, jobFiles.artifacts), { recursive: true });
    await writeFile(path.join(folder, jobFiles.output), '');
    const captured = spec.kind === 'score' ? null : await captureGit(path.dirname(source), path.join(folder, jobFiles.artifacts));
    const job: Job = { job_id, kind: spec.kind, title: titleOf(spec), status: 'queued', run_id: spec.kind === 'score' ? null : job_id, created, started: null, ended: null, progress: null, error: null };
    database.transaction(() => {
      if (spec.kind !== 'score') {
        runs.create({
          run_id: job_id,
          name: spec.name ?? runs.freeName(job.title),
          experiment: spec.experiment ?? experimentOf(spec),
          kind: spec.kind === 'script' || spec.kind === 'live' ? 'script' : 'training',
          created,
          source: shown,
          git: captured?.state ?? null,
          command: spec.kind === 'script' ? [spec.interpreter, ...spec.interpreter_arguments, spec.script, ...spec.arguments] : null,
          tags: spec.kind === 'script' && spec.parent !== undefined ? { [parentTag]: spec.parent } : {},
          params: {},
        });
        for (const kept of captured?.artifacts ?? []) {
          runs.addArtifact(job_id, kept);
        }
      }
      jobs.create(job, spec);
    });
    this.emit('change', job);
    void this.look();
    return job;
  }

  /** Asks a job to end; one that waits ends at once. One that has ended stays as it is. */
  async cancel(job_id: string): Promise<void> {
    const { job } = this.#options.jobs.get(job_id);
    if (job.status === 'queued' && !this.#starting.has(job_id)) {
      this.#end(job_id, 'cancelled', null);
    } else if (job.status === 'running' || job.status === 'queued') {
      await writeFile(path.join(this.folder(job_id), jobFiles.cancel), '');
    }
  }

  /** Hands the runner of a live job what its window told. @throws UserError where it has ended, or is no live job. */
  async tell(job_id: string, { first, entries }: LiveEntries): Promise<void> {
    const { job } = this.#options.jobs.get(job_id);
    if (job.kind !== 'live' || (job.status !== 'running' && job.status !== 'queued')) {
      throw new UserError(`The run ${job.title} has ended, so nothing more can be recorded in it.`, { field: 'job_id' });
    }
    const lines = entries.map((entry, index) => `${JSON.stringify({ number: first + index, entry } satisfies LiveLine)}\n`);
    await appendFile(path.join(this.folder(job_id), jobFiles.live), lines.join(''));
  }

  /** The job's folder. */
  folder(job_id: string): string {
    return path.join(this.#options.project.jobsFolder, job_id);
  }

  /** Removes what an ended job left on disk. */
  async discard(job_id: string): Promise<void> {
    const found = this.#options.jobs.find(job_id);
    if (found !== null && (found.job.status === 'running' || found.job.status === 'queued')) {
      throw new UserError('This run has not ended. Cancel it first.', { field: 'run_id' });
    }
    await rm(this.folder(job_id), { recursive: true, force: true });
  }

  /** Stops looking; running jobs go on. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Stores what is new and starts what can start. Calls that come together share one look. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error: unknown) => this.#options.onFault(error))
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { jobs } = this.#options;
    for (const found of jobs.withStatus('running')) {
      await this.#follow(found);
    }
    if (this.#options.tracking() === null) {
      return;
    }
    const queued = jobs.withStatus('queued');
    const isLive = ({ job }: StoredJob): boolean => job.kind === 'live';
    const free = queued.length === 0 ? 0 : (await parallelJobs(this.#options.project)) - jobs.withStatus('running').filter((each) => !isLive(each)).length;
    // A live notebook runs already, in its window; what waits is only its record.
    const next = [...queued.filter(isLive), ...queued.filter((each) => !isLive(each)).slice(0, Math.max(0, free))];
    for (const { job, spec } of next) {
      this.#starting.add(job.job_id);
      try {
        await this.#start(job, spec);
      } catch (error) {
        this.#end(job.job_id, 'failed', `It could not be started: ${error instanceof Error ? error.message : String(error)}`);
        this.#options.onFault(error);
      } finally {
        this.#starting.delete(job.job_id);
      }
    }
  }

  async #follow(found: StoredJob): Promise<void> {
    const { job } = found;
    const journal = path.join(this.folder(job.job_id), jobFiles.journal);
    const alive = found.runner !== null && (await this.#isAlive(job.job_id, found.runner));
    // Read after looking whether it lives: what it wrote before its end is then complete.
    const entries = await ingestJournal(this.#options, journal, job.job_id);
    const now = this.#options.jobs.get(job.job_id);
    if (entries.length > 0) {
      this.emit('change', now.job);
    }
    if (!alive && now.job.status === 'running') {
      if (now.script !== null && (await isRunning(now.script.pid, now.script.start))) {
        await endTree(now.script.pid);
      }
      this.#end(job.job_id, 'failed', 'The process was ended from outside, by a person or by the system (for example for lack of memory). What it had recorded until then is kept.');
    }
  }

  /** Whether a job's runner lives. Its pid is asked for each time; who it is, which takes a process of its own on some systems, less often. */
  async #isAlive(job_id: string, runner: { pid: number; start: string }): Promise<boolean> {
    try {
      process.kill(runner.pid, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') {
        return false;
      }
    }
    if (Date.now() - (this.#identified.get(job_id) ?? 0) < identifyEvery) {
      return true;
    }
    const alive = await isRunning(runner.pid, runner.start);
    this.#identified.set(job_id, Date.now());
    return alive;
  }

  async #start(job: Job, spec: JobSpec): Promise<void> {
    const { project, runs, jobs, database, runnerFile } = this.#options;
    const folder = this.folder(job.job_id);
    const tensorflow = process.env['ML_LIFECYCLE_TENSORFLOW'];
    const task: RunnerTask = {
      job_id: job.job_id,
      folder,
      project: project.root,
      spec,
      ...(spec.kind === 'score' ? { model_folder: await this.#options.resolveModel(spec.model) } : {}),
      ...(spec.kind === 'train' || spec.kind === 'retrain' ? { holdout_looks: runs.holdoutLooks(relativeInside(project.root, spec.request.file), spec.request.target) } : {}),
      ...(tensorflow ? { tensorflow_folder: tensorflow } : {}),
    };
    await writeFileAtomic(path.join(folder, jobFiles.task), `${JSON.stringify(task, null, 2)}\n`);
    const output = openSync(path.join(folder, jobFiles.output), 'a');
    const address = this.#options.tracking();
    try {
      const env = { ...process.env, ...(address === null ? {} : runnerEnvironment(address)) };
      const child = spawn(process.execPath, [runnerFile, folder], { detached: true, windowsHide: true, stdio: ['ignore', 'ignore', output], cwd: project.root, env });
      child.on('error', (error) => this.#options.onFault(error));
      child.unref();
      const start = child.pid === undefined ? null : await processStart(child.pid);
      database.transaction(() => {
        const started = Date.now();
        jobs.setStatus(job.job_id, { status: 'running', started });
        if (job.run_id !== null) {
          runs.setStatus(job.run_id, { status: 'running', started });
        }
        jobs.setRunner(job.job_id, { pid: child.pid ?? 0, start: start ?? '' });
      });
    } finally {
      closeSync(output);
    }
    this.emit('change', jobs.get(job.job_id).job);
  }

  #end(job_id: string, status: 'failed' | 'cancelled', error: string | null): void {
    const { database, jobs, runs } = this.#options;
    const ended = Date.now();
    database.transaction(() => {
      jobs.setStatus(job_id, { status, ended, error });
      const { run_id } = jobs.get(job_id).job;
      if (run_id !== null) {
        runs.setStatus(run_id, { status, ended, error });
      }
    });
    this.emit('change', jobs.get(job_id).job);
  }
}

function titleOf(spec: JobSpec): string {
  switch (spec.kind) {
    case 'train':
      return `Train ${spec.request.target} on ${path.basename(spec.request.file)}`;
    case 'script':
      return path.basename(spec.script);
    case 'live':
      return path.basename(spec.notebook);
    case 'score':
      return `Score ${path.basename(spec.file)}`;
    case 'retrain':
      return `Retrain ${spec.model}`;
  }
}

function sourceOf(spec: JobSpec): string {
  switch (spec.kind) {
    case 'script':
      return spec.script;
    case 'live':
      return spec.notebook;
    case 'score':
      return spec.file;
    case 'train':
    case 'retrain':
      return spec.request.file;
  }
}

/** Runs on one data set belong together, and runs of one script. */
function experimentOf(spec: Exclude<JobSpec, { kind: 'score' }>): string {
  if (spec.kind === 'script' || spec.kind === 'live') {
    return path.basename(sourceOf(spec));
  }
  return spec.request.dataset ?? path.basename(spec.request.file).replace(/\.[^.]+$/, '');
}

/** The path as people write it: relative with forward slashes inside the project, else as it is. */
function relativeInside(root: string, file: string): string {
  const relative = path.relative(root, file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative.split(path.sep).join('/');
}
