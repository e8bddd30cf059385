// What a profile warns about, and from where on. docs/data.md lists the same.
import type { ColumnProfile, Profile, ProfileAlert } from '../../contracts/profile.ts';
import type { MissingWords } from './cellWords.ts';
import type { Source } from './source.ts';

const thresholds = {
  /** Share of missing values: a note from the first, a warning from the second. */
  missingNote: 0.05,
  missingWarning: 0.5,
  /** Distinct values of a text column that is no identifier. */
  highCardinality: 1000,
  /** Share of the most frequent value of a column with at most `imbalancedValues`. */
  imbalanced: 0.9,
  imbalancedValues: 20,
  /** Absolute skewness. */
  skewed: 5,
  /** Absolute Pearson correlation. */
  correlated: 0.95,
  zeros: 0.9,
  /** With fewer rows, different values prove nothing. */
  identifierRows: 20,
} as const;

type Facts = Omit<Profile, 'alerts' | 'seconds'>;

/** Alerts about the file, then about its columns in their order. */
export function alertsAbout(facts: Facts, source: Pick<Source, 'dropped' | 'duplicateNames' | 'hasHeader' | 'encoding' | 'missingWords'>): ProfileAlert[] {
  return [...aboutFile(facts, source), ...source.missingWords.map(aboutWords), ...facts.columns.flatMap((column) => aboutColumn(column, facts.rows)), ...aboutPairs(facts)];
}

function aboutFile({ rows, duplicate_rows }: Facts, { dropped, duplicateNames, hasHeader, encoding }: Pick<Source, 'dropped' | 'duplicateNames' | 'hasHeader' | 'encoding'>): ProfileAlert[] {
  const alerts: ProfileAlert[] = [];
  const add = (kind: ProfileAlert['kind'], severity: ProfileAlert['severity'], message: string): void => void alerts.push({ kind, column: null, severity, message });
  if (rows === 0) {
    add('empty', 'warning', 'The file has a header but no rows.');
  }
  if (dropped !== null) {
    add('dropped_rows', 'warning', `${figure(dropped.rows)} ${dropped.rows === 1 ? 'line does' : 'lines do'} not fit the header and ${dropped.rows === 1 ? 'is' : 'are'} left out; the first is line ${figure(dropped.line)} (${dropped.reason}).`);
  }
  if (duplicateNames.length > 0) {
    add('header', 'warning', `The header names ${duplicateNames.map((name) => `\`${name}\``).join(', ')} more than once; the later ones got a number behind their name.`);
  }
  if (!hasHeader) {
    add('header', 'warning', 'The first line looks like data, not like a header; the columns were named column0, column1 and so on.');
  }
  if (encoding === 'windows-1252') {
    add('encoding', 'note', 'The file is not UTF-8; it was read as Windows-1252 (Latin-1). Save it as UTF-8 if accented letters look wrong.');
  }
  if (duplicate_rows > 0) {
    add('duplicate_rows', duplicate_rows / rows > 0.01 ? 'warning' : 'note', duplicate_rows === 1 ? 'One row repeats an earlier row exactly.' : `${figure(duplicate_rows)} rows (${percent(duplicate_rows / rows)}) repeat an earlier row exactly.`);
  }
  return alerts;
}

function aboutWords({ column, words, cells }: MissingWords): ProfileAlert {
  const said = words.map((word) => `"${word}"`).join(', ');
  return { kind: 'missing', column, severity: 'note', message: `${figure(cells)} ${cells === 1 ? 'cell' : 'cells'} of \`${column}\` ${cells === 1 ? 'says' : 'say'} ${said} among numbers and ${cells === 1 ? 'is' : 'are'} taken as missing.` };
}

function aboutColumn(column: ColumnProfile, rows: number): ProfileAlert[] {
  const alerts: ProfileAlert[] = [];
  const name = `\`${column.name}\``;
  const add = (kind: ProfileAlert['kind'], severity: ProfileAlert['severity'], message: string): void => void alerts.push({ kind, column: column.name, severity, message });
  const present = rows - column.missing;
  if (rows === 0) {
    return alerts;
  }
  if (present === 0) {
    add('empty', 'warning', `${name} has no values at all.`);
    return alerts;
  }
  if (column.missing / rows >= thresholds.missingNote) {
    add('missing', column.missing / rows >= thresholds.missingWarning ? 'warning' : 'note', `${percent(column.missing / rows)} of ${name} is missing (${figure(column.missing)} of ${figure(rows)} rows).`);
  }
  if (column.distinct === 1) {
    add('constant', 'warning', `${name} has the same value in every row${column.missing > 0 ? ' that has one' : ''}; it tells nothing.`);
    return alerts;
  }
  const top = column.top_values?.[0];
  const whole = /INT|VARCHAR|UUID|BIGNUM/.test(column.sql_type);
  if (whole && column.distinct === present && present >= thresholds.identifierRows && column.type !== 'date') {
    add('identifier', 'note', `Every value of ${name} is different: it names rows. A model must not learn from it.`);
  } else if (column.type === 'text' && column.distinct > thresholds.highCardinality) {
    add('high_cardinality', 'note', `${name} has ${column.distinct_approximate ? 'about ' : ''}${figure(column.distinct)} different texts; only the most frequent can help a model.`);
  }
  if (top !== undefined && column.distinct <= thresholds.imbalancedValues && top.count / present >= thresholds.imbalanced) {
    add('imbalanced', 'note', `${percent(top.count / present)} of ${name} is \`${top.value}\`. As a target, accuracy would flatter: average precision says more.`);
  }
  if (column.skewness !== undefined && Math.abs(column.skewness) >= thresholds.skewed && column.distinct > 2) {
    const end = column.skewness > 0 ? 'large' : 'small';
    add('skewed', 'note', `${name} is strongly skewed (skewness ${column.skewness.toFixed(1)}); a few very ${end} values dominate its mean.`);
  }
  if (column.zeros !== undefined && column.zeros / present >= thresholds.zeros) {
    add('zeros', 'note', `${percent(column.zeros / present)} of ${name} is zero.`);
  }
  if (column.type === 'text' && (column.top_values ?? []).length > 0 && (column.top_values ?? []).filter(({ value }) => /^\s*[-+]?[\d.,]+\s*$/.test(value) && /\d/.test(value)).length >= (column.top_values ?? []).length * 0.8) {
    add('numbers_as_text', 'warning', `${name} is text although most of its frequent values look like numbers; some cells hold something else. Mend those cells to use it as a number.`);
  }
  return alerts;
}

function aboutPairs({ correlations }: Facts): ProfileAlert[] {
  return correlations
    .filter(({ r }) => Math.abs(r) >= thresholds.correlated)
    .map(({ a, b, r }) => ({ kind: 'correlated', column: a, severity: 'note', message: `\`${a}\` and \`${b}\` say nearly the same (correlation ${r.toFixed(3)}).` }));
}

function figure(value: number): string {
  return value.toLocaleString('en');
}

function percent(share: number): string {
  if (share > 0 && share < 0.0005) {
    return 'under 0.1 %';
  }
  return `${(share * 100).toFixed(share >= 0.9995 && share < 1 ? 2 : 1).replace(/\.0$/, '')} %`;
}
