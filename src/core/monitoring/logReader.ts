// Reads logged predictions in the order in which they were asked, from where the last window ended.
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { endpointFiles, LoggedPrediction } from '../../contracts/endpoints.ts';
import type { LogPosition } from '../../contracts/monitoring.ts';

const chunkBytes = 1 << 20;

export interface Entry {
  line: LoggedPrediction;
  /** Where its line starts and ends in its file, in bytes. */
  start: number;
  end: number;
}

/** The log files of a kind with their sizes, in the order of their names; none where the folder is not there yet. */
export async function logFiles(folder: string, kind: 'predictions' | 'labels'): Promise<{ name: string; file: string; size: number }[]> {
  const place = path.join(folder, endpointFiles[kind]);
  const names = await readdir(place).catch(() => []);
  const files = names.filter((name) => name.endsWith('.ndjson')).sort().map((name) => ({ name, file: path.join(place, name) }));
  const sizes = await Promise.all(files.map(({ file }) => stat(file).then(({ size }) => size, () => 0)));
  return files.map((each, index) => ({ ...each, size: sizes[index]! }));
}

/** One file, from an offset on: the predictions of one version, a line that is no whole prediction left out. */
class LogFile {
  readonly #file: string;
  readonly #size: number;
  readonly #ulid: string;
  #waiting: Entry[] = [];
  #next = 0;
  /** Whole lines were read up to here. */
  #read: number;

  constructor(file: string, from: number, size: number, ulid: string) {
    this.#file = file;
    this.#read = from;
    this.#size = size;
    this.#ulid = ulid;
  }

  /** Up to where nothing waits. */
  get position(): number {
    return this.#waiting[this.#next]?.start ?? this.#read;
  }

  async peek(): Promise<Entry | null> {
    while (this.#next >= this.#waiting.length) {
      if (!(await this.#fill())) {
        return null;
      }
    }
    return this.#waiting[this.#next]!;
  }

  take(): void {
    this.#next += 1;
  }

  /** Reads on; false where there is no further whole line. A line longer than a chunk makes the chunk grow. */
  async #fill(): Promise<boolean> {
    const handle = await open(this.#file);
    try {
      for (let length = chunkBytes; this.#read < this.#size; length *= 2) {
        const buffer = Buffer.alloc(Math.min(length, this.#size - this.#read));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, this.#read);
        const end = buffer.lastIndexOf(10, bytesRead - 1);
        if (bytesRead > 0 && end >= 0) {
          this.#waiting = this.#parse(buffer.subarray(0, end + 1));
          this.#next = 0;
          this.#read += end + 1;
          return true;
        }
        if (bytesRead < length) {
          return false;
        }
      }
      return false;
    } finally {
      await handle.close();
    }
  }

  #parse(lines: Buffer): Entry[] {
    const entries: Entry[] = [];
    for (let start = 0; start < lines.length; ) {
      const end = lines.indexOf(10, start);
      const text = lines.toString('utf8', start, end);
      const line = text.includes(this.#ulid) ? parsed(text) : null;
      if (line?.ulid === this.#ulid) {
        entries.push({ line, start: this.#read + start, end: this.#read + end + 1 });
      }
      start = end + 1;
    }
    return entries;
  }
}

function parsed(text: string): LoggedPrediction | null {
  try {
    const line = LoggedPrediction.safeParse(JSON.parse(text));
    return line.success ? line.data : null;
  } catch {
    return null;
  }
}

/**
 * The next `count` predictions of a version: of the first ones of all files always the earliest. So each file is used
 * up from its start, and its position says all. Fewer than `count` are not used up.
 */
export async function nextPredictions(folder: string, ulid: string, position: LogPosition, count: number): Promise<{ lines: LoggedPrediction[]; position: LogPosition }> {
  const found = await logFiles(folder, 'predictions');
  const files = found.map(({ name, file, size }) => ({ name, log: new LogFile(file, Math.min(position.files[name] ?? 0, size), size, ulid) }));
  // A file that has nothing more is asked no more.
  const heads: { log: LogFile; entry: Entry }[] = [];
  const skipped: Record<string, number> = {};
  for (const { name, log } of files) {
    const entry = await log.peek();
    skipped[name] = log.position;
    if (entry !== null) {
      heads.push({ log, entry });
    }
  }
  const lines: LoggedPrediction[] = [];
  while (lines.length < count && heads.length > 0) {
    let first = 0;
    heads.forEach(({ entry }, index) => {
      first = earlier(entry.line, heads[first]!.entry.line) ? index : first;
    });
    const { log, entry } = heads[first]!;
    lines.push(entry.line);
    log.take();
    const following = await log.peek();
    if (following === null) {
      heads.splice(first, 1);
    } else {
      heads[first] = { log, entry: following };
    }
  }
  const full = lines.length === count;
  const after = full ? Object.fromEntries(files.map(({ name, log }) => [name, log.position])) : skipped;
  return { lines, position: { ...position, judged: position.judged + (full ? count : 0), files: after } };
}

function earlier(a: LoggedPrediction, b: LoggedPrediction): boolean {
  return a.at < b.at || (a.at === b.at && a.id < b.id);
}
