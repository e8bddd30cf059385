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
  /** What it is sorted by, where that is something else. */
  sortSql?: string;
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
  /** The value of a key, for sorting: nothing where there is no such key, the text NaN for what is no number. `among`: as an Ordering has it, or ''. */
  value: ((key: string, among: string) => string) | null;
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

interface Order {
  /** What to sort by, under this name in the result. */
  column: string;
  terms: string[];
}

/** What ORDER BY needs for one ordering; rows without a value last, what is not a number before them. */
function orderOf(ordering: Ordering, vocabulary: Vocabulary, bindings: Bindings, name: string): Order {
  const { entity, key } = entityOf(ordering.name, vocabulary);
  const direction = ordering.ascending ? 'ASC' : 'DESC';
  if (entity === 'attribute') {
    const { sql, sortSql = sql } = attributeOf(key, vocabulary, 'order');
    return { column: `${sortSql} AS ${name}`, terms: [`${name} IS NULL`, `${name} ${direction}`] };
  }
  const table = vocabulary.keyed[entity];
  if (table === undefined || table.value === null) {
    throw invalid(`Invalid order_by key "${shown(ordering.name)}" of ${vocabulary.what}.`);
  }
  const notNumber = table.type === 'number' ? [`typeof(${name}) = 'text'`] : [];
  return { column: `${table.value(bindings.add(key), ordering.among ?? '')} AS ${name}`, terms: [`${name} IS NULL`, ...notNumber, `${name} ${direction}`] };
}

/**
 * One page of a search: a statement that gives `columns` of one row more than `max`, to tell whether more is left.
 *
 * @param columns what identifies a row, and what `ties` sorts by after the orderings.
 */
export function pageSql(search: { columns: string; table: string; conditions: readonly string[]; orderings: readonly Ordering[]; ties: string; max: number; offset: number }, vocabulary: Vocabulary, bindings: Bindings): string {
  const { columns, table, conditions, orderings, ties, max, offset } = search;
  const orders = orderings.map((ordering, index) => orderOf(ordering, vocabulary, bindings, `o${index}`));
  const found = `SELECT ${[columns, ...orders.map(({ column }) => column)].join(', ')} FROM ${table} WHERE ${conditions.join(' AND ') || 'true'}`;
  const page = `ORDER BY ${[...orders.flatMap(({ terms }) => terms), ties].join(', ')} LIMIT ${bindings.add(max + 1)} OFFSET ${bindings.add(offset)}`;
  // Found first, then sorted: else what is sorted by is looked up for every row that the filter leaves out.
  return orders.length === 0 ? `${found} ${page}` : `WITH found AS MATERIALIZED (${found}) SELECT * FROM found ${page}`;
}

/** The value of a key in a table of keys and values. @param same as `keyed` has it. */
export function valueOf(table: string, same: string, value = 'each.value'): NonNullable<KeyedTable['value']> {
  return (key) => `(SELECT ${value} FROM ${table} AS each WHERE ${same} AND each.key = ${key})`;
}

/**
 * The conditions on a table of keys and values. They are asked row by row of what is searched, by the table's primary
 * key: that costs what is searched, however much the table holds of others.
 *
 * @param same what ties a row of the table, `each`, to its owner.
 */
export function keyed(table: string, same: string): KeyedTable['sql'] {
  return (key, value) => {
    const there = `EXISTS (SELECT 1 FROM ${table} AS each WHERE ${same} AND each.key = ${key}${value.kind === 'value' ? ` AND ${value.of('each.value')}` : ''})`;
    return value.kind === 'missing' ? `NOT ${there}` : there;
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
    default:
      return `${sql} ${operator} ${bindings.add(type === 'number' ? Number(value) : String(value))}`;
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
