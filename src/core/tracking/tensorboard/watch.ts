// TensorBoard's event files that a script writes while it runs, as metrics.
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { EventFile } from './eventFile.ts';

export interface BoardMetric {
  key: string;
  step: number;
  at: number;
  /** NaN and infinities as null. */
  value: number | null;
}

export interface BoardOptions {
  /** Folders to look in, with the folders in them. */
  folders: readonly string[];
  /** Only files written from then on count. Milliseconds since 1970. */
  since: number;
  /** Whether a file is of another run that goes on beside this one, by the pid in its name. */
  isForeign(pid: number): boolean;
  record(metrics: BoardMetric[]): void;
  /** Told once for each file that is damaged. */
  onDamage(file: string): void;
}

/** How often it is looked at. In milliseconds. */
const lookEvery = 1000;
const deepest = 6;
const mostFolders = 2000;
const left = new Set(['node_modules', '.git', '.ml', '.venv', 'venv', 'env', '__pycache__', 'site-packages', '.pixi', '.conda', '.tox']);
const eventFileName = /^events\.out\.tfevents\.\d+\..*?(?:\.(\d+))?(?:\.\d+)?(?:\.v2)?$/;
/** Keras and others keep one tag for both sides apart by the folder's name. */
const sides = new Set(['train', 'training', 'validation', 'val', 'valid', 'test', 'eval', 'evaluation']);

/** Reads what is written until `ended` aborts, and then what is left. */
export async function watchEventFiles(options: BoardOptions, ended: AbortSignal): Promise<void> {
  const files = new Map<string, EventFile | null>();
  const names = new Names();
  for (let last = false; !last; ) {
    last = ended.aborted;
    const begun = Date.now();
    for (const file of await findEventFiles(options.folders)) {
      if (!files.has(file)) {
        files.set(file, (await isOurs(file, options)) ? new EventFile(file) : null);
      }
    }
    for (const file of files.values()) {
      if (file === null || file.damaged) {
        continue;
      }
      const metrics = (await file.readOn()).map(({ tag, step, at, value }) => ({ key: names.of(file.path, tag), step, at, value: Number.isFinite(value) ? value : null }));
      if (metrics.length > 0) {
        options.record(metrics);
      }
      if (file.damaged) {
        options.onDamage(file.path);
      }
    }
    if (!last) {
      // A large project takes its time to look through; it must not cost the script its processor.
      await pause(Math.max(lookEvery, 20 * (Date.now() - begun)), undefined, { signal: ended }).catch(() => undefined);
    }
  }
}

async function isOurs(file: string, { since, isForeign }: BoardOptions): Promise<boolean> {
  const { mtimeMs, birthtimeMs } = await stat(file).catch(() => ({ mtimeMs: 0, birthtimeMs: 0 }));
  const pid = eventFileName.exec(path.basename(file))?.[1];
  // An older file that an older run goes on writing has a birth before this run; where systems tell none it is 0.
  const older = mtimeMs < since || (birthtimeMs > 0 && birthtimeMs < since);
  return !older && !(pid !== undefined && isForeign(Number(pid)));
}

async function findEventFiles(folders: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  let budget = mostFolders;
  const look = async (folder: string, depth: number): Promise<void> => {
    budget -= 1;
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.isDirectory()) {
        if (depth < deepest && budget > 0 && !left.has(entry.name)) {
          await look(path.join(folder, entry.name), depth + 1);
        }
      } else if (entry.name.startsWith('events.out.tfevents.')) {
        found.push(path.join(folder, entry.name));
      }
    }
  };
  for (const folder of new Set(folders.map((each) => path.resolve(each)))) {
    await look(folder, 0);
  }
  // The outermost first: its folder gives the others their names.
  return [...new Set(found)].sort((a, b) => a.split(path.sep).length - b.split(path.sep).length || a.localeCompare(b));
}

/**
 * Metrics' names: the tag, with what tells its folder from that of the first file: `train/loss` and `validation/loss` of
 * Keras, the inner folders of PyTorch's add_scalars, and several writers side by side.
 */
class Names {
  #first: string | null = null;

  of(file: string, tag: string): string {
    const folder = path.dirname(file);
    this.#first ??= folder;
    const name = path.basename(folder);
    if (sides.has(name.toLowerCase())) {
      return `${name}/${tag}`;
    }
    const inner = path.relative(this.#first, folder).split(path.sep).join('/');
    return inner === '' ? tag : `${inner.startsWith('..') ? name : inner}/${tag}`;
  }
}

/** The folders that arguments name as the place of event files: `--log_dir runs/a`, `--logdir=x`, `--tensorboard-dir`. */
export function boardFolders(args: readonly string[], cwd: string): string[] {
  return args.flatMap((each, index) => {
    const option = /^--?(log[-_]?dir|tensorboard[-_]?(?:log[-_]?)?dir|tb[-_]?dir)(?:=(.+))?$/i.exec(each);
    const value = option === null ? undefined : (option[2] ?? args[index + 1]);
    return value === undefined ? [] : [path.resolve(cwd, value)];
  });
}
