import { appendFileSync, existsSync } from 'node:fs';
import { mkdir, open, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as pause } from 'node:timers/promises';
import { jobFiles, LiveLine, type LiveEntry, type LiveJob, type RunnerTask } from '../../contracts/jobs.ts';
import { isRunning, processStart } from '../discovery/api.ts';
import type { Recorder } from './recorder.ts';
import { hostLine, keepDataVersions, keepPackages, watchBoard, type Captured } from './scriptCapture.ts';
import { ScriptFailure } from './scriptFailure.ts';
import { readOutput } from './scriptOutput.ts';
import { ProcessTree, recordSystemMetrics } from './systemMetrics.ts';

/** How often the window's file is read on. In milliseconds. */
const readEvery = 100;
/** How often the window and the kernel are looked for. In milliseconds. */
const lookEvery = 1000;
/** How long the window may take to say itself what ended its kernel. In milliseconds. */
const patience = 5000;

type End = Extract<LiveEntry, { type: 'ended' }>;

/**
 * Records a notebook that a window runs live, from what the window tells, as a script's run is recorded: output, metrics,
 * pictures, packages, what the kernel costs. Ends with the window's word; where the window or the kernel is gone, with a
 * ScriptFailure that says so.
 */
export async function liveJob(task: RunnerTask, spec: LiveJob, recorder: Recorder, signal: AbortSignal): Promise<void> {
  const started = Date.now();
  const captured: Captured = { script: spec.notebook, interpreter: spec.interpreter ?? '', arguments: [], cwd: spec.cwd };
  await recorder.keepFile(`source/${path.basename(spec.notebook)}`, spec.notebook);
  recorder.write({ type: 'tag', key: 'host', value: hostLine() }, { type: 'tag', key: 'cwd', value: spec.cwd }, { type: 'tag', key: 'kernel', value: spec.kernel });
  const following = new AbortController();
  const reading = readOutput(recorder, following.signal);
  const beside = [keepDataVersions(task, captured, recorder, signal)];
  if (spec.interpreter !== null) {
    beside.push(keepPackages(captured, recorder));
  }
  if (spec.kernel_pid !== null) {
    const tree = new ProcessTree(spec.kernel_pid);
    beside.push(
      watchBoard(captured, recorder, tree, started, following.signal),
      recordSystemMetrics(tree, (metrics) => recorder.write(...metrics.map((each) => ({ type: 'metric' as const, ...each, at: Date.now() }))), following.signal),
    );
  }
  try {
    const end = await follow(task, spec, recorder, signal);
    if (end.status === 'failed') {
      throw new ScriptFailure(end.error ?? `${path.basename(spec.notebook)} failed.`, null, spec.notebook, null);
    }
  } finally {
    following.abort();
    await reading;
    await Promise.all(beside);
  }
}

/** Does what the window tells until it tells the end, or it is gone, or `signal` aborts. */
async function follow(task: RunnerTask, spec: LiveJob, recorder: Recorder, signal: AbortSignal): Promise<End> {
  const window = await processStart(spec.window_pid);
  const kernel = spec.kernel_pid === null ? null : await processStart(spec.kernel_pid);
  const lines = new LiveLines(path.join(task.folder, jobFiles.live));
  const name = path.basename(spec.notebook);
  let looked = Date.now();
  let gone: { since: number; sentence: string } | null = null;
  try {
    for (;;) {
      // Looked at before reading: what was told before the end is then read before it is believed.
      if (gone === null && Date.now() - looked >= lookEvery) {
        looked = Date.now();
        if (window === null || !(await isRunning(spec.window_pid, window))) {
          gone = { since: 0, sentence: `The window that ran ${name} live was closed, reloaded or ended, so its run ended there.` };
        } else if (spec.kernel_pid !== null && (kernel === null || !(await isRunning(spec.kernel_pid, kernel)))) {
          gone = { since: Date.now(), sentence: `The kernel of ${name} ended before the notebook did, often for lack of memory.` };
        }
      }
      for (const entry of await lines.read()) {
        if (entry.type === 'ended') {
          return entry;
        }
        await take(entry, recorder);
      }
      if (gone !== null && Date.now() - gone.since > patience) {
        return { type: 'ended', status: 'failed', error: gone.sentence };
      }
      if (signal.aborted) {
        throw signal.reason;
      }
      await pause(readEvery, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await lines.close();
  }
}

async function take(entry: Exclude<LiveEntry, End>, recorder: Recorder): Promise<void> {
  switch (entry.type) {
    case 'text':
      return appendFileSync(recorder.outputFile, entry.text);
    case 'file': {
      const file = path.join(recorder.artifactFolder, entry.path);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, Buffer.from(entry.base64, 'base64'));
      return recorder.noteArtifact(entry.path);
    }
    case 'progress':
    case 'tag':
      return recorder.write(entry);
  }
}

/** The entries of a live job's file, each once: a client repeats what it is not sure of. */
class LiveLines {
  readonly #file: string;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #handle: FileHandle | null = null;
  #offset = 0;
  #next = 0;

  constructor(file: string) {
    this.#file = file;
  }

  async read(): Promise<LiveEntry[]> {
    if (this.#handle === null && !existsSync(this.#file)) {
      return [];
    }
    this.#handle ??= await open(this.#file, 'r');
    const found: LiveEntry[] = [];
    const buffer = Buffer.alloc(256 * 1024);
    for (let bytes = 1; bytes > 0; this.#offset += bytes) {
      bytes = (await this.#handle.read(buffer, 0, buffer.length, this.#offset)).bytesRead;
      const lines = (this.#rest + this.#decoder.write(buffer.subarray(0, bytes))).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) {
        const { number, entry } = LiveLine.parse(JSON.parse(line));
        if (number === this.#next) {
          this.#next += 1;
          found.push(entry);
        }
      }
    }
    return found;
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}
