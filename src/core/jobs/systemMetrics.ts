// What a script costs while it runs: the processor, memory and graphics card of it and everything that it started.
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** How often it is looked at. In milliseconds. */
const lookEvery = 2000;
/** Clock ticks of /proc a second: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

interface ProcessUse {
  pid: number;
  parent: number;
  /** Processor time so far, in seconds. */
  cpu: number;
  /** Resident memory, in bytes; null where it must be asked for apart. */
  memory: number | null;
}

export interface SystemMetric {
  key: string;
  value: number;
  /** Whole seconds since the start. */
  step: number;
}

/** Processes that belong to a script, as of the last look. */
export class ProcessTree {
  readonly #root: number;
  #members = new Set<number>();

  constructor(root: number) {
    this.#root = root;
    this.#members.add(root);
  }

  /** Every process that the script is known to have started, with itself; those that ended stay. */
  has(pid: number): boolean {
    return this.#members.has(pid);
  }

  /** The members among `all` processes. */
  update(all: readonly ProcessUse[]): ProcessUse[] {
    const children = new Map<number, ProcessUse[]>();
    for (const each of all) {
      children.set(each.parent, [...(children.get(each.parent) ?? []), each]);
    }
    const found: ProcessUse[] = [];
    for (let next = all.filter((each) => each.pid === this.#root); next.length > 0; next = next.flatMap((each) => children.get(each.pid) ?? [])) {
      found.push(...next);
    }
    for (const each of found) {
      this.#members.add(each.pid);
    }
    return found;
  }
}

/**
 * Tells `record` every two seconds (`every` milliseconds) what the tree uses, until `ended` aborts:
 * `system/cpu_percent` (100 is one core), `system/memory_mb`, and where nvidia-smi answers `system/gpu_percent` and
 * `system/gpu_memory_mb` of the whole machine. Silent where the system does not say (Windows).
 */
export async function recordSystemMetrics(tree: ProcessTree, record: (metrics: SystemMetric[]) => void, ended: AbortSignal, every = lookEvery): Promise<void> {
  const started = Date.now();
  let before: { at: number; cpu: Map<number, number> } | null = null;
  let gpu = true;
  while (!ended.aborted) {
    const all = await processes().catch(() => null);
    const at = Date.now();
    const step = Math.round((at - started) / 1000);
    const metrics: SystemMetric[] = [];
    if (all !== null) {
      const members = tree.update(all);
      if (before !== null && members.length > 0) {
        const earlier = before.cpu;
        const used = members.reduce((sum, each) => sum + Math.max(0, each.cpu - (earlier.get(each.pid) ?? 0)), 0);
        const memory = (await Promise.all(members.map(async (each) => each.memory ?? memoryOf(each.pid)))).reduce((sum, each) => sum + each, 0);
        metrics.push({ key: 'system/cpu_percent', value: round((100 * used) / ((at - before.at) / 1000)), step }, { key: 'system/memory_mb', value: round(memory / 1e6), step });
      }
      before = { at, cpu: new Map(members.map((each) => [each.pid, each.cpu])) };
    }
    if (gpu && step > 0) {
      const found = await graphics();
      gpu = found !== null;
      metrics.push(...(found ?? []).map((each) => ({ ...each, step })));
    }
    if (metrics.length > 0 && !ended.aborted) {
      record(metrics);
    }
    await pause(every, undefined, { signal: ended }).catch(() => undefined);
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Every process of this machine that may be looked at. */
async function processes(): Promise<ProcessUse[]> {
  if (process.platform === 'linux') {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    return (await Promise.all(pids.map(fromProc))).filter((each) => each !== null);
  }
  if (process.platform === 'win32') {
    return [];
  }
  const { stdout } = await execute('ps', ['-axo', 'pid=,ppid=,rss=,time=']);
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent, memory, time] = line.trim().split(/\s+/);
    return time === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), memory: Number(memory) * 1024, cpu: secondsOf(time) }];
  });
}

async function fromProc(pid: string): Promise<ProcessUse | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may hold anything; fields count from behind it. 2nd: parent, 12th and 13th: ticks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields.length < 13) {
    return null;
  }
  return { pid: Number(pid), parent: Number(fields[1]), cpu: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond, memory: null };
}

/** Linux: asked for members only, since it takes longer to say than who is whose child. */
async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

/** `[[dd-]hh:]mm:ss[.ff]` as ps prints it, in seconds. */
export function secondsOf(time: string): number {
  const [days, rest] = time.includes('-') ? [Number(time.split('-')[0]), time.split('-')[1] ?? ''] : [0, time];
  return rest.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + days * 86_400;
}

/** Null where there is no nvidia-smi; then it is not asked again. */
async function graphics(): Promise<{ key: string; value: number }[] | null> {
  try {
    const { stdout } = await execute('nvidia-smi', ['--query-gpu=utilization.gpu,memory.used', '--format=csv,noheader,nounits'], { timeout: 5000 });
    const cards = stdout.trim().split('\n').map((line) => line.split(',').map(Number));
    return cards.flatMap(([use, memory], index) => {
      const name = cards.length === 1 ? 'gpu' : `gpu${index}`;
      const metric = (key: string, value: number | undefined): { key: string; value: number }[] => (value === undefined || Number.isNaN(value) ? [] : [{ key, value }]);
      // MiB as nvidia-smi gives it, in MB as the rest.
      return [...metric(`system/${name}_percent`, use), ...metric(`system/${name}_memory_mb`, memory === undefined ? undefined : round(memory * 1.048576))];
    });
  } catch {
    return null;
  }
}
