import type { Values } from '../store/api.ts';
import type { Clause, Name, Operator, Ordering } from './filter.ts';
import { invalid } from './refusal.ts';

/** Values of one statement, each under a name of its own. */
export class Bindings {
  readonly values: Values = {};
  #count = 0;

  /** Gives the name under which the statement finds it. */
  add(value: string | number | null): string {
    this.#count += 1;
    this.values[`v${this.#count}`] = value;
    return `:v${this.#count}`;
  }

  /** A list, as what `IN` takes. */
  list(values: readonly (string | number)[]): string {
    return `(SELECT value FROM json_each(${this.add(JSON.stringify(values))}))`;
  }
}

/** What one kind of search knows. */
export interface Vocabulary {
  /** Said in refusals: runs, experiments, … */
  what: string;
  /** Prefixes as they may be written, to the kind of key; '' is a bare name. */
  prefixes: Record<string, 'attribute' | Keyed>;
  /** Bare names, in lower case, to what they are. */
  attributes: Record<string, Attribute>;
  /** Conditions on a keyed entity: the rows that have such a key with such a value. */
  keyed: Partial<Record<Keyed, KeyedTable>>;
}

export type Keyed = 'metric' | 'param' | 'tag' | 'dataset';

export interface Attribute {
  sql: string;
  type: 'text' | 'number';
  operators?: readonly Operator[];
  /** False for what cannot be filtered by, or sorted by. */
  filter?: boolean;
  order?: boolean;
}

export interface KeyedTable {
  type: 'text' | 'number';
  operators: readonly Operator[];
  /** The condition, given the key's binding and what the value must be. */
  sql(key: string, value: ValueTest, bindings: Bindings): string;
  /** A join that brings the value as `<alias>.value`, for sorting; null where it cannot be sorted by. */
  join: ((alias: string, key: string) => string) | null;
}

/** How the value of a keyed entity is tested; `missing`: there must be none. */
export interface ValueTest {
  kind: 'value' | 'missing' | 'present';
  of(column: string): string;
}

export const numeric: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>='];
export const textual: readonly Operator[] = ['=', '!=', 'LIKE', 'ILIKE'];
export const listed: readonly Operator[] = [...textual, 'IN', 'NOT IN'];
export const nullable: readonly Operator[] = [...textual, 'IS NULL', 'IS NOT NULL'];

/** The condition of a clause. @throws Refusal for keys, operators and values that this search does not have. */
export function condition(clause: Clause, vocabulary: Vocabulary, bindings: Bindings): string {
  const { entity, key } = entityOf(clause.name, vocabulary);
  if (entity === 'attribute') {
    const attribute = attributeOf(key, vocabulary, 'filter');
    const allowed = attribute.operators ?? (attribute.type === 'number' ? numeric : textual);
    return comparison(attribute.sql, checked(clause, allowed, attribute.type, vocabulary), attribute.type, bindings);
  }
  const table = vocabulary.keyed[entity];
  if (table === undefined) {
    throw unknown(clause.name, vocabulary);
  }
  const safe = checked(clause, table.operators, table.type, vocabulary);
  const kind = safe.operator === 'IS NULL' ? 'missing' : safe.operator === 'IS NOT NULL' ? 'present' : 'value';
  return table.sql(entity === 'dataset' ? key : bindings.add(key), { kind, of: (column) => comparison(column, safe, table.type, bindings) }, bindings);
}

/** What ORDER BY needs for one ordering; rows without a value last, what is not a number before them. */
export function orderTerm(ordering: Ordering, vocabulary: Vocabulary, bindings: Bindings, alias: string): { join: string; terms: string[] } {
  const { entity, key } = entityOf(ordering.name, vocabulary);
  const direction = ordering.ascending ? 'ASC' : 'DESC';
  if (entity === 'attribute') {
    const { sql } = attributeOf(key, vocabulary, 'order');
    return { join: '', terms: [`${sql} IS NULL`, `${sql} ${direction}`] };
  }
  const join = vocabulary.keyed[entity]?.join ?? null;
  if (join === null) {
    throw invalid(`Invalid order_by key "${shown(ordering.name)}" of ${vocabulary.what}.`);
  }
  return { join: join(alias, bindings.add(key)), terms: [`CASE WHEN ${alias}.key IS NULL THEN 2 WHEN ${alias}.value IS NULL THEN 1 ELSE 0 END`, `${alias}.value ${direction}`] };
}

/** The conditions for text that a table keeps by key and value under an index of the first 60 characters. */
export function keyedText(table: string, owner: string, outer: string): KeyedTable['sql'] {
  return (key, value) => {
    switch (value.kind) {
      case 'missing':
        return `${outer} NOT IN (SELECT ${owner} FROM ${table} WHERE key = ${key})`;
      case 'present':
        return `${outer} IN (SELECT ${owner} FROM ${table} WHERE key = ${key})`;
      case 'value':
        return `${outer} IN (SELECT ${owner} FROM ${table} WHERE key = ${key} AND ${value.of('value')})`;
    }
  };
}

function entityOf(name: Name, vocabulary: Vocabulary): { entity: 'attribute' | Keyed; key: string } {
  if (name.prefix === null) {
    return { entity: 'attribute', key: name.key };
  }
  const entity = vocabulary.prefixes[name.prefix.toLowerCase()];
  if (entity === undefined) {
    throw unknown(name, vocabulary);
  }
  return { entity, key: name.key };
}

function attributeOf(key: string, vocabulary: Vocabulary, use: 'filter' | 'order'): Attribute {
  const attribute = Object.hasOwn(vocabulary.attributes, key.toLowerCase()) ? vocabulary.attributes[key.toLowerCase()] : undefined;
  if (attribute === undefined || attribute[use] === false) {
    const known = Object.keys(vocabulary.attributes).filter((each) => vocabulary.attributes[each]?.[use] !== false);
    throw invalid(`Invalid attribute key '${key}' specified. Valid keys of ${vocabulary.what} are '${known.join("', '")}'.`);
  }
  return attribute;
}

function checked(clause: Clause, allowed: readonly Operator[], type: 'text' | 'number', vocabulary: Vocabulary): Clause {
  if (!allowed.includes(clause.operator)) {
    throw invalid(`Invalid comparator '${clause.operator}' for ${shown(clause.name)} of ${vocabulary.what}; it takes ${allowed.join(', ')}.`);
  }
  const { value } = clause;
  if (type === 'number' && typeof value === 'string' && /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(value)) {
    return { ...clause, value: Number(value) };
  }
  if (typeof value === (type === 'number' ? 'string' : 'number')) {
    throw invalid(type === 'number' ? `Expected a number for ${shown(clause.name)}, got '${String(value)}'.` : `Expected a quoted string value for ${shown(clause.name)} (e.g. 'my-value'). Got value ${String(value)}`);
  }
  return clause;
}

function comparison(sql: string, { operator, value }: Clause, type: 'text' | 'number', bindings: Bindings): string {
  switch (operator) {
    case 'IS NULL':
    case 'IS NOT NULL':
      return `${sql} ${operator}`;
    case 'IN':
    case 'NOT IN':
      return `${sql} ${operator} ${bindings.list(Array.isArray(value) ? value : [])}`;
    case 'LIKE':
      return `${sql} GLOB ${bindings.add(globOf(String(value)))}`;
    case 'ILIKE':
      return `${sql} LIKE ${bindings.add(String(value))}`;
    default: {
      const bound = bindings.add(type === 'number' ? Number(value) : String(value));
      // The index of keyed tables holds the beginning of the value.
      return operator === '=' && sql === 'value' && type === 'text' ? `substr(value, 1, 60) = substr(${bound}, 1, 60) AND value = ${bound}` : `${sql} ${operator} ${bound}`;
    }
  }
}

/** LIKE in SQLite ignores case; GLOB does not. */
function globOf(pattern: string): string {
  return pattern.replace(/[*?[]/g, '[$&]').replaceAll('%', '*').replaceAll('_', '?');
}

function unknown(name: Name, vocabulary: Vocabulary): Error {
  return invalid(`Invalid entity type '${name.prefix ?? ''}' in '${shown(name)}'. Valid entity types of ${vocabulary.what} are '${Object.keys(vocabulary.prefixes).join("', '")}'.`);
}

function shown(name: Name): string {
  return name.prefix === null ? name.key : `${name.prefix}.${name.key}`;
}
