import { invalid } from '../../../core/tracking/api.ts';

// What a request may hold, as tables of readers. Query strings give texts, bodies give JSON: both are read alike.

/** A value of a query string: texts, more than one where its name is repeated. */
export class QueryValue {
  readonly texts: readonly string[];

  constructor(given: string | readonly string[]) {
    this.texts = typeof given === 'string' ? [given] : given;
  }
}

/** One value; of a name that a query string repeats, the first. */
function single(value: unknown): unknown {
  return value instanceof QueryValue ? value.texts[0] : value;
}

/** Reads a value that is there. @param path how refusals name it, for example `metrics[0].timestamp`. */
export type Reader<T> = (value: unknown, path: string) => T;

interface Field<T> {
  read: Reader<T>;
  required: boolean;
  /** True where an empty text is a value. */
  maybeEmpty?: boolean;
  /** What stands for a value that is not there. */
  otherwise?: T;
}

type Fields = Record<string, Field<unknown>>;
export type Input<F extends Fields> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** An empty text is as good as missing. */
export function required<T>(read: Reader<T>): Field<T> {
  return { read, required: true };
}

/** As required, but an empty text is a value. */
export function given<T>(read: Reader<T>): Field<T> {
  return { read, required: true, maybeEmpty: true };
}

/** Undefined where it is missing. */
export function optional<T>(read: Reader<T>): Field<T | undefined>;
export function optional<T>(read: Reader<T>, otherwise: T): Field<T>;
export function optional<T>(read: Reader<T>, otherwise?: T): Field<T | undefined> {
  return otherwise === undefined ? { read, required: false } : { read, required: false, otherwise };
}

export const text: Reader<string> = (given, path) => {
  const value = single(given);
  if (typeof value !== 'string') {
    throw wrong(value, path, 'it must be a string.');
  }
  return value;
};

/** A whole number, as a number or as text. */
export const int64: Reader<number> = (given, path) => {
  const value = single(given);
  const number = typeof value === 'string' && /^[-+]?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) {
    throw wrong(value, path, 'it must be a whole number.');
  }
  // Beyond this a double cannot tell neighbours apart.
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, number));
};

/** A number; what JSON has no number for travels as text. */
export const double: Reader<number> = (value, path) => {
  if (typeof value === 'number') {
    return value;
  }
  const number = value === 'NaN' ? NaN : typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
  if (Number.isNaN(number) && value !== 'NaN') {
    throw wrong(value, path, 'it must be a number.');
  }
  return number;
};

export const flag: Reader<boolean> = (given, path) => {
  const value = single(given);
  const lower = typeof value === 'string' ? value.toLowerCase() : value;
  if (lower === true || lower === 'true') {
    return true;
  }
  if (lower === false || lower === 'false') {
    return false;
  }
  throw wrong(value, path, 'it must be true or false.');
};

/** A list; a query string repeats the name for it. */
export function list<T>(each: Reader<T>): Reader<T[]> {
  return (given, path) => {
    const value: unknown = given instanceof QueryValue ? given.texts : given;
    if (!Array.isArray(value)) {
      throw wrong(value, path, 'it must be a list.');
    }
    return (value as unknown[]).map((item, index) => each(item, `${path}[${index}]`));
  };
}

/** A value of an enumeration, by its name or its number. @param names in the order of their numbers, from `first` on. */
export function choice<N extends string>(names: readonly N[], first = 1): Reader<N> {
  return (given, path) => {
    const value = single(given);
    const name = names.find((each, index) => each === value || index + first === value || String(index + first) === value);
    if (name === undefined) {
      throw wrong(value, path, `it is one of ${names.join(', ')}.`);
    }
    return name;
  };
}

/** An object with these fields; others are left alone, as newer clients may send more. Null is as good as missing. */
export function object<F extends Fields>(fields: F): Reader<Input<F>> {
  const entries = Object.entries(fields);
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw wrong(value, path === '' ? 'request' : path, 'it must be an object.');
    }
    const given = value as Record<string, unknown>;
    const read: Record<string, unknown> = {};
    for (const [name, field] of entries) {
      const raw = Object.hasOwn(given, name) ? (given[name] ?? undefined) : undefined;
      const place = path === '' ? name : `${path}.${name}`;
      if (field.required && (raw === undefined || (single(raw) === '' && field.maybeEmpty !== true))) {
        throw invalid(`Missing value for required parameter '${place}'. See the API docs for more information about request parameters.`);
      }
      read[name] = raw === undefined ? field.otherwise : field.read(raw, place);
    }
    return read as Input<F>;
  };
}

function wrong(value: unknown, path: string, hint: string): Error {
  const shown = JSON.stringify(value) ?? 'undefined';
  return invalid(`Invalid value ${shown.length > 200 ? `${shown.slice(0, 200)}…` : shown} for parameter '${path}' supplied: ${hint} See the API docs for more information about request parameters.`);
}
