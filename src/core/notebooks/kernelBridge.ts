import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { BridgeMessage, KernelOutput, type BridgeCommand, type KernelError } from '../../contracts/kernels.ts';
import { UserError } from '../../contracts/userError.ts';

export interface BridgeOptions {
  /** The Python that has ipykernel and jupyter_client. */
  python: string;
  /** python/kernel_bridge.py as it is shipped. */
  file: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** What the processes write that is no output of a cell. */
  onLog(line: string): void;
  /** The kernel is there, for the first time or anew: its names are gone, and its process is another. */
  onReady(): void;
  /** Kernel and bridge have ended for good. */
  onEnd(): void;
}

export interface Execution {
  /** Code of ours: no number in brackets, and no questions. */
  hidden?: boolean;
  onOutput(output: KernelOutput): void;
  /** input() in a cell: gives the answer, or null to interrupt the cell. */
  onQuestion?(prompt: string, password: boolean): Promise<string | null>;
}

export interface Outcome {
  execution_count: number | null;
  error: KernelError | null;
}

interface Waiting extends Execution {
  resolve(outcome: Outcome): void;
  reject(error: Error): void;
}

/** One kernel of a chosen Python in processes of its own, which end with this one. */
export class KernelBridge {
  readonly #options: BridgeOptions;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<string, Waiting>();
  #next = 1;
  #ready: { resolve(): void; reject(error: Error): void } | null = null;
  /** Resolves when the kernel can execute for the first time. @throws UserError where it cannot be started. */
  readonly started: Promise<void>;
  #ended: UserError | null = null;
  #pid: number | null = null;

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.started = new Promise((resolve, reject) => {
      this.#ready = { resolve, reject };
    });
    this.started.catch(() => undefined);
    // -B: nothing is written beside what is shipped.
    this.#child = spawn(options.python, ['-B', options.file], { cwd: options.cwd, env: options.env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    this.#child.on('error', (error) => this.#end(`${options.python} could not be started: ${error.message}.`));
    this.#child.on('close', () => this.#end('The kernel has ended.'));
    this.#child.stdin?.on('error', () => undefined);
    for (const [stream, take] of [[this.#child.stdout, (line: string) => this.#take(line)], [this.#child.stderr, options.onLog]] as const) {
      if (stream !== null) {
        createInterface({ input: stream }).on('line', take);
      }
    }
  }

  /** The kernel's process. */
  get pid(): number | null {
    return this.#pid;
  }

  /** Executes code to its end. @throws UserError where the kernel ended meanwhile. */
  execute(code: string, execution: Execution): Promise<Outcome> {
    if (this.#ended !== null) {
      return Promise.reject(this.#ended);
    }
    const id = String(this.#next++);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { ...execution, resolve, reject });
      this.#send({ type: 'execute', id, code, hidden: execution.hidden ?? false });
    });
  }

  /** Stops what is executed. */
  interrupt(): void {
    this.#send({ type: 'interrupt' });
  }

  /** Starts the kernel anew; what is executed ends with an error. Resolves when it can execute again. */
  restart(): Promise<void> {
    this.#drop('The kernel was restarted.');
    return new Promise((resolve, reject) => {
      this.#ready = { resolve, reject };
      this.#send({ type: 'restart' });
    });
  }

  dispose(): void {
    // Its end is what the bridge ends the kernel by.
    this.#child.stdin?.end();
  }

  #send(command: BridgeCommand): void {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  #take(line: string): void {
    const parsed = BridgeMessage.safeParse(json(line));
    if (!parsed.success) {
      this.#options.onLog(line);
      return;
    }
    const message = parsed.data;
    switch (message.type) {
      case 'ready':
        this.#pid = message.pid;
        this.#options.onReady();
        this.#ready?.resolve();
        this.#ready = null;
        return;
      case 'output': {
        const output = KernelOutput.safeParse({ kind: message.kind, content: message.content });
        if (output.success) {
          this.#waiting.get(message.id)?.onOutput(output.data);
        }
        return;
      }
      case 'question':
        void this.#answer(message.id, message.prompt, message.password);
        return;
      case 'done': {
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        waiting?.resolve({ execution_count: message.execution_count, error: message.error });
        return;
      }
      case 'died':
        this.#drop('The kernel ended by itself, often for lack of memory. It was started anew; its variables are gone.');
        return;
      case 'failed':
        this.#end(`The kernel could not be started: ${message.message}`);
        return;
    }
  }

  async #answer(id: string, prompt: string, password: boolean): Promise<void> {
    const text = (await this.#waiting.get(id)?.onQuestion?.(prompt, password)) ?? null;
    if (text === null) {
      this.interrupt();
    } else {
      this.#send({ type: 'input', text });
    }
  }

  #drop(message: string): void {
    const error = new UserError(message);
    for (const waiting of this.#waiting.values()) {
      waiting.reject(error);
    }
    this.#waiting.clear();
  }

  #end(message: string): void {
    if (this.#ended !== null) {
      return;
    }
    this.#ended = new UserError(message, { file: this.#options.python });
    this.#drop(message);
    this.#ready?.reject(this.#ended);
    this.#ready = null;
    this.#options.onEnd();
  }
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
