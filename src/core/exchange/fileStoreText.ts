// The text files of MLflow's file store: meta.yaml, one value a file, one point a line. There are dozens for each run, so
// they are read without a detour over other threads; the project server does it in a thread of its own.
import { createReadStream, readdirSync, readFileSync, statSync, type Dirent } from 'node:fs';
import path from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { RunStatus } from '../../contracts/runs.ts';
import type { LoggedPoint } from '../tracking/api.ts';
import type { Pairs, Report } from './source.ts';

/** Metric files up to this size are read at once. In bytes. */
const small = 1_000_000;

/** A meta.yaml, whose values are texts: what Python writes bare, such as the digest 2981e147, is a number to others. */
export class Meta {
  readonly #values: Record<string, unknown>;

  constructor(values: Record<string, unknown>) {
    this.#values = values;
  }

  value(key: string): unknown {
    return this.#values[key];
  }

  text(key: string): string | null {
    const value = this.#values[key];
    return typeof value === 'string' && value !== 'null' && value !== '~' ? value : null;
  }

  number(key: string): number | null {
    const text = this.text(key);
    return text === null || text === '' || !Number.isFinite(Number(text)) ? null : Number(text);
  }
}

/** A file's content; null where it is missing, empty or no map, which is reported. */
export function metaOf(file: string, report: Report): Meta | null {
  const text = orNull(() => readFileSync(file, 'utf8'));
  if (text === null) {
    report({ message: `${file} is missing, so what is in its folder was left out.`, file });
    return null;
  }
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, schema: 'failsafe' });
  const [error] = document.errors;
  const values: unknown = error === undefined ? document.toJS({ maxAliasCount: 0 }) : null;
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    const line = error === undefined ? 1 : counter.linePos(error.pos[0]).line;
    report({ message: `${file}, line ${line}: ${error?.message ?? 'it holds no values'}. What is in its folder was left out.`, file, line });
    return null;
  }
  return new Meta(values as Record<string, unknown>);
}

/** What a folder holds, one value a file, by the file's path in it. */
export function textsIn(folder: string): Pairs {
  return filesIn(folder).map(([name, file]) => [name, readFileSync(file, 'utf8').replace(/\n$/, '')]);
}

/** The files under a folder by their path in it, which is a metric's name: `val/loss`. */
export function filesIn(folder: string, prefix = ''): Pairs {
  return entriesIn(folder).flatMap((entry): Pairs => {
    const name = `${prefix}${entry.name}`;
    return entry.isDirectory() ? filesIn(path.join(folder, entry.name), `${name}/`) : entry.isFile() ? [[name, path.join(folder, entry.name)]] : [];
  });
}

export function foldersIn(folder: string): string[] {
  return entriesIn(folder)
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Nothing where there is no such folder. */
function entriesIn(folder: string): Dirent[] {
  return orNull(() => readdirSync(folder, { withFileTypes: true })) ?? [];
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** The points of a metric's file; a line that is none is reported and left out. */
export async function* metricLines(key: string, file: string, report: Report): AsyncGenerator<LoggedPoint[]> {
  let number = 0;
  for await (const lines of linesOf(file)) {
    const points: LoggedPoint[] = [];
    for (const line of lines) {
      number += 1;
      if (line === '') {
        continue;
      }
      const [time = '', text, step = '0'] = line.split(' ');
      const value = pythonNumber(text);
      if (value === null || !/^-?\d+(\.\d+)?$/.test(time) || !/^-?\d+$/.test(step)) {
        report({ message: `${file}, line ${number}: "${line.slice(0, 60)}" is no point of a metric and was left out.`, file, line: number });
      } else {
        points.push({ key, timestamp: Math.round(Number(time)), value, step: Number(step) });
      }
    }
    yield points;
  }
}

/** The lines of a file without their breaks, those of one portion at a time. */
async function* linesOf(file: string): AsyncGenerator<string[]> {
  if (statSync(file).size <= small) {
    const lines = readFileSync(file, 'utf8').split('\n');
    for (let at = 0; at < lines.length; at += 2000) {
      yield lines.slice(at, at + 2000);
    }
    return;
  }
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield lines;
  }
  yield [rest];
}

/** A number as Python writes it; null where it is none. */
export function pythonNumber(text: string | undefined): number | null {
  switch (text?.toLowerCase()) {
    case undefined:
    case '':
      return null;
    case 'nan':
      return NaN;
    case 'inf':
    case 'infinity':
      return Infinity;
    case '-inf':
    case '-infinity':
      return -Infinity;
    default:
      return Number.isNaN(Number(text)) ? null : Number(text);
  }
}

const states: Record<string, RunStatus> = { RUNNING: 'running', SCHEDULED: 'queued', FINISHED: 'finished', FAILED: 'failed', KILLED: 'cancelled', 1: 'running', 2: 'queued', 3: 'finished', 4: 'failed', 5: 'cancelled' };

/** A run's state by MLflow's number or name of it. */
export function statusOfCode(code: unknown): RunStatus {
  return states[String(code)] ?? 'running';
}
