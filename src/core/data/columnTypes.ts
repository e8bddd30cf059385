import type { ColumnType } from '../../contracts/profile.ts';
import { identifier } from './sql.ts';

const types: [RegExp, ColumnType][] = [
  [/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|BIGNUM|FLOAT|DOUBLE|DECIMAL\(.*\))$/, 'number'],
  [/^(VARCHAR|UUID|ENUM\(.*\))$/s, 'text'],
  [/^BOOLEAN$/, 'boolean'],
  [/^DATE$/, 'date'],
  [/^TIMESTAMP(_S|_MS|_NS)?( WITH TIME ZONE)?$/, 'datetime'],
];

/** What a DuckDB type holds, for people. Times of day, lists, structures and bytes are `other`. */
export function columnTypeOf(sqlType: string): ColumnType {
  return types.find(([pattern]) => pattern.test(sqlType))?.[1] ?? 'other';
}

/** A column of a table as it was read. */
export interface SourceColumn {
  name: string;
  type: ColumnType;
  /** DuckDB's own type name. */
  sqlType: string;
}

/**
 * The value of a column as DOUBLE, NULL where it is missing: numbers as they are, booleans as 0 and 1,
 * dates in milliseconds since 1970. NaN and infinities count as missing.
 */
export function numberExpression({ name, type, sqlType }: SourceColumn): string {
  const column = identifier(name);
  if (type === 'number') {
    return sqlType === 'DOUBLE' || sqlType === 'FLOAT' ? `CASE WHEN isfinite(${column}) THEN ${column}::DOUBLE END` : `${column}::DOUBLE`;
  }
  if (type === 'boolean') {
    return `${column}::INTEGER::DOUBLE`;
  }
  return `CASE WHEN isfinite(${column}) THEN epoch_ms(${column}::${sqlType.endsWith('ZONE') ? 'TIMESTAMPTZ' : 'TIMESTAMP'})::DOUBLE END`;
}

/** The value of a column as VARCHAR, NULL where it is missing. */
export function textExpression({ name, type }: SourceColumn): string {
  return type === 'text' ? `${identifier(name)}::VARCHAR` : `CAST(${identifier(name)} AS VARCHAR)`;
}
