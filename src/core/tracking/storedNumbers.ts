// Numbers as SQLite keeps them.

/** SQLite keeps no NaN as a number. */
export function stored(value: number): number | string {
  return Number.isNaN(value) ? 'NaN' : value;
}

/** What `stored` made. */
export function numberOf(value: unknown): number {
  return value === 'NaN' || value === null ? NaN : Number(value);
}
