import { readFile } from 'node:fs/promises';
import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml';
import { UserError } from '../../contracts/errors.ts';
import { ProjectFile } from '../../contracts/projectFile.ts';
import type { Project } from './paths.ts';
import { nearest } from './nearest.ts';
import { referenceProblems } from './references.ts';

/** A problem in ml.yaml. Lines and columns count from 1; the end is behind the last character. */
export interface FileProblem {
  message: string;
  severity: 'error' | 'warning';
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  path: string[];
}

type Range = readonly [number, number];

/** Reads the text of an ml.yaml. Never throws; `value` is null where anything is wrong. */
export function parseProjectFile(text: string): { value: ProjectFile | null; problems: FileProblem[] } {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: true });
  const at = (range: Range, message: string, path: string[], severity: FileProblem['severity'] = 'error'): FileProblem => {
    const start = counter.linePos(Math.min(range[0], text.length));
    const end = counter.linePos(Math.min(Math.max(range[1], range[0]), text.length));
    return { message, severity, line: Math.max(1, start.line), column: Math.max(1, start.col), endLine: Math.max(1, end.line), endColumn: Math.max(1, end.col), path };
  };
  const syntax = [...document.errors, ...document.warnings].map((error) =>
    at(error.pos, `${sentence(error.code === 'DUPLICATE_KEY' ? 'This key is there twice; keep one of them' : error.message)}`, [], error.name === 'YAMLWarning' ? 'warning' : 'error'),
  );
  if (document.errors.length > 0) {
    return { value: null, problems: syntax };
  }
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return { value: null, problems: [...syntax, at([0, 0], sentence((error as Error).message), [])] };
  }
  if (data === null || data === undefined) {
    return { value: null, problems: [at([0, text.length], 'The file is empty. It needs at least `project: <name>`.', [])] };
  }
  const parsed = ProjectFile.safeParse(data);
  const problems = parsed.success ? [] : parsed.error.issues.flatMap((issue) => describe(issue as Issue, document).map(({ range, message, path }) => at(range, message, path)));
  if (parsed.success) {
    for (const { message, path, known, missing } of referenceProblems(parsed.data)) {
      problems.push(at(missing === true ? keyRange(document, path.slice(0, -1)) : valueRange(document, path), `${message}${known === undefined ? '' : suggestion(String(document.getIn(path)), known)}`, path));
    }
  }
  return { value: parsed.success && problems.length === 0 ? parsed.data : null, problems: [...syntax, ...problems] };
}

/** The project's ml.yaml. @throws UserError with file, line and column of the first problem. */
export async function readProjectFile(project: Project): Promise<ProjectFile> {
  const text = await readFile(project.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UserError(error.code === 'ENOENT' ? `There is no ml.yaml in ${project.root}.` : `${project.file} cannot be read: ${error.message}.`, { file: project.file });
  });
  const { value, problems } = parseProjectFile(text);
  const [first] = problems.filter((problem) => problem.severity === 'error');
  if (value === null || first !== undefined) {
    throw new UserError(`${project.file}:${first?.line ?? 1}:${first?.column ?? 1}: ${first?.message ?? 'The file cannot be read.'}`, { file: project.file, line: first?.line ?? 1, column: first?.column ?? 1, field: first?.path.join('.') ?? '' });
  }
  return value;
}

interface Issue {
  code: string;
  path: (string | number)[];
  message: string;
  keys?: string[];
  expected?: string;
  values?: unknown[];
  minimum?: number;
  maximum?: number;
  origin?: string;
  issues?: { message: string }[];
}

interface Described {
  range: Range;
  message: string;
  path: string[];
}

const kinds: Record<string, string> = { string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', object: 'a block of keys', record: 'a block of keys' };

function describe(issue: Issue, document: Document): Described[] {
  const path = issue.path.map(String);
  const here = (message: string): Described[] => [{ range: valueRange(document, path), message, path }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return (issue.keys ?? []).map((key) => ({ range: keyRange(document, [...path, key]), message: `\`${key}\` is not a key here.${suggestion(key, keysAt(path))}`, path: [...path, key] }));
    case 'invalid_type': {
      const missing = document.getIn(issue.path) === undefined;
      const key = path.at(-1) ?? '';
      if (missing) {
        const owner = path.slice(0, -1);
        return [{ range: owner.length === 0 ? [0, 0] : keyRange(document, owner), message: `\`${key}\` is missing${owner.length === 0 ? '' : ` in \`${owner.join('.')}\``}.`, path }];
      }
      return here(`\`${key}\` must be ${kinds[issue.expected ?? ''] ?? issue.expected ?? 'of another kind'}.`);
    }
    case 'invalid_value':
      return here(`\`${path.at(-1) ?? ''}\` must be one of ${(issue.values ?? []).map((value) => `\`${String(value)}\``).join(', ')}.${suggestion(String(document.getIn(issue.path)), (issue.values ?? []).map(String))}`);
    case 'too_small':
      return here(issue.origin === 'number' || issue.origin === 'int' ? `\`${path.at(-1) ?? ''}\` must be at least ${String(issue.minimum)}.` : `\`${path.at(-1) ?? ''}\` must not be empty.`);
    case 'too_big':
      return here(`\`${path.at(-1) ?? ''}\` must be at most ${String(issue.maximum)}.`);
    case 'invalid_key':
      return [{ range: keyRange(document, path), message: `\`${path.at(-1) ?? ''}\` cannot be a name: ${issue.issues?.[0]?.message ?? 'it is not valid'}.`, path }];
    default:
      return here(sentence(issue.message === 'Invalid input' ? `\`${path.at(-1) ?? ''}\` is not valid` : issue.message));
  }
}

/** The keys that can stand at a path. */
export function keysAt(path: readonly string[]): string[] {
  return Object.keys(shapeAt(path) ?? {});
}

type Shape = Record<string, { _zod: { def: { type: string; innerType?: unknown; valueType?: unknown; shape?: unknown } } }>;

/** The schema's members at a path; undefined where keys are free or the path is unknown. */
export function shapeAt(path: readonly string[]): Shape | undefined {
  let schema: unknown = ProjectFile;
  for (const step of path) {
    const definition = unwrapped(schema)._zod.def as { type: string; shape?: Record<string, unknown>; valueType?: unknown; element?: unknown };
    schema = definition.type === 'object' ? definition.shape?.[step] : definition.type === 'record' ? definition.valueType : definition.type === 'array' ? definition.element : undefined;
    if (schema === undefined) {
      return undefined;
    }
  }
  const { shape, element } = unwrapped(schema)._zod.def as { shape?: Shape; element?: unknown };
  return element === undefined ? shape : (unwrapped(element)._zod.def as { shape?: Shape }).shape;
}

/** The schema within its optional wrappers. */
export function unwrapped(schema: unknown): Shape[string] {
  let inner = schema as Shape[string];
  while (inner._zod.def.type === 'optional') {
    inner = inner._zod.def.innerType as Shape[string];
  }
  return inner;
}

function suggestion(word: string, known: readonly string[]): string {
  const found = nearest(word, known);
  return found === null ? (known.length > 0 && known.length <= 12 ? ` Known are ${known.map((each) => `\`${each}\``).join(', ')}.` : '') : ` Did you mean \`${found}\`?`;
}

function pairAt(document: Document, path: readonly string[]): Pair | null {
  let node: unknown = document.contents;
  let found: Pair | null = null;
  for (const step of path) {
    if (isSeq(node)) {
      node = node.items[Number(step)];
      found = null;
      continue;
    }
    if (!isMap(node)) {
      return null;
    }
    found = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === step) ?? null;
    node = found?.value;
  }
  return found;
}

function keyRange(document: Document, path: readonly string[]): Range {
  const range = (pairAt(document, path)?.key as Node | undefined)?.range;
  return range ? [range[0], range[1]] : [0, 0];
}

function valueRange(document: Document, path: readonly string[]): Range {
  const range = (document.getIn(path, true) as Node | undefined)?.range ?? (path.length > 0 ? (pairAt(document, path)?.value as Node | undefined)?.range : undefined);
  if (range && range[1] > range[0]) {
    return [range[0], range[1]];
  }
  return path.length === 0 ? [0, 0] : rangeOfOwner(document, path);
}

/** An empty value, or an item of a list that is not there: the key that it belongs to. */
function rangeOfOwner(document: Document, path: readonly string[]): Range {
  const own = keyRange(document, path);
  return own[1] > own[0] ? own : valueRange(document, path.slice(0, -1));
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
