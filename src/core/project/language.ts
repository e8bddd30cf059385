// Completion and hover in ml.yaml. They read the text line by line, so that they work while it is being typed.
import * as z from 'zod/mini';
import { keysAt, shapeAt, unwrapped } from './parse.ts';

export interface Completion {
  label: string;
  kind: 'key' | 'value';
  insertText: string;
  documentation?: string;
}

interface Place {
  /** The keys above, outermost first. */
  path: string[];
  /** The key of this line, where it has one. */
  key: string | null;
  /** Whether the position lies behind the colon of this line. */
  inValue: boolean;
}

const keyLine = /^(\s*)(?:- )?("[^"]*"|'[^']*'|[^\s#:][^:#]*?)\s*:(?:\s|$)/;

/** What can stand at a position. Lines and columns count from 1. */
export function completionsAt(text: string, line: number, column: number): Completion[] {
  const lines = text.split(/\r?\n/);
  const place = placeAt(lines, line, column);
  if (place === null) {
    return [];
  }
  return place.inValue && place.key !== null ? valuesAt(text, [...place.path, place.key]) : keyCompletions(lines, line, place);
}

/** What the key at a position means; null where there is nothing to say. */
export function hoverAt(text: string, line: number, column: number): { text: string } | null {
  const lines = text.split(/\r?\n/);
  const place = placeAt(lines, line, column);
  if (place === null || place.key === null || place.inValue) {
    return null;
  }
  const schema = place.path.length === 0 ? shapeAt([])?.[place.key] : shapeAt(place.path)?.[place.key];
  const description = schema === undefined ? undefined : z.globalRegistry.get(schema as unknown as z.ZodMiniType)?.description;
  const values = schema === undefined ? [] : enumValues(schema);
  if (description === undefined && values.length === 0) {
    return null;
  }
  return { text: `**${place.key}**  \n${description ?? ''}${values.length > 0 ? `\n\nOne of ${values.map((value) => `\`${value}\``).join(', ')}.` : ''}` };
}

function placeAt(lines: string[], line: number, column: number): Place | null {
  const current = lines[line - 1] ?? '';
  const before = current.slice(0, column - 1);
  if (/(^|\s)#/.test(before)) {
    return null;
  }
  const own = keyLine.exec(current);
  const colon = own === null ? -1 : own[0].trimEnd().length;
  const indent = own === null ? (/^\s*/.exec(before)?.[0].length ?? 0) : (own[1] ?? '').length;
  const path: string[] = [];
  for (let above = line - 2, limit = indent; above >= 0 && limit > 0; above -= 1) {
    const match = keyLine.exec(lines[above] ?? '');
    const depth = (match?.[1] ?? '').length;
    if (match && depth < limit) {
      path.unshift(unquoted(match[2] ?? ''));
      limit = depth;
    }
  }
  const item = /^\s*- /.test(current) && own === null;
  const last = path.at(-1);
  if (item && last !== undefined) {
    return { path: path.slice(0, -1), key: last, inValue: true };
  }
  return { path, key: own === null ? null : unquoted(own[2] ?? ''), inValue: own !== null && column - 1 >= colon };
}

function keyCompletions(lines: string[], line: number, place: Place): Completion[] {
  const shape = shapeAt(place.path);
  if (shape === undefined) {
    return [];
  }
  const indent = /^\s*/.exec(lines[line - 1] ?? '')?.[0] ?? '';
  const taken = siblings(lines, line, indent.length);
  return keysAt(place.path)
    .filter((key) => !taken.has(key))
    .map((key) => {
      const schema = shape[key];
      const kind = schema === undefined ? '' : unwrapped(schema)._zod.def.type;
      const documentation = schema === undefined ? undefined : z.globalRegistry.get(schema as unknown as z.ZodMiniType)?.description;
      return { label: key, kind: 'key' as const, insertText: kind === 'record' || kind === 'object' ? `${key}:\n${indent}  ` : `${key}: `, ...(documentation === undefined ? {} : { documentation }) };
    });
}

/** The keys of the block around a line. */
function siblings(lines: string[], line: number, indent: number): Set<string> {
  const found = new Set<string>();
  const look = (from: number, step: number): void => {
    for (let index = from; index >= 0 && index < lines.length; index += step) {
      const text = lines[index] ?? '';
      if (text.trim() === '' || text.trimStart().startsWith('#')) {
        continue;
      }
      const depth = /^\s*(?:- )?/.exec(text)?.[0].length ?? 0;
      // A dash begins an item of a list: what lies on its other side belongs to another.
      const begins = depth === indent && /^\s*- /.test(text);
      if (depth < indent || (begins && step > 0)) {
        return;
      }
      const match = depth === indent ? keyLine.exec(text) : null;
      if (match) {
        found.add(unquoted(match[2] ?? ''));
      }
      if (begins) {
        return;
      }
    }
  };
  look(line - 2, -1);
  look(line, 1);
  return found;
}

function valuesAt(text: string, path: string[]): Completion[] {
  const value = (label: string): Completion => ({ label, kind: 'value', insertText: label });
  const named = references[`${path[0] ?? ''}.${path[2] ?? ''}`];
  if (named !== undefined && path.length === 3) {
    return namesIn(text, named).map(value);
  }
  const schema = shapeAt(path.slice(0, -1))?.[path.at(-1) ?? ''];
  return schema === undefined ? [] : enumValues(schema).map(value);
}

/** Which section a key's value is a name from. */
const references: Record<string, string> = {
  'models.dataset': 'datasets',
  'deployments.model': 'models',
  'monitors.deployment': 'deployments',
  'retraining.model': 'models',
  'retraining.deployment': 'deployments',
};

/** The names in a section, read by indentation, since the file may be broken elsewhere. */
function namesIn(text: string, section: string): string[] {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => keyLine.exec(line)?.[2] === section && !/^\s/.test(line));
  const names: string[] = [];
  let depth = 0;
  for (const line of start < 0 ? [] : lines.slice(start + 1)) {
    const match = keyLine.exec(line);
    const indent = (match?.[1] ?? '').length;
    if (match && indent === 0) {
      break;
    }
    depth ||= match ? indent : 0;
    if (match && indent === depth) {
      names.push(unquoted(match[2] ?? ''));
    }
  }
  return names;
}

function enumValues(schema: unknown): string[] {
  const definition = unwrapped(schema)._zod.def as { type: string; entries?: Record<string, string>; element?: unknown };
  switch (definition.type) {
    case 'enum':
      return Object.values(definition.entries ?? {});
    case 'array':
      return definition.element === undefined ? [] : enumValues(definition.element);
    case 'boolean':
      return ['true', 'false'];
    default:
      return [];
  }
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2');
}
