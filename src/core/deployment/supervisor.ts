import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { copyFile, mkdir, truncate } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { endpointFiles, modelServerExits, type EndpointState } from '../../contracts/endpoints.ts';
import { UserError } from '../../contracts/errors.ts';
import { isRunning, processStart } from '../discovery/api.ts';
import { endTree } from '../jobs/api.ts';
import type { ModelServerClient } from './modelServerClient.ts';
import { lastLines, sizeOf } from './outputFile.ts';

/** Times in milliseconds. */
const lookEvery = 500;
const identifyEvery = 2000;
const readyPatience = 30_000;
const stopPatience = 12_000;
/** Waits before it is started again, by how often it died lately: at once first. */
const waits = [0, 100, 500, 2000];
/** So many deaths within so long, and it is given up. */
const mostDeaths = 5;
const deathsWithin = 60_000;
/** Of server.log, in bytes; then it becomes server.log.1. */
const longestOutput = 5_000_000;

export interface ProcessMark {
  pid: number;
  start: string;
}

export interface SupervisorOptions {
  /** The built model server. */
  serverFile: string;
  /** The endpoint's folder. */
  folder: string;
  client: ModelServerClient;
  onFault(error: unknown): void;
}

/** Keeps one model server running: starts it, starts it again when it dies, gives up when it dies too often. */
export class Supervisor extends EventEmitter<{ change: [] }> {
  state: EndpointState = 'stopped';
  process: ProcessMark | null;
  readySince: number | null = null;
  restarts: number;
  error: string | null = null;
  readonly #options: SupervisorOptions;
  readonly #deaths: number[] = [];
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | null = null;
  #identified = 0;
  #again: NodeJS.Timeout | null = null;
  /** Counts starts and stops, so that a start that was overtaken by a stop does not go on. */
  #turn = 0;
  /** Where the output of the present process begins. */
  #outputFrom = 0;

  constructor(options: SupervisorOptions, before: { process: ProcessMark | null; ready_since: number | null; restarts: number; error: string | null }) {
    super();
    this.#options = options;
    this.process = before.process;
    this.readySince = before.ready_since;
    this.restarts = before.restarts;
    this.error = before.error;
  }

  /** Resolves when it is ready. @throws UserError with its own words where it cannot be. */
  async start(): Promise<void> {
    if (this.state === 'stopped' || this.state === 'failed') {
      this.#deaths.length = 0;
      this.#set('starting', null);
      await this.#launch();
    }
    while (this.state === 'starting' || this.state === 'restarting') {
      await new Promise((resolve) => this.once('change', () => resolve(undefined)));
    }
    if (this.state !== 'ready') {
      throw new UserError(this.error ?? 'The endpoint was stopped before it was ready.');
    }
  }

  /** Takes up a model server that an earlier project server started. False where it is gone or does not know us. */
  async adopt(): Promise<boolean> {
    const mark = this.process;
    if (mark === null || !(await isRunning(mark.pid, mark.start))) {
      return false;
    }
    this.#set('starting', null);
    const known = await this.#options.client.stats().then(
      () => true,
      () => false,
    );
    if (!known) {
      await endTree(mark.pid);
      this.state = 'stopped';
      return false;
    }
    this.#watch(mark);
    this.#ready(this.readySince ?? Date.now());
    return true;
  }

  /** Ends it: it finishes the requests in flight; when that takes too long it is killed. */
  async stop(): Promise<void> {
    const mark = this.process;
    this.#unwatch();
    this.process = null;
    if (mark !== null && (await isRunning(mark.pid, mark.start))) {
      await this.#options.client.stop().catch(() => undefined);
      for (const until = Date.now() + stopPatience; Date.now() < until && (await isRunning(mark.pid, mark.start)); ) {
        await pause(20);
      }
      if (await isRunning(mark.pid, mark.start)) {
        await endTree(mark.pid);
      }
    }
    this.readySince = null;
    this.#set('stopped', null);
  }

  /** Stops watching; the model server goes on. */
  detach(): void {
    this.#unwatch();
    this.removeAllListeners();
  }

  async #launch(): Promise<void> {
    const { folder, serverFile, onFault } = this.#options;
    const output = path.join(folder, endpointFiles.output);
    const turn = this.#turn;
    try {
      await mkdir(folder, { recursive: true });
      await this.#rotate();
      this.#outputFrom = await sizeOf(output);
      if (this.#turn !== turn) {
        return;
      }
      const file = openSync(output, 'a');
      let child: ChildProcess;
      try {
        child = spawn(process.execPath, [serverFile, folder], { detached: true, windowsHide: true, stdio: ['ignore', file, file], cwd: folder, env: serverEnvironment() });
      } finally {
        closeSync(file);
      }
      child.unref();
      this.#child = child;
      child.on('error', (error) => void this.#died(child, null, error.message));
      child.on('exit', (code, signal) => void this.#died(child, code, signal ?? `exit code ${String(code)}`));
      const mark = { pid: child.pid ?? 0, start: (await processStart(child.pid ?? 0)) ?? '' };
      if (this.#child === child) {
        this.process = mark;
        this.emit('change');
        this.#watch(mark);
        void this.#untilReady(child, mark);
      }
    } catch (error) {
      onFault(error);
      this.#set('failed', `The model server could not be started: ${error instanceof Error ? error.message : String(error)}.`);
    }
  }

  async #untilReady(child: ChildProcess, mark: ProcessMark): Promise<void> {
    for (const until = Date.now() + readyPatience; this.#child === child; await pause(20)) {
      const health = await this.#options.client.health();
      // Another process may answer on the port, while ours is about to find it taken.
      if (health?.process === mark.pid && this.#child === child) {
        this.#ready(Date.now());
        return;
      }
      if (Date.now() > until) {
        child.kill('SIGKILL');
        return;
      }
    }
  }

  #ready(since: number): void {
    this.readySince = since;
    this.#set('ready', null);
  }

  /** @param child null for one that was adopted. */
  async #died(child: ChildProcess | null, code: number | null, how: string): Promise<void> {
    if (this.#child !== child || (child === null && this.process === null)) {
      return;
    }
    const first = this.state === 'starting';
    this.#unwatch();
    this.process = null;
    this.readySince = null;
    const now = Date.now();
    this.#deaths.push(now);
    while ((this.#deaths[0] ?? now) < now - deathsWithin) {
      this.#deaths.shift();
    }
    const output = path.join(this.#options.folder, endpointFiles.output);
    if (code === modelServerExits.config || (code === modelServerExits.port && first)) {
      this.#set('failed', await lastLines(output, 1, this.#outputFrom));
      return;
    }
    if (this.#deaths.length >= mostDeaths) {
      this.#set('failed', `The model server ended ${this.#deaths.length} times within a minute (${how}), so it is not started again. Its last lines:\n${await lastLines(output, 8, this.#outputFrom)}`);
      return;
    }
    this.restarts += 1;
    this.#set('restarting', `The model server ended (${how}) and is started again.`);
    this.#again = setTimeout(() => void this.#launch(), waits[Math.min(this.#deaths.length, waits.length) - 1]);
  }

  /** Its own children say when they end; one that was adopted must be looked at. */
  #watch(mark: ProcessMark): void {
    this.#timer = setInterval(() => {
      void this.#rotate();
      if (this.#child === null) {
        void this.#isAlive(mark).then((alive) => (alive || this.process?.pid !== mark.pid ? undefined : this.#died(null, null, 'from outside')));
      }
    }, lookEvery);
    this.#timer.unref();
  }

  #unwatch(): void {
    if (this.#timer !== null) {
      clearInterval(this.#timer);
    }
    if (this.#again !== null) {
      clearTimeout(this.#again);
    }
    this.#turn += 1;
    this.#timer = null;
    this.#again = null;
    this.#child = null;
  }

  async #isAlive({ pid, start }: ProcessMark): Promise<boolean> {
    try {
      process.kill(pid, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') {
        return false;
      }
    }
    if (process.platform !== 'linux' && Date.now() - this.#identified < identifyEvery) {
      return true;
    }
    this.#identified = Date.now();
    return isRunning(pid, start);
  }

  /** The server appends, so the file can be emptied under it. */
  async #rotate(): Promise<void> {
    const output = path.join(this.#options.folder, endpointFiles.output);
    if ((await sizeOf(output)) > longestOutput) {
      await copyFile(output, `${output}.1`).catch(this.#options.onFault);
      await truncate(output).catch(this.#options.onFault);
      this.#outputFrom = 0;
    }
  }

  #set(state: EndpointState, error: string | null): void {
    this.state = state;
    this.error = error;
    this.emit('change');
  }
}

/** Nothing of the editor's, and nothing that is the project server's own. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => key === 'ELECTRON_RUN_AS_NODE' || !/^(VSCODE_|ELECTRON_|ML_LIFECYCLE_)|^NODE_OPTIONS$|^NODE_UNIQUE_ID$/.test(key)));
}
