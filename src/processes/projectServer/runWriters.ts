import { AsyncLocalStorage } from 'node:async_hooks';
import type { Socket } from 'node:net';
import { bootId, isRunning, processesAtPort, type ProcessIdentity } from '../../core/discovery/api.ts';
import type { Database } from '../../core/store/api.ts';
import type { RunStore, TrackedRuns } from '../../core/tracking/api.ts';

/** How often it is looked whether the programs still run, and how long a run must have been silent. In milliseconds. */
const lookEvery = 3000;

interface Caller {
  processes: Promise<ProcessIdentity[]>;
  /** How often each run was written to over this connection. */
  writes: Map<string, number>;
}

interface Writers {
  /** Processes that may be asked for: their end is the run's. By pid and start. */
  owners: Map<string, ProcessIdentity>;
  /** Wrote once. What makes one request and ends, as curl does, owns nothing. */
  guests: Map<string, ProcessIdentity>;
  /** When it was last written to, in milliseconds since 1970; null where an earlier server knew. */
  last: number | null;
}

/**
 * Knows which programs write into the runs of clients, by their connections. When all that own a run have ended and it
 * is still open, it was killed or crashed: the run is marked so. Whoever writes into it after that opens it again.
 */
export class RunWriters {
  readonly #database: Database;
  readonly #runs: RunStore;
  readonly #tracked: TrackedRuns;
  readonly #onAbandoned: (run_id: string) => void;
  readonly #onFault: (error: unknown) => void;
  readonly #asking = new AsyncLocalStorage<Socket>();
  readonly #callers = new WeakMap<Socket, Caller>();
  readonly #written = new Map<string, Writers>();
  #timer: NodeJS.Timeout | undefined;
  #boot = '';

  constructor(parts: { database: Database; runs: RunStore; tracked: TrackedRuns; onAbandoned(run_id: string): void; onFault(error: unknown): void }) {
    this.#database = parts.database;
    this.#runs = parts.runs;
    this.#tracked = parts.tracked;
    this.#onAbandoned = (run_id) => parts.onAbandoned(run_id);
    this.#onFault = (error) => parts.onFault(error);
  }

  /** Takes up what an earlier server knew, and begins to look. */
  async open(): Promise<void> {
    this.#boot = await bootId();
    this.#database.run(`DELETE FROM run_writers WHERE run_id NOT IN (SELECT run_id FROM runs WHERE status = 'running')`);
    for (const row of this.#database.all('SELECT run_id, pid, start, boot FROM run_writers')) {
      const writers = this.#of(String(row['run_id']));
      // A pid of an earlier start of the machine names nobody.
      const identity = { pid: row['boot'] === this.#boot ? Number(row['pid']) : 0, start: String(row['start']) };
      writers.owners.set(keyOf(identity), identity);
    }
    this.#timer = setInterval(() => void this.#look().catch(this.#onFault), lookEvery);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /**
   * Answers a request; what is written meanwhile is its caller's. The first answer over a connection that writes waits
   * until the caller is known, some 25 ms: however soon it is killed then, its run is not left open.
   */
  async asked(socket: Socket, answer: () => unknown): Promise<unknown> {
    const before = this.#callers.get(socket);
    const answered = await this.#asking.run(socket, answer);
    if (before === undefined) {
      await this.#callers.get(socket)?.processes;
    }
    return answered;
  }

  /** A client wrote into this run. */
  wrote(run_id: string): void {
    const socket = this.#asking.getStore();
    if (socket === undefined) {
      return;
    }
    const caller = this.#caller(socket);
    const before = caller.writes.get(run_id) ?? 0;
    caller.writes.set(run_id, before + 1);
    if (before === 0) {
      this.#tracked.resume(run_id);
    }
    const writers = this.#of(run_id);
    writers.last = Date.now();
    if (before < 2) {
      caller.processes.then((processes) => this.#join(run_id, processes, before === 0 ? 'guests' : 'owners')).catch(this.#onFault);
    }
  }

  #caller(socket: Socket): Caller {
    const known = this.#callers.get(socket);
    if (known !== undefined) {
      return known;
    }
    const caller = { processes: processesAtPort(socket.remotePort ?? 0), writes: new Map<string, number>() };
    this.#callers.set(socket, caller);
    return caller;
  }

  #of(run_id: string): Writers {
    const known = this.#written.get(run_id);
    if (known !== undefined) {
      return known;
    }
    const writers: Writers = { owners: new Map(), guests: new Map(), last: null };
    this.#written.set(run_id, writers);
    return writers;
  }

  #join(run_id: string, processes: readonly ProcessIdentity[], as: 'guests' | 'owners'): void {
    const writers = this.#written.get(run_id);
    for (const identity of writers === undefined ? [] : processes) {
      if (writers?.owners.has(keyOf(identity)) === false) {
        writers[as].set(keyOf(identity), identity);
        if (as === 'owners') {
          this.#keep(run_id, identity);
        }
      }
    }
  }

  #keep(run_id: string, { pid, start }: ProcessIdentity): void {
    this.#database.run(`INSERT OR IGNORE INTO run_writers (run_id, pid, start, boot) SELECT run_id, :pid, :start, :boot FROM runs WHERE run_id = :run_id AND kind = 'external'`, { run_id, pid, start, boot: this.#boot });
  }

  async #look(): Promise<void> {
    const alive = new Map<string, boolean>();
    for (const { owners, guests } of this.#written.values()) {
      for (const [key, { pid, start }] of [...owners, ...guests]) {
        alive.set(key, alive.get(key) ?? (pid !== 0 && (await isRunning(pid, start))));
      }
    }
    for (const [run_id, { owners, guests, last }] of this.#written) {
      const run = this.#runs.find(run_id);
      if (run?.status !== 'running' || run.kind !== 'external') {
        this.#forget(run_id);
        continue;
      }
      for (const [key, identity] of guests) {
        guests.delete(key);
        if (alive.get(key) !== false) {
          owners.set(key, identity);
          this.#keep(run_id, identity);
        }
      }
      // One that joined since it was looked is not known to have ended.
      const gone = owners.size > 0 && [...owners.keys()].every((key) => alive.get(key) === false);
      if (gone && Date.now() - (last ?? 0) >= lookEvery) {
        this.#tracked.abandon(run_id, last);
        this.#forget(run_id);
        this.#onAbandoned(run_id);
      }
    }
  }

  #forget(run_id: string): void {
    this.#written.delete(run_id);
    this.#database.run('DELETE FROM run_writers WHERE run_id = :run_id', { run_id });
  }
}

function keyOf({ pid, start }: ProcessIdentity): string {
  return `${pid} ${start}`;
}
