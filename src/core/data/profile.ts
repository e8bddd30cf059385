import type { ColumnProfile, Profile } from '../../contracts/profile.ts';
import { alertsAbout } from './alerts.ts';
import type { SourceColumn } from './columnTypes.ts';
import { correlationsOf, duplicateRows } from './relations.ts';
import { openSource, type Source } from './source.ts';
import { describeColumns, histogramOf, topValues } from './statistics.ts';
import { chunked } from './sql.ts';

/** Quantiles and correlations rest on a sample of this many rows where there are more. */
const sampleRows = 200_000;

export interface ProfileOptions {
  signal?: AbortSignal;
  /** `fraction` is null where it is not known. */
  onProgress?: (message: string, fraction: number | null) => void;
}

/**
 * Profiles a data file: types, missing and distinct values, distributions, correlations, alerts.
 *
 * @throws UserError where the file is no table.
 */
export async function profileFile(file: string, options: ProfileOptions = {}): Promise<Profile> {
  const began = performance.now();
  const say = options.onProgress ?? (() => undefined);
  say('Reading the file', null);
  const source = await openSource(file, { signal: options.signal, onProgress: (fraction) => say('Reading the file', fraction * 0.4) });
  try {
    const { session, rows, columns: found } = source;
    const sampled = rows > sampleRows;
    if (sampled) {
      // The seed makes two profiles of one file equal.
      await session.run(`CREATE TABLE sample AS SELECT * FROM source USING SAMPLE reservoir(${sampleRows} ROWS) REPEATABLE (42)`);
    }
    const sample = sampled ? 'sample' : 'source';
    const columns: ColumnProfile[] = [];
    for (const part of chunked(found, 50)) {
      say(`Counting values (${columns.length} of ${found.length} columns)`, 0.4 + (0.2 * columns.length) / found.length);
      columns.push(...(await describeColumns(session, part, rows, sample)));
    }
    await drawDistributions(source, columns, say);
    say('Comparing columns', 0.9);
    const correlations = await correlationsOf(session, found, columns, sample);
    say('Looking for duplicate rows', 0.95);
    const duplicates = await duplicateRows(session, found.length, rows);
    const facts = { file, bytes: source.bytes, rows, columns, duplicate_rows: duplicates, correlations, sampled };
    return { ...facts, alerts: alertsAbout(facts, source), seconds: Math.round(performance.now() - began) / 1000 };
  } finally {
    await source.close();
  }
}

async function drawDistributions(source: Source, columns: ColumnProfile[], say: (message: string, fraction: number) => void): Promise<void> {
  for (const [index, column] of source.columns.entries()) {
    const profile = columns[index];
    if (profile === undefined || source.rows === 0) {
      continue;
    }
    if (index % 10 === 0) {
      say(`Drawing distributions (${index} of ${columns.length} columns)`, 0.6 + (0.3 * index) / columns.length);
    }
    if (hasHistogram(column)) {
      const histogram = await histogramOf(source.session, column, profile);
      if (histogram !== null) {
        profile.histogram = histogram;
      }
    } else {
      profile.top_values = await topValues(source.session, column, source.rows, profile.distinct);
    }
  }
}

function hasHistogram({ type }: SourceColumn): boolean {
  return type === 'number' || type === 'date' || type === 'datetime';
}
