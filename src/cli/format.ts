/** At most four significant digits, thousands as 1.2 M. */
export function compactNumber(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) {
    return String(value);
  }
  if (size >= 1e6) {
    return `${Number((value / 1e6).toPrecision(3))} M`;
  }
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
}

/** Three decimals, as scores are read. */
export function score(value: number): string {
  return value.toFixed(3);
}

/** Rows under a header, columns as wide as their widest cell, at most 32 characters. */
export function table(header: string[], rows: string[][]): string {
  const cell = (text: string) => (text.length > 32 ? `${text.slice(0, 31)}…` : text);
  const all = [header, ...rows].map((row) => row.map(cell));
  const widths = header.map((_, index) => Math.max(...all.map((row) => (row[index] ?? '').length)));
  return all.map((row) => row.map((text, index) => text.padEnd(widths[index] ?? 0)).join('  ').trimEnd()).join('\n');
}
