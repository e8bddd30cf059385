import cluster, { type Worker } from 'node:cluster';
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { endpointFiles, modelServerExits, type EndpointConfig } from '../../contracts/endpoints.ts';
import { readConfig } from './config.ts';
import { FromWorker, type FromPrimary, type Question } from './messages.ts';
import { Totals } from './totals.ts';

/** How long requests in flight may take when the server ends. In milliseconds. */
const drainPatience = 10_000;
/** How long workers may take to load models. In milliseconds. */
const loadPatience = 30_000;
/** How long workers may take to say what they have counted. In milliseconds. */
const reportPatience = 1000;
/** A worker that cannot serve while others do is tried again after so long. In milliseconds. */
const retryEvery = 5000;

/** The server ends when its configuration was gone for so many seconds. */
const mostMissing = 10;

/**
 * Holds the port and keeps the workers alive: one that dies is replaced at once, while the others answer. Small on
 * purpose: no request is read here.
 */
export class Primary {
  readonly #folder: string;
  readonly #totals = new Totals();
  /** Workers that serve, by number. */
  readonly #ready = new Set<number>();
  /** What was asked of workers: resolved by their answer, or by their end. */
  readonly #asked = new Map<string, (answer: string | null) => void>();
  #config: EndpointConfig;
  #stopping = false;
  /** How often in a row endpoint.json was not there. */
  #missing = 0;
  /** Workers in a row that ended before they served. */
  #stillborn = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(folder: string, config: EndpointConfig) {
    this.#folder = folder;
    this.#config = config;
  }

  run(): void {
    const { name, port, revision } = this.#config;
    say(`endpoint ${name}, port ${port}, revision ${revision}, process ${process.pid}`);
    cluster.on('exit', (worker, code, signal) => this.#lost(worker, code, signal));
    process.on('SIGTERM', () => this.#stop());
    process.on('SIGINT', () => this.#stop());
    setInterval(() => {
      void this.#collect().then(() => this.#totals.tick());
      this.#endWithFolder();
    }, 1000);
    // The others follow when it serves, so that the first answer comes as soon as can be.
    this.#fork();
  }

  #workers(): Worker[] {
    return Object.values(cluster.workers ?? {}).filter((worker): worker is Worker => worker?.isConnected() === true);
  }

  #serving(): Worker[] {
    return this.#workers().filter((worker) => this.#ready.has(worker.id));
  }

  #send(worker: Worker, message: FromPrimary): void {
    if (worker.isConnected()) {
      worker.send(message, () => undefined);
    }
  }

  #fork(): void {
    if (!this.#stopping && this.#workers().length < this.#config.workers) {
      const worker = cluster.fork();
      worker.on('message', (message: unknown) => void this.#take(worker, message));
    }
  }

  /** Starts the workers that are missing. */
  #fill(): void {
    for (let count = this.#workers().length; count < this.#config.workers; count += 1) {
      this.#fork();
    }
  }

  async #take(worker: Worker, raw: unknown): Promise<void> {
    const parsed = FromWorker.safeParse(raw);
    if (!parsed.success) {
      say(`worker ${worker.process.pid ?? 0} said what nobody understands: ${parsed.error.message}`);
      return;
    }
    const message = parsed.data;
    switch (message.type) {
      case 'ready':
        this.#stillborn = 0;
        this.#ready.add(worker.id);
        say(`worker ${worker.process.pid ?? 0} is ready`);
        this.#fill();
        if (this.#stopping) {
          this.#send(worker, { type: 'drain' });
        } else if (message.revision !== this.#config.revision) {
          // A reload came while it started.
          await this.#ask(worker, { type: 'load' }, loadPatience, null);
          this.#send(worker, { type: 'switch' });
        }
        return;
      case 'unusable':
        say(message.message);
        if (this.#ready.size === 0) {
          this.#end(modelServerExits[message.reason]);
        }
        return;
      case 'loaded':
        this.#asked.get(`${worker.id} load`)?.(message.problem);
        return;
      case 'snapshot':
        this.#totals.update(worker.id, message.snapshot);
        this.#asked.get(`${worker.id} report`)?.(null);
        return;
      case 'ask': {
        const answer = await this.#answer(message.question).then(
          (text) => ({ ok: true, text }),
          (error: unknown) => ({ ok: false, text: error instanceof Error ? error.message : String(error) }),
        );
        this.#send(worker, { type: 'answer', id: message.id, ...answer });
        return;
      }
      case 'stop':
        this.#stop();
    }
  }

  async #answer(question: Question): Promise<string> {
    if (question === 'reload') {
      const mine = this.#turn.then(() => this.#reload());
      this.#turn = mine.catch(() => undefined);
      return mine;
    }
    await this.#collect();
    return question === 'metrics' ? this.#totals.prometheus() : JSON.stringify(this.#totals.stats(this.#config.name));
  }

  /** Resolves when the worker answers, is gone, or has not answered in time (`late`). */
  #ask(worker: Worker, message: FromPrimary & { type: 'load' | 'report' }, patience: number, late: string | null): Promise<string | null> {
    const key = `${worker.id} ${message.type}`;
    return new Promise((resolve) => {
      const before = this.#asked.get(key);
      const done = (answer: string | null): void => {
        clearTimeout(timer);
        this.#asked.delete(key);
        before?.(answer);
        resolve(answer);
      };
      const timer = setTimeout(() => done(late), patience);
      this.#asked.set(key, done);
      this.#send(worker, message);
    });
  }

  /** What every worker has counted by now; those that do not answer in time count as they last said. */
  async #collect(): Promise<void> {
    await Promise.all(this.#serving().map((worker) => this.#ask(worker, { type: 'report' }, reportPatience, null)));
  }

  /** All workers load, then all switch. @throws where one could not load: then nothing has changed. */
  async #reload(): Promise<string> {
    const next = await readConfig(this.#folder);
    const problems = await Promise.all(this.#serving().map((worker) => this.#ask(worker, { type: 'load' }, loadPatience, 'A process of the endpoint did not load the models in time.')));
    const problem = problems.find((each) => each !== null);
    if (problem !== undefined) {
      throw new Error(problem);
    }
    this.#config = next;
    this.#workers().forEach((worker) => this.#send(worker, { type: 'switch' }));
    this.#workers().slice(next.workers).forEach((worker) => this.#send(worker, { type: 'drain' }));
    this.#fill();
    say(`serving revision ${next.revision}`);
    return JSON.stringify({ revision: next.revision });
  }

  #lost(worker: Worker, code: number | null, signal: string | null): void {
    const served = this.#ready.delete(worker.id);
    const died = code !== 0;
    this.#totals.ended(worker.id, died);
    this.#asked.get(`${worker.id} load`)?.(null);
    this.#asked.get(`${worker.id} report`)?.(null);
    if (this.#stopping) {
      if (this.#workers().length === 0) {
        process.exit(0);
      }
      return;
    }
    if (died) {
      say(`worker ${worker.process.pid ?? 0} ended with ${signal ?? `exit code ${String(code)}`}`);
    }
    this.#stillborn = served || !died ? 0 : this.#stillborn + 1;
    if (this.#ready.size === 0 && this.#stillborn >= 5) {
      this.#end(1);
    }
    // Where the file of a model is gone, the next one would do no better at once.
    setTimeout(() => this.#fork(), this.#stillborn < 2 ? 0 : retryEvery);
  }

  /** Where the endpoint's folder was deleted, nobody can reach or end this server any more. */
  #endWithFolder(): void {
    this.#missing = existsSync(path.join(this.#folder, endpointFiles.config)) ? 0 : this.#missing + 1;
    if (this.#missing === mostMissing) {
      this.#stop();
    }
  }

  #stop(): void {
    if (!this.#stopping) {
      this.#stopping = true;
      say('stopping');
      const serving = this.#serving();
      serving.forEach((worker) => this.#send(worker, { type: 'drain' }));
      setTimeout(() => this.#end(0), serving.length === 0 ? 0 : drainPatience);
      // Those that do not serve yet have nothing in flight.
      for (const worker of this.#workers()) {
        if (!this.#ready.has(worker.id)) {
          worker.process.kill('SIGKILL');
        }
      }
    }
  }

  #end(code: number): void {
    this.#stopping = true;
    for (const worker of this.#workers()) {
      worker.process.kill('SIGKILL');
    }
    process.exit(code);
  }
}

/** A line of server.log. */
function say(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
}
